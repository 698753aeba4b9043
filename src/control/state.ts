// The routes of an instance's state: export it, import it, reset it.

import { toInitialState } from '../account/settings.ts'
import { exportState, parseState, stateSchema, toInitial } from '../account/state.ts'
import type { Context } from '../http/context.ts'
import { type ControlApp, named, nothing, ofInstance, toStream, withStreams } from './route.ts'
import { sendInSlices } from './slices.ts'
import { receiveState } from './state-stream.ts'

const state = named('State', stateSchema)

/** Registers the routes of the state. */
export function stateRoutes(app: ControlApp, { instances, behaviours, metrics }: Context): void {
  app.get(
    '/instances/:name/state',
    {
      schema: {
        operationId: 'exportState',
        summary: 'The state document',
        params: ofInstance,
        response: { 200: state },
      },
    },
    async ({ instance }, reply) => {
      await sendInSlices(reply, exportState(instance))
    },
  )

  withStreams(app, scope => {
    scope.put(
      '/instances/:name/state',
      {
        schema: {
          operationId: 'importState',
          summary: 'Replaces settings, behaviours and users',
          params: ofInstance,
          body: state,
          response: { 204: nothing },
          errors: ['conflict'],
        },
      },
      async (request, reply) => {
        const { instance } = request
        try {
          await instance.withStagedUsers(async staged => {
            metrics.imports.add(staged)
            try {
              const { document, users } = await receiveState(toStream(request), ['users'], () => staged)
              const initial = toInitial(parseState(document), toInitialState(behaviours))
              instance.importState(users ? { ...initial, users } : initial)
            } finally {
              metrics.imports.delete(staged)
            }
          })
        } catch (error) {
          // When the instance was deleted while its state arrived, the answer is notFound.
          instances.get(instance.name)
          throw error
        }
        reply.code(204)
      },
    )
  })

  app.post(
    '/instances/:name/reset',
    {
      schema: {
        operationId: 'reset',
        summary: 'Back to the state the instance was created with',
        params: ofInstance,
        response: { 204: nothing },
      },
    },
    ({ instance }, reply) => {
      instance.reset()
      reply.code(204).send()
    },
  )
}
