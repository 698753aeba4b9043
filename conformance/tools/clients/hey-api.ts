// A client that @hey-api/openapi-ts makes. Prints a line for each step that went well.
import { client } from './generated/client.gen.js'
import { createUser, deleteUser, listUsers, patchUser } from './generated/index.js'

const { SERVER_URL = '', SCIM_TOKEN } = process.env
client.setConfig({ baseUrl: SERVER_URL as '/', auth: SCIM_TOKEN ?? '' })

const step = (name: string, isRight: boolean) => {
  if (isRight) console.log(name)
}

const made = await createUser({
  body: { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } },
})
const id = made.data?.id ?? ''
step('creates', made.data?.userName === 'ann@example.com')

const found = await listUsers({ query: { filter: 'userName eq "ann@example.com"' } })
step('finds', found.data?.Resources[0]?.id === id)

const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
const renamed = await patchUser({
  path: { id },
  body: { schemas, Operations: [{ op: 'replace', path: 'name.givenName', value: 'Anna' }] },
})
step('patches', renamed.data?.name?.givenName === 'Anna')

const deactivated = await patchUser({
  path: { id },
  body: { schemas, Operations: [{ op: 'replace', path: 'active', value: false }] },
})
step('deactivates', deactivated.data?.active === false)

step('deletes', (await deleteUser({ path: { id } })).response?.status === 204)

const refused = await createUser({ body: { userName: '', name: { givenName: '', familyName: '' } } })
step('reads a refusal', refused.error?.status === '400')
