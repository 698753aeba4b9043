// Finds an instance of a server that runs elsewhere. Its control requests travel over HTTP.

import { Client, type Description } from './client.ts'
import type { Insightly } from './insightly.ts'
import { ask, jsonType, type Transport } from './transport.ts'

/** How to reach a server that runs elsewhere. */
export interface ConnectOptions {
  /** As its ready message tells it; it ends in `/_emulator`. */
  controlUrl: string
  /** As its ready message tells it, or as it was set. */
  adminKey: string
  /** The name of the instance; `default` unless given. */
  instance?: string
}

/**
 * Finds an instance of a server that runs elsewhere: another process, a container.
 * @throws ControlError 401 for a wrong key, 404 for an unknown instance; Error when nothing answers there
 */
export async function connect({ controlUrl, adminKey, instance = 'default' }: ConnectOptions): Promise<Insightly> {
  const transport = toHttpTransport(controlUrl, adminKey)
  const description = await ask(transport, 'GET', `/instances/${encodeURIComponent(instance)}`)
  return new Client(transport, description as Description, async () => {})
}

/** Its `send` throws Error when nothing answers. */
function toHttpTransport(controlUrl: string, adminKey: string): Transport {
  const base = controlUrl.replace(/\/+$/, '')
  return {
    url: base.replace(/\/_emulator$/, ''),
    adminKey,
    async send(method, path, body) {
      const headers = { authorization: `Bearer ${adminKey}`, ...(body !== undefined && jsonType) }
      try {
        const answer = await fetch(base + path, {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
        })
        return { status: answer.status, text: await answer.text() }
      } catch (error) {
        const { cause, message } = error as Error
        throw new Error(`Nothing answers at ${controlUrl} (${(cause as Error | undefined)?.message || message}).`, {
          cause: error,
        })
      }
    },
  }
}
