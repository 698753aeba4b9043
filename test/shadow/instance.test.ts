// What the instance makes of requests that are passed on: it answers too, says where it differs, and follows the real one.

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Insightly } from '../../src/client/insightly.ts'
import { type StartOptions, start } from '../../src/index.ts'
import { rows } from '../../src/scim/attribute.ts'
import { toAnswer } from '../../src/shadow/documents.ts'
import { control } from '../support.ts'
import { lastEntry, listen, realToken, sendBytes, startShadow } from './shadow.ts'

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const toPatch = (...Operations: object[]) => ({ schemas: [patchUrn], Operations })
const ann = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }

/** Another server of ours whose ids are not those that the instance gives, and a server before it. */
async function startBoth(profile: StartOptions['profile'] = {}, options: StartOptions = {}) {
  const users = [{ EMAIL_ADDRESS: 'old@example.com', FIRST_NAME: 'Old', LAST_NAME: 'Hand' }]
  const real = await start({ scimToken: realToken, profile, seed: { highestUserId: 5000, users } })
  const server = await startShadow(real.scimUrl, options)
  const scim = async (method: string, path: string, body?: unknown) => {
    const {
      status,
      body: bytes,
      isReset,
    } = await sendBytes(server.scimUrl, { method, path, token: server.scimToken, body })
    const text = bytes.toString()
    return {
      status: Number(status.split(' ')[1]),
      isReset,
      text,
      body: toAnswer(text).kind === 'json' ? JSON.parse(text) : undefined,
    }
  }
  return {
    real,
    server,
    scim,
    async [Symbol.asyncDispose]() {
      await server.close()
      await real.close()
    },
  }
}

const differencesOf = async (server: Insightly): Promise<string[]> =>
  (await lastEntry(server)).shadow!.differences.map(({ what, there, here }) => `${what}: ${there} there, ${here} here`)

test('every attribute that a PATCH sets at the real endpoint is followed', async () => {
  await using both = await startBoth()
  const { server, scim } = both
  const { id } = (await scim('POST', '/Users', ann)).body
  const settable = rows.filter(({ mutability, field }) => mutability === 'readWrite' && field)
  const values = settable.map(row => ({ ...row, value: row.type === 'boolean' ? false : `new ${row.path}` }))
  await scim('PATCH', `/Users/${id}`, toPatch(...values.map(({ path, value }) => ({ op: 'replace', path, value }))))
  const { users = [] } = await server.exportState()
  expect(users.at(-1)).toMatchObject(Object.fromEntries(values.map(({ field, value }) => [field, value])))
})

test('where both do the same, no entry has a difference, and ids are translated', async () => {
  await using both = await startBoth()
  const { server, scim } = both
  const { id } = (await scim('POST', '/Users', ann)).body
  expect(id).toBe('5001')
  await scim('GET', `/Users/${id}`)
  await scim('GET', '/Users?filter=userName+eq+"ann@example.com"')
  await scim('PUT', `/Users/${id}`, { ...ann, id, externalId: 'x' })
  await scim('PATCH', `/Users/${id}`, toPatch({ op: 'replace', path: 'active', value: false }))
  await scim('GET', '/Users')
  await scim('DELETE', `/Users/${id}`)
  await scim('GET', '/Users/77')
  await scim('GET', '/Schemas')
  const entries = await server.requests()
  expect(entries.map(({ status, shadow }) => [status, shadow?.status, shadow?.differences])).toEqual(
    [201, 200, 200, 200, 200, 200, 204, 404, 200].map(status => [status, status, []]),
  )
  expect(entries.map(({ operation }) => operation)).toEqual([
    'create',
    'read',
    'lookup',
    'update',
    'deactivate',
    'import',
    'delete',
    'refused',
    'discover',
  ])
  expect(await server.users()).toMatchObject([
    { EMAIL_ADDRESS: 'owner@default.example.com' },
    { EMAIL_ADDRESS: 'ann@example.com', ACTIVE: false },
    { EMAIL_ADDRESS: 'old@example.com', FIRST_NAME: 'Old' },
  ])
})

test('requests at the same time do not mix', async () => {
  await using both = await startBoth()
  const { real, server, scim } = both
  const provision = async (number: number) => {
    const userName = `user-${number}@example.com`
    const { id } = (await scim('POST', '/Users', { ...ann, userName })).body
    const { body } = await scim(
      'PATCH',
      `/Users/${id}`,
      toPatch({ op: 'replace', path: 'name.givenName', value: userName }),
    )
    return [body.userName, body.name.givenName, userName]
  }
  const answers = await Promise.all(Array.from({ length: 15 }, (_, number) => provision(number)))
  for (const [shown, givenName, userName] of answers) expect([shown, givenName]).toEqual([userName, userName])
  const entries = await server.requests()
  expect(
    entries.flatMap(({ shadow }) => [shadow!.uncompared, ...shadow!.differences]).filter(each => each !== null),
  ).toEqual([])
  const toNames = (users: { EMAIL_ADDRESS: string; FIRST_NAME: string | null }[]) =>
    users
      .flatMap(each => (each.EMAIL_ADDRESS.startsWith('user-') ? `${each.EMAIL_ADDRESS} ${each.FIRST_NAME}` : []))
      .sort()
  expect(toNames(await server.users())).toEqual(toNames(await real.users()))
})

test('an entry says where the real answer differs: status, scimType, shape and effect', async () => {
  await using both = await startBoth({ patchOperations: 'all', createActive: 'as-sent', patchAnswer: 'no-content' })
  const { server, scim } = both
  const { id } = (await scim('POST', '/Users', { ...ann, active: false })).body
  expect(await differencesOf(server)).toEqual([
    'active: boolean false there, boolean true here',
    'active afterwards: false there, true here',
  ])
  await scim('PATCH', `/Users/${id}`, toPatch({ op: 'add', path: 'displayName', value: 'Annie' }))
  expect(await differencesOf(server)).toEqual([
    'status: 204 there, 400 here',
    'scimType: absent there, invalidSyntax here',
  ])
  expect((await lastEntry(server)).shadow!.notes).toMatchObject([{ rule: 'U-14' }])
  await scim('PATCH', `/Users/${id}`, toPatch({ op: 'replace', path: 'active', value: true }))
  expect(await differencesOf(server)).toEqual(['status: 204 there, 200 here', 'body: empty there, JSON here'])
  expect(await server.users({ userName: 'ann@example.com' })).toMatchObject([{ ACTIVE: true }])
})

test('users that the instance has not met are taken over from what the real one says', async () => {
  await using both = await startBoth()
  const { real, server, scim } = both
  const { USER_ID } = await real.addUser({ EMAIL_ADDRESS: 'Bo@example.com', FIRST_NAME: 'Bo', LAST_NAME: 'Ek' })
  await scim('PATCH', `/Users/${USER_ID}`, toPatch({ op: 'replace', path: 'name.familyName', value: 'Berg' }))
  expect(await server.users({ userName: 'bo@example.com' })).toMatchObject([{ FIRST_NAME: 'Bo', LAST_NAME: 'Berg' }])
  expect((await lastEntry(server)).shadow).toMatchObject({ uncompared: null, differences: [] })
  await scim('POST', '/Users', { ...ann, userName: 'old@example.com' })
  expect(await differencesOf(server)).toEqual([])
  await real.addUser({ EMAIL_ADDRESS: 'unseen@example.com', FIRST_NAME: 'U', LAST_NAME: 'N' })
  await scim('DELETE', `/Users/${USER_ID + 1}`)
  expect((await lastEntry(server)).shadow).toMatchObject({
    uncompared: 'the instance has not met this user yet',
    status: null,
  })
})

test('the instance follows the real endpoint, whatever it would have done itself', async () => {
  await using both = await startBoth({ delete: 'remove' })
  const { real, server, scim } = both
  const { id } = (await scim('POST', '/Users', ann)).body
  await real.editUser(Number(id), { EMAIL_ADDRESS: 'ann.lee@example.com', ACTIVE: false })
  await scim('GET', `/Users/${id}`)
  expect(await server.users({ userName: 'ann.lee@example.com' })).toMatchObject([{ ACTIVE: false }])
  await scim('PATCH', `/Users/${id}`, toPatch({ op: 'remove', path: 'displayName' }))
  expect(await server.users({ userName: 'ann.lee@example.com' })).toHaveLength(1)
  await scim('DELETE', `/Users/${id}`)
  await scim('GET', `/Users/${id}`)
  expect(await differencesOf(server)).toContain('status: 404 there, 200 here')
  expect(await server.users({ userName: 'ann.lee@example.com' })).toEqual([])
})

test('an answer that says nothing about the request is not compared', async () => {
  await using real = await listen((_request, response) => response.writeHead(429, { 'retry-after': '1' }).end())
  await using server = await startShadow(real.url)
  await sendBytes(server.scimUrl, { method: 'POST', path: '/Users', token: server.scimToken, body: ann })
  const { status, operation, shadow } = await lastEntry(server)
  expect({ status, operation, why: shadow?.uncompared }).toEqual({
    status: 429,
    operation: 'refused',
    why: 'the real endpoint answered 429, which says nothing about the request',
  })
  expect(await server.users({ userName: 'ann@example.com' })).toEqual([])
})

test('each instance speaks with its own token, and one without a token answers by itself', async () => {
  const seen: unknown[] = []
  await using real = await listen((request, response) => {
    if (request.url?.endsWith('/Users/1')) seen.push(request.headers.authorization)
    response.end()
  })
  const file = join(tmpdir(), `upstream-tokens-${process.pid}.json`)
  writeFileSync(file, JSON.stringify({ one: 'token-of-the-one', default: realToken }))
  await using server = await start({ upstream: real.url, upstreamTokens: file })
  for (const name of ['one', 'other']) {
    const { scimUrl, scimToken } = (await control(server, 'POST', '/instances', { name })).body
    const answer = await sendBytes(scimUrl, { path: '/Users/1', token: scimToken })
    expect(JSON.parse(answer.body.toString() || 'null')).toEqual(
      name === 'one' ? null : expect.objectContaining({ id: '1' }),
    )
  }
  await sendBytes(server.scimUrl, { path: '/Users/1', token: server.scimToken })
  expect(seen).toEqual(['Bearer token-of-the-one', `Bearer ${realToken}`])
})

test.each([
  [{ status: 503 }, 503, false],
  [{ html: true }, 200, false],
  [{ reset: true }, undefined, false],
  [{ delayMs: 20 }, 201, true],
  [{ emptyBody: true }, 201, true],
  [{ malformed: true }, 201, true],
  [{ commitThenReset: true }, undefined, true],
])('the fault %j works in shadow too', async (fault, status, reaches) => {
  await using both = await startBoth()
  const { real, server, scim } = both
  await server.setFaults([
    { match: { operation: 'create', userName: 'ann@example.com' }, do: fault as { status: 503 } },
  ])
  const answer = await scim('POST', '/Users', ann)
  expect(answer.status || undefined).toBe(status)
  if ('malformed' in fault) expect(answer.text).toMatch(/^{"schemas"/)
  if ('emptyBody' in fault) expect(answer.text).toBe('')
  expect(await real.requests({ method: 'POST' })).toHaveLength(reaches ? 1 : 0)
  expect((await lastEntry(server)).fault).toBe('status' in fault ? 'status 503' : Object.keys(fault)[0])
})

test('a fault finds the user that a real id means', async () => {
  await using both = await startBoth()
  const { server, scim } = both
  const { id } = (await scim('POST', '/Users', ann)).body
  await server.setFaults([{ match: { userName: 'ann@example.com' }, do: { status: 503 } }])
  expect((await scim('GET', `/Users/${id}`)).status).toBe(503)
  expect((await scim('GET', '/Users/1')).status).toBe(200)
})

test('a page drifts by asking the real endpoint for another one', async () => {
  await using both = await startBoth()
  const { real, server, scim } = both
  await server.setFaults([{ do: { pageDrift: true } }])
  await scim('GET', '/Users?startIndex=1&count=2')
  expect((await real.requests()).at(-1)?.query).toEqual({ startIndex: '2', count: '2' })
})
