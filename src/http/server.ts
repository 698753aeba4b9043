// The HTTP server: one Fastify app with a plugin a surface, the limits of a client, and how it starts and stops.

import { lookup } from 'node:dns/promises'
import { type IncomingMessage, METHODS } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { parse } from 'node:querystring'
import Fastify, { type FastifyInstance } from 'fastify'
import { toCanonicalUrl } from '../paths.ts'
import type { Context } from './context.ts'
import { refuseExpectation, refuseUnreadable } from './errors.ts'
import { hasBody } from './json-body.ts'
import { limits } from './limits.ts'
import { openSurface } from './open.ts'

/** A server that is built and may listen. */
export interface Server {
  app: FastifyInstance
  /** Starts to accept connections, on every address of `localhost`; tells the port. */
  listen(host: string, port: number): Promise<number>
  /** Stops accepting, waits for what runs, and ends all connections after some milliseconds. */
  close(patience: number): Promise<void>
}

/** How many instances --any-token may make. */
export const maxAnyTokenInstances = 10_000

/** Bodies are checked by tables of our own or with zod: without these two, Fastify loads a validator of its own. */
const refuseSchemas = (): never => {
  throw new Error('Routes have no JSON Schema here.')
}

const noQuery = Object.freeze({})

/** Reads a query; what is no UTF-8 stays as it is, so that it is nobody's userName. */
const parseQuery = (text: string) =>
  text === '' ? noQuery : parse(text, '&', '=', { maxKeys: 0, decodeURIComponent: decode })

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A part of the server: a Fastify plugin that finds the context on its app, and where its paths begin. */
export interface SurfacePlugin {
  prefix: string
  plugin(app: FastifyInstance): void | Promise<void>
}

/** Builds the server; `tls` makes it serve HTTPS. */
export function buildServer(
  context: Context,
  surfaces: readonly SurfacePlugin[],
  tls?: { cert: Buffer; key: Buffer },
): Server {
  const node = {
    headersTimeout: limits.headSeconds * 1000,
    handshakeTimeout: limits.headSeconds * 1000,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: limits.headBytes,
    // A request without Host gets an answer as any other (D-07).
    requireHostHeader: false,
  }
  const options = {
    logger: false,
    schemaController: { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } },
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: limits.headBytes, querystringParser: parseQuery },
    clientErrorHandler: refuseUnreadable,
    // What had begun to arrive when the server was told to stop is answered; its connection ends with that.
    return503OnClosing: false,
    rewriteUrl: ({ url }: IncomingMessage) => toCanonicalUrl(url!),
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    ...(tls ? { https: { ...node, ...tls } } : { http: node }),
  }
  const app = Fastify(options as object) as unknown as FastifyInstance
  app.decorate('context', context)
  // Nothing here reads the bodies of these.
  for (const method of ['DELETE', 'QUERY'])
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true } as object)
  for (const method of METHODS)
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: false })
  app.addHook('onRequest', ({ raw }, reply, done) => {
    reply.header('x-content-type-options', 'nosniff')
    if (hasBody(raw)) reply.raw.once('finish', () => awaitRest(raw))
    // Node gives an answer its socket when those before it on the connection are sent (D-09).
    if (reply.raw.socket === null) reply.raw.once('socket', () => done())
    else done()
  })
  openSurface(app)
  // Fastify waits for a plugin that takes a callback or gives a promise.
  for (const { prefix, plugin } of surfaces) app.register(async scope => plugin(scope), { prefix })

  const connections = new Set<Socket>()
  app.server.on('checkExpectation', refuseExpectation)
  app.server.maxConnections = limits.connections
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return {
    app,
    async listen(host, port) {
      const [address, ...others] = host === 'localhost' ? await lookup(host, { all: true }) : [{ address: host }]
      await app.listen({ host: address!.address, port })
      const bound = (app.server.address() as AddressInfo).port
      await Promise.all(others.map(each => alsoListen(app, each.address, bound)))
      return bound
    },
    async close(patience) {
      const force = setTimeout(() => endConnections(connections, () => true), patience)
      // Again and again: what is answered meanwhile may leave its connection open for a next request.
      const sweep = setInterval(() => endConnections(connections, isWithoutRequest), 20)
      await app.close()
      clearTimeout(force)
      clearInterval(sweep)
    },
  }
}

/** Accepts connections at a further address; where it cannot be had, the others will do. */
function alsoListen(app: FastifyInstance, host: string, port: number): Promise<void> {
  // Fastify's own further servers would know neither the limit of connections nor the answer to what is no HTTP.
  const other = createServer(socket => app.server.emit('connection', socket))
  other.maxConnections = limits.connections
  app.server.once('close', () => other.close())
  return new Promise(resolve => {
    other.once('error', () => resolve())
    other.listen({ host, port }, resolve)
  })
}

function endConnections(connections: Iterable<Socket>, isMeant: (socket: Socket) => boolean): void {
  for (const socket of connections) if (isMeant(socket)) socket.destroy()
}

/** Whether a connection waits for no answer: Node keeps the one that is under way on its socket. */
const isWithoutRequest = (socket: Socket): boolean =>
  ((socket as { _httpMessage?: unknown })._httpMessage ?? null) === null

/** Lets a client that has its answer already go on sending for a while, but not for as long as a request may take. */
function awaitRest(request: IncomingMessage): void {
  // A request from within the process does not know it, and has no client to wait for.
  if (request.complete !== false) return
  const { socket } = request
  const end = setTimeout(() => {
    if (!request.complete) socket.destroy()
  }, limits.headSeconds * 1000).unref()
  const stop = (): void => {
    clearTimeout(end)
    socket.off('close', stop)
  }
  request.once('end', stop)
  // After its answer, the request itself tells nothing of a client that hangs up.
  socket.once('close', stop)
}
