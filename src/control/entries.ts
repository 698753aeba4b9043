// How exchanges read: as journal entries with secrets masked, as curl; which of them a query means, and why one
// misses it. Keeps nothing.

import type { Exchange } from '../account/journal.ts'
import { quote } from '../errors.ts'
import { toCanonicalStart, toCanonicalUrl } from '../paths.ts'
import { attribute, foldCase, rows } from '../scim/attribute.ts'
import { readIdentity } from '../scim/document-text.ts'
import type { Operation } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'
import type { WritableFields } from '../scim/user.ts'

/** A journal entry. */
export interface Entry {
  id: number
  when: string
  /** The identity provider or program, recognised by its user agent; null when it sent none. */
  client: string | null
  userAgent: string | null
  method: string
  path: string
  url: string
  query: Record<string, string>
  headers: Record<string, string>
  /** Parsed JSON; null when there was none, or it was no JSON. */
  body: unknown
  bodyLength: number
  /** Null when no answer was sent. */
  status: number | null
  /** Parsed JSON, a text that is none, or null. */
  answer: unknown
  durationMs: number
  operation: Operation
  userId: string | null
  userName: string | null
  changes: Change[]
  fault: string | null
  notes: Note[]
  curl: string
}

/** One field that a request changed, with the SCIM attribute that lives in it. */
export interface Change {
  field: string
  attribute: string
  before: unknown
  after: unknown
}

/** Which exchanges are meant; left-out members mean all. */
export interface RequestMatch {
  method?: string | undefined
  /** The start of the full path. */
  path?: string | undefined
  status?: number | undefined
  operation?: Operation | undefined
  userName?: string | undefined
}

const mask = '***'

// The first that fits names the client.
const clients: readonly [form: RegExp, name: string][] = [
  [/okta/i, 'Okta'],
  [/azure|entra|microsoft|aad/i, 'Microsoft Entra ID'],
  [/onelogin/i, 'OneLogin'],
  [/manageengine|identity360|zoho/i, 'ManageEngine Identity360'],
  [/miniorange/i, 'miniOrange'],
  [/authentik|goauthentik/i, 'authentik'],
  [/keycloak/i, 'Keycloak'],
  [/jumpcloud/i, 'JumpCloud'],
  [/pingidentity|pingone/i, 'PingOne'],
]

const toClient = (userAgent: string | null): string | null =>
  userAgent === null
    ? null
    : (clients.find(([form]) => form.test(userAgent))?.[1] ?? userAgent.split(/[\s/]/)[0]!.slice(0, 40))

/** A copy of a value without the secrets in its texts. */
export type Mask = <T>(value: T) => T

/** The entry of an exchange, its texts masked. */
export function toEntry(exchange: Exchange, hide: Mask): Entry {
  const userAgent = exchange.headers['user-agent'] ?? null
  const scheme = exchange.isEncrypted ? 'https' : 'http'
  const url = `${scheme}://${exchange.headers.host ?? 'localhost'}${exchange.url}`
  const userId = (exchange.after ?? exchange.before)?.USER_ID ?? (exchange.shown && readIdentity(exchange.shown).id)
  const entry: Omit<Entry, 'curl'> = hide({
    id: exchange.id,
    when: new Date(exchange.when).toISOString(),
    client: toClient(userAgent),
    userAgent,
    method: exchange.method,
    path: toPath(exchange),
    url,
    query: toQuery(exchange.url),
    headers: toHeaders(exchange),
    body: withoutPasswords(exchange.body ?? null),
    bodyLength: exchange.bodyLength,
    status: exchange.status,
    answer: toAnswer(exchange.answer),
    durationMs: Math.round(exchange.durationMs * 1000) / 1000,
    operation: exchange.operation,
    userId: userId === undefined ? (/\/users\/(\d+)/i.exec(exchange.url)?.[1] ?? null) : String(userId),
    userName: toUserNames(exchange)[0] ?? null,
    changes: toChanges(exchange),
    fault: exchange.fault ?? null,
    notes: exchange.notes,
  })
  return { ...entry, curl: toCurl(entry) }
}

/** The full path of an exchange as sent, without query. */
const toPath = ({ url }: Exchange): string => url.replace(/\?.*/s, '')

function toQuery(url: string): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : ''))
    if (!Object.hasOwn(query, name)) Object.defineProperty(query, name, { value, enumerable: true })
  return query
}

function toHeaders({ headers }: Exchange): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (name === 'authorization')
        return [name, `${/^(?:bearer|basic)(?=\s)/i.exec(String(value))?.[0] ?? ''} ${mask}`.trim()]
      return [name, /authorization|cookie|token|secret|password|api-?key/.test(name) ? mask : String(value)]
    }),
  )
}

/** A copy in which no member whose name tells of a password has its value. */
function withoutPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPasswords)
  if (typeof value !== 'object' || value === null) return value
  const object = value as Record<string, unknown>
  // A PATCH names what it sets in `path`.
  const isPassword = Object.entries(object).some(
    ([name, each]) => name.toLowerCase() === 'path' && typeof each === 'string' && /password/i.test(each),
  )
  return Object.fromEntries(
    Object.entries(object).map(([name, each]) => {
      const isSecret = /password/i.test(name) || (isPassword && name.toLowerCase() === 'value')
      return [name, isSecret ? mask : withoutPasswords(each)]
    }),
  )
}

/** What looks like a secret that this server made: a token or key of 256 bits, an API key. */
const generated = /[\w-]{43}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g

/**
 * Makes a mask.
 * @param secrets texts that must not be shown wherever they stand
 * @param isSecret whether something that looks like a secret is one
 */
export function toMask(secrets: readonly string[], isSecret: (text: string) => boolean): Mask {
  // Hiding a short text of someone's choice would hide pieces of other words.
  const long = secrets.filter(secret => secret.length >= 8)
  const texts = [...new Set(long.flatMap(secret => [secret, encodeURIComponent(secret)]))]
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string')
      return texts
        .reduce((text, secret) => text.replaceAll(secret, mask), value)
        .replace(generated, found => (isSecret(found) ? mask : found))
    if (Array.isArray(value)) return value.map(hide)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [hide(name), hide(each)]))
  }
  return value => hide(value) as typeof value
}

function toAnswer(answer: string | undefined): unknown {
  if (answer === undefined) return null
  try {
    return JSON.parse(answer)
  } catch {
    return answer
  }
}

const writable = rows.filter(row => row.mutability === 'readWrite' && row.field)

function toChanges({ before, after, operation }: Exchange): Change[] {
  if (operation === 'refused' || operation === 'read') return []
  return writable.flatMap(({ path, field }) => {
    const [from, to] = [before, after].map(record => record?.[field as keyof WritableFields] ?? null)
    return from === to ? [] : [{ field: field as string, attribute: attribute(path).path, before: from, after: to }]
  })
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function toCurl({ method, url, headers, body }: Omit<Entry, 'curl'>): string {
  const shown = Object.entries(headers).filter(
    ([name]) => !/^(host|connection|content-length|accept-encoding)$/.test(name),
  )
  const parts = ['curl', ...(method === 'GET' ? [] : ['-X', method]), shellQuote(url)]
  for (const [name, value] of shown) parts.push('-H', shellQuote(`${name}: ${value}`))
  if (body !== null) parts.push('--data-raw', shellQuote(JSON.stringify(body)))
  return parts.join(' ')
}

/** Why an exchange is not meant; nothing when it is. */
export function toMismatches(match: RequestMatch, exchange: Exchange): string[] {
  const why: string[] = []
  const differ = (what: string, is: unknown, wanted: unknown) =>
    void why.push(`${what} is ${quote(is)}, not ${quote(wanted)}`)
  if (match.method !== undefined && match.method.toUpperCase() !== exchange.method)
    differ('method', exchange.method, match.method.toUpperCase())
  if (match.path !== undefined && !toCanonicalUrl(toPath(exchange)).startsWith(toCanonicalStart(match.path)))
    why.push(`path is ${quote(toPath(exchange))}, which does not start with ${quote(match.path)}`)
  if (match.status !== undefined && match.status !== exchange.status) differ('status', exchange.status, match.status)
  if (match.operation !== undefined && match.operation !== exchange.operation)
    differ('operation', exchange.operation, match.operation)
  const wanted = match.userName === undefined ? undefined : foldCase(match.userName)
  const names = wanted === undefined ? [] : toUserNames(exchange)
  if (wanted !== undefined && !names.some(name => foldCase(name) === wanted))
    differ('userName', names[0] ?? null, match.userName)
  return why
}

/** The userNames that an exchange concerns: that of a renamed user counts before and after. */
const toUserNames = ({ after, before, shown, asked }: Exchange): string[] => {
  const names = [after?.EMAIL_ADDRESS, before?.EMAIL_ADDRESS, shown && readIdentity(shown).userName, asked?.userName]
  return names.filter(name => name !== undefined)
}
