// What SCIM and REST requests have in common: an exchange per request, begun before anything is decided and put into
// the journal before the answer leaves; reading JSON bodies; the URL that the client used.

import { isUtf8 } from 'node:buffer'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../errors.ts'
import type { Fault } from '../faults.ts'
import type { Instance } from '../instance.ts'
import type { Exchange } from '../journal.ts'
import type { Operation } from '../scim/operation.ts'
import type { Context } from '../server.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on the control surface. */
    exchange: Exchange
    /** Set once the credentials were right. */
    instance: Instance
    /** A fault that lets the request run and spoils its answer. */
    fault: Fault | null
  }
}

/** The largest body in bytes (D-08). */
export const maxBody = 1024 * 1024
const maxDepth = 32
/** How many values a body may hold, and how many members an object: reading more takes longer than refusing should. */
const maxValues = 100_000
const maxMembers = 10_000
/** How many values a control body may hold, or what is no user in a state: what is wrong with each is looked for. */
export const maxInput = 10_000

/** Begins the exchange of a request. */
export function beginExchange(request: FastifyRequest): void {
  request.exchange = {
    id: 0,
    when: 0,
    startedAt: performance.now(),
    durationMs: 0,
    method: request.method,
    url: request.originalUrl,
    headers: request.headers,
    isEncrypted: isEncrypted(request),
    body: undefined,
    bodyLength: 0,
    status: null,
    answer: undefined,
    operation: 'refused',
    before: undefined,
    after: undefined,
    shown: undefined,
    fault: undefined,
    notRun: false,
    notes: [],
  }
}

/**
 * Counts an authorised request against the rate limit of its instance.
 * @returns the limit and what is left of it; undefined while rate limiting is off
 * @throws tooManyRequests
 */
export function countRequest({ instance }: FastifyRequest): { limit: number; remaining: number } | undefined {
  const limit = instance.settings.rateLimit?.requestsPerSecond
  if (limit === undefined) return undefined
  const remaining = instance.rateLimit.take(limit, instance.clock.now())
  if (remaining >= 0) return { limit, remaining }
  const detail = `More than ${limit} requests in a second; wait a second and send it again.`
  throw new ApiError('tooManyRequests', detail, 'R-07', { 'retry-after': '1' })
}

/** Ends an exchange: puts it, with its answer unless none is sent, into the journal of its instance. */
export function endExchange(
  { exchange, instance }: FastifyRequest,
  { instances, metrics }: Context,
  operation: Operation,
  answer?: { status: number; payload: unknown },
): void {
  const owner = instance ?? instances.get('default')
  exchange.durationMs = performance.now() - exchange.startedAt
  exchange.when = owner.clock.now()
  exchange.operation = operation
  exchange.status = answer?.status ?? null
  exchange.answer = typeof answer?.payload === 'string' ? answer.payload : undefined
  if (exchange.bodyLength > maxKept || (exchange.answer?.length ?? 0) > maxKept) shorten(exchange)
  if (exchange.notes.length > maxNotes)
    exchange.notes.splice(maxNotes, Number.POSITIVE_INFINITY, `and ${exchange.notes.length - maxNotes} notes more`)
  metrics.countExchange(exchange, owner.addExchange(exchange))
}

/** How much of a body or answer the journal keeps, in bytes or characters; a thousand of them must fit into memory. */
const maxKept = 64 * 1024
const maxNotes = 100

function shorten(exchange: Exchange): void {
  if (exchange.bodyLength > maxKept) {
    exchange.body = undefined
    exchange.notes.push(`the body is longer than ${maxKept} bytes, so only its length was kept`)
  }
  if (exchange.answer && exchange.answer.length > maxKept) {
    // A copy: a slice would keep the whole text alive.
    exchange.answer = Buffer.from(exchange.answer.slice(0, maxKept)).toString()
    exchange.notes.push(`the answer is longer than ${maxKept} characters, so only its start was kept`)
  }
}

/**
 * Reads a body that was received whole as JSON (D-08).
 * @param most how many values it may hold
 * @returns undefined for an empty one
 * @throws invalidSyntax, never quoting the body, since it may hold a password
 */
export function parseJson(body: Buffer, most: number = maxValues): unknown {
  if (body.length === 0) return undefined
  if (!isUtf8(body)) throw new ApiError('invalidSyntax', 'The body is not UTF-8.', 'D-08')
  checkForm(body, most)
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch (error) {
    const [, position] = /position (\d+)/.exec((error as Error).message) ?? []
    throw new ApiError(
      'invalidSyntax',
      `The body is not valid JSON${position ? ` (at position ${position})` : ''}.`,
      'D-05',
    )
  }
  return value
}

/** Refuses, before anything is built of it, what is nested too deeply or holds too much. */
function checkForm(body: Buffer, most: number): void {
  const refuse = (why: string): never => {
    throw new ApiError('invalidSyntax', `The body ${why}.`, 'D-08')
  }
  /** For each open object the members so far; an array counts from minus infinity. */
  const open: number[] = []
  let values = 1
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === 0x22) {
      for (at += 1; at < body.length && body[at] !== 0x22; at += 1) if (body[at] === 0x5c) at += 1
    } else if (byte === 0x2c) {
      values += 1
      if (values > most) refuse(`holds more than ${most} values`)
      open[open.length - 1]! += 1
      if (open[open.length - 1]! > maxMembers) refuse(`has an object of more than ${maxMembers} members`)
    } else if (byte === 0x7b || byte === 0x5b) {
      if (open.push(byte === 0x7b ? 1 : Number.NEGATIVE_INFINITY) > maxDepth)
        refuse(`is nested deeper than ${maxDepth}`)
    } else if (byte === 0x7d || byte === 0x5d) open.pop()
  }
}

/** The last Host that was looked at and found good: a client mostly sends the same one. */
let knownHost: string | undefined

function isHost(value: string): boolean {
  if (value === knownHost) return true
  const isGood =
    /^(?:[a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i.test(value) && URL.canParse(`http://${value}`)
  if (isGood) knownHost = value
  return isGood
}

const isScheme = (value: string): boolean => /^https?$/i.test(value)
const isPath = (value: string): boolean => /^(?:\/[\w.~-]+)+\/?$/.test(value)

/** The first of a forwarded header's values, if it is of the right form. */
function firstForwarded(request: FastifyRequest, name: string, isForm: (value: string) => boolean): string | undefined {
  const header = request.headers[`x-forwarded-${name}`]
  const value = (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim()
  return value !== undefined && isForm(value) ? value : undefined
}

// The server tells, not the socket: a request from within the process has none.
const isEncrypted = (request: FastifyRequest): boolean => 'setSecureContext' in request.server.server

/** The start of the URL that the client used: scheme, host and, behind a trusted proxy, prefix (D-07). */
export function toOrigin(request: FastifyRequest, trustProxy: boolean): string {
  const scheme = isEncrypted(request) ? 'https' : 'http'
  const sent = request.headers.host
  const host = sent !== undefined && isHost(sent) ? sent : toBoundHost(request)
  if (!trustProxy) return `${scheme}://${host}`
  const forwardedScheme = firstForwarded(request, 'proto', isScheme)?.toLowerCase() ?? scheme
  const prefix = firstForwarded(request, 'prefix', isPath)?.replace(/\/$/, '') ?? ''
  return `${forwardedScheme}://${firstForwarded(request, 'host', isHost) ?? host}${prefix}`
}

function toBoundHost(request: FastifyRequest): string {
  const { localAddress = '127.0.0.1', localPort = 80 } = request.raw.socket
  const address = localAddress.replace(/^::ffff:/, '')
  return `${address.includes(':') ? `[${address}]` : address}:${localPort}`
}

/** The first value of a query parameter (U-02). */
export function queryValue(query: unknown, name: string): string | undefined {
  const value = (query as Record<string, string | string[] | undefined>)[name]
  return Array.isArray(value) ? value[0] : value
}
