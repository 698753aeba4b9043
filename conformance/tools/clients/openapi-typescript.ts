// A client of the types that openapi-typescript makes, with openapi-fetch. Prints a line for each step that went well.
import createClient from 'openapi-fetch'
import type { paths } from './generated/types.js'

const { SERVER_URL: baseUrl = '', SCIM_TOKEN } = process.env
const { GET, POST, PATCH, DELETE } = createClient<paths>({
  baseUrl,
  headers: { authorization: `Bearer ${SCIM_TOKEN}`, 'content-type': 'application/scim+json' },
})

const step = (name: string, isRight: boolean) => {
  if (isRight) console.log(name)
}

const made = await POST('/scim/v2/Users', {
  body: { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } },
})
const id = made.data?.id ?? ''
step('creates', made.data?.userName === 'ann@example.com')

const found = await GET('/scim/v2/Users', { params: { query: { filter: 'userName eq "ann@example.com"' } } })
step('finds', found.data?.Resources[0]?.id === id)

const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
const renamed = await PATCH('/scim/v2/Users/{id}', {
  params: { path: { id } },
  body: { schemas, Operations: [{ op: 'replace', path: 'name.givenName', value: 'Anna' }] },
})
step('patches', renamed.data?.name?.givenName === 'Anna')

const deactivated = await PATCH('/scim/v2/Users/{id}', {
  params: { path: { id } },
  body: { schemas, Operations: [{ op: 'replace', path: 'active', value: false }] },
})
step('deactivates', deactivated.data?.active === false)

step('deletes', (await DELETE('/scim/v2/Users/{id}', { params: { path: { id } } })).response.status === 204)

const refused = await POST('/scim/v2/Users', { body: { userName: '', name: { givenName: '', familyName: '' } } })
step('reads a refusal', refused.error?.status === '400')
