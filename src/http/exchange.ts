// The course of a request to SCIM or REST, as one plugin: its exchange begins, it is admitted, fault rules are asked, and
// whatever its answer is, the journal has it before it leaves. What SCIM and REST do differently is in their Surface.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Fault, FaultTarget } from '../account/faults.ts'
import type { Instance } from '../account/instance.ts'
import type { Exchange } from '../account/journal.ts'
import { ApiError, type ErrorBody, toApiError } from '../errors.ts'
import type { Note } from '../scim/rules.ts'
import type { ScimRecord } from '../scim/user.ts'
import type { Context } from './context.ts'
import { injectFault, spoil } from './fault-effects.ts'
import { parseJson } from './json-body.ts'
import { logRequest } from './request-log.ts'

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange
    /** Set once the credentials were right. */
    instance: Instance
    /** The count of changes when it was set. */
    admittedAt: number
    /** A fault that lets the request run and acts on its page or its answer. */
    fault: Fault | null
  }
  interface FastifyReply {
    /** Ends the exchange and answers with an object as JSON. */
    answer(status: number, document: object): void
    /** Ends the exchange and answers with a text, JSON unless a type is given; without a text, with no body. */
    answerText(status: number, text?: string, type?: string): void
    /** Ends the exchange and sends nothing; what happens to the connection is the caller's. */
    leaveUnanswered(): void
  }
}

/** What SCIM and REST do differently. */
export interface Surface {
  /** Finds the instance that the credentials choose and sets `request.instance`, or throws why nobody is let in. */
  authenticate(request: FastifyRequest): void
  /** Lets a request of an instance go on to its body, or throws why not. */
  admit(request: FastifyRequest, reply: FastifyReply): void
  /** What fault rules look at, and what a refused request was about. */
  toTarget(request: FastifyRequest): FaultTarget
  /** The userName that the filter or the body of a request names, whether or not somebody has it. */
  findAskedName(request: FastifyRequest): string | undefined
  /** The user that the path of a request names, if there is one. */
  findNamed(request: FastifyRequest): ScimRecord | undefined
  /** The Content-Type of an answer to a client that accepts this. */
  toType(accept: string | undefined): string
  toErrorBody: ErrorBody
  /** The refusal of a path at which nothing is. */
  notFound(): ApiError
}

/** Keeps an exchange for every request of a scope, under which the routes of a surface are registered. */
export function keepExchanges(app: FastifyInstance, surface: Surface): void {
  const { context } = app
  app.decorateRequest('exchange', null as never)
  app.decorateRequest('instance', null as never)
  app.decorateRequest('admittedAt', 0)
  app.decorateRequest('fault', null)
  app.decorateReply('answer', function answer(status, document) {
    this.answerText(status, JSON.stringify(document))
  })
  app.decorateReply('answerText', function answerText(status, whole, type) {
    const { request } = this
    const text = request.fault ? spoil(this, request.fault.effect, whole) : whole
    if (this.sent) return
    endExchange(request, status, text)
    this.code(status)
    if (text !== undefined) this.header('content-type', type ?? surface.toType(request.raw.headers.accept))
    this.send(text)
  })
  app.decorateReply('leaveUnanswered', function leaveUnanswered() {
    endExchange(this.request, null)
    this.hijack()
  })

  app.addHook('onRequest', (request, reply, done) => {
    request.exchange = beginExchange(request, context)
    try {
      surface.authenticate(request)
      request.admittedAt = context.instances.changes
      surface.admit(request, reply)
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  })

  app.removeAllContentTypeParsers()
  // '*' would do; the others are found without taking the header apart.
  const types = ['application/scim+json', 'application/json', '*']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, ({ exchange }, body, done) => {
    exchange.bodyLength = body.length
    exchange.body = body as Buffer
    let parsed: unknown
    try {
      parsed = parseJson(body as Buffer)
    } catch (error) {
      done(error as Error)
      return
    }
    done(null, parsed)
  })

  app.addHook('preHandler', (request, reply, done) => {
    const run = () => readmit(request, done)
    if (request.instance.faults.isEmpty) run()
    else injectFault(request, reply, surface, run)
  })

  app.setErrorHandler((thrown, request, reply) => {
    const error = toApiError(thrown)
    if (error.code === 'internal') context.log.error({ err: thrown }, error.message)
    const { exchange } = request
    if (error.rule) exchange.notes.push({ rule: error.rule, text: error.message })
    exchange.operation = 'refused'
    exchange.before = findConcerned(request)
    // Fastify ends the connection of a body that it could not read; one that was received whole may go on.
    if (request.raw.complete && error === thrown) reply.removeHeader('connection')
    reply.headers(error.headers)
    reply.answer(error.status, surface.toErrorBody(error.status, error.scimType, error.message))
  })
  app.setNotFoundHandler(() => {
    throw surface.notFound()
  })

  /** Lets a request run if it may still: its body or a fault may have taken long, and its token be dead by now. */
  function readmit(request: FastifyRequest, done: (error?: Error) => void): void {
    try {
      if (request.admittedAt !== context.instances.changes) authenticateAgain(request)
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  }

  function authenticateAgain(request: FastifyRequest): void {
    const { instance } = request
    if (context.instances.find(instance.name) === instance) {
      surface.authenticate(request)
      return
    }
    request.instance = undefined as never
    throw new ApiError('notFound', 'The instance was deleted while the request was under way.')
  }

  function endExchange(request: FastifyRequest, status: number | null, answer?: string): void {
    const { exchange, instance } = request
    const owner = instance ?? context.instances.get('default')
    exchange.durationMs = performance.now() - exchange.startedAt
    exchange.when = owner.clock.now()
    exchange.status = status
    exchange.answer = answer
    if (exchange.bodyLength > maxKept || (answer !== undefined && answer.length > maxKept)) shorten(exchange)
    if (exchange.notes.length > maxNotes)
      exchange.notes.splice(
        maxNotes,
        Number.POSITIVE_INFINITY,
        toNote(`and ${exchange.notes.length - maxNotes} notes more`),
      )
    owner.addExchange(exchange)
    context.metrics.countExchange(exchange)
    logRequest(context, request, surface.findAskedName)
  }

  /** The user that a refused request was about, as far as that can still be told. */
  function findConcerned(request: FastifyRequest): ScimRecord | undefined {
    try {
      return request.instance && surface.findNamed(request)
    } catch {
      return undefined
    }
  }
}

const beginExchange = ({ raw, originalUrl }: FastifyRequest, { config }: Context): Exchange => ({
  id: 0,
  when: 0,
  startedAt: performance.now(),
  durationMs: 0,
  method: raw.method!,
  url: originalUrl,
  rawHeaders: raw.rawHeaders,
  isEncrypted: config.tlsCert !== undefined,
  body: undefined,
  bodyLength: 0,
  status: null,
  answerHeaders: undefined,
  answer: undefined,
  operation: 'refused',
  before: undefined,
  after: undefined,
  shown: undefined,
  fault: undefined,
  notes: [],
  size: 0,
})

/**
 * Counts an authorised request against the rate limit of its instance.
 * @returns how many more are let in; undefined while rate limiting is off
 * @throws tooManyRequests
 */
export function countRequest(instance: Instance): number | undefined {
  const limit = instance.settings.rateLimit?.requestsPerSecond
  if (limit === undefined) return undefined
  const remaining = instance.rateLimit.take(limit, instance.clock.now())
  if (remaining >= 0) return remaining
  const detail = `More than ${limit} requests in a second; wait a second and send it again.`
  throw new ApiError('tooManyRequests', detail, 'R-07', { 'retry-after': '1' })
}

/** How much of a body or answer the journal keeps, in bytes or characters; a thousand of them must fit into memory. */
const maxKept = 64 * 1024
const maxNotes = 100

const toNote = (text: string): Note => ({ rule: null, text })

function shorten(exchange: Exchange): void {
  if (exchange.bodyLength > maxKept) {
    exchange.body = undefined
    exchange.notes.push(toNote(`the body is longer than ${maxKept} bytes, so only its length was kept`))
  }
  if (exchange.answer && exchange.answer.length > maxKept) {
    // A copy: a slice would keep the whole text alive.
    exchange.answer = Buffer.from(exchange.answer.slice(0, maxKept)).toString()
    exchange.notes.push(toNote(`the answer is longer than ${maxKept} characters, so only its start was kept`))
  }
}
