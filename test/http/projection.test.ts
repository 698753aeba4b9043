// `attributes` and `excludedAttributes`, on every answer that carries users.

import { describe, expect, test } from 'vitest'
import { useServer } from '../support.ts'

const { make } = useServer()

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ann = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' }, externalId: 'e1' }
const patch = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'active', value: true }],
}
const always = { schemas: [userUrn], id: '1' }

async function makeWithAnn() {
  const instance = await make({ state: { users: [] } })
  await instance.scim('POST', '/Users', ann)
  return instance
}

test.for([
  ['userName', { userName: 'ann@example.com' }],
  ['USERNAME', { userName: 'ann@example.com' }],
  [`${userUrn}:userName`, { userName: 'ann@example.com' }],
  ['userName,%20active', { userName: 'ann@example.com', active: true }],
  ['userName,nothing,password', { userName: 'ann@example.com' }],
  ['nothing', {}],
  ['id', {}],
  ['name', { name: { formatted: 'Ann Lee', familyName: 'Lee', givenName: 'Ann' } }],
  ['name.givenName', { name: { givenName: 'Ann' } }],
  ['NAME.givenname,name.formatted', { name: { formatted: 'Ann Lee', givenName: 'Ann' } }],
  [`${userUrn.toUpperCase()}:name.familyName`, { name: { familyName: 'Lee' } }],
  ['emails', { emails: [{ value: 'ann@example.com', type: 'work', primary: true }] }],
  ['emails.value', { emails: [{ value: 'ann@example.com' }] }],
  ['meta.resourceType', { meta: { resourceType: 'User' } }],
  ['externalId,displayName', { externalId: 'e1', displayName: 'Ann Lee' }],
  ['__proto__,constructor', {}],
] as const)('U-05 attributes=%s shows those, id and schemas', async ([names, shown]) => {
  const instance = await makeWithAnn()
  expect((await instance.get(`/Users/1?attributes=${names}`)).body).toEqual({ ...always, ...shown })
})

test.for([
  ['userName', ['userName']],
  ['id,schemas', []],
  ['nothing', []],
  ['NAME,meta', ['name', 'meta']],
  ['name.givenName,name.formatted,name.familyName', ['name']],
  [`${userUrn}:emails`, ['emails']],
] as const)('U-05 excludedAttributes=%s hides those, never id and schemas', async ([names, hidden]) => {
  const instance = await makeWithAnn()
  const expected = await instance.read('1')
  for (const name of hidden) delete expected[name]
  expect((await instance.get(`/Users/1?excludedAttributes=${names}`)).body).toEqual(expected)
})

test('U-05 a part of an attribute can be hidden', async () => {
  const { body } = await (await makeWithAnn()).get('/Users/1?excludedAttributes=name.givenName,emails.primary')
  expect(body.name).toEqual({ formatted: 'Ann Lee', familyName: 'Lee' })
  expect(body.emails).toEqual([{ value: 'ann@example.com', type: 'work' }])
})

test('U-05 attributes wins when both are sent', async () => {
  const { body } = await (await makeWithAnn()).get('/Users/1?excludedAttributes=userName&attributes=userName')
  expect(body).toEqual({ ...always, userName: 'ann@example.com' })
})

describe('U-05 every answer with users heeds it', () => {
  const query = '?attributes=externalId'
  const shown = { ...always, externalId: 'e1' }
  test('a list', async () => {
    const { body } = await (await makeWithAnn()).get(`/Users${query}`)
    expect(body).toMatchObject({ totalResults: 1, itemsPerPage: 1, startIndex: 1 })
    expect(body.Resources).toEqual([shown])
  })
  test('a filtered list', async () => {
    const { body } = await (await makeWithAnn()).find('userName eq "ann@example.com"', '&attributes=externalId')
    expect(body.Resources).toEqual([shown])
  })
  test.for([
    ['GET', undefined],
    ['PUT', ann],
    ['PATCH', patch],
  ] as const)('%s', async ([method, body]) => {
    expect((await (await makeWithAnn()).scim(method, `/Users/1${query}`, body)).body).toEqual(shown)
  })
})
