// A peer: better-auth with its SCIM plugin on SQLite in memory, served by bare node:http.

import { createServer } from 'node:http'
import { scim } from '@better-auth/scim'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import Sqlite from 'better-sqlite3'
import { announce, authorization, options, toUser } from './common.js'

let lastId = 0
function nextId() {
  lastId += 1
  return String(lastId)
}
const database = new Sqlite(':memory:')
const auth = betterAuth({
  baseURL: 'http://127.0.0.1:8080',
  basePath: '/',
  secret: 'a-secret-of-at-least-32-characters',
  database,
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  logger: { disabled: true },
  // Its ids are random; the load needs to know them.
  advanced: {
    database: { generateId: ({ model }) => (model === 'scimUser' ? nextId() : crypto.randomUUID()) },
  },
  plugins: [scim({ connections: [{ id: 'bench', credentials: [{ id: 'bench', token: authorization.slice(7) }] }] })],
})
await (await getMigrations(auth.options)).runMigrations()
for (let n = 1; n <= options.users; n += 1) {
  const { schemas, userName, name } = toUser(n)
  const response = await auth.handler(
    new Request('http://127.0.0.1:8080/scim/v2/Users', {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ schemas, userName, name, emails: [{ value: userName, primary: true }] }),
    }),
  )
  if (response.status !== 201) throw new Error(await response.text())
}
const server = createServer(toNodeHandler(auth))
server.listen(0, '127.0.0.1', () => announce(server))
