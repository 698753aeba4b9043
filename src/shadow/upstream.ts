// Speaks to the real endpoint: sends it what a provider sent, with the token of that endpoint, and gives back the answer
// as it came, byte for byte. Its address is fixed at start. Nothing here is decided by what an answer says.

import type { Dispatcher, Pool } from 'undici'
import { isReadable } from '../config.ts'
import { withoutHops } from './hop-by-hop.ts'
import { type RealAnswer, Receiver } from './receiver.ts'

/** How long a connection may take to be made, in milliseconds. */
const connectMs = 30_000

/** A request as it is passed on. */
export interface Forwarded {
  method: string
  /** Below the SCIM URL, with the query. */
  path: string
  /** As they came: names and values in turn. */
  rawHeaders: readonly string[]
  body: Buffer | undefined
  token: string
  signal: AbortSignal
}

/** Headers that the provider does not decide: whom the request speaks to, with which token, and how long its body is. */
const replaced = ['host', 'authorization', 'content-length', 'expect']

/** The real endpoint of one server. */
export class Upstream {
  /** The SCIM URL, without a slash at its end. */
  readonly url: string
  /** Whether others can read what is sent there. */
  readonly isReadable: boolean
  readonly #base: URL
  #pool: Promise<Pool> | undefined

  constructor(url: string) {
    this.#base = new URL(url)
    this.isReadable = isReadable(this.#base)
    this.url = this.#base.origin + this.#base.pathname.replace(/\/+$/, '')
  }

  get host(): string {
    return this.#base.host
  }

  /**
   * Sends a request.
   * @throws NoAnswer when none came, and the connection's own error when the signal ended it
   */
  async send({ method, path, rawHeaders, body, token, signal }: Forwarded): Promise<RealAnswer> {
    this.#pool ??= this.#connect()
    const pool = await this.#pool
    const headers = [...withoutHops(rawHeaders, replaced), 'authorization', `Bearer ${token}`]
    return new Promise((resolve, reject) => {
      const receiver = new Receiver(Buffer.from(token), resolve, reject, signal)
      const options = { method, path: toTarget(this.#base, path), headers, body: body ?? null }
      pool.dispatch(options as Dispatcher.DispatchOptions, receiver)
    })
  }

  /** Ends its connections. */
  async close(): Promise<void> {
    await (await this.#pool)?.destroy()
  }

  async #connect(): Promise<Pool> {
    const { Pool } = await import('undici')
    return new Pool(this.#base.origin, {
      // The provider decides how long it waits for an answer.
      headersTimeout: 0,
      bodyTimeout: 0,
      // Even when an environment variable tells Node not to verify.
      connect: { timeout: connectMs, rejectUnauthorized: true },
    })
  }
}

/** Path and query of a request below a SCIM URL. A query of the SCIM URL itself (`?aadOptscim062020`) stays. */
export function toTarget({ pathname, search }: URL, path: string): string {
  const at = path.indexOf('?')
  const [below, query] = at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)]
  const whole = [search.slice(1), query].filter(Boolean).join('&')
  const start = pathname.replace(/\/+$/, '') + below
  return (start === '' ? '/' : start) + (whole === '' ? '' : `?${whole}`)
}
