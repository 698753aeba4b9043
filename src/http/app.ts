// Everything but SCIM and REST: the control API, the console and the open endpoints, on Fastify, which is loaded with
// the first request to them (docs/decisions/0012).

import { METHODS, type Server } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { controlSurface } from '../control/control.ts'
import { awaitRest } from './body.ts'
import { consoleSurface } from './console.ts'
import { limits } from './limits.ts'
import { openSurface } from './open.ts'
import type { Context } from './server.ts'

/** Bodies are checked with zod; given its own compilers, Fastify does not load its third of all code, ajv. */
const refuseSchemas = (): never => {
  throw new Error('Routes have no Fastify schemas here.')
}

/** Builds the app for a server that others start and stop; its `routing` answers a request. */
export function buildApp(server: Server, context: Context): FastifyInstance {
  const app = Fastify({
    logger: false,
    schemaController: { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } },
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: limits.headBytes },
    serverFactory: () => server,
    // The server has its own.
    clientErrorHandler: () => {},
  } as object) as unknown as FastifyInstance
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
  if (context.config.controlApi) {
    app.register(controlSurface(context), { prefix: '/_emulator' })
    app.register(consoleSurface)
  }
  return app
}
