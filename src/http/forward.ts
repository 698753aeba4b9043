// The course of a request that is passed on to the real endpoint: its body is read, fault rules are asked, the real
// answer is compared with ours, put into the journal, and sent as it came. What a shadow is, ../shadow says.

import { pipeline } from 'node:stream'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '../account/faults.ts'
import { ApiError, bodyTooLarge } from '../errors.ts'
import { decode } from '../paths.ts'
import { withoutHops } from '../shadow/hop-by-hop.ts'
import { mostHeld, NoAnswer, type RealAnswer } from '../shadow/receiver.ts'
import type { PlainRequest } from '../shadow/request.ts'
import type { Shadow } from '../shadow/shadow.ts'
import type { Surface } from './exchange.ts'
import { injectFault, isOnAnswer, resetConnection, toShownStart } from './fault-effects.ts'
import { hasBody, parseJson } from './json-body.ts'
import { limits } from './limits.ts'
import { replayHeader, toHeaders } from './request.ts'

/** What a forwarded request needs of its surface. */
interface Course {
  shadow: Shadow
  surface: Surface
  /** Ends the exchange of the request. */
  endExchange(request: FastifyRequest, status: number | null, answer?: string): void
}

/** Passes a request on. Whatever is refused before goes to `done`. */
export function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  course: Course,
  done: (error: Error) => void,
): void {
  const { exchange, instance } = request
  const { shadow, surface } = course
  receive(request)
    .then(body => {
      exchange.body = body
      exchange.bodyLength = body?.length ?? 0
      request.body = parse(body)
      const params = request.params as { id?: string }
      if (params.id !== undefined) params.id = shadow.toOurId(params.id) ?? params.id
      const path = toPath(request)
      if (isOutside(path)) throw surface.notFound()
      const run = () => pass(request, reply, body, course).catch(done)
      if (instance.faults.isEmpty) run()
      else injectFault(request, reply, surface, run)
    }, done)
    .catch(done)
}

/** Reads the whole body. @throws tooLarge (D-08) */
function receive({ raw }: FastifyRequest): Promise<Buffer | undefined> {
  if (!hasBody(raw)) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const refuse = () => {
      raw.off('data', take).resume()
      reject(new ApiError(...bodyTooLarge, { connection: 'close' }))
    }
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > limits.bodyBytes) refuse()
    }
    if (Number(raw.headers['content-length']) > limits.bodyBytes) {
      refuse()
      return
    }
    raw.on('data', take)
    raw.once('end', () => resolve(Buffer.concat(chunks)))
    raw.once('error', reject)
  })
}

async function pass(
  request: FastifyRequest,
  reply: FastifyReply,
  body: Buffer | undefined,
  { shadow, surface, endExchange }: Course,
): Promise<void> {
  // Its body or a fault may have taken long.
  request.readmit()
  const { exchange, raw, server } = request
  const { upstream, rewrites } = server.context.shadows!
  const { operation } = surface.toTarget(request)
  const path = toMovedPage(request, toPath(request))
  const leaving = new AbortController()
  const leave = () => leaving.abort()
  raw.socket.once('close', leave)
  let real: RealAnswer
  try {
    const rawHeaders = toForwarded(exchange.rawHeaders, rewrites)
    const { method } = request
    real = await upstream.send({ method, path, rawHeaders, body, token: shadow.token, signal: leaving.signal })
  } catch (error) {
    if (error instanceof NoAnswer && error.isUnsent)
      throw new ApiError('badGateway', `The real endpoint ${upstream.host} cannot be reached (${error.message}).`)
    const why = leaving.signal.aborted
      ? 'the client hung up before the real endpoint answered'
      : `the real endpoint did not answer (${(error as Error).message})`
    exchange.notes.push({ rule: null, text: why })
    reply.leaveUnanswered()
    resetConnection(reply)
    return
  } finally {
    raw.socket.off('close', leave)
  }
  const there = { status: real.status, text: toText(real) }
  const { before, after, shadowed } = await shadow.compare(toPlain(request, path, body), there)
  if (real.status < 400) exchange.operation = operation
  exchange.before = before
  exchange.after = after
  exchange.shadowed = shadowed
  if (rewrites) rewrite(real, upstream.url, surface.toScimUrl!(request))
  if (request.fault && isOnAnswer(request.fault)) answerSpoiled(reply, real)
  else {
    exchange.answerHeaders = toHeaders(real.rawHeaders)
    endExchange(request, real.status, rewrites ? toText(real) : there.text)
    reply.hijack()
    send(reply, real)
  }
}

/** Sends the real answer as it came. */
function send(reply: FastifyReply, { status, statusText, rawHeaders, body, rest, isBroken }: RealAnswer): void {
  const { raw } = reply
  // A date is sent when the real endpoint sent one.
  raw.sendDate = false
  raw.writeHead(status, statusText, rawHeaders)
  if (rest) {
    raw.write(body)
    // Before the pipeline closes the connection, which would look like an end.
    rest.once('error', () => resetConnection(reply))
    pipeline(rest, raw, () => undefined)
  } else if (isBroken) raw.write(body, () => resetConnection(reply))
  else raw.end(body)
}

/** Leaves the answer to the fault that acts on it. */
function answerSpoiled(reply: FastifyReply, real: RealAnswer): void {
  const headers = toHeaders(real.rawHeaders)
  for (const [name, value] of Object.entries(headers))
    if (!/^content-(length|encoding|type)$/.test(name)) reply.header(name, value)
  reply.answerText(real.status, toText(real) || undefined, headers['content-type'])
}

const toPath = ({ exchange }: FastifyRequest): string =>
  exchange.url.replace(/^https?:\/\/[^/]*/i, '').replace(/^\/+scim\/+v2/i, '')

/** Whether a path, once decoded, leads out of the SCIM URL. */
const isOutside = (path: string): boolean => decode(path.replace(/\?.*/s, '')).split(/[\\/]/).includes('..')

/** The path, with another startIndex when a fault moves the page. */
function toMovedPage(request: FastifyRequest, path: string): string {
  const { fault } = request as { fault: Fault | null }
  if (!fault || fault.drift === 0) return path
  const [pathname, query] = path.split('?')
  const parameters = new URLSearchParams(query)
  const start = Math.max(1, Number(parameters.get('startIndex') ?? 1) || 1)
  parameters.set('startIndex', String(toShownStart(request, start)))
  return `${pathname}?${parameters}`
}

/** The request without what concerns the connection or the credentials, which has no meaning for us. */
const toPlain = ({ method, exchange }: FastifyRequest, path: string, body: Buffer | undefined): PlainRequest => ({
  method,
  path,
  headers: toHeaders(withoutHops(exchange.rawHeaders, ['authorization', 'content-length', 'expect'])),
  body,
})

function parse(body: Buffer | undefined): unknown {
  try {
    return body && parseJson(body)
  } catch {
    return undefined
  }
}

const codingOf = ({ rawHeaders }: RealAnswer): string =>
  (toHeaders(rawHeaders)['content-encoding'] ?? 'identity').trim().toLowerCase()

const decoders: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Buffer> = {
  identity: body => body,
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
}

/** The text of an answer; undefined when not all of it is there, or when it is in a coding that is not known here. */
function toText(real: RealAnswer): string | undefined {
  if (real.rest || real.isBroken) return undefined
  if (real.body.length === 0) return ''
  try {
    return decoders[codingOf(real)]?.(real.body, { maxOutputLength: 4 * mostHeld }).toString('utf8')
  } catch {
    return undefined
  }
}

/** The headers to pass on; they may have to ask for an answer whose text can be changed. */
const toForwarded = (rawHeaders: readonly string[], rewrites: boolean): string[] =>
  rewrites
    ? [...withoutHops(rawHeaders, [replayHeader, 'accept-encoding']), 'accept-encoding', 'identity']
    : withoutHops(rawHeaders, [replayHeader])

/** Replaces the SCIM URL of the real endpoint by ours, in the body and in the headers that hold a URL. */
function rewrite(real: RealAnswer, theirs: string, ours: string): void {
  const put = (text: string) =>
    text.replaceAll(theirs, ours).replaceAll(theirs.replaceAll('/', '\\/'), ours.replaceAll('/', '\\/'))
  const isWhole = !real.rest && !real.isBroken
  // Read as latin1, a text keeps every byte, whatever it means; in one that is compressed nothing is found.
  if (isWhole) real.body = Buffer.from(put(real.body.toString('latin1')), 'latin1')
  real.rawHeaders = real.rawHeaders.map((value, at) => {
    const name = at % 2 === 1 ? real.rawHeaders[at - 1]!.toLowerCase() : ''
    if (name === 'location' || name === 'content-location') return put(value)
    return name === 'content-length' && isWhole && real.body.length > 0 ? String(real.body.length) : value
  })
}
