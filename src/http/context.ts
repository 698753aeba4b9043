// The context of a server, which all its surfaces share.

import type { Exchange } from '../account/exchange.ts'
import type { Instance } from '../account/instance.ts'
import type { Instances } from '../account/instances.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import type { Shadows } from '../shadow/shadows.ts'
import type { forward } from './forward.ts'
import type { Metrics } from './metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    context: Context
  }
}

/** What the surfaces of one server share. */
export interface Context {
  config: Config
  startedAt: number
  instances: Instances
  /** The behaviours of new instances. */
  behaviours: Readonly<Behaviours>
  log: Log
  metrics: Metrics
  /** Aborted when the server begins to stop; it ends everything that would wait without end. */
  closing: AbortSignal
  /** Who waits for the exchanges of requests that the control API sends again, by the mark that each carries. */
  replays: Map<string, (instance: Instance, exchange: Exchange) => void>
  /** With --upstream, the instances that stand before the real endpoint, and the course of their requests. */
  shadows?: Shadows | undefined
  forward?: typeof forward
  /** Only in the app of inner.ts: the instance that a request runs on, and where its exchange goes. */
  inner?: { instance: Instance; exchange: Exchange | undefined }
  /** With --any-token, makes an instance for an unknown SCIM token; undefined for one that may have none. @throws unauthorized when there are too many */
  makeInstanceFor(token: string): Instance | undefined
}
