// An app of its own without a socket, on which a request runs that no client sent: the course of SCIM without credentials,
// faults, limits and journal. Shadow asks it what this server would answer.

import type { Exchange } from '../account/exchange.ts'
import type { Inner } from '../shadow/model.ts'
import type { Context } from './context.ts'
import { scimSurface } from './scim.ts'
import { buildServer } from './server.ts'

/** Makes such an app. Only one request may run on it at a time. */
export function toInner(context: Context): Inner {
  const inner = { instance: context.instances.get('default'), exchange: undefined as Exchange | undefined }
  const { app } = buildServer({ ...context, shadows: undefined, inner }, [scimSurface])
  return {
    async run(instance, { method, path, headers, body }) {
      inner.instance = instance
      const { statusCode, payload } = await app.inject({
        method: method as 'GET',
        url: `/scim/v2${path}`,
        headers,
        ...(body !== undefined && { payload: body }),
      })
      return { status: statusCode, text: payload, exchange: inner.exchange! }
    },
    close: () => app.close(),
  }
}
