// The requests of the benchmark: one for each operation, and the mix of a provider's sync. Every server is sent the same
// ones, in an order that repeats from run to run.

import type { Shot } from './client.ts'

/** What the shots to one server depend on. */
export interface Aim {
  token: string
  /** How many users it held at the start. */
  users: number
  /** How many users were created since. */
  made: number
  /** Whether this server wants an e-mail address beside the userName. */
  wantsEmail: boolean
  /** The state of a generator of repeatable numbers. */
  seed: number
}

/** A repeatable number from 1 to `most` (mulberry32). */
function roll(aim: Aim, most: number): number {
  aim.seed = (aim.seed + 0x6d2b79f5) | 0
  let t = Math.imul(aim.seed ^ (aim.seed >>> 15), 1 | aim.seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return (((t ^ (t >>> 14)) >>> 0) % most) + 1
}

const head = (aim: Aim, method: string, path: string): string =>
  `${method} /scim/v2/Users${path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer ${aim.token}\r\nAccept: application/scim+json\r\nUser-Agent: bench\r\n`

const get = (aim: Aim, path: string): Shot => ({ text: `${head(aim, 'GET', path)}\r\n`, statuses: [200] })

const send = (aim: Aim, method: string, path: string, document: unknown, ...statuses: number[]): Shot => {
  const body = JSON.stringify(document)
  const framing = `Content-Type: application/scim+json\r\nContent-Length: ${body.length}\r\n\r\n`
  return { text: `${head(aim, method, path)}${framing}${body}`, statuses }
}

const filter = (aim: Aim, userName: string): Shot =>
  get(aim, `?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)

const page = (aim: Aim, startIndex: number): Shot => get(aim, `?startIndex=${startIndex}&count=100`)

const find = (aim: Aim): Shot => filter(aim, `user${roll(aim, aim.users)}@example.com`)
const miss = (aim: Aim): Shot => filter(aim, `nobody${roll(aim, aim.users)}@example.com`)
const read = (aim: Aim): Shot => get(aim, `/${roll(aim, aim.users)}`)

function patch(aim: Aim): Shot {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
  const Operations = [{ op: 'replace', path: 'active', value: roll(aim, 2) === 1 }]
  // 204 is allowed; scimmy answers it when nothing has changed.
  return send(aim, 'PATCH', `/${roll(aim, aim.users)}`, { schemas, Operations }, 200, 204)
}

function post(aim: Aim): Shot {
  aim.made += 1
  const userName = `made${aim.made}@example.com`
  const name = { givenName: `Made${aim.made}`, familyName: 'New' }
  const emails = aim.wantsEmail ? { emails: [{ value: userName, primary: true }] } : {}
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User']
  return send(aim, 'POST', '', { schemas, userName, name, ...emails }, 201)
}

function sync(aim: Aim): Shot {
  const at = roll(aim, 100)
  if (at <= 40) return find(aim)
  if (at <= 50) return miss(aim)
  if (at <= 70) return read(aim)
  if (at <= 85) return patch(aim)
  if (at <= 95) return post(aim)
  return page(aim, (roll(aim, Math.ceil(aim.users / 100)) - 1) * 100 + 1)
}

/** The operations, each as it is called in the tables. */
export const operations = {
  'get by id': read,
  'filter, hit': find,
  'filter, miss': miss,
  'PATCH active': patch,
  POST: post,
  'first page of 100': aim => page(aim, 1),
  'deepest page of 100': aim => page(aim, aim.users - 99),
  'sync mix': sync,
} satisfies Record<string, (aim: Aim) => Shot>

export type OperationName = keyof typeof operations
