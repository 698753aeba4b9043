// What clients and validators that others wrote showed when they drove the server, and what an attack on it showed of SCIM.

import { describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { patchUrn } from '../../src/scim/patch.ts'
import { expectScimError, makeInstance, type TestInstance, useServer } from '../support.ts'

const { make } = useServer()

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const names = { givenName: 'Ann', familyName: 'Lee' }
const replace = (path: unknown, value: unknown) => ({ op: 'replace', path, value })

const notesOf = async (instance: TestInstance): Promise<{ rule: string | null; text: string }[]> =>
  (await instance.control('GET', '/requests')).body.requests.at(-1).notes

describe('projection', () => {
  test.for(['attributes=', 'excludedAttributes=', 'attributes=%20,', 'attributes=&excludedAttributes='])(
    'U-05 %s counts as absent',
    async query => {
      const instance = await make()
      const whole = await instance.read('1')
      expect((await instance.get(`/Users/1?${query}`)).body).toEqual(whole)
      expect((await instance.get(`/Users?${query}`)).body.Resources).toEqual([whole])
      expect(await notesOf(instance)).toEqual([])
    },
  )

  test('U-05 an empty attributes lets excludedAttributes count', async () => {
    const { body } = await (await make()).get('/Users/1?attributes=&excludedAttributes=userName')
    expect(body).not.toHaveProperty('userName')
    expect(body).toHaveProperty('displayName')
  })

  test('U-05 attributes that are all unknown are noted', async () => {
    const instance = await make()
    const note = {
      rule: 'U-05',
      text: '`attributes` names nothing that is served ("nickName,\\n"), so only `id` and `schemas` were shown',
    }
    await instance.get('/Users/1?attributes=nickName,%0A')
    expect(await notesOf(instance)).toEqual([note])
    await instance.get('/Users?attributes=nickName,%0A')
    expect(await notesOf(instance)).toEqual([note])
    for (const query of ['attributes=nickName,userName', 'excludedAttributes=nickName']) {
      await instance.get(`/Users/1?${query}`)
      expect(await notesOf(instance)).toEqual([])
    }
  })
})

describe('filters: all', () => {
  test.for(['not userName eq "a"', 'active eq true and not userName eq "a"', 'not not (userName eq "a")', 'not'])(
    'U-04 filters: all refuses %s, a `not` without parentheses',
    async filter => {
      const instance = await make({ behaviours: { filters: 'all' } })
      const answer = await instance.find(filter)
      expectScimError(answer, 400, 'invalidFilter')
      expect(answer.body.detail).toContain('"not" without parentheses')
    },
  )

  test('U-04 filters: all understands many flat `not (…)`, and `not` in a value', async () => {
    const instance = await make({ behaviours: { filters: 'all' } })
    const flat = Array.from({ length: 100 }, (_, index) => `not (userName eq "x${index}")`).join(' and ')
    expect((await instance.find(flat)).body.totalResults).toBe(1)
    expect((await instance.find('NOT(userName eq "not a")')).body.totalResults).toBe(1)
  })
})

describe('PATCH', () => {
  const detailOf = async (...operations: unknown[]) => {
    const instance = await make({ state: { users: [] } })
    const { id } = await instance.create('ann@example.com')
    const { status, body } = await instance.patch(id, ...operations)
    expect(status).toBe(400)
    return body.detail
  }
  const good = replace('displayName', 'A')

  test.for([
    ['emails', [{ value: 'other@example.com', type: 'work' }]],
    ['emails', [{ value: 'ann@example.com' }, { value: 'other@example.com' }]],
    ['emails', { value: 'other@example.com' }],
    ['emails[type eq "work"]', { value: 'other@example.com' }],
    ['emails[type eq "work"].value', 'other@example.com'],
    [undefined, { emails: [{ value: 'other@example.com' }] }],
  ])('U-17 the address that is refused is named: %j', async ([path, value]) => {
    expect(await detailOf(good, replace(path, value))).toBe(
      'Operations[1]: emails.value is read-only and its value of "ann@example.com" cannot become "other@example.com".',
    )
  })

  test.for([
    [[], 'emails is read-only and holds one value, not 0.'],
    [null, 'emails is read-only and cannot become null.'],
    ['x@example.com', 'emails is read-only and cannot become "x@example.com".'],
    [[{ value: 'ann@example.com' }, { value: 'ann@example.com' }], 'emails is read-only and holds one value, not 2.'],
    [[{ value: null, type: 'home' }], 'emails.type is read-only and its value of "work" cannot become "home".'],
  ] as const)('U-17 what else is refused of emails is named too: %j', async ([value, expected]) => {
    expect(await detailOf(replace('emails', value))).toBe(`Operations[0]: ${expected}`)
  })

  test.for([
    [replace('active', [true]), 'active is an array; expected true or false.'],
    [replace(undefined, { active: [true] }), 'active is an array; expected true or false.'],
    [replace('userName', ''), 'userName cannot be an empty string; expected a non-empty string.'],
    [replace('name', 'Ann'), 'name is "Ann"; expected an object.'],
    [
      replace('meta.location', 'https://example.com/scim/v2/Users/77'),
      'meta.location is read-only and its value, the URL of this user, cannot become "https://example.com/scim/v2/Users/77".',
    ],
    [replace('name', null), 'name cannot be removed or null; expected an object.'],
    [replace('schemas', ['urn:x']), 'schemas is read-only and cannot become an array of other values.'],
    [replace(['userName'] as never, 1), /^path is an array; expected an attribute such as userName, /],
    [replace('a b', 1), /^The path "a b" is malformed; /],
    [replace('emails[x eq y].value', 1), /^The filter "x eq y" /],
    [replace('emails[type eq "home"].value', 'a@b'), /^The path selects no member of emails/],
    [replace(undefined, 5), 'value must be an object of attributes, since path names none.'],
    [{ op: 'replace', path: 'title' }, 'value is missing.'],
    [{ op: 'add', path: 'title', value: 'x' }, 'op is "add"; Insightly supports only "replace".'],
    [5, 'this is not an object; expected one with op, path and value.'],
  ] as const)('U-17 a refusal names the operation that is to blame: %j', async ([operation, expected]) => {
    const [, rest] = /^Operations\[1\]: (.*)$/s.exec(await detailOf(good, operation, good)) ?? []
    expect(rest).toMatch(expected)
  })

  test('U-17 a list where one value belongs is refused as such', async () => {
    expect(await detailOf(replace('meta', [{ resourceType: 'User' }]))).toBe(
      'Operations[0]: meta is read-only and cannot become an array.',
    )
  })

  test('U-17 U-12 so do a removal and a path that is not stored', async () => {
    const instance = await make({ behaviours: { patchOperations: 'all', unmappedPath: 'refused' } })
    const detail = async (operation: object) => (await instance.patch('1', good, operation)).body.detail
    expect(await detail({ op: 'remove', path: 'emails' })).toBe(
      'Operations[1]: emails is read-only and cannot be removed.',
    )
    expect(await detail({ op: 'remove' })).toMatch(/^Operations\[1\]: /)
    expect(await detail(replace('title', 'x'))).toMatch(/^Operations\[1\]: The path "title"/)
  })

  test.for([
    [{ Operations: [good] }, `schemas is missing; a PATCH needs "schemas": ["${patchUrn}"].`],
    [{ schemas: null, Operations: [good] }, `schemas is missing; a PATCH needs "schemas": ["${patchUrn}"].`],
    [{ schemas: [userUrn], Operations: [good] }, `schemas does not hold "${patchUrn}", which a PATCH needs.`],
  ] as const)('U-17 schemas that are missing are called missing: %j', async ([body, detail]) => {
    expect((await (await make()).scim('PATCH', '/Users/1', body)).body.detail).toBe(detail)
  })
})

test.for(['POST', 'PUT', 'PATCH'])('D-08 the body of a %s may begin with a byte order mark', async method => {
  const instance = await make({ state: { users: [] } })
  const mark = Buffer.from([0xef, 0xbb, 0xbf])
  const user = { userName: 'ann@example.com', name: names }
  if (method !== 'POST') await instance.create()
  const body = method === 'PATCH' ? { schemas: [patchUrn], Operations: [replace('active', false)] } : user
  const path = method === 'POST' ? '/Users' : '/Users/1'
  const { status } = await instance.scim(method, path, Buffer.concat([mark, Buffer.from(JSON.stringify(body))]))
  expect(status).toBe(method === 'POST' ? 201 : 200)
  const empty = await instance.scim(method, path, mark)
  expect(empty.body.detail).toBe('The body is empty; expected a user or a PatchOp.')
})

describe('discovery', () => {
  test('D-02 the authentication scheme names its specification', async () => {
    const { body } = await (await make()).get('/ServiceProviderConfig')
    expect(body.authenticationSchemes[0].specUri).toBe('https://www.rfc-editor.org/info/rfc6750')
  })

  test('D-01 every attribute tells its uniqueness, complex ones too', async () => {
    const { body } = await (await make()).get(`/Schemas/${userUrn}`)
    const all = body.attributes.flatMap((each: { subAttributes?: object[] }) => [each, ...(each.subAttributes ?? [])])
    const told = all.map(({ name, uniqueness }: Record<string, string>) => [name, uniqueness])
    expect(told.filter(([name]: string[]) => name !== 'userName').map(([, each]: string[]) => each)).toEqual(
      Array(all.length - 1).fill('none'),
    )
  })
})

describe('notes name only what differs', () => {
  const emails = (value: string, type = 'work') => [{ value, type, primary: true }]

  test('U-13 a user sent back as it was served has none', async () => {
    const instance = await make()
    const { id } = await instance.create()
    await instance.scim('PUT', `/Users/${id}`, await instance.read(id))
    expect(await notesOf(instance)).toEqual([])
  })

  test('U-09 U-12 nor has a new user whose read-only attributes say what will be served', async () => {
    const instance = await make()
    await instance.create('ann@example.com', {
      schemas: [userUrn, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
      name: { ...names, formatted: 'Ann Lee' },
      emails: emails('ANN@example.com'),
      meta: { resourceType: 'User' },
      active: true,
    })
    expect(await notesOf(instance)).toEqual([])
  })

  test('U-13 nor has a user that was read, changed and sent back', async () => {
    const instance = await make()
    const { id } = await instance.create()
    const user = await instance.read(id)
    await instance.control('PUT', '/clock', { mode: 'frozen', at: '2030-01-01T00:00:00Z' })
    const changed = { ...user, userName: 'b@example.com', name: { ...user.name, givenName: 'Anna' } }
    expect((await instance.scim('PUT', `/Users/${id}`, changed)).body.meta.lastModified).not.toBe(
      user.meta.lastModified,
    )
    expect(await notesOf(instance)).toEqual([])
    const again = { ...(await instance.read(id)), userName: 'c@example.com', emails: emails('c@example.com') }
    expect((await instance.scim('PUT', `/Users/${id}`, again)).body.userName).toBe('c@example.com')
    expect(await notesOf(instance)).toEqual([])
  })

  test.for([
    ['U-09', 'emails', { emails: emails('other@example.com') }],
    ['U-09', 'emails', { emails: emails('ann@example.com', 'home') }],
    ['U-12', 'id', { id: '99' }],
    ['U-12', 'meta', { meta: { created: '2000-01-01T00:00:00.000Z' } }],
    ['U-12', 'name.formatted', { name: { ...names, formatted: 'A. Lee' } }],
  ] as const)('%s %s that say something else are noted: %j', async ([rule, path, extra]) => {
    const instance = await make()
    const note = { rule, text: `\`${path}\` was ignored: read-only` }
    const { id } = await instance.create('ann@example.com', extra)
    expect(await notesOf(instance)).toEqual([note])
    await instance.scim('PUT', `/Users/${id}`, { userName: 'ann@example.com', name: names, ...extra })
    expect(await notesOf(instance)).toEqual([note])
  })

  test('U-12 U-17 a PATCH without a path notes the id and meta that differ', async () => {
    const instance = await make({ behaviours: { readOnlyPatch: 'ignored' } })
    const { id, meta } = await instance.read('1')
    await instance.patch('1', replace(undefined, { id, meta, displayName: 'A' }), replace('id', id))
    expect(await notesOf(instance)).toEqual([])
    await instance.patch('1', replace(undefined, { id: '9', meta: { resourceType: 'Group' } }), replace('id', '9'))
    expect(await notesOf(instance)).toEqual([
      { rule: 'U-12', text: '`id` was ignored: read-only' },
      { rule: 'U-12', text: '`meta` was ignored: read-only' },
      { rule: 'U-17', text: '`id` was ignored: read-only' },
    ])
  })
})

test.for([
  ['count=2', 'test-connection'],
  ['startIndex=0&count=1', 'test-connection'],
  ['startIndex=1&count=3', 'import'],
  ['startIndex=2&count=1', 'import'],
  ['startIndex=101&count=2', 'import'],
])('a page %s is %s', async ([query, operation]) => {
  const instance = await make()
  await instance.get(`/Users?${query}`)
  expect((await instance.control('GET', '/requests')).body.requests.at(-1).operation).toBe(operation)
})

test('the journal finds a refused request by the userName that it asked for', async () => {
  const instance = await make()
  const { id } = await instance.create()
  const asked = 'asked@example.com'
  const find = async () => (await instance.control('GET', `/requests?userName=${asked}`)).body.requests.length
  await instance.scim('POST', '/Users', { userName: asked })
  await instance.scim('PUT', `/Users/${id}`, { userName: asked })
  await instance.patch(id, replace('userName', asked), replace('active', 'maybe'))
  await instance.get(`/Users?filter=userName+eq+%22${asked}%22&count=x`)
  expect(await find()).toBe(4)
  await instance.control('PUT', '/faults', [{ match: { method: 'POST' }, do: { status: 503 } }])
  await instance.scim('POST', '/Users', { userName: asked, name: names })
  await instance.find(`userName eq "${asked}"`)
  expect(await find()).toBe(6)
})

test('a long userName that was asked for counts in the memory of the journal', async () => {
  await using server = await start({ journalMemory: 1 })
  const instance = await makeInstance(server)
  // Two bytes a letter: a journal that may hold 512 KiB has room for two.
  for (let count = 0; count < 4; count += 1) await instance.scim('POST', '/Users', { userName: 'x'.repeat(100_000) })
  const { requests, dropped } = (await instance.control('GET', '/requests')).body
  expect([requests.length, dropped]).toEqual([2, 2])
})
