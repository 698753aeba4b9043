// /Schemas, /ServiceProviderConfig, /ResourceTypes, and what does not exist.

import { describe, expect, test } from 'vitest'
import { expectScimError, useServer } from '../support.ts'

const { make } = useServer()

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
type Attribute = { name: string; required: boolean; subAttributes?: Attribute[] } & Record<string, unknown>

/** Every attribute by its dotted name. */
const flatten = (attributes: Attribute[], prefix = ''): [string, Attribute][] =>
  attributes.flatMap(attribute => [
    [prefix + attribute.name, attribute] as [string, Attribute],
    ...flatten(attribute.subAttributes ?? [], `${prefix}${attribute.name}.`),
  ])

/** A user with every attribute that can be written. */
const toDocument = (attributes: readonly Attribute[]): object =>
  Object.fromEntries(
    attributes
      .filter(({ mutability }) => mutability === 'readWrite')
      .map(({ name, type, subAttributes }) => [
        name,
        subAttributes ? toDocument(subAttributes) : type === 'string' ? 'x' : true,
      ]),
  )

/** The dotted name of everything in a document. */
const pathsOf = (document: object, prefix = ''): string[] =>
  Object.entries(document).flatMap(([name, value]) => {
    const [part] = [value].flat()
    return [prefix + name, ...(typeof part === 'object' ? pathsOf(part, `${prefix}${name}.`) : [])]
  })

describe('/Schemas', () => {
  test('D-01 lists the User schema alone', async () => {
    const { status, body } = await (await make()).get('/Schemas')
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { totalResults: 1, startIndex: 1, itemsPerPage: 1, Resources: [{ id: userUrn, name: 'User' }] },
    })
    expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:ListResponse'])
    expect(body.Resources[0].schemas).toEqual(['urn:ietf:params:scim:schemas:core:2.0:Schema'])
  })

  test('D-01 lists exactly the attributes served, each as it is', async () => {
    const instance = await make()
    const { body } = await instance.get('/Schemas')
    const told = flatten(body.Resources[0].attributes).map(
      ([path, { type, mutability, required, caseExact, uniqueness }]) =>
        [path, type, mutability, required, caseExact, uniqueness].join(' '),
    )
    expect(told).toEqual(
      expect.arrayContaining([
        'userName string readWrite true false server',
        'name complex readWrite true  none',
        'name.formatted string readOnly false false none',
        'name.familyName string readWrite true false none',
        'name.givenName string readWrite true false none',
        'displayName string readWrite false false none',
        'active boolean readWrite false  none',
        'emails complex readOnly false  none',
        'emails.value string readOnly false false none',
        'emails.type string readOnly false false none',
        'emails.primary boolean readOnly false  none',
      ]),
    )
    const made = await instance.scim('POST', '/Users', toDocument(body.Resources[0].attributes))
    const { schemas, id, externalId, meta, ...user } = made.body
    expect(told.map(line => line.split(' ')[0]).sort()).toEqual(pathsOf(user).sort())
  })

  test('D-01 holds no nulls', async () => {
    expect((await (await make()).get('/Schemas')).text).not.toContain('null')
  })

  test.for([userUrn, userUrn.toUpperCase(), encodeURIComponent(userUrn)])(
    'D-01 /Schemas/%s is that schema',
    async urn => {
      const instance = await make()
      const { status, body } = await instance.get(`/Schemas/${urn}`)
      expect(status).toBe(200)
      expect(body).toEqual((await instance.get('/Schemas')).body.Resources[0])
      expect((await instance.get(body.meta.location.slice(instance.scimUrl.length))).body).toEqual(body)
    },
  )

  test.for(['User', 'x', 'urn:ietf:params:scim:schemas:core:2.0:Group', `${userUrn}x`, '%zz'])(
    'D-01 /Schemas/%s is 404',
    async id => {
      expectScimError(await (await make()).get(`/Schemas/${id}`), 404)
    },
  )

  test.for(['userName+names', 'userName+names+displayName+email', 'userName'] as const)(
    'D-01 says is required what create enforces (requiredAttributes: %s)',
    async requiredAttributes => {
      const instance = await make({ behaviours: { requiredAttributes } })
      const { body } = await instance.get('/Schemas')
      const told = flatten(body.Resources[0].attributes)
        .filter(([path, { required }]) => required && path !== 'name')
        .map(([path]) => path)
      const refused = await instance.scim('POST', '/Users', {})
      expect(refused.body.detail).toContain(`Missing: ${told.join(', ')}.`)
      const complete = {
        userName: 'a@b',
        name: { givenName: 'A', familyName: 'B' },
        displayName: 'A',
        emails: [{ value: 'a@b' }],
      }
      expect((await instance.scim('POST', '/Users', complete)).status).toBe(201)
    },
  )
})

describe('what the server can do', () => {
  test('D-02 /ServiceProviderConfig tells it', async () => {
    const instance = await make()
    const { status, body } = await instance.get('/ServiceProviderConfig')
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
        patch: { supported: true },
        filter: { supported: true, maxResults: 500 },
        bulk: { supported: false },
        sort: { supported: false },
        etag: { supported: false },
        changePassword: { supported: false },
        authenticationSchemes: [{ type: 'oauthbearertoken' }],
        meta: { location: `${instance.scimUrl}/ServiceProviderConfig` },
      },
    })
  })

  test('D-02 /ResourceTypes holds User', async () => {
    const instance = await make()
    const { body } = await instance.get('/ResourceTypes')
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: 'User', endpoint: '/Users', schema: userUrn }] })
    expect((await instance.get('/ResourceTypes/User')).body).toEqual(body.Resources[0])
    expect((await instance.get('/resourcetypes/user')).status).toBe(200)
    expectScimError(await instance.get('/ResourceTypes/Group'), 404)
  })

  test('D-02 discovery: hidden answers 404 whatever the method, but /Schemas stays', async () => {
    const instance = await make({ behaviours: { discovery: 'hidden' } })
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/ResourceTypes/User'])
      for (const method of ['GET', 'POST', 'OPTIONS']) expectScimError(await instance.scim(method, path), 404)
    expect((await instance.get('/Schemas')).status).toBe(200)
  })
})

describe('what Insightly does not have', () => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']

  test.for(['/Groups', '/Groups/', '/groups', '/Groups/1', '/Groups/1/members', '/Groups?count=1'])(
    'D-03 %s is 404',
    async path => {
      const instance = await make()
      for (const method of methods)
        expectScimError(await instance.scim(method, path, method === 'GET' ? undefined : {}), 404)
    },
  )

  test.for([
    '/Bulk',
    '/Me',
    '/.search',
    '/Users/.search',
    '/bulk/',
    '/me?x=1',
    '//users//.SEARCH/',
    '/Users/%2Esearch',
  ])('D-03 %s is 501 with any method', async path => {
    const instance = await make()
    for (const method of methods)
      expectScimError(await instance.scim(method, path, method === 'GET' ? undefined : {}), 501)
    expect((await instance.scim('HEAD', path)).status).toBe(501)
  })

  test('D-03 groups: empty lists none and has none', async () => {
    const instance = await make({ behaviours: { groups: 'empty' } })
    expect((await instance.get('/Groups')).body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    })
    const one = await instance.get('/Groups/1')
    expectScimError(one, 404)
    expect(one.body.detail).toBe("Insightly's SCIM has no groups.")
    const post = await instance.scim('POST', '/Groups', { displayName: 'x' })
    expectScimError(post, 405)
    expect(post.headers.allow).toBe('GET')
  })
})
