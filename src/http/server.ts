// The HTTP server: its limits, which surface a request goes to, and how it stops. What the surfaces do is in http/.

import { lookup } from 'node:dns/promises'
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createNetServer, type Server as NetServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../account/instance.ts'
import type { Instances } from '../account/instances.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { surfaceOf, toCanonicalUrl } from '../paths.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import { limits } from './limits.ts'
import type { Metrics } from './metrics.ts'
import { refuseUnreadable } from './refusals.ts'
import { restSurface } from './rest.ts'
import { scimSurface } from './scim.ts'
import { toListener } from './surface.ts'

/** What the surfaces of one server share. */
export interface Context {
  config: Config
  version: string
  startedAt: number
  instances: Instances
  adminKey: string
  /** The behaviours of new instances. */
  behaviours: Readonly<Behaviours>
  log: Log
  metrics: Metrics
  /** Aborted when the server begins to stop: whatever waits without end, ends. */
  closing: AbortSignal
  /** With --any-token, makes an instance for an unknown SCIM token; undefined when it may not. */
  makeInstanceFor(token: string): Instance | undefined
}

/** How many instances --any-token may make. */
export const maxAnyTokenInstances = 10_000

/** A server that is built and may listen. */
export interface Server {
  http: HttpServer
  /** The control API, which can be asked without a socket; loaded when it is first needed. */
  getApp(): Promise<FastifyInstance>
  /** Starts to accept connections, on every address of `localhost`. */
  listen(host: string, port: number): Promise<void>
  /** Stops accepting, waits for what runs, and ends all connections after some milliseconds. */
  close(patience: number): Promise<void>
}

/** Builds the server; `tls` makes it serve HTTPS. */
export function buildServer(context: Context, tls?: { cert: Buffer; key: Buffer }): Server {
  const listeners = { scim: toListener(scimSurface, context), rest: toListener(restSurface, context) }
  let app: FastifyInstance | undefined
  let loading: Promise<FastifyInstance> | undefined
  const load = async (): Promise<FastifyInstance> => {
    const { buildApp } = await import('./app.ts')
    const built = buildApp(http, context)
    await built.ready()
    app = built
    return app
  }
  const getApp = (): Promise<FastifyInstance> => {
    loading ??= load()
    return loading
  }
  const answer: RequestListener = (request, response) => {
    // What had begun to arrive when the server was told to stop is answered; its connection ends with that.
    if (context.closing.aborted) response.setHeader('connection', 'close')
    const url = toCanonicalUrl(request.url!)
    const surface = surfaceOf(url)
    if (surface) listeners[surface](request, response, url)
    else if (app) app.routing(request, response)
    else
      getApp()
        .then(({ routing }) => routing(request, response))
        .catch((error: unknown) => {
          context.log.error({ err: error }, 'The control API could not be loaded.')
          response.destroy()
        })
  }
  const options = {
    headersTimeout: limits.headSeconds * 1000,
    handshakeTimeout: limits.headSeconds * 1000,
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: limits.headBytes,
    // A request without Host gets an answer as any other (D-07).
    requireHostHeader: false,
    // Requests without a body are read to their end already.
    optimizeEmptyRequests: true,
  }
  const http = tls ? createTlsServer({ ...options, ...tls }, answer) : createServer(options, answer)
  http.maxConnections = limits.connections
  http.on('clientError', refuseUnreadable)

  /** Those that accept connections at the further addresses of a host. */
  const others: NetServer[] = []
  return {
    http,
    getApp,
    async listen(host, port) {
      const addresses = host === 'localhost' ? await lookup(host, { all: true }) : [{ address: host }]
      await listenAt(http, addresses[0]!.address, port)
      for (const { address } of addresses.slice(1)) {
        const other = createNetServer(socket => http.emit('connection', socket))
        // Where one address of a name cannot be had, the others will do.
        await listenAt(other, address, (http.address() as AddressInfo).port).then(
          () => others.push(other),
          () => other.close(),
        )
      }
    },
    async close(patience) {
      const force = setTimeout(() => http.closeAllConnections(), patience)
      // What is answered meanwhile may leave its connection open for a next request.
      const sweep = setInterval(() => http.closeIdleConnections(), 50)
      await Promise.all([http, ...others].map(server => new Promise(resolve => server.close(resolve))))
      clearTimeout(force)
      clearInterval(sweep)
    },
  }
}

function listenAt(server: NetServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
