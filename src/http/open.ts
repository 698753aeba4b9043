// The endpoints that need no credentials, and the answer to paths that belong to no surface.

import type { FastifyInstance } from 'fastify'
import { ApiError } from '../errors.ts'
import { readOwnFile } from '../own-files/folder.ts'
import { answerProblems, collectMethods, refuseMethod } from './errors.ts'
import { pathOf } from './request.ts'

/** Registers the open endpoints, and the answer to all paths outside the surfaces. */
export function openSurface(app: FastifyInstance): void {
  const { context } = app
  const methodsFor = collectMethods(app)
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => reply.send({ status: 'ready' }))
  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await context.metrics.render(context.instances)
    return reply.type(type).send(text)
  })
  app.get('/openapi.yaml', (_request, reply) =>
    reply.type('application/yaml; charset=utf-8').send(readOwnFile('openapi.yaml')),
  )
  app.setNotFoundHandler(request => {
    const methods = methodsFor(pathOf(request))
    if (methods.length > 0) refuseMethod(request.method, methods)
    throw new ApiError('notFound', 'There is nothing here; /openapi.yaml says what there is.')
  })
  // The control API inherits it.
  answerProblems(app, context)
}
