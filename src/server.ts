// The HTTP server: one Fastify app with a scope a surface, its limits, and how it stops. What the surfaces do is in http/.

import { type IncomingMessage, METHODS } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { consoleSurface } from './http/console.ts'
import { controlSurface } from './http/control.ts'
import { maxBody } from './http/exchange.ts'
import { openSurface } from './http/open.ts'
import { toCanonicalUrl } from './http/paths.ts'
import { refuseUnreadable } from './http/refusals.ts'
import { restSurface } from './http/rest.ts'
import { scimSurface } from './http/scim.ts'
import type { Instance } from './instance.ts'
import type { Instances } from './instances.ts'
import type { Metrics } from './metrics.ts'
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
  log: Logger
  metrics: Metrics
  /** Aborted when the server begins to stop: whatever waits without end, ends. */
  closing: AbortSignal
  /** With --any-token, makes an instance for an unknown SCIM token; undefined when it may not. */
  makeInstanceFor(token: string): Instance | undefined
}

/** How many instances --any-token may make. */
export const maxAnyTokenInstances = 10_000

/** The largest URL with headers in bytes: an id of any reasonable length is looked for before it is refused (U-06). */
const maxHead = 64 * 1024

/** Builds the app; `tls` makes it serve HTTPS. */
export function buildServer(context: Context, tls?: { cert: Buffer; key: Buffer }): FastifyInstance {
  // A request without Host gets an answer as any other (D-07).
  const node = { headersTimeout: 20_000, maxHeaderSize: maxHead, requireHostHeader: false }
  const app = Fastify({
    logger: false,
    bodyLimit: maxBody,
    routerOptions: { maxParamLength: maxHead },
    clientErrorHandler: refuseUnreadable,
    rewriteUrl: (request: IncomingMessage) => toCanonicalUrl(request.url ?? '/'),
    // A stalled client must not hold a connection for ever; --host may be public.
    requestTimeout: 60_000,
    keepAliveTimeout: 65_000,
    ...(tls ? { https: { ...node, ...tls } } : { http: node }),
  } as object) as unknown as FastifyInstance
  app.addHttpMethod('DELETE', { hasBody: false, overrideExisting: true } as object)
  for (const method of METHODS)
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: false })

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
