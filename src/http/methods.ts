// Which methods a path answers to, learnt from the routes themselves, so that 405 and Allow cannot go stale.

import type { FastifyInstance } from 'fastify'
import { ApiError } from '../errors.ts'

/** Listens to the routes of a scope; the result tells the methods of a path, none for one that does not exist. */
export function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { form: RegExp; method: string }[] = []
  app.addHook('onRoute', ({ path, method }) => {
    const form = new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`)
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push({ form, method: each })
  })
  return path => [...new Set(routes.filter(({ form }) => form.test(path)).map(({ method }) => method))]
}

/** Refuses a method that a path does not answer to (D-05). */
export function refuseMethod(method: string, methods: readonly string[]): never {
  const allow = methods.join(', ')
  throw new ApiError(
    'methodNotAllowed',
    `${method} is not supported here; ${allow} ${methods.length > 1 ? 'are' : 'is'}.`,
    'D-05',
    { allow },
  )
}
