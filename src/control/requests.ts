// The part of the control API that asks what happened: the journal, verify, long polls and the event stream.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Instance } from '../account/instance.ts'
import type { Exchange } from '../account/journal.ts'
import type { UserChange } from '../account/users.ts'
import { ApiError, quote, toProblem } from '../errors.ts'
import { queryValue } from '../http/request.ts'
import type { Context } from '../http/server.ts'
import { toInsightly } from '../insightly/rest-form.ts'
import { type Operation, operations } from '../scim/operation.ts'
import { toSuggestion } from '../validation.ts'
import { type Entry, type RequestMatch, toEntry, toMask, toMismatches } from './entries.ts'
import { toHar } from './har.ts'
import { waitUntil } from './waiting.ts'

/** How many entries an answer holds when nothing is said. */
const defaultLimit = 1000
/** How many near misses a failed verification tells. */
const shownMisses = 5
/** How much an event stream may lag behind, in bytes, before it is closed. */
const maxBacklog = 4 * 1024 * 1024
const heartbeatMs = 15_000

interface WithName {
  Params: { name: string }
}

/** Registers the routes of one instance that concern what happened. */
export function requestRoutes(app: FastifyInstance, context: Context): void {
  const { instances } = context

  app.get<WithName>('/instances/:name/requests', async (request, reply) => {
    const instance = instances.get(request.params.name)
    const { query } = request
    checkQuery(query, [...matchNames, 'since', 'limit', 'wait', 'count', 'format'])
    const match = readMatch(query)
    const since = readNumber(query, 'since', 0)
    const limit = readNumber(query, 'limit', defaultLimit)
    const count = readNumber(query, 'count', 1)
    const wait = readWait(query)
    let isMet = true
    if (wait !== undefined) {
      let matched = countMatches(instance, match, since)
      const hear = (told?: unknown) => {
        if (told && toMismatches(match, told as Exchange).length === 0) matched += 1
        return matched >= count
      }
      isMet = await waiting(request, context, signal =>
        waitUntil(instance, 'exchange', hear, { milliseconds: wait, signal }),
      )
      instances.get(request.params.name) // It may have been deleted meanwhile.
    }
    const format = queryValue(query, 'format') ?? 'json'
    if (format !== 'json' && format !== 'har')
      throw new ApiError('invalidInput', `format is ${quote(format)}; expected json or har.`)
    const { entries, cursor } = findEntries(instance, match, since, limit, context)
    reply.code(isMet ? 200 : 408)
    if (format === 'har') return toHar(entries, context.version)
    return { requests: entries, cursor, dropped: instance.journal.dropped }
  })

  app.delete<WithName>('/instances/:name/requests', (request, reply) => {
    instances.get(request.params.name).journal.clear()
    return reply.code(204).send()
  })

  app.post<WithName>('/instances/:name/requests/verify', async (request, reply) => {
    const instance = instances.get(request.params.name)
    const { parseVerification } = await import('./input.ts')
    const { match, times } = parseVerification(request.body)
    const matched = countMatches(instance, match, 0)
    const { exactly, atLeast = exactly ?? 0, atMost = exactly ?? Number.POSITIVE_INFINITY } = times
    if (matched >= atLeast && matched <= atMost) return { matched }
    const { dropped } = instance.journal
    const lost = dropped > 0 ? ` The journal dropped ${dropped} older requests, which were not counted.` : ''
    const detail = `${matched} requests matched; expected ${toExpected(times)}.${lost}`
    const error = new ApiError('conflict', detail)
    return reply
      .code(409)
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(toProblem(error, { matched, dropped, nearest: findNearMisses(instance, match, context) })))
  })

  app.get<WithName>('/instances/:name/events', { exposeHeadRoute: false }, (request, reply) => {
    const instance = instances.get(request.params.name)
    checkQuery(request.query, ['since'])
    const since = readNumber(request.query, 'since', instance.journal.cursor)
    reply.hijack()
    streamEvents(reply, instance, since, context)
  })
}

/** Counts a wait while it lasts, and ends it when the client hangs up or the server stops. */
async function waiting<T>(
  request: FastifyRequest,
  { closing, metrics }: Context,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const gone = new AbortController()
  const hangUp = () => gone.abort()
  request.raw.socket.once('close', hangUp)
  closing.addEventListener('abort', hangUp)
  metrics.waiters += 1
  try {
    return await wait(gone.signal)
  } finally {
    metrics.waiters -= 1
    request.raw.socket.off('close', hangUp)
    closing.removeEventListener('abort', hangUp)
  }
}

/** Hides the secrets of an instance, and what opens a door of any other. */
const maskOf = (instance: Instance, { adminKey, instances }: Context) =>
  toMask([instance.scimToken ?? '', instance.storedApiKey, adminKey], text => instances.isTaken(text))

function findEntries(instance: Instance, match: RequestMatch, since: number, limit: number, context: Context) {
  const mask = maskOf(instance, context)
  const entries: Entry[] = []
  for (const exchange of instance.journal.since(since)) {
    if (toMismatches(match, exchange).length > 0) continue
    // What did not fit is asked for with the cursor of what did.
    if (entries.length === limit) return { entries, cursor: entries.at(-1)?.id ?? since }
    entries.push(toEntry(exchange, mask))
  }
  return { entries, cursor: Math.max(since, instance.journal.cursor) }
}

function countMatches(instance: Instance, match: RequestMatch, since: number): number {
  let count = 0
  for (const exchange of instance.journal.since(since)) if (toMismatches(match, exchange).length === 0) count += 1
  return count
}

/** The exchanges that came closest to a match, each with what kept it from being one. */
function findNearMisses(instance: Instance, match: RequestMatch, context: Context) {
  const mask = maskOf(instance, context)
  return Array.from(instance.journal.since(0), exchange => ({ exchange, why: toMismatches(match, exchange) }))
    .filter(({ why }) => why.length > 0)
    .sort((a, b) => a.why.length - b.why.length || b.exchange.id - a.exchange.id)
    .slice(0, shownMisses)
    .map(({ exchange, why }) => {
      const { id, method, path, status, operation, userName, notes } = toEntry(exchange, mask)
      return { id, method, path, status, operation, userName, notes, why: mask(why) }
    })
}

function toExpected({ exactly, atLeast, atMost }: { exactly?: number; atLeast?: number; atMost?: number }): string {
  if (exactly !== undefined) return `exactly ${exactly}`
  const parts = [atLeast !== undefined && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`]
  return parts.filter(Boolean).join(' and ')
}

const toEvent = (event: string, data: unknown, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

let lastTold: { what: object; text: string } | undefined

/** The text of what happened, made once for all streams of an instance: they tell it one right after the other. */
function toTextOnce(what: object, toText: () => string): string {
  if (lastTold?.what !== what) lastTold = { what, text: toText() }
  return lastTold.text
}

function streamEvents({ raw }: FastifyReply, instance: Instance, since: number, context: Context): void {
  let mask = maskOf(instance, context)
  const write = (text: string) => {
    // What was ended may still have to be read.
    if (raw.writableEnded) return
    // A reader that does not read is let go: it can come back with the cursor it has.
    if (raw.writableLength > maxBacklog) raw.destroy()
    else raw.write(text)
  }
  const onExchange = (exchange: Exchange) =>
    write(toTextOnce(exchange, () => toEvent('exchange', toEntry(exchange, mask), exchange.id)))
  const onUser = (change: UserChange) => write(toTextOnce(change, () => toEvent('user', toUserEvent(change, instance))))
  const onSettings = () => {
    mask = maskOf(instance, context)
    write(toEvent('settings', instance.settings))
  }
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  write(': the events of this instance\n\n')
  for (const exchange of instance.journal.since(since)) onExchange(exchange)
  const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMs)
  const end = () => raw.end()
  instance.events.on('exchange', onExchange).on('user', onUser).on('settings', onSettings).on('close', end)
  context.closing.addEventListener('abort', end)
  context.metrics.waiters += 1
  raw.once('close', () => {
    context.metrics.waiters -= 1
    clearInterval(heartbeat)
    context.closing.removeEventListener('abort', end)
    instance.events.off('exchange', onExchange).off('user', onUser).off('settings', onSettings).off('close', end)
  })
}

/** The user of a change as Insightly shows it; null for both means that any user may be different now. */
function toUserEvent({ before, after }: UserChange, { records, instanceId }: Instance) {
  const show = (userId: number) => {
    const record = records.find(String(userId))
    return record ? { ...toInsightly(record, instanceId), LICENSES: record.LICENSES } : null
  }
  return { userId: (after ?? before)?.USER_ID ?? null, user: after ? show(after.USER_ID) : null }
}

const matchNames = ['method', 'path', 'status', 'operation', 'userName']

/** Refuses a parameter that nobody reads: misspelt, it would let a test pass that asks for nothing. @throws invalidInput */
export function checkQuery(query: unknown, known: readonly string[]): void {
  const unknown = Object.keys(query as object).find(name => !known.includes(name))
  if (unknown === undefined) return
  throw new ApiError('invalidInput', `The parameter ${quote(unknown)} is not known${toSuggestion(unknown, known)}.`)
}

function readMatch(query: unknown): RequestMatch {
  const status = queryValue(query, 'status')
  const operation = queryValue(query, 'operation')
  if (operation !== undefined && !operations.includes(operation as Operation))
    throw new ApiError('invalidInput', `operation is ${quote(operation)}; expected ${operations.join(', ')}.`)
  return {
    method: queryValue(query, 'method'),
    path: queryValue(query, 'path'),
    status: status === undefined ? undefined : readNumber(query, 'status', 0),
    operation: operation as Operation | undefined,
    userName: queryValue(query, 'userName'),
  }
}

/** Reads a whole number. @throws invalidInput */
export function readNumber(query: unknown, name: string, fallback: number): number {
  const text = queryValue(query, name)
  if (text === undefined) return fallback
  if (!/^\d{1,15}$/.test(text))
    throw new ApiError('invalidInput', `${name} is ${quote(text)}; expected a whole number from 0.`)
  return Number(text)
}

/**
 * Reads `wait`, in milliseconds.
 * @throws invalidInput for what is no duration or longer than a minute
 */
export function readWait(query: unknown): number | undefined {
  const text = queryValue(query, 'wait')
  if (text === undefined) return undefined
  const [, number, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? []
  const milliseconds = Number(number) * ({ ms: 1, s: 1000, m: 60_000 }[unit ?? ''] ?? Number.NaN)
  if (milliseconds <= 60_000) return milliseconds
  throw new ApiError('invalidInput', `wait is ${quote(text)}; expected at most 60s, such as 500ms, 10s or 1m.`)
}

/** Long-polls the users of an instance; see `waitUntil`. */
export const waitForUsers = (
  request: FastifyRequest,
  context: Context,
  instance: Instance,
  isMet: () => boolean,
  milliseconds: number,
): Promise<boolean> => waiting(request, context, signal => waitUntil(instance, 'user', isMet, { milliseconds, signal }))
