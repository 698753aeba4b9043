// What clients and validators that others wrote showed when they drove the server, and what an attack on it showed of SCIM.

import { describe, expect, test } from 'vitest'
import { patchUrn } from '../../src/scim/patch.ts'
import { type TestInstance, useServer } from '../support.ts'

const { make } = useServer()

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const names = { givenName: 'Ann', familyName: 'Lee' }
const replace = (path: unknown, value: unknown) => ({ op: 'replace', path, value })

const _notesOf = async (instance: TestInstance): Promise<{ rule: string | null; text: string }[]> =>
  (await instance.control('GET', '/requests')).body.requests.at(-1).notes

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
