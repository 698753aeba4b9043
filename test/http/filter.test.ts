// The one documented filter, over HTTP, and all of RFC 7644's under the `filters` switch.

import { describe, expect, test } from 'vitest'
import { expectScimError, useServer } from '../support.ts'

const { make } = useServer()

describe('userName eq', () => {
  test.for([
    'userName eq "ann@example.com"',
    'USERNAME EQ "ANN@Example.COM"',
    'username Eq "ann@example.com"',
    '  userName   eq\t"ann@example.com"  ',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann@example.com"',
    'URN:IETF:params:scim:schemas:CORE:2.0:user:username eq "ann@example.com"',
    'userName eq "\\u0061nn\\u0040example.com"',
  ])('U-03 %s finds the user', async filter => {
    const instance = await make({ state: { users: [] } })
    await instance.create('ann@example.com')
    await instance.create('bob@example.com')
    const { status, body } = await instance.find(filter)
    expect(status).toBe(200)
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ userName: 'ann@example.com' }] })
  })

  test.for([
    'userName+eq+%22ann%40example.com%22',
    'userName%20eq%20%22ann@example.com%22',
    'userName%20eq+"ann@example.com"',
  ])('U-03 is understood encoded as %s', async filter => {
    const instance = await make({ state: { users: [] } })
    await instance.create('ann@example.com')
    expect((await instance.get(`/Users?filter=${filter}`)).body.totalResults).toBe(1)
  })

  test('U-03 a plus sign in an address is written %2B, a plus is a blank', async () => {
    const instance = await make({ state: { users: [] } })
    await instance.create('ann+1@example.com')
    expect((await instance.find('userName eq "ann+1@example.com"')).body.totalResults).toBe(1)
    expect((await instance.get('/Users?filter=userName+eq+"ann+1@example.com"')).body.totalResults).toBe(0)
  })

  test.for([
    ['ÄNNE@example.com', 'änne@EXAMPLE.com'],
    ['ΟΔΟΣ@example.gr', 'οδος@example.gr'],
    ['οδοσ', 'ΟΔΟΣ'],
    ['straße@example.de', 'STRASSE@example.de'],
    ['ПЁТР@example.com', 'пётр@example.com'],
    ['𐐀@example.com', '𐐨@example.com'],
    ['İ@example.com', 'i̇@example.com'],
  ])("U-03 letter case is Unicode's: %s is found as %s", async ([stored, asked]) => {
    const instance = await make({ state: { users: [] } })
    await instance.create(stored)
    expect((await instance.find(`userName eq "${asked}"`)).body.Resources).toMatchObject([{ userName: stored }])
    expect((await instance.find(`userName eq "${stored}"`)).body.Resources).toMatchObject([{ userName: stored }])
  })

  test('U-03 quotes, backslashes and blanks in the value are its own', async () => {
    const instance = await make({ state: { users: [] } })
    for (const userName of ['a"b\\c@example.com', ' blank ', 'x" or userName eq "y', "o'hara%_@example.com", '日本語'])
      await instance.create(userName)
    for (const userName of ['a"b\\c@example.com', ' blank ', 'x" or userName eq "y', "o'hara%_@example.com", '日本語'])
      expect((await instance.find(`userName eq ${JSON.stringify(userName)}`)).body.Resources).toMatchObject([
        { userName },
      ])
    expect((await instance.find('userName eq "blank"')).body.totalResults).toBe(0)
    expect((await instance.find('userName eq "o\'hara__@example.com"')).body.totalResults).toBe(0)
  })

  test.for([
    ['another address', 'nobody@example.com'],
    ['the empty one', ''],
    ['one with a NUL', '\\u0000'],
    ['5,000 characters', 'x'.repeat(5000)],
    ['900 escapes', '\\u00e4'.repeat(900)],
  ])('U-03 no match is 200 and an empty list: %s', async ([, value]) => {
    const instance = await make()
    const { status, body } = await instance.find(`userName eq "${value}"`)
    expect({ status, body }).toMatchObject({ status: 200, body: { totalResults: 0, itemsPerPage: 0, Resources: [] } })
  })

  test('U-03 an unpaired surrogate matches nobody, not even the replacement character', async () => {
    const instance = await make({ state: { users: [] } })
    await instance.create('\ufffd')
    expect((await instance.find('userName eq "\\ud800"')).body).toMatchObject({ totalResults: 0 })
  })

  test('U-03 finds inactive users too', async () => {
    const instance = await make({ state: { users: [] } })
    const { id } = await instance.create()
    await instance.scim('DELETE', `/Users/${id}`)
    expect((await instance.find('userName eq "ann@example.com"')).body.Resources).toMatchObject([{ id, active: false }])
  })
})

const refused = [
  '',
  ' ',
  'userName',
  'userName eq',
  'userName eq ann@example.com',
  "userName eq 'ann@example.com'",
  'userName eq "ann@example.com',
  'userName eq "ann" "lee"',
  'userName eq "\\x"',
  'userName eq "\\u12"',
  'userName eq "a\nb"',
  'userName eq "a\tb"',
  'userName eq null',
  'userName eq true',
  'userName eq 5',
  'userName ne "ann@example.com"',
  'userName co "ann"',
  'userName sw "ann"',
  'userName pr',
  'userName eq "a" and active eq true',
  '(userName eq "ann@example.com")',
  'not (userName eq "a")',
  'id eq "1"',
  'externalId eq "1"',
  'emails.value eq "ann@example.com"',
  'emails[type eq "work"].value eq "a"',
  'displayName eq "Ann Lee"',
  'urn:ietf:params:scim:schemas:core:2.0:Group:userName eq "a"',
  'userNameeq"a"',
  `userName eq ${'\n'.repeat(60)}"`,
  `userName eq "${'\n'.repeat(60)}`,
  `${'('.repeat(3000)}userName eq "a"${')'.repeat(3000)}`,
  '"'.repeat(3000),
  '\\'.repeat(3000),
]

describe('any other filter', () => {
  test.for(refused.map(filter => [JSON.stringify(filter.slice(0, 60)), filter]))(
    'U-04 is invalidFilter: %s',
    async ([, filter]) => {
      const instance = await make()
      const answer = await instance.find(filter!)
      expectScimError(answer, 400, 'invalidFilter')
      expect(answer.body.detail).toContain('userName eq')
      expect(answer.body.detail).toContain(JSON.stringify(filter!.slice(0, 20)).slice(1, 8))
    },
  )
})

test('U-03 filters: all looks for an unpaired surrogate, not for the replacement character', async () => {
  const instance = await make({ behaviours: { filters: 'all' }, state: { users: [] } })
  await instance.create('\ufffd', { externalId: '\ufffd' })
  for (const filter of ['userName eq "\\ud800"', 'externalId eq "\\ud800"', 'userName eq "\\ud800" and active eq true'])
    expect((await instance.find(filter)).body.totalResults).toBe(0)
})

describe('filters: all', () => {
  const state = {
    users: [
      {
        EMAIL_ADDRESS: 'Ann@Example.com',
        FIRST_NAME: 'Ann',
        LAST_NAME: 'Lee',
        EXTERNAL_ID: 'A1',
        DATE_CREATED_UTC: '2026-01-01T00:00:00Z',
      },
      {
        EMAIL_ADDRESS: 'bob@example.com',
        FIRST_NAME: 'Bob',
        LAST_NAME: 'Lee',
        ACTIVE: false,
        DATE_CREATED_UTC: '2026-02-01T00:00:00Z',
      },
      {
        EMAIL_ADDRESS: 'cid@example.org',
        FIRST_NAME: 'Cid',
        LAST_NAME: 'Straße',
        DISPLAY_NAME: 'El "C"',
        DATE_CREATED_UTC: '2026-03-01T00:00:00Z',
      },
    ],
  }
  test.for([
    ['userName eq "ANN@example.com"', [1]],
    ['userName Ne "ann@example.com"', [2, 3]],
    ['userName co "@EXAMPLE.com"', [1, 2]],
    ['userName sw "B"', [2]],
    ['userName ew ".ORG"', [3]],
    ['userName gt "b"', [2, 3]],
    ['userName ge "bob@example.com"', [2, 3]],
    ['userName lt "b"', [1]],
    ['userName le "bob@example.com"', [1, 2]],
    ['externalId eq "A1"', [1]],
    ['externalId eq "a1"', []],
    ['externalId pr', [1]],
    ['not (externalId pr)', [2, 3]],
    ['externalId eq null', [2, 3]],
    ['externalId ne null', [1]],
    ['id eq "2"', [2]],
    ['id eq "02"', []],
    ['externalId ne "A1"', [2, 3]],
    ['externalId lt "z"', [1]],
    ['meta.created ne "2026-02-01T01:00:00+01:00"', [1, 3]],
    ['active eq true', [1, 3]],
    ['active EQ false', [2]],
    ['active ne false', [1, 3]],
    ['name.familyName eq "lee"', [1, 2]],
    ['NAME.FAMILYNAME eq "STRASSE"', [3]],
    ['name pr', [1, 2, 3]],
    ['displayName eq "el \\"c\\""', [3]],
    ['displayName eq "Ann Lee"', [1]],
    ['emails.value eq "bob@EXAMPLE.com"', [2]],
    ['emails eq "bob@example.com"', [2]],
    ['emails[type eq "work" and value co "example.com"]', [1, 2]],
    ['emails[type eq "home"]', []],
    ['emails.primary eq true', [1, 2, 3]],
    ['meta.created gt "2026-01-15T00:00:00Z"', [2, 3]],
    ['meta.created le "2026-02-01T01:00:00+01:00"', [1, 2]],
    ['meta.resourceType eq "User"', [1, 2, 3]],
    ['schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"', [1, 2, 3]],
    ['urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq "cid"', [3]],
    ['active eq true and name.familyName eq "lee"', [1]],
    ['active eq false or externalId pr', [1, 2]],
    ['userName eq "ann@example.com" and active eq false', []],
    ['userName eq "ann@example.com" or userName eq "cid@example.org"', [1, 3]],
    ['name.familyName eq "lee" and (active eq false or userName sw "ann") and not (userName sw "b")', [1]],
    ['externalId eq "A1" AND userName eq "ann@example.com"', [1]],
  ] as const)('U-04 filters: all answers %s with %j', async ([filter, expected]) => {
    const instance = await make({ behaviours: { filters: 'all' }, state })
    const { status, body } = await instance.find(filter)
    expect({ status, ids: body.Resources?.map(({ id }: { id: string }) => Number(id)) }).toEqual({
      status: 200,
      ids: expected,
    })
  })

  test.for(
    [
      '',
      'userName',
      'nickName eq "x"',
      'password eq "x"',
      'groups[value eq "x"]',
      'emails[nothing eq "x"]',
      'name[givenName eq "x"]',
      'name eq "Ann"',
      'userName eq 5',
      'active eq "true"',
      'active gt true',
      'meta.created gt "yesterday"',
      'userName gt null',
      'userName eq "a" and',
      'userName eq "a" and (active eq true',
      'userName like "a"',
      `userName eq "${'\n'.repeat(60)}`,
      `userName eq ${'\n'.repeat(60)}"x`,
      `${'('.repeat(1000)}userName eq "a"${')'.repeat(1000)}`,
      `${'not ('.repeat(200)}userName eq "a"${')'.repeat(200)}`,
      `${'active pr or '.repeat(500)}`,
    ].map(filter => [JSON.stringify(filter.slice(0, 60)), filter]),
  )('U-04 filters: all refuses %s', async ([, filter]) => {
    const instance = await make({ behaviours: { filters: 'all' } })
    expectScimError(await instance.find(filter!), 400, 'invalidFilter')
  })
})
