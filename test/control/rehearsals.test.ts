// Conversations of providers, played into an instance through the control API.

import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { clients } from '../../src/rehearse/conversations.ts'
import { send } from '../../src/rehearse/send.ts'
import { control, type TestInstance, useServer } from '../support.ts'

const servers = useServer()
const play = (instance: TestInstance, body: object) => instance.control('POST', '/rehearsals', body)
const entries = async (instance: TestInstance) => (await instance.control('GET', '/requests')).body.requests

test('the conversations are listed, with what happens at each step and where it is known from', async () => {
  const { body } = await control(servers.server, 'GET', '/conversations')
  expect(body.map(({ id }: { id: string }) => id)).toEqual(clients.map(({ id }) => id))
  const okta = body.find(({ id }: { id: string }) => id === 'okta')
  const create = okta.conversations.find(({ id }: { id: string }) => id === 'okta-create')
  expect(create.steps[1]).toEqual({
    did: null,
    does: 'creates the user',
    purpose: null,
    request: 'POST /Users',
    source: clients.find(({ id }) => id === 'okta')!.sources.reference,
  })
})

test('a conversation is played at once, each of its requests is in the journal as the provider sends it', async () => {
  const instance = await servers.make()
  const { status, body } = await play(instance, { conversation: 'okta-create' })
  expect(status).toBe(200)
  const found = await entries(instance)
  expect(body).toMatchObject({ next: null })
  expect(body.steps.map(({ id, result }: { id: number; result: string }) => [id, result])).toEqual(
    found.map(({ id }: { id: number }) => [id, 'works']),
  )
  expect(found.map(({ client, operation }: { client: string; operation: string }) => [client, operation])).toEqual([
    ['Okta', 'lookup'],
    ['Okta', 'create'],
    ['Okta', 'lookup'],
  ])
})

test('a conversation is played step by step, with the variables of the step before', async () => {
  const instance = await servers.make()
  let { next, variables } = { next: 0 as number | null, variables: undefined as unknown }
  const seen: [number, string][] = []
  while (next !== null) {
    const { body } = await play(instance, {
      conversation: 'okta-deactivate-reactivate-patch',
      from: next,
      steps: 1,
      variables,
    })
    ;({ next, variables } = body)
    seen.push([body.steps[0].index, body.steps[0].result])
  }
  expect(seen).toEqual([0, 1, 2, 3, 4].map(index => [index, 'works']))
  expect(JSON.stringify(variables)).not.toContain(instance.scimToken)
})

test('D-03 a step that is refused ends it, and names the rule', async () => {
  const { body } = await play(await servers.make(), { conversation: 'okta-push-groups' })
  expect(body).toMatchObject({ next: null, steps: [{ result: 'refused', status: 404, rules: ['D-03'] }] })
})

test('A-02 a request with a token of nobody is found where it is', async () => {
  const instance = await servers.make()
  const { body } = await play(instance, { conversation: 'entra-test-connection-bad-token' })
  expect(body.steps[0]).toMatchObject({ result: 'works', status: 401, rules: ['A-02'], instance: 'default' })
})

test('a conversation about faults sets them and clears them, and does not take the place of others', async () => {
  const instance = await servers.make()
  const faults = async () => (await instance.control('GET', '/faults')).body
  const { body } = await play(instance, { conversation: 'okta-rate-limited', steps: 1 })
  expect(body).toMatchObject({ next: 1, steps: [{ status: 429, result: 'works' }] })
  expect(await faults()).toMatchObject([{ fired: 1 }])
  const again = await play(instance, { conversation: 'okta-rate-limited', from: 1, variables: body.variables })
  expect(again.body).toMatchObject({ next: null, steps: [{ status: 201, result: 'works' }] })
  expect(await faults()).toEqual([])
  await instance.control('PUT', '/faults', [{ do: { delayMs: 1 } }])
  expect((await play(instance, { conversation: 'okta-rate-limited' })).status).toBe(409)
  expect(await faults()).toMatchObject([{ do: { delayMs: 1 } }])
})

test('a step that gets no answer says so, and has no exchange', async () => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [{ do: { reset: true } }])
  const { body } = await play(instance, { conversation: 'entra-test-connection' })
  expect(body).toMatchObject({ next: null, steps: [{ result: 'fails', status: null, why: 'no answer (ECONNRESET)' }] })
})

test.each([
  [{ conversation: 'okta-creat' }, 422, 'conversation: is "okta-creat", which is not known; did you mean okta-create.'],
  [{ conversation: 'okta-create', from: 9 }, 422, 'from: is 9, which is no step; expected 0 to 2.'],
  [{ conversation: 'okta-create', from: 1, variables: {} }, 422, 'variables: the variable userName has no value'],
  [{ conversation: 'okta-create', variables: { userName: 'a', $uid: {} } }, 422, 'variables.$uid'],
])('%j is refused by name', async (body, status, words) => {
  const answer = await play(await servers.make(), body)
  expect(answer.status).toBe(status)
  expect(JSON.stringify(answer.body)).toContain(JSON.stringify(words).slice(1, -1))
})

test('a variable that no path can have is no request, and no 500', async () => {
  const variables = { id: 'a b\r\nx: y' }
  const { status, body } = await play(await servers.make(), {
    conversation: 'okta-profile-update-put',
    from: 1,
    steps: 1,
    variables,
  })
  expect(status).toBe(200)
  expect(body.steps[0]).toMatchObject({
    result: 'fails',
    status: null,
    id: null,
    why: 'it cannot be sent (ERR_UNESCAPED_CHARACTERS)',
  })
})

test('an instance that never had a token refuses', async () => {
  const instance = await servers.make({ samlEnabled: false })
  const { status, body } = await play(instance, { conversation: 'okta-create' })
  expect(status).toBe(409)
  expect(body.detail).toContain('SCIM was never enabled')
})

test.each([{}, { host: '0.0.0.0' }])(
  'a server with TLS reaches itself, on %j, whoever vouches for its certificate',
  async address => {
    const [tlsCert, tlsKey] = ['cert', 'key'].map(name => `test/doors/localhost-${name}.pem`) as [string, string]
    await using server = await start({ tlsCert, tlsKey, ...address })
    const { status, body } = await send(
      `${server.controlUrl}/instances/default/rehearsals`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
        body: { conversation: 'entra-test-connection' },
      },
      { trust: true },
    )
    expect({ status, result: body.steps[0].result }).toEqual({ status: 200, result: 'works' })
  },
)
