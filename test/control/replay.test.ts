// Requests of the journal sent again: as they were, edited, with other credentials; and why one cannot be.

import { expect, test } from 'vitest'
import { toOwnHost } from '../../src/http/request.ts'
import { send, type TestInstance, useServer } from '../support.ts'

const { make } = useServer()

const replay = async (instance: TestInstance, id: number, how: object = {}) =>
  (await instance.control('POST', `/requests/${id}/replay`, how)).body
const entry = async (instance: TestInstance, id: number) =>
  (await instance.control('GET', `/requests?ids=${id}`)).body.requests[0]

test('a replay is the same request, byte for byte, and names the exchange that came of it', async () => {
  const instance = await make()
  const body = '{"userName":"ann@example.com", "name":{"givenName":"Ann","familyName":"Lee"},"x":12345678901234567890}'
  await instance.scim('POST', '/Users?attributes=id', body, { 'user-agent': 'Okta SCIM Client 1.0.0', 'x-odd': 'é' })
  expect(await replay(instance, 1)).toEqual({ instance: instance.name, id: 2, status: 409, credentials: 'current' })
  const [first, second] = [await entry(instance, 1), await entry(instance, 2)]
  for (const member of ['method', 'url', 'rawBody', 'client', 'userAgent'])
    expect(second[member]).toEqual(first[member])
  expect(second.headers['x-odd']).toBe(first.headers['x-odd'])
  expect(second.headers['x-insightly-scim-replay']).toMatch(new RegExp(`^${instance.name}/1 `))
  expect(second.curl).toBe(first.curl)
})

test('A-05 a refusal of an old token is repeated when asked to, and done with the present one otherwise', async () => {
  const instance = await make()
  await instance.control('POST', '/scim-token/regenerate')
  await instance.scim('GET', '/Users')
  expect(await replay(instance, 1, { credentials: 'as-sent' })).toMatchObject({ id: 2, status: 401 })
  expect(await replay(instance, 1)).toMatchObject({ id: 3, status: 200 })
  const outside = await replay(instance, 1, { credentials: 'none' })
  expect(outside).toMatchObject({ instance: 'default', status: 401, credentials: 'none' })
})

test('an edited request has what was given, and the rest as it was', async () => {
  const instance = await make()
  const { id } = await instance.create()
  await instance.patch(id, { op: 'add', path: 'displayName', value: 'A' })
  const sent = await entry(instance, 2)
  const edited = await replay(instance, 2, { body: sent.rawBody.replace('add', 'replace') })
  expect(edited).toMatchObject({ id: 3, status: 200 })
  const other = await replay(instance, 2, {
    method: 'GET',
    url: '/v3.1/Users/2',
    headers: { accept: '*/*' },
    body: null,
  })
  expect(other).toMatchObject({ id: 4, status: 200 })
  expect(await entry(instance, 4)).toMatchObject({ path: '/v3.1/Users/2', headers: { accept: '*/*' }, rawBody: null })
  expect(Object.keys((await entry(instance, 4)).headers)).not.toContain('content-type')
})

test('an odd request is repeated as it was: a path that climbs, a body with GET', async () => {
  const instance = await make()
  await instance.scim('GET', '/../../other')
  expect(await replay(instance, 1)).toMatchObject({ id: 2, status: 404 })
  expect(await entry(instance, 2)).toMatchObject({ path: '/scim/v2/../../other', method: 'GET' })
  expect((await entry(instance, 2)).headers).not.toHaveProperty('content-length')
  expect(await replay(instance, 1, { body: '{"a":1}' })).toMatchObject({ id: 3, status: 404 })
  expect((await entry(instance, 3)).headers).toMatchObject({ 'content-length': '7', connection: 'close' })
  expect(await replay(instance, 1, { url: '/scim/v2/Users/v3.1' })).toMatchObject({ id: 4, status: 404 })
  expect(await replay(instance, 1, { method: 'POST', body: null })).toMatchObject({ id: 5, status: 404 })
  expect((await entry(instance, 5)).headers).toMatchObject({ 'content-length': '0' })
  for (const [method, length] of Object.entries({ PUT: '0', PATCH: '0', DELETE: undefined, OPTIONS: undefined })) {
    const { id } = await replay(instance, 1, { method, body: null })
    expect((await entry(instance, id)).headers['content-length']).toBe(length)
  }
})

test('an exchange without an answer is named too', async () => {
  const instance = await make()
  await instance.scim('GET', '/Schemas')
  for (const effect of ['hang', 'reset']) {
    await instance.control('PUT', '/faults', [{ when: { times: 1 }, do: { [effect]: true } }])
    expect(await replay(instance, 1)).toMatchObject({ instance: instance.name, status: null })
  }
})

test('what cannot be sent again says why', async () => {
  const instance = await make({ scimEnabled: false, samlEnabled: false })
  const detail = async (id: number, how: object = {}) => {
    const { status, body } = await instance.control('POST', `/requests/${id}/replay`, how)
    return `${status} ${body.detail}`
  }
  expect(await detail(7)).toMatch(/^404 The journal of ".*" has no exchange 7/)
  await send(`${instance.apiUrl}/Users`, { headers: { authorization: `Basic ${btoa(`${instance.apiKey}:`)}` } })
  expect(await detail(1, { url: '/scim/v2/Users' })).toMatch(/^409 SCIM was never enabled/)
  expect(await detail(1, { url: '/_emulator' })).toMatch(/^422 url: .*a path below \/scim\/v2 or \/v3\.1/)
  expect(await detail(1, { headers: { 'x-a': 'b\nc' } })).toMatch(/^422 headers/)
  const big = await make()
  await big.scim('POST', '/Users', ' '.repeat(70_000))
  expect((await big.control('POST', '/requests/1/replay', {})).body.detail).toMatch(/The body had 70000 bytes/)
  expect(await replay(big, 1, { body: '{}' })).toMatchObject({ id: 2, status: 400 })
})

test('bound to every address, the server still reaches itself', async () => {
  const { start } = await import('../../src/index.ts')
  await using everywhere = await start({ host: '0.0.0.0' })
  await send(`http://127.0.0.1:${new URL(everywhere.url).port}/scim/v2/Users`)
  const answer = await send(
    `http://127.0.0.1:${new URL(everywhere.url).port}/_emulator/instances/default/requests/1/replay`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${everywhere.adminKey}`, 'content-type': 'application/json' },
      body: {},
    },
  )
  expect(answer.body).toMatchObject({ id: 2, status: 200 })
})

test.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
  ['192.0.2.7', '192.0.2.7'],
])('a server that listens at %s calls itself at %s', (address, host) => {
  expect(toOwnHost(address)).toBe(host)
})
