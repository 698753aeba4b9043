// The course of a request to SCIM or REST: it is admitted, its body is read, fault rules are asked, its handler runs.
// Whatever is thrown on the way is its answer.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FaultTarget } from '../account/faults.ts'
import { hasBody, parseJson, receiveBody } from './body.ts'
import { attempt, Call, type Dialect } from './call.ts'
import { injectFault } from './faulty.ts'
import type { Context } from './server.ts'

/** Does what a request asks for and answers it. */
export type Handler = (call: Call) => void

/** What SCIM and REST do differently. */
export interface Surface extends Dialect {
  /**
   * Lets a request in, or throws why not, and says what will answer it. What that throws comes after fault rules were
   * asked, what this throws before.
   */
  admit(call: Call): Handler
  /** Whether requests of a method have a body that means something. */
  readsBody(method: string): boolean
  /** What fault rules look at. */
  toFaultTarget(call: Call): FaultTarget
}

/** Answers one request, whose URL is in its canonical spelling. */
export type Listener = (request: IncomingMessage, response: ServerResponse, url: string) => void

/** What a server calls for each request to a surface. */
export function toListener(surface: Surface, context: Context): Listener {
  const run = (call: Call, handler: Handler): void => {
    if (call.instance.faults.isEmpty) handler(call)
    else injectFault(call, surface.toFaultTarget(call), () => attempt(call, () => handler(call)))
  }
  return (request, response, url) => {
    const call = new Call(context, surface, request, response, url)
    attempt(call, () => {
      const handler = surface.admit(call)
      if (!surface.readsBody(call.exchange.method) || !hasBody(request)) {
        run(call, handler)
        return
      }
      receiveBody(request, (error, body) =>
        attempt(call, () => {
          if (error) throw error
          call.exchange.bodyLength = body.length
          call.exchange.body = call.body = parseJson(body)
          run(call, handler)
        }),
      )
    })
  }
}

/** The handlers of a path by method. */
export type Methods = Partial<Record<string, Handler>>

interface Route {
  all?: Methods
  one?: Methods
  named: Map<string, Methods>
}

/** Which handler answers a path: `Users`, `Users/:id` for whatever is below it, `Users/Me` for just that. */
export class Routes {
  /** The paths, as they were given. */
  readonly table: Readonly<Record<string, Methods>>
  readonly #collections: ReadonlyMap<string, Route>

  constructor(table: Readonly<Record<string, Methods>>) {
    this.table = table
    const collections = new Map<string, Route>()
    for (const [path, methods] of Object.entries(table)) {
      const [collection = '', below] = path.split('/')
      const route: Route = collections.get(collection) ?? { named: new Map() }
      collections.set(collection, route)
      if (below === undefined) route.all = methods
      else if (below === ':id') route.one = methods
      else route.named.set(below, methods)
    }
    this.#collections = collections
  }

  /** The handlers of the path of a request; undefined where nothing is. */
  find({ collection, id, isDeeper }: Call): Methods | undefined {
    const route = this.#collections.get(collection)
    if (id === undefined) return route?.all
    return isDeeper ? undefined : (route?.named.get(id) ?? route?.one)
  }
}
