// The course of a request to SCIM or REST, as one plugin: it begins the exchange, admits the request, applies fault rules,
// and puts the exchange into the journal before the answer leaves. Where SCIM and REST differ, it asks their Surface.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Exchange } from '../account/exchange.ts'
import type { Fault, FaultTarget } from '../account/faults.ts'
import type { Instance } from '../account/instance.ts'
import { ApiError, type ErrorBody, toApiError } from '../errors.ts'
import type { Asked } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'
import type { ScimRecord } from '../scim/user.ts'
import { injectFault, spoil } from './fault-effects.ts'
import { parseJson } from './json-body.ts'
import { refuseSeveralHosts, replayHeader } from './request.ts'
import { logRequest } from './request-log.ts'

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange
    /** Set when the credentials were accepted. */
    instance: Instance
    /** The value of `Instances.changes` at that time. */
    admittedAt: number
    /** @throws when the request may not go on: after a pause, its instance may be gone or its token replaced */
    readmit(): void
    /** A fault that lets the request run and acts on its page or its answer. */
    fault: Fault | null
  }
  interface FastifyReply {
    /** Ends the exchange and answers with an object as JSON. */
    answer(status: number, document: object): void
    /** Ends the exchange and answers with a text or its bytes, which are JSON unless a type is given. Without, there is no body. */
    answerText(status: number, text?: Buffer | string, type?: string): void
    /** Ends the exchange and sends nothing. The caller decides what happens to the connection. */
    leaveUnanswered(): void
  }
}

/** What SCIM and REST do differently. */
export interface Surface {
  /** Sets `request.instance` to the instance of the credentials. @throws when they are not accepted */
  authenticate(request: FastifyRequest): void
  /** The instance that rejected credentials once opened. */
  findFormer(request: FastifyRequest): Instance | undefined
  /** Checks a request before its body is read. @throws when it is rejected */
  admit(request: FastifyRequest, reply: FastifyReply): void
  /** What fault rules are compared with. */
  toTarget(request: FastifyRequest): FaultTarget
  /** What a request asks for. */
  askedOf(request: FastifyRequest): Asked
  /** The user that the path of a request names, if there is one. */
  findNamed(request: FastifyRequest): ScimRecord | undefined
  /** The Content-Type of an answer, given the header Accept of the request. */
  toType(accept: string | undefined): string
  toErrorBody: ErrorBody
  /** The URL at which its client finds SCIM; only a surface that has it can be passed on to a real endpoint. */
  toScimUrl?(request: FastifyRequest): string
  /** The error for a path that does not exist. */
  notFound(): ApiError
}

/** Keeps an exchange for every request of a scope; a surface calls it before it registers its routes. */
export function keepExchanges(app: FastifyInstance, surface: Surface): void {
  const { context } = app
  const isEncrypted = context.config.tlsCert !== undefined
  app.decorateRequest('exchange', null as never)
  app.decorateRequest('instance', null as never)
  app.decorateRequest('admittedAt', 0)
  app.decorateRequest('fault', null)
  app.decorateRequest('readmit', function readmit() {
    if (this.admittedAt !== context.instances.changes) authenticateAgain(this)
  })
  app.decorateReply('answer', function answer(status, document) {
    this.answerText(status, JSON.stringify(document))
  })
  app.decorateReply('answerText', function answerText(status, whole, type) {
    const { request } = this
    const text = request.fault ? spoil(this, request.fault.effect, whole?.toString()) : whole
    if (this.sent) return
    if (text !== undefined) this.header('content-type', type ?? surface.toType(request.raw.headers.accept))
    request.exchange.answerHeaders = this.getHeaders() as Exchange['answerHeaders']
    endExchange(request, status, text)
    this.code(status)
    this.send(text)
  })
  app.decorateReply('leaveUnanswered', function leaveUnanswered() {
    endExchange(this.request, null)
    this.hijack()
  })

  app.addHook('onRequest', (request, reply, done) => {
    request.exchange = new Exchange(request.method, request.originalUrl, request.raw.rawHeaders, isEncrypted)
    reply.header('cache-control', 'no-store')
    try {
      if (context.inner) request.instance = context.inner.instance
      else surface.authenticate(request)
      request.admittedAt = context.instances.changes
      refuseSeveralHosts(request.raw)
      const shadow = surface.toScimUrl && context.shadows?.find(request.instance)
      if (shadow) {
        countRequest(request.instance)
        context.forward!(request, reply, { shadow, surface, endExchange }, done)
        return
      }
      surface.admit(request, reply)
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  })

  app.removeAllContentTypeParsers()
  // '*' would be enough. The others are found without parsing the header.
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
    if (context.inner) done()
    else if (request.instance.faults.isEmpty) resume(request, done)
    else injectFault(request, reply, surface, () => resume(request, done))
  })

  app.setErrorHandler((thrown, request, reply) => {
    const error = toApiError(thrown)
    if (error.code === 'internal') context.log.error({ err: thrown }, error.message)
    const { exchange } = request
    // The text may quote what was sent, and that may be a secret of another instance.
    const detail = context.instances.secrets.hide(error.message)
    if (error.rule) exchange.notes.push({ rule: error.rule, text: detail })
    exchange.operation = 'refused'
    exchange.asked = surface.askedOf(request)
    exchange.before = findConcerned(request)
    // Fastify closes the connection after an error of the body, which is not necessary when all of it was received.
    if (request.raw.complete && error === thrown) reply.removeHeader('connection')
    reply.headers(error.headers)
    reply.answer(error.status, surface.toErrorBody(error.status, error.scimType, detail))
  })
  app.setNotFoundHandler(() => {
    throw surface.notFound()
  })

  /** Lets a request run if it still may: its body or a fault may have taken long. */
  function resume(request: FastifyRequest, done: (error?: Error) => void): void {
    try {
      request.readmit()
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

  /** Ends the exchange of a request with what is answered to it; null when nothing is. */
  function endExchange(request: FastifyRequest, status: number | null, answer?: Buffer | string): void {
    const { exchange, instance } = request
    const owner = instance ?? surface.findFormer(request) ?? context.instances.get('default')
    exchange.durationMs = performance.now() - exchange.startedAt
    exchange.when = owner.clock.now()
    exchange.status = status
    exchange.answer = answer
    exchange.behaviours = owner.settings.behaviours
    if (context.inner) {
      context.inner.exchange = exchange
      return
    }
    shorten(exchange)
    if (exchange.notes.length > maxNotes)
      exchange.notes.splice(
        maxNotes,
        Number.POSITIVE_INFINITY,
        toNote(`and ${exchange.notes.length - maxNotes} notes more`),
      )
    owner.addExchange(exchange)
    if (context.replays.size > 0) context.replays.get(String(request.headers[replayHeader]))?.(owner, exchange)
    context.metrics.countExchange(exchange)
    logRequest(context, request)
  }

  /** The user that a refused request was about, if that can still be found. */
  function findConcerned(request: FastifyRequest): ScimRecord | undefined {
    try {
      return request.instance && surface.findNamed(request)
    } catch {
      return undefined
    }
  }
}

/**
 * Counts an authorised request against the rate limit of its instance.
 * @returns how many more requests this second allows; undefined while rate limiting is off
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

/** How many bytes of a body or of an answer the journal keeps. */
export const maxKept = 64 * 1024
const maxNotes = 100

const toNote = (text: string): Note => ({ rule: null, text })

function shorten(exchange: Exchange): void {
  const { shadowed } = exchange
  if (shadowed?.answer && shadowed.answer.length > maxKept)
    exchange.shadowed = { ...shadowed, answer: shadowed.answer.slice(0, maxKept) }
  if (exchange.bodyLength > maxKept) {
    exchange.body = undefined
    exchange.notes.push(toNote(`the body is longer than ${maxKept} bytes, so only its length was kept`))
  }
  exchange.cutAnswer(maxKept)
  if (exchange.isAnswerCut)
    exchange.notes.push(toNote(`the answer is longer than ${maxKept} bytes, so only its start was kept`))
}
