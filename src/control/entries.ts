// How exchanges read: as journal entries with secrets masked, as curl; which of them a query means, and why one
// misses it. Keeps nothing.

import * as z from 'zod/mini'
import type { Exchange } from '../account/journal.ts'
import { quote } from '../errors.ts'
import { toCanonicalStart, toCanonicalUrl } from '../paths.ts'
import { attribute, foldCase, rows } from '../scim/attribute.ts'
import { readIdentity } from '../scim/document-text.ts'
import { operations } from '../scim/operation.ts'
import { type Note, type RuleId, rules } from '../scim/rules.ts'
import type { WritableFields } from '../scim/user.ts'
import type { MembersOf } from '../validation.ts'
import { httpStatus, instant, named, whole } from './route.ts'
import type { Change, Entry, RequestMatch } from './types.ts'

const text = z.string()
const textOrNull = z.nullable(text)
const statusOrNull = z.nullable(httpStatus).check(z.describe('Null when no answer was sent.'))

/** The schema of a rule's id. */
export const ruleId = named('RuleId', z.enum(rules.map(({ id }): RuleId => id)))

const note = named('Note', z.strictObject({ rule: z.nullable(ruleId), text } satisfies MembersOf<Note>))

/** The schema of an entry. */
export const entrySchema = named(
  'Entry',
  z.strictObject({
    id: whole,
    when: instant,
    client: textOrNull,
    userAgent: textOrNull,
    method: text,
    path: text,
    url: text,
    query: z.record(text, text),
    headers: z.record(text, text),
    body: z.unknown().check(z.describe('Parsed JSON; null when there was none or it was no JSON.')),
    bodyLength: whole,
    status: statusOrNull,
    answer: z.unknown().check(z.describe('Parsed JSON, a text that is none, or null.')),
    durationMs: z.number().check(z.minimum(0)),
    operation: z.enum(operations),
    userId: textOrNull,
    userName: textOrNull,
    changes: z.array(
      z.strictObject({
        field: text,
        attribute: text,
        before: z.unknown(),
        after: z.unknown(),
      } satisfies MembersOf<Change>),
    ),
    fault: textOrNull,
    notes: z.array(note),
    curl: text,
  } satisfies MembersOf<Entry>),
)

/** The schema of an entry that nearly matched, with what kept it from doing so. */
export const missSchema = z.extend(
  z.pick(entrySchema, {
    id: true,
    method: true,
    path: true,
    status: true,
    operation: true,
    userName: true,
    notes: true,
  }),
  { why: z.array(text).check(z.minLength(1)) },
)

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
  const headers = toHeaders(exchange)
  const userAgent = headers['user-agent'] ?? null
  const scheme = exchange.isEncrypted ? 'https' : 'http'
  const url = `${scheme}://${headers.host ?? 'localhost'}${exchange.url}`
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
    headers: withoutCredentials(headers),
    body: withoutPasswords(parseBody(exchange)),
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

/** The headers of a request by their names in lower case; what was sent twice is joined as RFC 9110 §5.3 says. */
function toHeaders({ rawHeaders }: Exchange): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase()
    const value = rawHeaders[at + 1]!
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return headers
}

function parseBody({ body }: Exchange): unknown {
  if (!body) return null
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
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

/** Whether an exchange is meant. */
export const isMatch = (match: RequestMatch, exchange: Exchange): boolean =>
  findMismatches(match, exchange).next().done === true

/** Why an exchange is not meant, looked for as it is asked; nothing when it is. */
export function* findMismatches(match: RequestMatch, exchange: Exchange): Generator<string, void> {
  const differ = (what: string, is: unknown, wanted: unknown) => `${what} is ${quote(is)}, not ${quote(wanted)}`
  if (match.method !== undefined && match.method.toUpperCase() !== exchange.method)
    yield differ('method', exchange.method, match.method.toUpperCase())
  if (match.path !== undefined && !toCanonicalUrl(toPath(exchange)).startsWith(toCanonicalStart(match.path)))
    yield `path is ${quote(toPath(exchange))}, which does not start with ${quote(match.path)}`
  if (match.status !== undefined && match.status !== exchange.status)
    yield differ('status', exchange.status, match.status)
  if (match.operation !== undefined && match.operation !== exchange.operation)
    yield differ('operation', exchange.operation, match.operation)
  if (match.userName === undefined) return
  const wanted = foldCase(match.userName)
  const names = toUserNames(exchange)
  if (!names.some(name => foldCase(name) === wanted)) yield differ('userName', names[0] ?? null, match.userName)
}

/** The userNames that an exchange concerns: that of a renamed user counts before and after. */
const toUserNames = ({ after, before, shown, asked }: Exchange): string[] => {
  const names = [after?.EMAIL_ADDRESS, before?.EMAIL_ADDRESS, shown && readIdentity(shown).userName, asked?.userName]
  return names.filter(name => name !== undefined)
}
