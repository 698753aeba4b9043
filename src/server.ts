// The HTTP server: one Fastify app with a scope a surface, its limits, and how it stops. What the surfaces do is in http/.

import { type IncomingMessage, METHODS } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { consoleSurface } from './http/console.ts'
import { controlSurface, maxState } from './http/control.ts'
import { maxBody } from './http/exchange.ts'
import { openSurface } from './http/open.ts'
import { refuseUnreadable } from './http/refusals.ts'
import { restSurface } from './http/rest.ts'
import { scimSurface } from './http/scim.ts'
import type { Instance } from './instance.ts'
import type { Instances } from './instances.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { toCanonicalUrl } from './paths.ts'
import type { Behaviours } from './scim/behaviour.ts'

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

/** What one client may take, in seconds, bytes and numbers: --host may be public, and some clients stall on purpose. */
export const limits = {
  /** For the request line and all headers; an idle new connection ends then, too. */
  headSeconds: 20,
  /** For the whole request, body included: a state document of a million users is read for minutes where little else is. */
  requestSeconds: 600,
  /** Between two requests on a connection. */
  idleSeconds: 65,
  /** An id of any reasonable length is looked for before it is refused (U-06). */
  headBytes: 64 * 1024,
  bodyBytes: maxBody,
  stateBytes: maxState,
  connections: 10_000,
}

/** Bodies are checked with zod; given its own compilers, Fastify does not load its third of all code, ajv. */
const refuseSchemas = (): never => {
  throw new Error('Routes have no Fastify schemas here.')
}

/** Builds the app; `tls` makes it serve HTTPS. */
export function buildServer(context: Context, tls?: { cert: Buffer; key: Buffer }): FastifyInstance {
  // A request without Host gets an answer as any other (D-07).
  const node = {
    headersTimeout: limits.headSeconds * 1000,
    handshakeTimeout: limits.headSeconds * 1000,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: limits.headBytes,
    requireHostHeader: false,
  }
  const app = Fastify({
    logger: false,
    schemaController: { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } },
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: limits.headBytes },
    clientErrorHandler: refuseUnreadable,
    // What had begun to arrive when the server was told to stop is answered; its connection ends with that.
    return503OnClosing: false,
    rewriteUrl: (request: IncomingMessage) => toCanonicalUrl(request.url ?? '/'),
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    ...(tls ? { https: { ...node, ...tls } } : { http: node }),
  } as object) as unknown as FastifyInstance
  app.server.maxConnections = limits.connections
  // Nothing here reads the bodies of these.
  for (const method of ['DELETE', 'QUERY'])
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true } as object)
  for (const method of METHODS)
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: false })

  app.addHook('onResponse', ({ raw }, _reply, done) => {
    // A request from within the process has no such mark, and no client to wait for.
    if (raw.complete === false) awaitRest(raw)
    done()
  })
  openSurface(app, context)
  app.decorateRequest('exchange', null as never)
  app.decorateRequest('instance', null as never)
  app.decorateRequest('fault', null)
  app.register(scimSurface(context), { prefix: '/scim/v2' })
  app.register(restSurface(context), { prefix: '/v3.1' })
  if (context.config.controlApi) {
    app.register(controlSurface(context), { prefix: '/_emulator' })
    app.register(consoleSurface)
  }
  return app
}

/** Lets a client that has its answer already go on sending for a while, but not for as long as a request may take. */
function awaitRest(request: IncomingMessage): void {
  const end = setTimeout(() => {
    if (!request.complete) request.socket.destroy()
  }, limits.headSeconds * 1000).unref()
  for (const event of ['end', 'close']) request.once(event, () => clearTimeout(end))
}
