// What a reading of the contract against the running server found.

import { randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { control, send, useServer } from '../support.ts'

const suite = useServer()
const { make } = suite

const list = (scimUrl: string, token: string) =>
  send(`${scimUrl}/Users`, { headers: { authorization: `Bearer ${token}` } })

test('R-07 the 429 of the REST surface carries the limit too', async () => {
  const instance = await make()
  await instance.control('PUT', '/clock', { mode: 'frozen' })
  await instance.control('PATCH', '/settings', { rateLimit: { requestsPerSecond: 1 } })
  await instance.rest('/Users')
  const { status, headers } = await instance.rest('/Users')
  expect(status).toBe(429)
  expect(headers).toMatchObject({ 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'retry-after': '1' })
})

test('A-05 a replaced token makes no instance under --any-token, and nobody can choose it again', async () => {
  await using server = await start({ anyToken: true, scimToken: 'the-first-token' })
  await server.regenerateToken()
  expect((await list(server.scimUrl, 'the-first-token')).status).toBe(401)
  expect((await control(server, 'POST', '/instances', { scimToken: 'the-first-token' })).status).toBe(409)
})

test('A-05 a restart with the flag that first set a token does not bring it back', async () => {
  const data = mkdtempSync(join(tmpdir(), 'insightly-'))
  try {
    const options = { data, scimToken: 'the-first-token' }
    const before = await start(options)
    const newer = await before.regenerateToken()
    await before.close()
    await using after = await start(options)
    expect(after.scimToken).toBe(newer)
    expect((await list(after.scimUrl, 'the-first-token')).status).toBe(401)
  } finally {
    rmSync(data, { recursive: true })
  }
})

test('A-02 an encoded token and an Authorization of another form are masked', async () => {
  const word = randomUUID()
  const instance = await make({ scimToken: `my+own/token=${word}` })
  await instance.scim('GET', `/Users?t=${encodeURIComponent(instance.scimToken)}`)
  const { body: journal, text } = await instance.control('GET', '/requests')
  expect(journal.requests).toHaveLength(1)
  expect(text).not.toContain(word)
  await send(`${instance.scimUrl}/Users`, { headers: { authorization: 'secret-word more' } })
  const { body } = await instance.controlOf('default', 'GET', '/requests')
  expect(body.requests.at(-1).headers.authorization).toBe('***')
})

test('U-06 an id beyond what can be counted on is refused in a state', async () => {
  const instance = await make()
  for (const state of [
    { highestUserId: 9_007_199_254_740_991 },
    { users: [{ EMAIL_ADDRESS: 'a@b', FIRST_NAME: 'A', LAST_NAME: 'B', USER_ID: 999_999_999_999_999 }] },
  ])
    expect((await instance.control('PUT', '/state', state)).status).toBe(422)
  await instance.control('PUT', '/state', { highestUserId: 999_999_999_999 })
  const { id } = await instance.create()
  expect((await instance.scim('GET', `/Users/${id}`)).status).toBe(200)
})

test('pageDrift skips a user where there is none to repeat', async () => {
  const instance = await make()
  await instance.create()
  await instance.control('PUT', '/faults', [{ do: { pageDrift: true } }])
  for (let seen = 0; seen < 8; seen += 1)
    expect((await instance.scim('GET', '/Users')).body.Resources.map(({ id }: { id: string }) => id)).toEqual(['2'])
})

test('a fault that spoils an answer leaves its page where it is', async () => {
  const instance = await make()
  await instance.create()
  await instance.control('PUT', '/faults', [{ do: { malformed: true } }])
  for (let seen = 0; seen < 4; seen += 1)
    expect((await instance.scim('GET', '/Users')).text).toContain('"totalResults":2,"startIndex":1,"itemsPerPage":2')
})

test('D-06 paths in match mean requests in any spelling', async () => {
  const instance = await make()
  await instance.control('PUT', '/faults', [
    { match: { path: '/scim/v2/users' }, when: { times: 1 }, do: { status: 500 } },
  ])
  expect((await instance.scim('GET', '//users/')).status).toBe(500)
  const verified = await instance.control('POST', '/requests/verify', { match: { path: '/scim/v2/Users' } })
  expect(verified.body).toEqual({ matched: 1 })
})

test('a misspelt parameter of the control API is refused', async () => {
  const instance = await make()
  const { status, body } = await instance.control('GET', '/requests?opeartion=create')
  expect([status, body.detail]).toEqual([422, 'opeartion: is not known; did you mean operation.'])
  expect((await instance.control('GET', '/users?wiat=5s')).status).toBe(422)
  expect((await instance.control('GET', '/requests?format=xml')).status).toBe(422)
})

test('U-13 a user without names is sent back as it was served', async () => {
  const instance = await make({
    state: { users: [{ EMAIL_ADDRESS: 'a@example.com', FIRST_NAME: null, LAST_NAME: null }] },
  })
  const { body } = await instance.scim('GET', '/Users/1')
  const echo = await instance.scim('PUT', '/Users/1', body)
  expect(echo).toMatchObject({ status: 200, body })
  expect((await instance.scim('POST', '/Users', { userName: 'b@example.com' })).status).toBe(400)
})

test('dates stay within the years that a clock shows', async () => {
  const instance = await make()
  const user = { EMAIL_ADDRESS: 'a@b', FIRST_NAME: 'A', LAST_NAME: 'B', DATE_CREATED_UTC: '9999-12-31T23:59:59-12:00' }
  expect((await instance.control('PUT', '/state', { users: [user] })).status).toBe(422)
  const search = await instance.rest('/Users/Search?updated_after_utc=9999-12-31T23:59:59-01:00')
  expect(search.body).toEqual([])
})

test('U-12 a long list of groups and many unknown attributes are ignored', async () => {
  const instance = await make()
  const extra = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, 1]))
  const groups = Array.from({ length: 20_000 }, (_, index) => ({ value: String(index) }))
  expect((await instance.create('ann@example.com', { ...extra, groups })).userName).toBe('ann@example.com')
})

test('a handle learns its API key with the first user', async () => {
  await using insightly = await start({ seed: { users: [] } })
  expect(insightly.apiKey).toBe('')
  await insightly.addUser({ EMAIL_ADDRESS: 'a@example.com', FIRST_NAME: 'A', LAST_NAME: 'B' })
  expect(insightly.apiKey).toMatch(/^[0-9a-f-]{36}$/)
})

test('a data folder that cannot be made is one clear line', async () => {
  await expect(start({ data: '/proc/insightly/data' })).rejects.toThrow(
    /data folder \/proc\/insightly\/data cannot be used/,
  )
})

test('HAR tells the media type of each surface, and a curl line', async () => {
  const instance = await make()
  await instance.rest('/Users')
  const { log } = (await instance.control('GET', '/requests?format=har')).body
  expect(log.entries[0].response.content.mimeType).toBe('application/json; charset=utf-8')
  expect(log.entries[0]._curl).toContain('/v3.1/Users')
})

test('U-17 a refusal says what cannot be, not what was never sent', async () => {
  const instance = await make({ behaviours: { patchOperations: 'all' } })
  const { id } = await instance.create()
  const detail = async (operation: object) => (await instance.patch(id, operation)).body.detail
  expect(await detail({ op: 'remove', path: 'userName' })).toBe(
    'Operations[0]: userName cannot be removed or null; expected a non-empty string.',
  )
  expect(await detail({ op: 'replace', path: 'emails[type eq "home"].value', value: 'ann@example.com' })).toMatch(
    /^Operations\[0\]: The path selects no member of emails, which is read-only/,
  )
})

test('a refused request is about a user only where its path names one', async () => {
  const instance = await make()
  for (const path of ['/Groups/1', '/Foo/1', '/Me/1']) await instance.get(path)
  await instance.scim('POST', '/Schemas/1', {})
  await instance.scim('POST', '/Users/1', {})
  const { body } = await instance.control('GET', '/requests')
  expect(body.requests.map(({ userId }: { userId: string | null }) => userId)).toEqual([...Array(4).fill(null), '1'])
  expect(body.requests.at(-1).userName).toMatch(/^owner@/)
})

test('D-06 the journal knows the user of a read whose path is spelt in another way', async () => {
  const instance = await make()
  for (const path of ['/Users//1', '/Users/%31', '/users/1/?attributes=id']) await instance.get(path)
  const { body } = await instance.control('GET', '/requests')
  for (const { userId, userName, operation } of body.requests)
    expect([userId, userName, operation]).toEqual(['1', expect.stringMatching(/^owner@/), 'read'])
})

test('U-03 U-04 a filter whose escapes are no UTF-8 names no user, not even one with a replacement character', async () => {
  const instance = await make()
  await instance.create('a\ufffd@example.com')
  const { status, body } = await instance.get('/Users?filter=userName%20eq%20%22a%E4@example.com%22')
  expect([status, body.scimType]).toEqual([400, 'invalidFilter'])
  expect((await instance.get('/Users?filter=userName+eq+%22a%EF%BF%BD@example.com%22')).body.totalResults).toBe(1)
})

test('U-06 an escaped slash is part of an id', async () => {
  const instance = await make()
  expect((await instance.get('/Users/1%2F2')).body.detail).toBe('There is no user with the id "1/2".')
  expect((await instance.scim('POST', '/Users/1%2F2', {})).headers.allow).toBe('GET, PUT, PATCH, DELETE')
  expect((await instance.rest('/Users/1%2F2')).body).toEqual({ Message: 'No User with ID = 1/2' })
})

test('localhost is every address of that name', async () => {
  await using server = await start({ host: 'localhost' })
  const { port } = new URL(server.url)
  for (const { address, family } of await lookup('localhost', { all: true })) {
    const host = family === 6 ? `[${address}]` : address
    expect((await fetch(`http://${host}:${port}/readyz`)).status).toBe(200)
  }
})

test('a seed and a profile that an editor on Windows wrote, with a byte order mark, are read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  const write = (name: string, document: unknown) => {
    writeFileSync(join(folder, name), `\ufeff${JSON.stringify(document)}`)
    return join(folder, name)
  }
  const seed = write('seed.json', {
    users: [{ EMAIL_ADDRESS: 'zoe@example.com', FIRST_NAME: 'Zoë', LAST_NAME: 'Lee' }],
  })
  await using server = await start({ seed, profile: write('profile.json', { groups: 'empty' }) })
  expect(await server.users()).toMatchObject([{ FIRST_NAME: 'Zoë' }])
  expect((await server.settings.get()).behaviours.groups).toBe('empty')
  rmSync(folder, { recursive: true })
})
