// One request to SCIM or REST while it is answered, on Node's own HTTP: what is known of it, and how it is answered or
// refused. What a surface does with it is in surface.ts.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse } from 'node:querystring'
import type { Fault, FaultEffect } from '../account/faults.ts'
import type { Instance } from '../account/instance.ts'
import type { Exchange } from '../account/journal.ts'
import { ApiError, type ErrorBody, toApiError } from '../errors.ts'
import type { ScimRecord } from '../scim/user.ts'
import { awaitRest, hasBody } from './body.ts'
import { beginExchange, endExchange } from './exchange.ts'
import { queryValue } from './request.ts'
import type { Context } from './server.ts'

/** How a surface puts what it says. */
export interface Dialect {
  /** The Content-Type of an answer to a client that accepts this. */
  toType(accept: string | undefined): string
  toErrorBody: ErrorBody
}

const form = /^\/(?:scim\/v2|v3\.1)(?:\/([^/?]*)(?:\/([^?]*))?)?(?:\?(.*))?$/s

/** A request to SCIM or REST. */
export class Call {
  readonly context: Context
  readonly dialect: Dialect
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly exchange: Exchange
  /** In the one spelling that routes know. */
  readonly url: string
  /** What the path names, below the surface's own. */
  readonly collection: string
  /** What it names below the collection, decoded; undefined for the collection itself. */
  readonly id: string | undefined
  /** Whether it goes on below that, where nothing is. */
  readonly isDeeper: boolean
  /** Set once the credentials were right. */
  instance!: Instance
  /** Parsed; undefined when there was none. */
  body: unknown = undefined
  /** A fault that lets the request run and spoils its answer. */
  fault: Fault | undefined = undefined
  /** Headers of the answer, whatever it will be. */
  headers: Record<string, string | number> | undefined = undefined
  readonly #search: string | undefined
  #query: unknown = undefined

  constructor(context: Context, dialect: Dialect, request: IncomingMessage, response: ServerResponse, url: string) {
    this.context = context
    this.dialect = dialect
    this.request = request
    this.response = response
    this.exchange = beginExchange(request, context)
    this.url = url
    const [, collection = '', id, search] = form.exec(url)!
    this.collection = collection
    this.id = id?.includes('%') ? decodeURIComponent(id) : id
    this.isDeeper = id?.includes('/') ?? false
    this.#search = search
  }

  /** The path, without query. */
  get path(): string {
    return this.#search === undefined ? this.url : this.url.slice(0, -1 - this.#search.length)
  }

  /** The first value of a query parameter (U-02). */
  query(name: string): string | undefined {
    if (this.#search === undefined) return undefined
    this.#query ??= parse(this.#search, '&', '=', { maxKeys: 0, decodeURIComponent: decode })
    return queryValue(this.#query, name)
  }

  /** What a header of the request says. */
  header(name: 'accept' | 'authorization' | 'content-type'): string | undefined {
    return this.exchange.headers[name]
  }
}

/** Decodes percent-escapes; what is no UTF-8 stays as it is, so that it is nobody's userName. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Answers with a text, which is JSON unless a type is given; without a text, with no body. */
export function answerText(call: Call, status: number, whole?: string, type?: string): void {
  const effect = call.fault?.effect
  if (effect?.commitThenReset) {
    endExchange(call, null)
    resetConnection(call)
    return
  }
  const text = effect && whole !== undefined ? spoil(whole, effect) : whole
  endExchange(call, status, text)
  const { request, response, headers } = call
  // A client may have its answer before it has sent everything.
  if (!request.complete && hasBody(request)) response.once('finish', () => awaitRest(request))
  const head: (string | number)[] = []
  // A fault may name a Content-Type; the surface's own wins.
  for (const name in headers) if (name !== 'content-type') head.push(name, headers[name]!)
  if (text === undefined) {
    response.writeHead(status, head).end()
    return
  }
  const length = Buffer.byteLength(text)
  head.push('content-type', type ?? call.dialect.toType(call.header('accept')), 'content-length', length)
  // As many bytes as characters: nothing is to be encoded.
  response.writeHead(status, head).end(text, length === text.length ? 'latin1' : 'utf8')
}

const spoil = (text: string, { emptyBody, malformed }: FaultEffect): string =>
  emptyBody ? '' : malformed ? text.slice(0, Math.ceil(text.length / 2)) : text

/** Answers with an object as JSON. */
export function answer(call: Call, status: number, document: object): void {
  answerText(call, status, JSON.stringify(document))
}

/** Answers with what was thrown, whatever that is. */
function refuse(call: Call, thrown: unknown): void {
  const { context, dialect, exchange, response } = call
  const error = toApiError(thrown)
  if (error.code === 'internal') context.log.error({ err: thrown }, error.message)
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (error.rule) exchange.notes.push({ rule: error.rule, text: error.message })
  exchange.operation = 'refused'
  exchange.before = findConcerned(call)
  call.headers = { ...call.headers, ...error.headers }
  answer(call, error.status, dialect.toErrorBody(error.status, error.scimType, error.message))
}

/**
 * Counts an authorised request against the rate limit of its instance.
 * @returns how many more are let in; undefined while rate limiting is off
 * @throws tooManyRequests
 */
export function countRequest({ instance }: Call): number | undefined {
  const limit = instance.settings.rateLimit?.requestsPerSecond
  if (limit === undefined) return undefined
  const remaining = instance.rateLimit.take(limit, instance.clock.now())
  if (remaining >= 0) return remaining
  const detail = `More than ${limit} requests in a second; wait a second and send it again.`
  throw new ApiError('tooManyRequests', detail, 'R-07', { 'retry-after': '1' })
}

/** Does what a request asks for; what that throws is its answer. */
export function attempt(call: Call, work: () => void): void {
  try {
    try {
      work()
    } catch (thrown) {
      refuse(call, thrown)
    }
  } catch (error) {
    // Nobody above would catch it, and the process would end.
    call.context.log.error({ err: error }, 'A request could be neither answered nor refused.')
    call.response.destroy()
  }
}

/** The user that a refused request was about, as far as that can still be told. */
function findConcerned(call: Call): ScimRecord | undefined {
  try {
    return (call.instance as Instance | undefined) && findNamed(call)
  } catch {
    return undefined
  }
}

/** The user whom the path of a request names, if there is one. */
export const findNamed = ({ instance, collection, id }: Call): ScimRecord | undefined =>
  collection === 'Users' && id !== undefined ? instance.users.find(id) : undefined

/** Resets the connection of a request, so that its client gets no answer. */
export function resetConnection({ request: { socket } }: Call): void {
  // Over TLS there is no plain connection to reset.
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}
