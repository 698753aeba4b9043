// PATCH: its operations, the shapes real clients send, what it refuses, and that it is all or nothing.

import { describe, expect, test } from 'vitest'
import { patchUrn } from '../../src/scim/patch.ts'
import { expectScimError, type TestInstance, useServer } from '../support.ts'

const { make } = useServer()

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const replace = (path: unknown, value: unknown) => ({ op: 'replace', path, value })

/** An instance with Ann, the user 1. */
async function makeWithAnn(behaviours = {}, extra = {}): Promise<TestInstance> {
  const instance = await make({ behaviours, state: { users: [] } })
  await instance.create('ann@example.com', extra)
  return instance
}

/** Refused with everything as it was. */
async function expectRefused(instance: TestInstance, operations: unknown[], scimType: string): Promise<string> {
  const before = (await instance.get('/Users/1')).text
  const answer = await instance.patch('1', ...operations)
  expectScimError(answer, 400, scimType)
  expect((await instance.get('/Users/1')).text).toBe(before)
  return answer.body.detail
}

describe('operations', () => {
  test.for(['replace', 'Replace', 'REPLACE'])('U-14 %s is supported in any letter case', async op => {
    const answer = await (await makeWithAnn()).patch('1', { op, path: 'displayName', value: 'A' })
    expect(answer).toMatchObject({ status: 200, body: { displayName: 'A' } })
  })

  test.for(['add', 'Add', 'remove', 'REMOVE', 'move', '', ' replace', null, 5, undefined, {}, ['replace']])(
    'U-14 one operation %j refuses the whole request and is named with its place',
    async op => {
      const instance = await makeWithAnn()
      const bad = { op, path: 'displayName', value: 'B' }
      const detail = await expectRefused(instance, [replace('displayName', 'A'), bad], 'invalidSyntax')
      expect(detail).toContain('Operations[1]')
      expect(detail).toContain('supports only "replace"')
    },
  )

  test('U-14 an unsupported operation is told before anything else that is wrong', async () => {
    const instance = await makeWithAnn()
    const detail = await expectRefused(
      instance,
      [replace('active', 'banana'), replace('', 1), { op: 'add' }],
      'invalidSyntax',
    )
    expect(detail).toContain('Operations[2]')
  })

  test('U-14 patchOperations: all adds, removes and replaces', async () => {
    const instance = await makeWithAnn({ patchOperations: 'all' }, { displayName: 'A', externalId: 'e' })
    const { status, body } = await instance.patch(
      '1',
      { op: 'Add', path: 'name.givenName', value: 'Anna' },
      { op: 'add', value: { externalId: 'f', name: { familyName: 'Li' } } },
      { op: 'remove', path: 'displayName' },
      { op: 'replace', path: 'active', value: false },
    )
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { name: { formatted: 'Anna Li' }, displayName: 'Anna Li', externalId: 'f', active: false },
    })
    expect((await instance.patch('1', { op: 'remove', path: 'externalId' })).body).not.toHaveProperty('externalId')
  })

  test.for([
    [{ op: 'remove' }, 'noTarget'],
    [{ op: 'remove', path: null }, 'noTarget'],
    [{ op: 'remove', path: userUrn }, 'noTarget'],
    [{ op: 'remove', path: 'userName' }, 'invalidValue'],
    [{ op: 'remove', path: 'name.givenName' }, 'invalidValue'],
    [{ op: 'remove', path: 'name' }, 'invalidValue'],
    [{ op: 'remove', path: 'active' }, 'invalidValue'],
    [{ op: 'remove', path: 'emails' }, 'mutability'],
    [{ op: 'remove', path: 'emails[type eq "work"]' }, 'mutability'],
    [{ op: 'remove', path: 'id' }, 'mutability'],
    [{ op: 'remove', path: 'bad path' }, 'invalidPath'],
    [{ op: 'add', path: 'displayName' }, 'invalidValue'],
    [{ op: 'copy', path: 'displayName', value: 'x' }, 'invalidSyntax'],
  ] as const)('U-14 patchOperations: all refuses %j as %s', async ([operation, scimType]) => {
    const instance = await makeWithAnn({ patchOperations: 'all' })
    await expectRefused(instance, [replace('displayName', 'A'), operation], scimType)
  })

  test('U-14 patchOperations: all lets names be removed where they are not required', async () => {
    const instance = await makeWithAnn({ patchOperations: 'all', requiredAttributes: 'userName' })
    expect((await instance.patch('1', { op: 'remove', path: 'name' })).body).not.toHaveProperty('name')
  })

  test('U-14 patchOperations: all ignores the removal of what is not stored', async () => {
    const instance = await makeWithAnn({ patchOperations: 'all' })
    expect((await instance.patch('1', { op: 'remove', path: 'members[value eq "1"]' })).status).toBe(200)
  })
})

describe('order and atomicity', () => {
  test('U-15 operations are done in their order', async () => {
    const answer = await (await makeWithAnn()).patch(
      '1',
      replace('displayName', 'first'),
      replace(undefined, { displayName: 'second' }),
      replace('displayName', 'last'),
    )
    expect(answer.body.displayName).toBe('last')
  })

  test.for([
    [replace('userName', ''), 'invalidValue'],
    [replace('active', 'banana'), 'invalidValue'],
    [replace('emails', 'x'), 'mutability'],
    [replace('a b', 'x'), 'invalidPath'],
    [{ op: 'add', path: 'displayName', value: 'x' }, 'invalidSyntax'],
  ] as const)('U-15 an operation %j changes nothing wherever it stands', async ([bad, scimType]) => {
    const instance = await makeWithAnn()
    const good = [replace('displayName', 'X'), replace('active', false), replace('name.givenName', 'Y')]
    for (let place = 0; place <= good.length; place += 1)
      await expectRefused(instance, good.toSpliced(place, 0, bad), scimType)
  })

  test('U-15 a taken userName changes nothing', async () => {
    const instance = await makeWithAnn()
    await instance.create('bob@example.com')
    const before = await instance.read('1')
    const answer = await instance.patch('1', replace('displayName', 'X'), replace('userName', 'BOB@example.com'))
    expectScimError(answer, 409, 'uniqueness')
    expect(await instance.read('1')).toEqual(before)
  })
})

describe('shapes', () => {
  test.for([
    [replace('name.givenName', 'Anna'), { name: { formatted: 'Anna Lee', familyName: 'Lee', givenName: 'Anna' } }],
    [replace('NAME.GIVENNAME', 'Anna'), { name: { givenName: 'Anna' } }],
    [replace(`${userUrn}:name.givenName`, 'Anna'), { name: { givenName: 'Anna' } }],
    [replace(`${userUrn.toUpperCase()}:displayName`, 'A'), { displayName: 'A' }],
    [replace(userUrn, { displayName: 'A' }), { displayName: 'A' }],
    [replace(undefined, { displayName: 'A', active: false }), { displayName: 'A', active: false }],
    [replace(null, { displayName: 'A' }), { displayName: 'A' }],
    [replace(undefined, { 'name.givenName': 'Anna', 'name.familyName': 'Li' }), { name: { formatted: 'Anna Li' } }],
    [replace(undefined, { [`${userUrn}:name.givenName`]: 'Anna' }), { name: { givenName: 'Anna' } }],
    [replace(undefined, { [userUrn]: { name: { givenName: 'Anna' } } }), { name: { formatted: 'Anna Lee' } }],
    [replace(undefined, { name: { givenName: 'Anna' } }), { name: { formatted: 'Anna Lee' } }],
    [replace(undefined, { Name: { GivenName: 'Anna' } }), { name: { formatted: 'Anna Lee' } }],
    [replace('name', { givenName: 'Anna' }), { name: { formatted: 'Anna Lee' } }],
    [replace('name', { GIVENNAME: 5, givenName: 'Anna', middleName: 'X' }), { name: { formatted: 'Anna Lee' } }],
    [replace(undefined, { displayName: 5, DISPLAYNAME: 'A' }), { displayName: 'A' }],
    [replace('active', false), { active: false }],
    [replace('active', 'False'), { active: false }],
    [replace('active', 'false'), { active: false }],
    [replace(undefined, { active: 'False' }), { active: false }],
    [{ OP: 'Replace', Path: 'displayName', VALUE: 'A' }, { displayName: 'A' }],
    [replace('externalId', 'e1'), { externalId: 'e1' }],
    [replace('displayName', ''), { displayName: '' }],
  ] as const)('U-16 %j is understood', async ([operation, expected]) => {
    const { status, body } = await (await makeWithAnn()).patch('1', operation)
    expect({ status, body }).toMatchObject({ status: 200, body: expected })
  })

  test.for([true, 'True', 'true'])('U-16 active may be %j and the answer carries a boolean', async value => {
    const instance = await makeWithAnn()
    await instance.scim('DELETE', '/Users/1')
    expect((await instance.patch('1', replace('active', value))).body.active).toBe(true)
  })

  test.for(['TRUE', 'FALSE', 'yes', '', 1, 0, [true], {}, ' true'])('U-16 active %j is invalidValue', async value => {
    const detail = await expectRefused(await makeWithAnn(), [replace('active', value)], 'invalidValue')
    expect(detail).toMatch(/active is .*expected true or false/)
  })
})

describe('read-only', () => {
  const same = [
    replace('id', '1'),
    replace('ID', '1'),
    replace('meta.resourceType', 'User'),
    replace('meta.location', 'https://other.example/scim/v2/Users/1'),
    replace('meta', { resourceType: 'User' }),
    replace('schemas', [userUrn]),
    replace('name.formatted', 'Ann Lee'),
    replace('emails', [{ value: 'ANN@example.com', type: 'work', primary: true }]),
    replace('emails', { value: 'ann@example.com' }),
    replace('emails', [{ value: 'ann@example.com', primary: 'True' }]),
    replace('emails[type eq "work"].value', 'Ann@Example.com'),
    replace('emails[primary eq true]', { value: 'ann@example.com' }),
    replace('emails.value', 'ann@example.com'),
    replace(undefined, { emails: [{ value: 'ann@example.com', type: 'work' }] }),
    replace(undefined, { 'emails[type eq "work"].value': 'ann@example.com' }),
    replace(undefined, { name: { formatted: 'Ann Lee' } }),
    replace(undefined, { id: '99', meta: { created: 'never' }, schemas: ['x'] }),
    replace(undefined, { ID: '99', 'meta.created': 'never' }),
    replace(undefined, { emails: null, 'name.formatted': null }),
    replace(undefined, { emails: [] }),
  ]
  test.for(same)('U-17 the value it has is accepted: %j', async operation => {
    const instance = await makeWithAnn()
    const before = await instance.read('1')
    const { status, body } = await instance.patch('1', operation)
    expect({ status, body }).toEqual({ status: 200, body: before })
  })

  const different = [
    replace('id', '2'),
    replace('id', null),
    replace('meta', { resourceType: 'Group' }),
    replace('meta', [{ resourceType: 'User' }]),
    replace('schemas', ['urn:ietf:params:scim:schemas:core:2.0:Group']),
    replace('meta.location', 'https://other.example/scim/v2/Users/11'),
    replace('meta.location', 'elsewhere/Users/1'),
    replace('meta.created', '2000-01-01T00:00:00.000Z'),
    replace('name.formatted', 'Someone Else'),
    replace('name.formatted', 'ann lee'),
    replace('name', { formatted: 'Someone Else' }),
    replace('emails', [{ value: 'other@example.com' }]),
    replace('emails', []),
    replace('emails', null),
    replace('emails', [{ value: 'ann@example.com' }, { value: 'other@example.com' }]),
    replace('emails[type eq "work"].value', 'other@example.com'),
    replace('emails[type eq "home"].value', 'ann@example.com'),
    replace('emails[value eq "other@example.com"].value', 'ann@example.com'),
    replace('emails[value eq "ann@example.com"].value', 'other@example.com'),
    replace('emails[type eq "work"].type', 'home'),
    replace('emails.primary', false),
    replace(undefined, { emails: [{ value: 'other@example.com' }] }),
    replace(undefined, { 'emails[type eq "work"].value': 'other@example.com' }),
    replace(undefined, { name: { formatted: 'Someone Else' } }),
    replace(undefined, { 'name.formatted': 'Someone Else' }),
  ]
  test.for(different)('U-17 another value is mutability: %j', async operation => {
    await expectRefused(await makeWithAnn(), [replace('displayName', 'A'), operation], 'mutability')
  })

  test.for(different)('U-17 readOnlyPatch: ignored lets it pass without effect: %j', async operation => {
    const instance = await makeWithAnn({ readOnlyPatch: 'ignored' })
    const before = await instance.read('1')
    expect(await instance.patch('1', operation)).toMatchObject({ status: 200, body: before })
  })

  test.for([
    [replace('emails[type eq "work"].value', 'new@example.com'), replace('userName', 'new@example.com')],
    [replace('userName', 'new@example.com'), replace('emails', [{ value: 'NEW@example.com', type: 'work' }])],
    [replace('name.formatted', 'New Lee'), replace('name.givenName', 'New')],
    [replace('emails', [{ value: 'ann@example.com' }]), replace('userName', 'new@example.com')],
    [replace(undefined, { emails: [{ value: 'new@example.com' }], userName: 'new@example.com' })],
    [replace('emails[value eq "ann@example.com"].value', 'new@example.com'), replace('userName', 'new@example.com')],
    [replace('userName', 'new@example.com'), replace('emails[value eq "new@example.com"].type', 'work')],
  ])('U-17 sameness is judged after all operations: %j', async operations => {
    expect((await (await makeWithAnn()).patch('1', ...operations)).status).toBe(200)
  })

  test('U-17 a value that held only between two operations is another one', async () => {
    const operations = [
      replace('userName', 'b@example.com'),
      replace('emails.value', 'b@example.com'),
      replace('userName', 'c@example.com'),
    ]
    await expectRefused(await makeWithAnn(), operations, 'mutability')
  })
})

describe('malformed', () => {
  test.for([
    '',
    ' ',
    '.',
    'name.',
    '.givenName',
    'name..givenName',
    'name givenName',
    'name.givenName.x',
    '5',
    'emails[',
    'emails[]',
    'emails[type eq "work"',
    'emails[type eq work].value',
    'emails[type].value',
    'emails]',
    'userName[x eq "y"]',
    'emails[nothing eq "x"]',
    'emails[type eq "work"]value',
    'emails[type eq "work"].value.x',
    '/userName',
    'userName\n',
    '[type eq "work"]',
    `${'x'.repeat(2000)}`,
    `emails[${'('.repeat(200)}type eq "work"${')'.repeat(200)}]`,
    `emails[type eq "${'\n'.repeat(60)}].value`,
    5,
    true,
    {},
    [],
    ['userName'],
  ])('U-17 the path %j is invalidPath', async path => {
    const detail = await expectRefused(await makeWithAnn(), [replace(path, 'x')], 'invalidPath')
    expect(detail.length).toBeLessThan(500)
  })

  test.for([
    [replace('userName', 5), 'userName'],
    [replace('userName', ['x']), 'userName'],
    [replace('userName', {}), 'userName'],
    [replace('displayName', true), 'displayName'],
    [replace('externalId', 5), 'externalId'],
    [replace('name', 'Ann Lee'), 'name'],
    [replace('name', ['Ann']), 'name'],
    [replace('name.givenName', { x: 1 }), 'name.givenName'],
    [replace(undefined, { name: 'Ann' }), 'name'],
    [replace(undefined, { active: 5 }), 'active'],
    [replace('userName', null), 'userName'],
    [replace('userName', ''), 'userName'],
    [replace('name.givenName', null), 'name.givenName'],
    [replace('name.familyName', ''), 'name.familyName'],
    [replace('name', null), 'name'],
    [replace('active', null), 'active'],
    [replace(undefined, { userName: '' }), 'userName'],
    [{ op: 'replace', path: 'displayName' }, 'Operations[0]'],
    [{ op: 'replace' }, 'Operations[0]'],
    [{ op: 'replace', value: 'x' }, 'Operations[0]'],
    [{ op: 'replace', value: null }, 'Operations[0]'],
    [{ op: 'replace', value: ['x'] }, 'Operations[0]'],
    [{ op: 'replace', path: userUrn, value: 'x' }, 'Operations[0]'],
    [{ op: 'replace', path: 'nickName' }, 'Operations[0]'],
  ] as const)('U-17 %j is invalidValue and says %s', async ([operation, word]) => {
    expect(await expectRefused(await makeWithAnn(), [operation], 'invalidValue')).toContain(word)
  })

  test('U-17 null clears displayName and externalId', async () => {
    const instance = await makeWithAnn({}, { displayName: 'Annie', externalId: 'e1' })
    const { body } = await instance.patch('1', replace('displayName', null), replace('externalId', null))
    expect(body.displayName).toBe('Ann Lee')
    expect(body).not.toHaveProperty('externalId')
  })

  test('U-17 without a path null members and empty arrays are ignored', async () => {
    const instance = await makeWithAnn({}, { displayName: 'Annie', externalId: 'e1' })
    const before = await instance.read('1')
    const value = {
      displayName: null,
      externalId: [],
      userName: null,
      active: null,
      name: { givenName: null },
      emails: [],
    }
    expect((await instance.patch('1', replace(undefined, value))).body).toEqual(before)
  })

  test.for([
    {},
    { schemas: [patchUrn] },
    { schemas: [patchUrn], Operations: [] },
    { schemas: [patchUrn], Operations: null },
    { schemas: [patchUrn], Operations: { op: 'replace', value: {} } },
    { schemas: [patchUrn], Operations: [null] },
    { schemas: [patchUrn], Operations: ['replace'] },
    { schemas: [patchUrn], Operations: [[]] },
    { schemas: patchUrn, Operations: [replace('active', false)] },
    { schemas: [userUrn], Operations: [replace('active', false)] },
    { schemas: [5, null, {}], Operations: [replace('active', false)] },
    { schemas: [], Operations: [replace('active', false)] },
    { Operations: [replace('active', false)] },
    { schemas: [userUrn], userName: 'ann@example.com', active: false },
    [],
    'x',
    5,
    null,
  ])('U-17 the body %j is invalidSyntax', async body => {
    const instance = await makeWithAnn()
    expectScimError(await instance.scim('PATCH', '/Users/1', JSON.stringify(body)), 400, 'invalidSyntax')
    expect((await instance.read('1')).active).toBe(true)
  })

  test('U-17 the URN and member names match in any letter case', async () => {
    const body = {
      SCHEMAS: ['x', patchUrn.toUpperCase()],
      operations: [{ Op: 'Replace', PATH: 'active', Value: 'False' }],
    }
    expect((await (await makeWithAnn()).scim('PATCH', '/Users/1', body)).body.active).toBe(false)
  })

  test.for([
    'nickName',
    'profileUrl',
    'members[value eq "1"]',
    'userName.value',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
    'addresses[type eq "work"].street',
  ])(
    'U-12 a path %s that Insightly does not store has no effect, or is invalidPath with unmappedPath: refused',
    async path => {
      const instance = await makeWithAnn()
      const before = await instance.read('1')
      expect(await instance.patch('1', replace(path, 'x'))).toMatchObject({ status: 200, body: before })
      const strict = await makeWithAnn({ unmappedPath: 'refused' })
      const detail = await expectRefused(strict, [replace('displayName', 'A'), replace(path, 'x')], 'invalidPath')
      expect(detail).toContain(path.slice(0, 8))
      expect((await strict.patch('1', replace(undefined, { nickName: 'x' }))).status).toBe(200)
    },
  )
})

describe('answer', () => {
  test('U-18 is 200 with the whole user', async () => {
    const instance = await makeWithAnn()
    const { status, body } = await instance.patch('1', replace('displayName', 'A'))
    expect({ status, body }).toEqual({ status: 200, body: await instance.read('1') })
  })

  test('U-18 shows what is asked for', async () => {
    const instance = await makeWithAnn()
    const body = { schemas: [patchUrn], Operations: [replace('active', false)] }
    expect((await instance.scim('PATCH', '/Users/1?attributes=active', body)).body).toEqual({
      schemas: [userUrn],
      id: '1',
      active: false,
    })
  })

  test('U-18 patchAnswer: no-content is 204 without a body', async () => {
    const instance = await makeWithAnn({ patchAnswer: 'no-content' })
    const { status, text, headers } = await instance.patch('1', replace('displayName', 'A'))
    expect({ status, text }).toEqual({ status: 204, text: '' })
    expect(headers['content-type']).toBeUndefined()
    expect((await instance.read('1')).displayName).toBe('A')
  })

  test.for(['2', '0', 'x'])('U-06 of an unknown user (%s) is 404', async id => {
    expectScimError(await (await makeWithAnn()).patch(id, replace('active', false)), 404)
  })

  test('D-08 a hundred operations are done, one more is invalidSyntax', async () => {
    const instance = await makeWithAnn()
    const many = (count: number) => Array.from({ length: count }, (_, index) => replace('displayName', `No ${index}`))
    expect((await instance.patch('1', ...many(100))).body.displayName).toBe('No 99')
    const detail = await expectRefused(instance, many(101), 'invalidSyntax')
    expect(detail).toMatch(/101.*100/)
  })
})
