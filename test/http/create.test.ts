// POST /Users: what is required, what is ignored, what the answer says.

import { describe, expect, test } from 'vitest'
import { expectScimError, useServer } from '../support.ts'

const { make } = useServer()

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ann = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
const makeEmpty = (behaviours = {}) => make({ behaviours, state: { users: [] } })

describe('required', () => {
  test("U-07 the four attributes of Microsoft's tutorial give 201", async () => {
    const instance = await makeEmpty()
    const answer = await instance.scim('POST', '/Users', { schemas: [userUrn], active: true, ...ann })
    expect(answer.status).toBe(201)
    expect(answer.body).toEqual({
      schemas: [userUrn],
      id: '1',
      userName: 'ann@example.com',
      name: { formatted: 'Ann Lee', familyName: 'Lee', givenName: 'Ann' },
      displayName: 'Ann Lee',
      active: true,
      emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
      meta: {
        resourceType: 'User',
        created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        lastModified: answer.body.meta.created,
        location: `${instance.scimUrl}/Users/1`,
      },
    })
  })

  test.for([
    [{}, ['userName', 'name.givenName', 'name.familyName']],
    [{ userName: 'a@example.com' }, ['name.givenName', 'name.familyName']],
    [{ ...ann, userName: '' }, ['userName']],
    [{ ...ann, userName: null }, ['userName']],
    [{ ...ann, userName: [] }, ['userName']],
    [{ ...ann, name: {} }, ['name.givenName', 'name.familyName']],
    [{ ...ann, name: null }, ['name.givenName', 'name.familyName']],
    [{ ...ann, name: [] }, ['name.givenName', 'name.familyName']],
    [{ ...ann, name: { givenName: '', familyName: 'Lee' } }, ['name.givenName']],
    [{ ...ann, name: { familyName: 'Lee', formatted: 'Ann Lee' } }, ['name.givenName']],
    [{ ...ann, name: { givenName: 'Ann', familyName: null } }, ['name.familyName']],
    [{ username: '', ...ann, USERNAME: '' }, ['userName']],
  ] as [object, string[]][])('U-07 %j is refused, naming %j as missing', async ([body, missing]) => {
    const instance = await makeEmpty()
    const answer = await instance.scim('POST', '/Users', body)
    expectScimError(answer, 400, 'invalidValue')
    const [, named] = /^Missing: (.*?)\. /.exec(answer.body.detail)!
    expect(named!.split(', ').sort()).toEqual(missing.sort())
    expect((await instance.get('/Users')).body.totalResults).toBe(0)
  })

  test.for([
    [{ ...ann, userName: 5 }, 'userName', '5'],
    [{ ...ann, userName: true }, 'userName', 'true'],
    [{ ...ann, userName: { value: 'x' } }, 'userName', 'an object'],
    [{ ...ann, userName: ['x'] }, 'userName', 'an array'],
    [{ ...ann, name: 'Ann Lee' }, 'name', 'Ann Lee'],
    [{ ...ann, name: ['Ann'] }, 'name', 'an array'],
    [{ ...ann, name: { givenName: 1, familyName: 'Lee' } }, 'name.givenName', '1'],
    [{ ...ann, displayName: 7 }, 'displayName', '7'],
    [{ ...ann, externalId: 7 }, 'externalId', '7'],
    [{ ...ann, userName: { toString: 1 } }, 'userName', 'an object'],
  ] as [object, string, string][])('U-07 %j is refused, naming %s and %s', async ([body, attribute, value]) => {
    const answer = await (await makeEmpty()).scim('POST', '/Users', body)
    expectScimError(answer, 400, 'invalidValue')
    expect(answer.body.detail).toContain(`${attribute} is `)
    expect(answer.body.detail).toContain(value)
  })

  test('U-07 everything wrong is told at once', async () => {
    const answer = await (await makeEmpty()).scim('POST', '/Users', { userName: 5, displayName: 6 })
    for (const word of ['userName is 5', 'displayName is 6', 'name.givenName', 'name.familyName'])
      expect(answer.body.detail).toContain(word)
  })

  test('U-07 a string of blanks counts as non-empty', async () => {
    const user = await (await makeEmpty()).create(' ', { name: { givenName: ' ', familyName: '  ' } })
    expect(user).toMatchObject({ userName: ' ', name: { givenName: ' ', familyName: '  ' } })
  })

  test('U-07 the names may come flat, with their URN, in any letter case', async () => {
    const answer = await (await makeEmpty()).scim('POST', '/Users', {
      USERNAME: 'ann@example.com',
      'name.givenName': 'Ann',
      [`${userUrn}:Name.FamilyName`]: 'Lee',
    })
    expect(answer.body).toMatchObject({ userName: 'ann@example.com', name: { formatted: 'Ann Lee' } })
  })

  test('requiredAttributes: userName needs that alone', async () => {
    const instance = await makeEmpty({ requiredAttributes: 'userName' })
    const answer = await instance.scim('POST', '/Users', { userName: 'ann@example.com' })
    expect(answer.status).toBe(201)
    expect(answer.body).not.toHaveProperty('name')
    expect(answer.body).not.toHaveProperty('displayName')
    expectScimError(await instance.scim('POST', '/Users', ann.name), 400, 'invalidValue')
    expect((await instance.patch('1', { op: 'replace', path: 'name.givenName', value: 'Ann' })).body).toMatchObject({
      name: { givenName: 'Ann', formatted: 'Ann' },
      displayName: 'Ann',
    })
    expect((await instance.patch('1', { op: 'replace', path: 'name.givenName', value: null })).body).not.toHaveProperty(
      'name',
    )
  })

  test('requiredAttributes: userName+names+displayName+email needs all five on POST, PUT and PATCH', async () => {
    const instance = await makeEmpty({ requiredAttributes: 'userName+names+displayName+email' })
    const answer = await instance.scim('POST', '/Users', ann)
    expectScimError(answer, 400, 'invalidValue')
    expect(answer.body.detail).toContain('Missing: displayName, emails.')
    const complete = { ...ann, displayName: 'Ann', emails: [{ value: 'ann@example.com' }] }
    for (const emails of [[], [{}], [{ value: '' }], 'ann@example.com', [null], [{ value: 5 }]])
      expectScimError(await instance.scim('POST', '/Users', { ...complete, emails }), 400, 'invalidValue')
    expect((await instance.scim('POST', '/Users', complete)).status).toBe(201)
    expectScimError(await instance.scim('PUT', '/Users/1', ann), 400, 'invalidValue')
    expect((await instance.scim('PUT', '/Users/1', complete)).status).toBe(200)
    for (const value of [null, ''])
      expectScimError(await instance.patch('1', { op: 'replace', path: 'displayName', value }), 400, 'invalidValue')
  })

  test.for(['ann', 'ann@', '@example.com', 'a b@example.com', 'a@b@c'])(
    'userNameFormat: email refuses %s on POST, PUT and PATCH',
    async userName => {
      const instance = await makeEmpty({ userNameFormat: 'email' })
      const { id } = await instance.create()
      expectScimError(await instance.scim('POST', '/Users', { ...ann, userName }), 400, 'invalidValue')
      expectScimError(await instance.scim('PUT', `/Users/${id}`, { ...ann, userName }), 400, 'invalidValue')
      expectScimError(await instance.patch(id, { op: 'replace', value: { userName } }), 400, 'invalidValue')
      expect((await (await makeEmpty()).create(userName)).userName).toBe(userName)
    },
  )
})

describe('active', () => {
  test.for([false, 'False', 'banana', 0, null, {}, [true]])(
    'U-08 a user is created active, whatever was sent: %j',
    async active => {
      expect((await (await makeEmpty()).create('ann@example.com', { active })).active).toBe(true)
    },
  )

  test.for([
    [false, false],
    ['False', false],
    ['true', true],
    [null, true],
    [undefined, true],
  ])('createActive: as-sent heeds %j', async ([sent, active]) => {
    expect(
      (await (await makeEmpty({ createActive: 'as-sent' })).create('a@example.com', { active: sent })).active,
    ).toBe(active)
  })

  test('createActive: as-sent refuses what is no boolean', async () => {
    const instance = await makeEmpty({ createActive: 'as-sent' })
    expectScimError(await instance.scim('POST', '/Users', { ...ann, active: 'banana' }), 400, 'invalidValue')
  })
})

describe('ignored', () => {
  test('U-09 e-mail addresses that were sent are; the answer carries one, equal to userName', async () => {
    const emails = [
      { value: 'other@example.com', type: 'home', primary: true },
      { value: 'third@example.com', type: 'work' },
    ]
    const instance = await makeEmpty()
    const { id, ...user } = await instance.create('ann@example.com', { emails })
    expect(user.emails).toEqual([{ value: 'ann@example.com', type: 'work', primary: true }])
    const replaced = await instance.scim('PUT', `/Users/${id}`, { ...ann, emails: 'nonsense' })
    expect(replaced.body.emails).toEqual(user.emails)
  })

  const unmapped = {
    password: 'S3cret!pw',
    Password: 'S3cret!pw',
    nickName: null,
    profileUrl: 'http://example.com/ann',
    groups: [],
    roles: [{ value: 'admin' }],
    phoneNumbers: [{ value: '1', type: 'work' }],
    id: '4711',
    meta: { created: '2000-01-01T00:00:00Z', location: 'http://evil.example' },
    name: { givenName: 'Ann', familyName: 'Lee', middleName: 'X', formatted: 'Someone Else' },
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Sales', manager: { value: '1' } },
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:Usr': { department: 'Sales' },
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber': '7',
    ADMINISTRATOR: true,
    LICENSES: ['CRM'],
    toString: 'x',
    constructor: { prototype: 1 },
  }

  test('U-12 what Insightly does not store is, on POST, PUT and pathless PATCH, and never echoed', async () => {
    const instance = await makeEmpty()
    const made = await instance.create('ann@example.com', unmapped)
    expect(Object.keys(made).sort()).toEqual(
      ['schemas', 'id', 'userName', 'name', 'displayName', 'active', 'emails', 'meta'].sort(),
    )
    expect(made).toMatchObject({ id: '1', schemas: [userUrn], name: { formatted: 'Ann Lee' } })
    const put = await instance.scim('PUT', '/Users/1', { ...unmapped, userName: 'ann@example.com' })
    expect(put.body).toEqual(made)
    const { name, ...rest } = unmapped
    const patched = await instance.patch('1', { op: 'replace', value: { ...rest, 'name.middleName': 'Y' } })
    expect({ status: patched.status, body: patched.body }).toEqual({ status: 200, body: made })
  })

  test('U-12 a password is never stored, echoed or quoted in an error', async () => {
    const instance = await makeEmpty()
    const made = await instance.scim('POST', '/Users', { ...ann, password: 'S3cret!pw' })
    const texts = [made.text, (await instance.control('GET', '/state')).text]
    const bad: unknown[] = [
      { password: 'S3cret!pw' },
      { ...ann, displayName: { password: 'S3cret!pw' } },
      '{"password":"S3cret!pw"',
      '{"userName":"x" "password":"S3cret!pw"}',
      '"S3cret!pw"',
      '["S3cret!pw"]',
    ]
    for (const body of bad)
      for (const [method, path] of [
        ['POST', '/Users'],
        ['PUT', '/Users/1'],
        ['PATCH', '/Users/1'],
      ] as const) {
        const answer = await instance.scim(method, path, body)
        expectScimError(answer, 400)
        texts.push(answer.text)
      }
    for (const operation of [
      { op: 'add', path: 'password', value: 'S3cret!pw' },
      { op: 'replace', value: 'S3cret!pw' },
      { op: 'replace', value: ['S3cret!pw'] },
      'S3cret!pw',
      { op: 'replace', path: 'emails', value: { password: 'S3cret!pw' } },
      { op: 'replace', path: 'displayName', value: { password: 'S3cret!pw' } },
    ])
      texts.push((await instance.patch('1', { op: 'replace', path: 'password', value: 'S3cret!pw' }, operation)).text)
    expect(texts.join('\n')).not.toContain('S3cret')
  })

  test.for([undefined, null, [], 'x', 5, {}, ['urn:ietf:params:scim:schemas:core:2.0:Group'], [userUrn, 'urn:x']])(
    'U-12 schemas of %j are tolerated on POST and PUT',
    async schemas => {
      const instance = await makeEmpty()
      const { id } = await instance.create('ann@example.com', { schemas })
      expect((await instance.scim('PUT', `/Users/${id}`, { ...ann, schemas })).body.schemas).toEqual([userUrn])
    },
  )
})

describe('taken', () => {
  test.for(['ann@example.com', 'ANN@EXAMPLE.COM', 'Ann@example.com'])(
    'U-10 %s is, by POST, PUT and PATCH',
    async userName => {
      const instance = await makeEmpty()
      const first = await instance.create('ann@example.com')
      const second = await instance.create('bob@example.com')
      for (const active of [true, false]) {
        await instance.patch(first.id, { op: 'replace', path: 'active', value: active })
        expectScimError(await instance.scim('POST', '/Users', { ...ann, userName }), 409, 'uniqueness')
        expectScimError(await instance.scim('PUT', `/Users/${second.id}`, { ...ann, userName }), 409, 'uniqueness')
        expectScimError(
          await instance.patch(second.id, { op: 'replace', value: { userName, displayName: 'x' } }),
          409,
          'uniqueness',
        )
      }
      expect(await instance.read(second.id)).toEqual(second)
      expect((await instance.get('/Users')).body.totalResults).toBe(2)
    },
  )

  test("U-10 letter case is Unicode's", async () => {
    const instance = await makeEmpty()
    await instance.create('STRASSE@example.de')
    expectScimError(await instance.scim('POST', '/Users', { ...ann, userName: 'straße@example.de' }), 409, 'uniqueness')
  })

  test('U-10 a name is not, in another instance', async () => {
    const [one, other] = [await makeEmpty(), await makeEmpty()]
    const { id } = await one.create('ann@example.com')
    await other.patch((await other.create('ann@example.com')).id, { op: 'replace', path: 'active', value: false })
    expect((await one.read(id)).active).toBe(true)
  })

  test('U-10 a user may change the letter case of its own name', async () => {
    const instance = await makeEmpty()
    const { id } = await instance.create('ann@example.com')
    expect(
      (await instance.patch(id, { op: 'replace', path: 'userName', value: 'ANN@example.com' })).body.userName,
    ).toBe('ANN@example.com')
    expect((await instance.scim('PUT', `/Users/${id}`, { ...ann, userName: 'Ann@Example.com' })).body.userName).toBe(
      'Ann@Example.com',
    )
  })

  test('inactiveDuplicate: reactivate answers 201 with the old id, as a PUT with active true would be', async () => {
    const instance = await makeEmpty({ inactiveDuplicate: 'reactivate' })
    const old = await instance.create('ann@example.com', { externalId: 'e1', displayName: 'Annie' })
    expectScimError(await instance.scim('POST', '/Users', ann), 409, 'uniqueness')
    await instance.scim('DELETE', `/Users/${old.id}`)
    const answer = await instance.scim('POST', '/Users', {
      userName: 'ANN@example.com',
      name: { givenName: 'Anna', familyName: 'Li' },
      active: false,
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toBe(old.meta.location)
    expect(answer.body).toMatchObject({ id: old.id, active: true, userName: 'ANN@example.com', displayName: 'Anna Li' })
    expect(answer.body).not.toHaveProperty('externalId')
    expect((await instance.get('/Users')).body.totalResults).toBe(1)
  })
})

test('U-11 the answer is 201 with the full user and a Location equal to meta.location', async () => {
  const instance = await makeEmpty()
  const answer = await instance.scim('POST', '/Users', ann)
  expect(answer.status).toBe(201)
  expect(answer.headers.location).toBe(answer.body.meta.location)
  expect(await instance.read(answer.body.id)).toEqual(answer.body)
})

test('U-11 the same attributes can be left out of the answer as of any other', async () => {
  const answer = await (await makeEmpty()).scim('POST', '/Users?attributes=userName', ann)
  expect(answer.body).toEqual({ schemas: [userUrn], id: '1', userName: 'ann@example.com' })
  expect(answer.headers.location).toMatch(/\/Users\/1$/)
})

test('U-12 of several spellings of a member the last wins, whatever the earlier ones held (D-08)', async () => {
  const instance = await makeEmpty()
  const body =
    '{"userName":5,"USERNAME":"a@example.com","displayName":"x","DisplayName":"y","name":{"givenName":{},"GivenName":"Ann","familyName":"Lee"}}'
  expect((await instance.scim('POST', '/Users', body)).body).toMatchObject({
    userName: 'a@example.com',
    displayName: 'y',
  })
})
