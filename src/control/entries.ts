// How exchanges read: as journal entries with secrets masked. What is masked is decided in account/secrets/mask.ts.

import * as z from 'zod/mini'
import type { Difference, Exchange } from '../account/exchange.ts'
import { someBehaviours } from '../account/profile.ts'
import type { Mask } from '../account/secrets/mask.ts'
import { pathOf, toHeaders } from '../http/request.ts'
import { writableRows } from '../scim/attribute.ts'
import { type BehaviourKey, type Behaviours, presets } from '../scim/behaviour.ts'
import { readId, readUserName } from '../scim/document-text.ts'
import { operations } from '../scim/operation.ts'
import { type Note, type RuleId, rules } from '../scim/rules.ts'
import { findJson } from '../shadow/documents.ts'
import type { MembersOf } from '../validation.ts'
import { toCurl } from './curl.ts'
import { httpStatus, instant, named, whole } from './route.ts'
import type { Change, Entry, ShadowAnswer } from './types.ts'

const text = z.string()
const textOrNull = z.nullable(text)
const statusOrNull = z.nullable(httpStatus).check(z.describe('Null when no answer was sent.'))

/** The schema of a rule's id. */
export const ruleId = named('RuleId', z.enum(rules.map(({ id }): RuleId => id)))

const note = named('Note', z.strictObject({ rule: z.nullable(ruleId), text } satisfies MembersOf<Note>))

const shadowAnswer = named(
  'ShadowAnswer',
  z.strictObject({
    uncompared: textOrNull.check(z.describe('Why there is no answer to compare; null when there is one.')),
    status: statusOrNull,
    answer: z.unknown().check(z.describe('Parsed JSON, a text that is none, or null.')),
    notes: z.array(note),
    differences: z.array(z.strictObject({ what: text, there: text, here: text } satisfies MembersOf<Difference>)),
  } satisfies MembersOf<ShadowAnswer>),
)

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
    rawBody: textOrNull.check(
      z.describe(
        'The text as it came, JSON or not, secrets masked; null when there was none, or when it is longer than 64 KiB.',
      ),
    ),
    bodyLength: whole,
    status: statusOrNull,
    answer: z.unknown().check(z.describe('Parsed JSON, a text that is none, or null.')),
    answerHeaders: z.record(text, text),
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
    behaviours: someBehaviours.check(z.describe('The switches in force that differ from the preset `insightly`.')),
    notes: z.array(note),
    shadow: z.nullable(shadowAnswer),
    curl: text,
  } satisfies MembersOf<Entry>),
)

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

/** Who sent a request, by its user agent; null when it has none. */
export const toClientOf = (userAgent: string | null): string | null =>
  userAgent === null
    ? null
    : (clients.find(([form]) => form.test(userAgent))?.[1] ?? userAgent.split(/[\s/]/)[0]!.slice(0, 40))

/** The entry of an exchange, its texts masked. */
export function toEntry(exchange: Exchange, mask: Mask): Entry {
  const sent = toHeaders(exchange.rawHeaders)
  const headers = Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [mask.text(name), mask.header(name, value)]),
  )
  const userAgent = headers['user-agent'] ?? null
  const scheme = exchange.isEncrypted ? 'https' : 'http'
  const url = mask.url(exchange.url)
  const rawBody = exchange.body ? mask.body(exchange.body.toString()) : null
  const userId = (exchange.after ?? exchange.before)?.USER_ID ?? (exchange.shown && readId(exchange.shown))
  const entry: Omit<Entry, 'curl'> = {
    id: exchange.id,
    when: new Date(exchange.when).toISOString(),
    client: toClientOf(userAgent),
    userAgent,
    method: exchange.method,
    path: pathOf({ url }),
    url: `${scheme}://${headers.host ?? 'localhost'}${url}`,
    query: toQuery(url),
    headers,
    body: rawBody === null ? null : (parseText(rawBody) ?? null),
    rawBody,
    bodyLength: exchange.bodyLength,
    status: exchange.status,
    answer: toAnswer(exchange.answer, mask),
    answerHeaders: toAnswerHeaders(exchange, mask),
    durationMs: Math.round(exchange.durationMs * 1000) / 1000,
    operation: exchange.operation,
    userId: userId === undefined ? (/\/users\/(\d+)(?=[/?]|$)/i.exec(url)?.[1] ?? null) : String(userId),
    userName: mask.hide(toUserNames(exchange)[0] ?? null),
    changes: mask.hide(toChanges(exchange)),
    fault: exchange.fault ?? null,
    behaviours: toDifferences(exchange.behaviours),
    notes: mask.hide(exchange.notes),
    shadow: toShadowAnswer(exchange, mask),
  }
  return { ...entry, curl: toCurl(entry) }
}

const toDifferences = (behaviours: Readonly<Behaviours> | undefined): Partial<Behaviours> =>
  Object.fromEntries(
    Object.entries(behaviours ?? {}).filter(([key, value]) => value !== presets.insightly[key as BehaviourKey]),
  )

function toQuery(url: string): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : ''))
    if (!Object.hasOwn(query, name)) Object.defineProperty(query, name, { value, enumerable: true })
  return query
}

/** A text as JSON; undefined when it is not JSON. */
const parseText = (text: string): unknown => findJson(text.replace(/^\uFEFF/, ''))

function toAnswer(answer: string | undefined, mask: Mask): unknown {
  if (answer === undefined) return null
  const masked = mask.answer(answer)
  const parsed = parseText(masked)
  return parsed === undefined ? masked : parsed
}

function toShadowAnswer({ shadowed }: Exchange, mask: Mask): ShadowAnswer | null {
  if (!shadowed) return null
  const { uncompared = null, status = null, answer, notes, differences } = shadowed
  return {
    uncompared,
    status,
    answer: toAnswer(answer, mask),
    notes: mask.hide([...notes]),
    differences: mask.hide([...differences]),
  }
}

function toAnswerHeaders({ answer, answerHeaders, isAnswerCut }: Exchange, mask: Mask): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(answerHeaders ?? {})) headers[name] = mask.header(name, String(value))
  // Of an answer that was cut, the length is not known any more.
  const isKnown = headers['content-length'] !== undefined
  if (!isKnown && answer !== undefined && !isAnswerCut) headers['content-length'] = String(Buffer.byteLength(answer))
  return headers
}

function toChanges({ before, after, operation }: Exchange): Change[] {
  if (operation === 'refused' || operation === 'read') return []
  return writableRows.flatMap(({ path, field }) => {
    const [from, to] = [before, after].map(record => record?.[field] ?? null)
    return from === to ? [] : [{ field, attribute: path, before: from, after: to }]
  })
}

/** The userNames that an exchange concerns: that of a renamed user counts before and after. */
export const toUserNames = ({ after, before, shown, asked }: Exchange): string[] => {
  const names = [after?.EMAIL_ADDRESS, before?.EMAIL_ADDRESS, shown && readUserName(shown), asked?.userName]
  return names.filter(name => name !== undefined)
}
