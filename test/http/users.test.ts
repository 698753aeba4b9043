// One user's life: read, replaced, renamed, deactivated, reactivated; what it keeps and what nobody may touch.

import { describe, expect, test } from 'vitest'
import { expectScimError, useServer } from '../support.ts'

const { make } = useServer()

const ann = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
const makeEmpty = (behaviours = {}) => make({ behaviours, state: { users: [] } })
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value })

describe('unknown', () => {
  const ids = [
    '0',
    '2',
    '-1',
    '01',
    '1.0',
    '1e0',
    '+1',
    'x',
    '9'.repeat(400),
    '1%20',
    '1%00',
    '%F0%9F%98%80',
    '..',
    '1,2',
    '١',
    '%31%2F',
    "1'--",
    'x'.repeat(5000),
    'x'.repeat(20_000),
  ]
  test.for(ids.map(id => [id.slice(0, 30), id] as const))('U-06 the id %s is 404 with every method', async ([, id]) => {
    const instance = await makeEmpty()
    await instance.create()
    const path = `/Users/${encodeURI(id).replaceAll('%25', '%')}`
    expectScimError(await instance.get(path), 404)
    expectScimError(await instance.scim('PUT', path, ann), 404)
    expectScimError(
      await instance.scim('PATCH', path, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [replace('active', false)],
      }),
      404,
    )
    expectScimError(await instance.scim('DELETE', path), 404)
  })
})

describe('PUT', () => {
  test('U-13 replaces: an absent displayName or externalId is cleared, an absent active keeps its value', async () => {
    const instance = await makeEmpty()
    const { id } = await instance.create('ann@example.com', { displayName: 'Annie', externalId: 'e1' })
    await instance.scim('DELETE', `/Users/${id}`)
    const { status, body } = await instance.scim('PUT', `/Users/${id}`, {
      userName: 'anna@example.com',
      name: { givenName: 'Anna', familyName: 'Li' },
    })
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id, userName: 'anna@example.com', displayName: 'Anna Li', active: false },
    })
    expect(body).not.toHaveProperty('externalId')
    expect(await instance.read(id)).toEqual(body)
  })

  test.for([
    [{}, ['userName', 'name.givenName', 'name.familyName']],
    [{ ...ann, userName: '' }, ['userName']],
    [{ ...ann, name: { givenName: 'Ann' } }, ['name.familyName']],
  ] as const)('U-13 %j is refused, naming what is missing as create does', async ([body, missing]) => {
    const instance = await makeEmpty()
    const before = await instance.create()
    const answer = await instance.scim('PUT', '/Users/1', body)
    expectScimError(answer, 400, 'invalidValue')
    for (const name of missing) expect(answer.body.detail).toContain(name)
    expect(await instance.read('1')).toEqual(before)
  })

  test.for([
    [true, true],
    ['True', true],
    ['true', true],
    [false, false],
    ['False', false],
    ['false', false],
    [null, true],
    [undefined, true],
  ])('U-13 active %j makes the active user %j', async ([active, expected]) => {
    const instance = await makeEmpty()
    const { id } = await instance.create()
    expect((await instance.scim('PUT', `/Users/${id}`, { ...ann, active })).body.active).toBe(expected)
  })

  test.for(['banana', 0, 1, '', 'TRUE', {}, [true]])('U-13 active %j is invalidValue', async active => {
    const instance = await makeEmpty()
    const { id } = await instance.create()
    expectScimError(await instance.scim('PUT', `/Users/${id}`, { ...ann, active }), 400, 'invalidValue')
  })

  test('U-13 echoing a GET answer is a 200 that changes nothing', async () => {
    const instance = await makeEmpty()
    const { id } = await instance.create('ann@example.com', { externalId: 'e', displayName: 'D' })
    const before = await instance.read(id)
    const { status, body } = await instance.scim('PUT', `/Users/${id}`, before)
    expect({ status, body }).toEqual({ status: 200, body: before })
  })

  test('U-13 never creates', async () => {
    const instance = await makeEmpty()
    expectScimError(await instance.scim('PUT', '/Users/1', ann), 404)
    expect((await instance.get('/Users')).body.totalResults).toBe(0)
  })

  test('U-13 names are cleared where they are not required', async () => {
    const instance = await makeEmpty({ requiredAttributes: 'userName' })
    await instance.create()
    expect((await instance.scim('PUT', '/Users/1', { userName: 'ann@example.com' })).body).not.toHaveProperty('name')
  })
})

describe('DELETE', () => {
  test('U-19 deactivates: 204 without a body, then the user is inactive; again is 204', async () => {
    const instance = await makeEmpty()
    const made = await instance.create()
    for (let round = 0; round < 2; round += 1) {
      const { status, text } = await instance.scim('DELETE', `/Users/${made.id}`)
      expect({ status, text }).toEqual({ status: 204, text: '' })
      expect(await instance.read(made.id)).toMatchObject({
        ...made,
        active: false,
        meta: { created: made.meta.created },
      })
    }
    expect((await instance.get('/Users')).body.totalResults).toBe(1)
  })

  test('U-19 delete: remove makes the user gone everywhere and never gives its id again', async () => {
    const instance = await makeEmpty({ delete: 'remove' })
    await instance.create('a@example.com')
    const { id } = await instance.create('b@example.com')
    expect((await instance.scim('DELETE', `/Users/${id}`)).status).toBe(204)
    expectScimError(await instance.get(`/Users/${id}`), 404)
    expectScimError(await instance.scim('DELETE', `/Users/${id}`), 404)
    expectScimError(await instance.scim('PUT', `/Users/${id}`, ann), 404)
    expectScimError(await instance.patch(id, replace('active', false)), 404)
    expect((await instance.find('userName eq "b@example.com"')).body.totalResults).toBe(0)
    expect((await instance.get('/Users')).body).toMatchObject({ totalResults: 1, itemsPerPage: 1 })
    expect((await instance.create('b@example.com')).id).toBe('3')
    const state = (await instance.control('GET', '/state')).body
    await instance.scim('DELETE', '/Users/3')
    await instance.control('PUT', '/state', { ...state, users: [] })
    expect((await instance.create('b@example.com')).id).toBe('4')
  })

  test('U-20 reactivation by PATCH or PUT keeps the id and everything else', async () => {
    const instance = await makeEmpty()
    const made = await instance.create('ann@example.com', { externalId: 'e1', displayName: 'Annie' })
    const { meta, ...rest } = made
    for (const activate of [
      () => instance.patch(made.id, replace('active', true)),
      () => instance.scim('PUT', `/Users/${made.id}`, { ...rest, active: true }),
    ]) {
      await instance.scim('DELETE', `/Users/${made.id}`)
      expect((await activate()).body).toMatchObject({
        ...rest,
        meta: { created: meta.created, location: meta.location },
      })
    }
  })
})

describe('userName', () => {
  test.for(['PUT', 'PATCH'])('U-21 changed by %s moves EMAIL_ADDRESS and emails with it', async method => {
    const instance = await makeEmpty()
    const { id } = await instance.create('old@example.com')
    const { body } =
      method === 'PUT'
        ? await instance.scim('PUT', `/Users/${id}`, {
            ...ann,
            userName: 'new@example.com',
            emails: [{ value: 'old@example.com' }],
          })
        : await instance.patch(id, replace('userName', 'new@example.com'))
    expect(body).toMatchObject({ id, userName: 'new@example.com', emails: [{ value: 'new@example.com' }] })
    expect((await instance.control('GET', `/users/${id}`)).body.EMAIL_ADDRESS).toBe('new@example.com')
    expect((await instance.find('userName eq "old@example.com"')).body.totalResults).toBe(0)
    expect((await instance.find('userName eq "NEW@example.com"')).body.totalResults).toBe(1)
    await instance.create('old@example.com')
  })

  test('U-21 userNameChange: refused is mutability, a change of letter case alone is none', async () => {
    const instance = await makeEmpty({ userNameChange: 'refused' })
    const before = await instance.create()
    const change = replace('userName', 'new@example.com')
    expectScimError(await instance.patch('1', replace('displayName', 'A'), change), 400, 'mutability')
    expectScimError(await instance.scim('PUT', '/Users/1', { ...ann, userName: 'new@example.com' }), 400, 'mutability')
    expect(await instance.read('1')).toEqual(before)
    expect((await instance.patch('1', replace('userName', 'ANN@example.com'))).status).toBe(200)
  })
})

test('U-22 lastModified moves only when something changed, in both forms of one instant', async () => {
  const instance = await make({
    state: {
      users: [
        {
          EMAIL_ADDRESS: 'a@example.com',
          FIRST_NAME: 'A',
          LAST_NAME: 'B',
          DATE_CREATED_UTC: '2026-03-02T09:14:07.123Z',
        },
      ],
    },
  })
  const before = await instance.read('1')
  expect(before.meta).toMatchObject({ created: '2026-03-02T09:14:07.123Z', lastModified: '2026-03-02T09:14:07.123Z' })
  expect((await instance.control('GET', '/users/1')).body.DATE_UPDATED_UTC).toBe('2026-03-02 09:14:07')
  for (const operation of [
    replace('userName', 'a@example.com'),
    replace('active', 'True'),
    replace('displayName', 'A B'),
    replace('displayName', null),
    replace('nickName', 'x'),
    { op: 'replace', value: {} },
  ])
    expect((await instance.patch('1', operation)).body).toEqual(before)
  const { body } = await instance.patch('1', replace('active', false))
  expect(body.meta.lastModified > before.meta.lastModified).toBe(true)
  expect(body.meta.created).toBe(before.meta.created)
  await instance.scim('DELETE', '/Users/1')
  expect(await instance.read('1')).toEqual(body)
  const { DATE_UPDATED_UTC, DATE_CREATED_UTC } = (await instance.control('GET', '/users/1')).body
  expect(DATE_UPDATED_UTC).toBe(body.meta.lastModified.slice(0, 19).replace('T', ' '))
  expect(DATE_CREATED_UTC).toBe('2026-03-02 09:14:07')
})

test('U-23 a user made by SCIM has no licences and SCIM neither sees nor sets them, nor ADMINISTRATOR or ACCOUNT_OWNER', async () => {
  const instance = await makeEmpty()
  const extra = {
    LICENSES: ['CRM'],
    ADMINISTRATOR: true,
    ACCOUNT_OWNER: true,
    roles: ['admin'],
    entitlements: [{ value: 'CRM' }],
  }
  const none = { LICENSES: [], ADMINISTRATOR: false, ACCOUNT_OWNER: false }
  const { id } = await instance.create('ann@example.com', extra)
  expect((await instance.control('GET', `/users/${id}`)).body).toMatchObject(none)
  await instance.scim('PUT', `/Users/${id}`, { ...ann, ...extra })
  await instance.patch(
    id,
    { op: 'replace', value: extra },
    replace('LICENSES', ['CRM']),
    replace('ADMINISTRATOR', true),
  )
  expect((await instance.control('GET', `/users/${id}`)).body).toMatchObject(none)
  await instance.control('PATCH', `/users/${id}`, { LICENSES: ['CRM', 'Service'], ADMINISTRATOR: true })
  await instance.scim('DELETE', `/Users/${id}`)
  await instance.patch(id, replace('active', true))
  expect((await instance.control('GET', `/users/${id}`)).body).toMatchObject({
    LICENSES: ['CRM', 'Service'],
    ADMINISTRATOR: true,
  })
  expect(JSON.stringify(await instance.read(id))).not.toMatch(/CRM|ADMIN|LICENSE/i)
})

describe('the account owner', () => {
  test.for(['deactivate', 'remove'])('U-24 cannot be deactivated by SCIM (delete: %s)', async how => {
    const instance = await make({ behaviours: { delete: how as 'remove' } })
    const before = await instance.read('1')
    expectScimError(await instance.scim('DELETE', '/Users/1'), 403)
    expectScimError(await instance.patch('1', replace('displayName', 'X'), replace('active', 'False')), 403)
    expectScimError(await instance.scim('PUT', '/Users/1', { ...ann, active: false }), 403)
    expect(await instance.read('1')).toEqual(before)
  })

  test('U-24 may be changed otherwise', async () => {
    const instance = await make()
    expect((await instance.patch('1', replace('displayName', 'X'), replace('active', true))).body.displayName).toBe('X')
    expect((await instance.scim('PUT', '/Users/1', ann)).status).toBe(200)
  })

  test('U-26 is the one user of a new instance, with all licences and an API key', async () => {
    const instance = await make()
    const users = (await instance.control('GET', '/users')).body
    expect(users).toMatchObject([
      {
        USER_ID: 1,
        ADMINISTRATOR: true,
        ACCOUNT_OWNER: true,
        ACTIVE: true,
        LICENSES: ['CRM', 'Marketing', 'Service', 'AppConnect'],
      },
    ])
    expect(instance.apiKey).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect((await instance.get('/Users')).body.Resources).toHaveLength(1)
  })

  test('U-26 is replaced with all others by the users of a state, even by none', async () => {
    expect((await (await makeEmpty()).get('/Users')).body.totalResults).toBe(0)
    const one = await make({ state: { users: [{ EMAIL_ADDRESS: 'a@example.com', FIRST_NAME: 'A', LAST_NAME: 'B' }] } })
    expect((await one.get('/Users')).body.Resources).toMatchObject([{ userName: 'a@example.com' }])
    expect((await (await make({ state: {} })).get('/Users')).body.totalResults).toBe(1)
  })
})

describe('strings', () => {
  test.for([
    '  both sides  ',
    'quote " and \\ and \'',
    'Zoë 日本語 🙂 \u200b',
    '\u007f',
    'e\u0301',
    '\ufeff',
    '<b>&amp;',
    '%s $x',
    "'; DROP TABLE users; --",
    'null',
    '\u2028',
  ])('U-25 %j is kept as it was sent', async text => {
    const instance = await makeEmpty()
    const body = {
      userName: text,
      name: { givenName: text, familyName: text },
      displayName: `d${text}`,
      externalId: text,
    }
    const made = await instance.scim('POST', '/Users', body)
    expect(made.body).toMatchObject(body)
    expect(await instance.read('1')).toMatchObject(body)
    expect((await instance.find(`userName eq ${JSON.stringify(text)}`)).body.totalResults).toBe(1)
  })

  const withValue = (attribute: string, value: string) => ({
    ...ann,
    ...(attribute.startsWith('name.')
      ? { name: { ...ann.name, [attribute.slice(5)]: value } }
      : { [attribute]: value }),
  })
  const attributes = ['userName', 'name.givenName', 'name.familyName', 'displayName', 'externalId']

  test.for(attributes)('U-25 %s holds 255 code points and not one more', async attribute => {
    const instance = await makeEmpty()
    expect((await instance.scim('POST', '/Users', withValue(attribute, '😀'.repeat(255)))).status).toBe(201)
    expectScimError(await instance.scim('POST', '/Users', withValue(attribute, '😀'.repeat(256))), 400, 'invalidValue')
    expectScimError(await instance.scim('PUT', '/Users/1', withValue(attribute, 'x'.repeat(256))), 400, 'invalidValue')
    expectScimError(await instance.patch('1', replace(attribute, 'x'.repeat(256))), 400, 'invalidValue')
  })

  test.for(attributes)('U-25 %s holds no control character and no unpaired surrogate', async attribute => {
    const instance = await makeEmpty()
    const before = await instance.create()
    for (const value of ['a\u0000b', '\n', 'a\tb', '\u001f', '\ud800', 'a\udc00b', '\udc00\ud800']) {
      const answer = await instance.scim('PUT', '/Users/1', withValue(attribute, value))
      expectScimError(answer, 400, 'invalidValue')
      expect(answer.body.detail).toContain(attribute)
      expectScimError(await instance.patch('1', replace(attribute, value)), 400, 'invalidValue')
    }
    expect(await instance.read('1')).toEqual(before)
  })
})

describe('displayName', () => {
  test('U-27 follows the names until it is sent, and again once it is cleared', async () => {
    const instance = await makeEmpty()
    const { id } = await instance.create()
    const rename = async (givenName: string) =>
      (await instance.patch(id, replace('name.givenName', givenName))).body.displayName
    expect(await rename('Anna')).toBe('Anna Lee')
    await instance.patch(id, replace('displayName', 'Boss'))
    expect(await rename('Ann')).toBe('Boss')
    await instance.patch(id, replace('displayName', null))
    expect(await rename('Anne')).toBe('Anne Lee')
  })

  test('U-27 an echo PUT leaves a derived one derived', async () => {
    const instance = await makeEmpty()
    const user = await instance.create()
    await instance.scim('PUT', `/Users/${user.id}`, user)
    expect((await instance.patch(user.id, replace('name.givenName', 'Anna'))).body.displayName).toBe('Anna Lee')
  })

  test('U-27 one sent with new names that differ from it is kept', async () => {
    const instance = await makeEmpty()
    const { id } = await instance.create()
    const body = { ...ann, name: { givenName: 'Anna', familyName: 'Lee' }, displayName: 'Ann Lee' }
    expect((await instance.scim('PUT', `/Users/${id}`, body)).body.displayName).toBe('Ann Lee')
    expect((await instance.patch(id, replace('name.familyName', 'Li'))).body.displayName).toBe('Ann Lee')
  })

  test("U-27 an administrator's edit that makes the names equal to it makes it follow them, so that an echo PUT changes nothing", async () => {
    const instance = await makeEmpty()
    const { id } = await instance.create('ann@example.com', { displayName: 'Anna Lee' })
    await instance.control('PATCH', `/users/${id}`, { FIRST_NAME: 'Anna' })
    const before = await instance.read(id)
    expect((await instance.scim('PUT', `/Users/${id}`, before)).body).toEqual(before)
    const exported = (await instance.control('GET', '/state')).text
    await instance.control('PUT', '/state', JSON.parse(exported))
    expect((await instance.control('GET', '/state')).text).toBe(exported)
  })
})
