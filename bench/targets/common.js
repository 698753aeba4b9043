// What the servers to compare with have in common: their arguments, the users they hold, and how they say they are ready.

import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { users: { type: 'string' }, file: { type: 'string' } } })

/** How many users to hold, and the database file to hold them in (default: memory). */
export const options = { users: Number(values.users ?? 0), file: values.file }

/** The only token that is let in. */
export const authorization = 'Bearer bench'

/** The nth user, as SCIM shows it. */
export function toUser(n, userName = `user${n}@example.com`) {
  const date = '2026-01-01T00:00:00.000Z'
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id: String(n),
    userName,
    name: { formatted: `Given${n} Family${n}`, givenName: `Given${n}`, familyName: `Family${n}` },
    displayName: `Given${n} Family${n}`,
    active: true,
    emails: [{ value: userName, type: 'work', primary: true }],
    meta: {
      resourceType: 'User',
      created: date,
      lastModified: date,
      location: `http://127.0.0.1:8080/scim/v2/Users/${n}`,
    },
  }
}

/** Tells the benchmark that requests are answered. */
export function announce(server) {
  // While the others have their turn, no connection is closed.
  server.keepAliveTimeout = 0
  // Ends in order, so that `node --cpu-prof` writes its profile.
  process.once('SIGTERM', () => process.exit())
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${server.address().port}/scim/v2` })}\n`)
}
