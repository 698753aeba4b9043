// The HTTP server: one Fastify app with a plugin a surface, the limits of a client, and how it starts and stops.

import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import { parse } from 'node:querystring'
import Fastify, { type FastifyInstance } from 'fastify'
import { decode, toCanonicalUrl } from '../paths.ts'
import type { Context } from './context.ts'
import { findPendingAnswer, refuseExpectation, refuseUndecodable, refuseUnreadable } from './errors.ts'
import { hasBody } from './json-body.ts'
import { limits } from './limits.ts'
import { openSurface } from './open.ts'

/** A server that is built and may listen. */
export interface Server {
  app: FastifyInstance
  /** Starts to accept connections at the first of the addresses, and at the others that can be had. Resolves to the port. */
  listen(addresses: readonly string[], port: number): Promise<number>
  /** Stops accepting connections and waits for running requests, but closes all connections after `patience` milliseconds. */
  close(patience: number): Promise<void>
}

/** Bodies are checked by our own tables or with zod. Without these two, Fastify would load a validator. */
const refuseSchemas = (): never => {
  throw new Error('Routes have no JSON Schema here.')
}

const noQuery = Object.freeze({})

/** Reads a query. What is not UTF-8 stays encoded, so that it matches no userName. */
const parseQuery = (text: string) =>
  text === '' ? noQuery : parse(text, '&', '=', { maxKeys: 0, decodeURIComponent: decode })

/** A part of the server: where its paths begin, and a Fastify plugin, which finds the context on its app. */
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
    // A request without Host gets an answer like any other (D-07).
    requireHostHeader: false,
  }
  const options = {
    logger: false,
    schemaController: { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } },
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: limits.headBytes, querystringParser: parseQuery },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: refuseUndecodable,
    // A request that had begun to arrive when the server was told to stop is answered. Then its connection is closed.
    return503OnClosing: false,
    rewriteUrl: ({ url }: IncomingMessage) => toCanonicalUrl(url!),
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    ...(tls ? { https: { ...node, ...tls } } : { http: node }),
  }
  const app = Fastify(options as object) as unknown as FastifyInstance
  app.decorate('context', context)
  // No route reads a body of these methods.
  for (const method of ['DELETE', 'QUERY']) app.addHttpMethod(method, { overrideExisting: true } as object)
  app.addHook('onRequest', ({ raw }, reply, done) => {
    reply.header('x-content-type-options', 'nosniff')
    if (hasBody(raw)) reply.raw.once('finish', () => awaitRest(raw))
    // Node gives an answer its socket when the earlier ones on the connection have been sent (D-09).
    if (reply.raw.socket === null) reply.raw.once('socket', () => done())
    else done()
  })
  openSurface(app)
  // Fastify waits for a plugin only if it takes a callback or returns a promise.
  for (const { prefix, plugin } of surfaces) app.register(async scope => plugin(scope), { prefix })

  const connections = new Set<Socket>()
  /** Those that accept connections at the further addresses of a host. */
  const further: NetServer[] = []
  app.server.on('checkExpectation', (request, response) =>
    refuseExpectation(request, response, context.instances.secrets),
  )
  app.server.maxConnections = limits.connections
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return {
    app,
    async listen([first, ...others], port) {
      await app.listen({ host: first!, port })
      const bound = (app.server.address() as AddressInfo).port
      further.push(...others.map(each => alsoListen(app, each, bound)))
      await Promise.allSettled(further.map(each => once(each, 'listening')))
      return bound
    },
    async close(patience) {
      const force = setTimeout(() => endConnections(connections, () => true), patience)
      // Repeatedly: a request that is answered meanwhile may leave its connection open for the next one.
      const sweep = setInterval(() => endConnections(connections, isWithoutRequest), 20)
      for (const each of further) each.close()
      try {
        await app.close()
      } finally {
        clearTimeout(force)
        clearInterval(sweep)
      }
    },
  }
}

/** The addresses of a host: all those of `localhost`; any other name is left to the system. */
export const addressesOf = async (host: string): Promise<string[]> =>
  host === 'localhost' ? (await lookup(host, { all: true })).map(({ address }) => address) : [host]

/** Accepts connections at a further address. */
function alsoListen(app: FastifyInstance, host: string, port: number): NetServer {
  // The further servers that Fastify makes have neither the limit of connections nor our answer to what is not HTTP.
  const other = createServer(socket => app.server.emit('connection', socket))
  other.maxConnections = limits.connections
  return other.listen({ host, port })
}

function endConnections(connections: Iterable<Socket>, isMeant: (socket: Socket) => boolean): void {
  for (const socket of connections) if (isMeant(socket)) socket.destroy()
}

const isWithoutRequest = (socket: Socket): boolean => findPendingAnswer(socket) === undefined

/** Gives a client that already has its answer a while to send the rest, less than a request may take otherwise. */
function awaitRest(request: IncomingMessage): void {
  // A request of `inject` does not know whether it is complete, and no client waits for it.
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
  // After the answer, the request does not tell that its client has hung up.
  socket.once('close', stop)
}
