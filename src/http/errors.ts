// Error answers outside of exchanges: problem bodies, the methods of a path, and requests that no route ever sees. The
// errors of SCIM and REST are answered in exchange.ts.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { KnownSecrets } from '../account/secrets/known-secrets.ts'
import { ApiError, quote, toApiError, toMessage, toProblem, toScimError } from '../errors.ts'
import { InputError, type InputProblem } from '../validation.ts'
import type { Context } from './context.ts'

/** The Content-Type of a problem body. */
export const problemType = 'application/problem+json; charset=utf-8'

/** Answers every error of a scope with a problem body (RFC 9457). It quotes what was sent, but no secret. */
export function answerProblems(app: FastifyInstance, context: Context): void {
  const hide = (text: string) => context.instances.secrets.hide(text)
  const toErrors = (problems: readonly InputProblem[]) =>
    problems.map(({ path, message }) => ({ path: hide(path), message: hide(message) }))
  app.setErrorHandler((thrown, request, reply) => {
    const error = toApiError(thrown)
    if (error.code === 'internal') context.log.error({ err: thrown }, error.message)
    const problems = error instanceof InputError ? { errors: toErrors(error.problems) } : {}
    // Fastify closes the connection after an error of the body, which is not necessary when all of it was received.
    if (request.raw.complete) reply.removeHeader('connection')
    return reply
      .code(error.status)
      .headers(error.headers)
      .header('content-type', problemType)
      .send(JSON.stringify(toProblem(error, { detail: hide(error.message), ...problems })))
  })
}

/** Collects the routes of a scope. @returns a function that gives the methods of a path, none for an unknown path */
export function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { form: RegExp; method: string }[] = []
  app.addHook('onRoute', ({ path, method }) => {
    const form = new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`)
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push({ form, method: each })
  })
  return path => [...new Set(routes.filter(({ form }) => form.test(path)).map(({ method }) => method))]
}

/** Refuses a method that a path does not answer to (D-05). @throws methodNotAllowed */
export function refuseMethod(method: string, methods: readonly string[]): never {
  const allow = methods.join(', ')
  throw new ApiError(
    'methodNotAllowed',
    `${method} is not supported here; ${allow} ${methods.length > 1 ? 'are' : 'is'}.`,
    'D-05',
    { allow },
  )
}

/** What Node says about an unreadable request. */
type Unreadable = NodeJS.ErrnoException & { rawPacket?: Buffer }

/** The connections on which an unreadable request waits until earlier ones have been answered. */
const waiting = new WeakSet<Socket>()

/**
 * Answers a request that is not HTTP, has too large a head, or did not arrive in time, and closes its connection (D-05).
 * Earlier requests on the connection are answered first (D-09).
 */
export function refuseUnreadable(error: Unreadable, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  // Node calls this for each further packet.
  if (waiting.has(socket)) return
  const pending = findPendingAnswer(socket)
  // If that request itself is not whole, it is the unreadable one.
  if (pending?.req.complete) {
    waiting.add(socket)
    pending.once('close', () => {
      waiting.delete(socket)
      refuseUnreadable(error, socket)
    })
    return
  }
  // The client has a second to read the answer. Otherwise it could keep the connection by never closing its half.
  const linger = setTimeout(() => socket.destroy(), 1000)
  socket.once('close', () => clearTimeout(linger))
  // A request that was answered before all of it had come gets no second answer.
  const isAnswered = pending ? pending.headersSent : findUnfinished(socket) !== undefined
  socket.end(isAnswered ? '' : toRefusalText(error.code, pending?.req.url ?? findUrl(error, socket)))
}

/** What Node's parser has of a request that is still arriving. */
const parserOf = (socket: Socket) =>
  (socket as { parser?: { incoming?: IncomingMessage | null; _url?: string } | null }).parser ?? {}

/** The URL of a request whose head is not whole. Without one, the answer is that of SCIM. */
function findUrl({ rawPacket }: Unreadable, socket: Socket): string | undefined {
  // Of a head in several packets, only the last one is given. The parser tells the URL with the first 32 headers.
  return parserOf(socket)._url || /^\S+ (\/[^ ]*)/.exec(rawPacket?.toString('latin1', 0, 200) ?? '')?.[1]
}

/** The whole answer to an unreadable request. */
function toRefusalText(code: string | undefined, url: string | undefined): string {
  const refusal = toRefusal(code)
  const [type, text] = toBody(refusal, url)
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${text}`
}

/** The request on a connection of which not all has come. */
function findUnfinished(socket: Socket): IncomingMessage | undefined {
  const { incoming } = parserOf(socket)
  return incoming && !incoming.complete ? incoming : undefined
}

/** The answer that is next on a connection, if one is pending: Node keeps it on the socket. */
export const findPendingAnswer = (socket: Socket): ServerResponse | undefined =>
  (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined

/** Answers a request whose header Expect cannot be met. Node asks for this before any route runs. */
export function refuseExpectation(
  { url, headers }: IncomingMessage,
  response: ServerResponse,
  secrets: KnownSecrets,
): void {
  const detail = secrets.hide(`Expect is ${quote(headers.expect)}; only "100-continue" can be met.`)
  const error = new ApiError('expectationFailed', detail)
  const [type, text] = toBody(error, url)
  response.writeHead(error.status, {
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  })
  response.end(text)
}

/** Answers a request whose URL cannot be decoded. Fastify asks for this before it knows the surface; no hook runs. */
export function refuseUndecodable(_error: unknown, _request: unknown, reply: FastifyReply): void {
  const error = new ApiError('notFound', 'There is nothing here; the URL cannot be decoded.')
  reply
    .code(error.status)
    .header('content-type', problemType)
    .header('x-content-type-options', 'nosniff')
    .send(JSON.stringify(toProblem(error)))
}

function toRefusal(code: string | undefined): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ApiError('headersTooLarge', 'The URL and headers are larger than 64 KiB.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ApiError('timeout', 'The request did not arrive whole in time.')
  return new ApiError('invalidSyntax', 'The request is not well-formed HTTP, or its method is not known.')
}

/** The type and the text of an error in the form of the surface that a URL leads to. */
function toBody(error: ApiError, url = ''): [type: string, text: string] {
  const { status, scimType, message } = error
  const root = /^\/+([^/? ]+)/.exec(url)?.[1]?.toLowerCase()
  if (root === 'v3.1') return ['application/json; charset=utf-8', JSON.stringify(toMessage(status, scimType, message))]
  if (root !== undefined && root !== 'scim') return [problemType, JSON.stringify(toProblem(error))]
  return ['application/scim+json; charset=utf-8', JSON.stringify(toScimError(status, scimType, message))]
}
