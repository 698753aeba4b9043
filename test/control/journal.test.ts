// The journal: provisioning words, changes, reasons, masking, bounds, export.

import { describe, expect, test } from 'vitest'
import type { Note } from '../../src/scim/rules.ts'
import { send, type TestInstance, useServer } from '../support.ts'

const { make } = useServer({ journal: 50 })

const requestsOf = async (instance: TestInstance, query = '') =>
  (await instance.control('GET', `/requests${query}`)).body.requests

const operationsOf = async (instance: TestInstance) =>
  (await requestsOf(instance)).map((entry: { operation: string }) => entry.operation)

describe('operation', () => {
  test.for([
    ['test-connection', 'a look-up that cannot match', 'filter=userName+eq+%22b5a1%22'],
    ['test-connection', 'a page of two', 'startIndex=1&count=2'],
    ['lookup', 'a look-up of an address', 'filter=userName+eq+%22ann@example.com%22'],
    ['import', 'a page of a hundred', 'startIndex=1&count=100'],
    ['import', 'a page without count', ''],
    ['refused', 'a filter that is not supported', 'filter=externalId+eq+%221%22'],
  ])('is %s for %s', async ([operation, , query]) => {
    const instance = await make()
    await instance.scim('GET', `/Users?${query}`)
    expect(await operationsOf(instance)).toEqual([operation])
  })

  test('tells the life of a user', async () => {
    const instance = await make()
    const { id } = await instance.create()
    await instance.scim('GET', `/Users/${id}`)
    await instance.patch(id, { op: 'replace', path: 'name.givenName', value: 'Anna' })
    await instance.patch(id, { op: 'replace', path: 'userName', value: 'anna@example.com' })
    await instance.patch(id, { op: 'Replace', path: 'active', value: 'False' })
    await instance.patch(id, { op: 'replace', value: { active: true } })
    await instance.scim('DELETE', `/Users/${id}`)
    await instance.scim('GET', '/Schemas')
    await instance.scim('GET', '/Users/99')
    expect(await operationsOf(instance)).toEqual([
      'create',
      'read',
      'update',
      'rename',
      'deactivate',
      'reactivate',
      'delete',
      'discover',
      'refused',
    ])
  })

  test('is deactivate or reactivate for a PUT only when it asks for that', async () => {
    const instance = await make()
    const user = await instance.create()
    await instance.scim('PUT', `/Users/${user.id}`, user)
    await instance.scim('PUT', `/Users/${user.id}`, { ...user, active: false })
    await instance.scim('PUT', `/Users/${user.id}`, { ...user, active: true })
    expect(await operationsOf(instance)).toEqual(['create', 'update', 'deactivate', 'reactivate'])
  })
})

describe('an entry', () => {
  test('has every promised member and tells what changed', async () => {
    const instance = await make()
    const { id } = await instance.create()
    await instance.scim(
      'PATCH',
      `/Users/${id}?attributes=active`,
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      },
      { 'user-agent': 'Okta SCIM Client 1.0.0' },
    )
    const [, entry] = await requestsOf(instance)
    expect(entry).toMatchObject({
      id: 2,
      client: 'Okta',
      userAgent: 'Okta SCIM Client 1.0.0',
      method: 'PATCH',
      path: `/scim/v2/Users/${id}`,
      url: `${instance.scimUrl}/Users/${id}?attributes=active`,
      query: { attributes: 'active' },
      body: { Operations: [{ op: 'replace', path: 'active', value: false }] },
      status: 200,
      answer: { id, active: false },
      operation: 'deactivate',
      userId: id,
      userName: 'ann@example.com',
      changes: [{ field: 'ACTIVE', attribute: 'active', before: true, after: false }],
      fault: null,
      notes: [],
    })
    expect(entry.headers['content-type']).toBe('application/scim+json')
    expect(entry.durationMs).toBeGreaterThan(0)
    expect(Date.parse(entry.when)).not.toBeNaN()
  })

  test('names the rule that refused and why (U-14)', async () => {
    const instance = await make()
    const { id } = await instance.create()
    await instance.patch(id, { op: 'add', path: 'displayName', value: 'A' })
    const [, entry] = await requestsOf(instance)
    expect(entry.operation).toBe('refused')
    expect(entry.userName).toBe('ann@example.com')
    expect(entry.notes).toEqual([{ rule: 'U-14', text: expect.stringMatching(/^Operations\[0\].*"replace"\.$/) }])
    expect(entry.changes).toEqual([])
  })

  test('names the rule of the value that was refused, not that of another (U-16, U-25)', async () => {
    const instance = await make()
    const { id } = await instance.create()
    const names = { givenName: 'Ann', familyName: 'Lee' }
    const ruleFor = async (change: object) => {
      await instance.scim('PUT', `/Users/${id}`, { userName: 'ann@example.com', name: names, ...change })
      return (await requestsOf(instance)).at(-1).notes.map(({ rule }: Note) => rule)
    }
    expect(await ruleFor({ active: 'maybe' })).toEqual(['U-16'])
    expect(await ruleFor({ displayName: 5 })).toEqual(['U-25'])
  })

  test('names what was ignored (U-09, U-12)', async () => {
    const instance = await make()
    await instance.create('ann@example.com', { emails: [{ value: 'x@example.com' }], locale: 'en' })
    const [entry] = await requestsOf(instance)
    expect(entry.notes).toEqual([
      { rule: 'U-09', text: '`emails` was ignored: read-only' },
      { rule: 'U-12', text: '`locale` was ignored: Insightly does not store it' },
    ])
  })

  test('A-02 shows a body that is no JSON as it came, but for the password', async () => {
    const instance = await make()
    await instance.scim('POST', '/Users', '{"id" : 1e400,,"password":"hunter2')
    const [entry] = await requestsOf(instance)
    expect(entry).toMatchObject({ body: null, rawBody: '{"id" : 1e400,,"password":"***', bodyLength: 34, status: 400 })
    expect(JSON.stringify(entry)).not.toContain('hunter2')
  })

  test('keeps of a body that is longer than 64 KiB only the length', async () => {
    const instance = await make()
    await instance.scim('POST', '/Users', ' '.repeat(64 * 1024 + 1))
    const [entry] = await requestsOf(instance)
    expect(entry).toMatchObject({ body: null, rawBody: null, bodyLength: 65_537, status: 400 })
  })

  test('reads a body after its byte order mark (D-08)', async () => {
    const instance = await make()
    await instance.scim('POST', '/Users', '\uFEFF{"userName":"ann@example.com"}')
    const [entry] = await requestsOf(instance)
    expect(entry).toMatchObject({
      body: { userName: 'ann@example.com' },
      rawBody: '\uFEFF{"userName":"ann@example.com"}',
    })
  })

  test('tells the headers of its answer, of which the length is that of what was sent', async () => {
    const instance = await make()
    const { headers } = await instance.scim('GET', '/Users')
    const [entry] = await requestsOf(instance)
    expect(entry.answerHeaders['content-length']).toBe(headers['content-length'])
  })

  test('is there before the answer arrives', async () => {
    const instance = await make()
    for (let count = 1; count <= 20; count += 1) {
      await instance.scim('GET', '/Users')
      expect(await requestsOf(instance)).toHaveLength(count)
    }
  })

  test('of a request whose credentials name no instance goes to the default one', async () => {
    const instance = await make()
    const token = 'a-token-that-nobody-has'
    await send(`${instance.scimUrl}/Users?x=${instance.name}`, { headers: { authorization: `Bearer ${token}` } })
    const { body, text } = await instance.controlOf('default', 'GET', '/requests')
    expect(body.requests.at(-1)).toMatchObject({ status: 401, operation: 'refused', query: { x: instance.name } })
    expect(text).not.toContain(token)
  })

  test('A-05 of a token that an instance once had stays in that instance', async () => {
    const instance = await make()
    await instance.control('POST', '/scim-token/regenerate')
    await instance.control('POST', '/scim-token/regenerate')
    await instance.scim('GET', '/Users')
    expect(await requestsOf(instance)).toMatchObject([{ id: 1, status: 401, notes: [{ rule: 'A-02' }] }])
  })

  test('has no USER_ID where the path has something else', async () => {
    const instance = await make()
    for (const id of ['05c4d2d3-1f0e', '5', '5x', '5?a=1']) await instance.scim('GET', `/Users/${id}`)
    const entries = await requestsOf(instance)
    expect(entries.map(({ userId }: { userId: string }) => userId)).toEqual([null, '5', null, '5'])
  })

  test('tells the switches that were in force, as far as they are not the default ones', async () => {
    const instance = await make()
    await instance.scim('GET', '/Schemas')
    await instance.control('PATCH', '/settings', { behaviours: { patchOperations: 'all' } })
    await instance.scim('GET', '/Schemas')
    await instance.control('PATCH', '/settings', { behaviours: { patchOperations: 'replace-only' } })
    const entries = await requestsOf(instance)
    expect(entries.map(({ behaviours }: { behaviours: object }) => behaviours)).toEqual([
      {},
      { patchOperations: 'all' },
    ])
  })

  test('offers a curl line that masks the token', async () => {
    const instance = await make()
    await instance.create("o'neil@example.com")
    const [entry] = await requestsOf(instance)
    expect(entry.curl).toContain(`curl -X POST '${instance.scimUrl}/Users'`)
    expect(entry.curl).not.toMatch(/-H '(connection|host|content-length):/i)
    expect(entry.curl).toContain(`o'\\''neil@example.com`)
    expect(entry.curl).not.toContain(instance.scimToken)
  })
})

test('A-02 passwords, token and API key are masked wherever they stand', async () => {
  const instance = await make()
  const { id } = await instance.create('ann@example.com', { password: 'hunter2', Password: 'hunter2' })
  await instance.patch(id, { op: 'replace', path: 'password', value: 'hunter2' })
  await instance.patch(id, { op: 'replace', value: { displayName: instance.scimToken } })
  await instance.scim('GET', `/Users?filter=${instance.apiKey}`)
  for (const query of ['', '?format=har']) {
    const { text } = await instance.control('GET', `/requests${query}`)
    for (const secret of ['hunter2', instance.scimToken, instance.apiKey]) expect(text).not.toContain(secret)
  }
})

test('filters by method, path, status, operation and userName', async () => {
  const instance = await make()
  await instance.create()
  await instance.create('bob@example.com')
  await instance.scim('GET', '/Users/99')
  const count = async (query: string) => (await requestsOf(instance, `?${query}`)).length
  expect(await count('method=post')).toBe(2)
  expect(await count('path=/scim/v2/Users/')).toBe(1)
  expect(await count('status=404')).toBe(1)
  expect(await count('operation=create')).toBe(2)
  expect(await count('userName=BOB@example.com')).toBe(1)
  expect(await count('operation=create&userName=bob@example.com')).toBe(1)
})

test('a cursor tells what comes next, also behind a limit', async () => {
  const instance = await make()
  for (const name of ['a', 'b', 'c']) await instance.create(`${name}@example.com`)
  const first = (await instance.control('GET', '/requests?limit=2')).body
  expect(first.requests.map((entry: { id: number }) => entry.id)).toEqual([1, 2])
  const second = (await instance.control('GET', `/requests?since=${first.cursor}`)).body
  expect(second.requests.map((entry: { id: number }) => entry.id)).toEqual([3])
  expect((await instance.control('GET', `/requests?since=${second.cursor}`)).body.requests).toEqual([])
})

test('remembers as many exchanges as it is told to and says how many it dropped', async () => {
  const instance = await make()
  for (let count = 0; count < 53; count += 1) await instance.scim('GET', '/Users?count=0')
  const { requests, dropped, cursor } = (await instance.control('GET', '/requests')).body
  expect(requests.map((entry: { id: number }) => entry.id)).toEqual(Array.from({ length: 50 }, (_, index) => index + 4))
  expect({ dropped, cursor }).toEqual({ dropped: 3, cursor: 53 })
})

test('is cleared alone; cursors stay good', async () => {
  const instance = await make()
  await instance.create()
  expect((await instance.control('DELETE', '/requests')).status).toBe(204)
  expect((await instance.control('GET', '/requests')).body).toEqual({ requests: [], cursor: 1, dropped: 0 })
  await instance.scim('GET', '/Users/2')
  expect((await requestsOf(instance, '?since=1'))[0]).toMatchObject({ id: 2, operation: 'read' })
})

test('keeps only the start of a very long answer', async () => {
  const users = Array.from({ length: 300 }, (_, index) => ({
    EMAIL_ADDRESS: `user${index}@example.com`,
    FIRST_NAME: 'First',
    LAST_NAME: 'Last',
  }))
  const instance = await make({ state: { users } })
  await instance.scim('GET', '/Users?count=300')
  const [entry] = await requestsOf(instance)
  expect(entry.answer).toHaveLength(64 * 1024)
  expect(entry.notes).toContainEqual({ rule: null, text: expect.stringContaining('only its start was kept') })
})

test('the comment of a HAR entry tells the operation and the notes with their rules', async () => {
  const instance = await make()
  await instance.create('ann@example.com', { locale: 'en' })
  await instance.control('PUT', '/faults', [{ do: { status: 503 } }])
  await instance.scim('GET', '/Users')
  const { log } = (await instance.control('GET', '/requests?format=har')).body
  expect(log.entries.map(({ comment }: { comment: string }) => comment)).toEqual([
    'create; `locale` was ignored: Insightly does not store it (U-12)',
    'refused; faults[0] fired: status 503',
  ])
})

test('keeps a body of 64 KiB, and of a longer one only the length, with a note that says so', async () => {
  const instance = await make()
  const bodyOf = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
  for (const length of [65_536, 65_537]) await instance.scim('POST', '/Users', bodyOf(length))
  const [kept, dropped] = await requestsOf(instance)
  expect(kept).toMatchObject({ body: { a: 'x'.repeat(65_528) }, bodyLength: 65_536 })
  expect(dropped).toMatchObject({ body: null, bodyLength: 65_537 })
  const words = 'the body is longer than 65536 bytes, so only its length was kept'
  expect(dropped.notes).toContainEqual({ rule: null, text: words })
  expect(kept.notes).not.toContainEqual({ rule: null, text: words })
})

test('keeps a hundred notes, and says how many there were more', async () => {
  const instance = await make()
  const unknown = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, 1]))
  await instance.create('ann@example.com', unknown(100))
  await instance.create('bob@example.com', unknown(103))
  const [exactly, more] = (await requestsOf(instance)).map((entry: { notes: Note[] }) => entry.notes)
  expect(exactly).toHaveLength(100)
  expect(more).toEqual([...exactly, { rule: null, text: 'and 3 notes more' }])
})

test('tells how long an exchange took, which is no longer than its client waited', async () => {
  const instance = await make()
  const begun = performance.now()
  await instance.scim('GET', '/Users')
  const [{ durationMs }] = await requestsOf(instance)
  expect(durationMs).toBeLessThanOrEqual(performance.now() - begun)
})

test('exports HAR 1.2', async () => {
  const instance = await make()
  await instance.create()
  const { log } = (await instance.control('GET', '/requests?format=har')).body
  expect(log.version).toBe('1.2')
  expect(log.entries[0]).toMatchObject({
    request: { method: 'POST', url: `${instance.scimUrl}/Users`, postData: { mimeType: 'application/scim+json' } },
    response: { status: 201 },
  })
  expect(JSON.parse(log.entries[0].response.content.text).userName).toBe('ann@example.com')
})

test('refuses a query it cannot read, naming what it accepts', async () => {
  const instance = await make()
  const detail = async (query: string) => (await instance.control('GET', `/requests?${query}`)).body.detail
  expect(await detail('operation=destroy')).toMatch(/^operation: is "destroy"; expected "test-connection" or "lookup"/)
  expect(await detail('limit=-1')).toBe('limit: is "-1"; expected a whole number from 0.')
  expect(await detail('since=5x')).toBe('since: is "5x"; expected a whole number from 0.')
  const wanted = 'at most 60s, as 500ms, 2s, 5m, or an ISO 8601 duration of days to seconds, such as PT1H'
  for (const wait of ['61s', 'PT61S', '-1s', '5', 'soon'])
    expect(await detail(`wait=${wait}`)).toBe(`wait: is "${wait}"; expected ${wanted}.`)
  const both = (await instance.control('GET', '/requests?limit=x&format=xml')).body.errors
  expect(both.map(({ path }: { path: string }) => path)).toEqual(['limit', 'format'])
})

test('of a repeated parameter the first counts', async () => {
  const instance = await make()
  for (const name of ['a', 'b', 'c']) await instance.create(`${name}@example.com`)
  expect(await requestsOf(instance, '?limit=1&limit=2&operation=create&operation=x')).toHaveLength(1)
})

test('holds the REST surface too, and reading it is no exchange', async () => {
  const instance = await make()
  await instance.control('GET', '/users')
  const authorization = `Basic ${Buffer.from(`${instance.apiKey}:`).toString('base64')}`
  await send(`${instance.apiUrl}/Users`, { headers: { authorization } })
  const [entry, ...more] = await requestsOf(instance)
  expect(entry).toMatchObject({
    path: '/v3.1/Users',
    operation: 'read',
    status: 200,
    headers: { authorization: 'Basic ***' },
  })
  expect(more).toEqual([])
})

test('of a long answer only whole characters are kept, and its length is not told', async () => {
  const users = Array.from({ length: 300 }, (_, index) => ({
    EMAIL_ADDRESS: `${index}@example.com`,
    FIRST_NAME: '名'.repeat(200),
    LAST_NAME: 'L',
  }))
  const instance = await make({ state: { users } })
  for (const query of ['startIndex=1', 'startIndex=10', 'startIndex=100', 'startIndex=1&attributes=name']) {
    const { text } = await instance.scim('GET', `/Users?count=200&${query}`)
    const [entry] = (await requestsOf(instance)).slice(-1)
    const length = Buffer.byteLength(entry.answer)
    expect(length).toBeGreaterThan(64 * 1024 - 3)
    expect(length).toBeLessThanOrEqual(64 * 1024)
    expect(text.startsWith(entry.answer)).toBe(true)
    expect(entry.answerHeaders).not.toHaveProperty('content-length')
  }
})
