// Speaks to the real endpoint: sends it what a provider sent, with the token of that endpoint, and gives back the answer
// as it came, byte for byte. Its address is fixed at start. Nothing here is decided by what an answer says.

import { Readable } from 'node:stream'
import type { Dispatcher, Pool } from 'undici'

/** How much of an answer is held before the rest of it is passed on as it arrives, in bytes. */
export const mostHeld = 4 * 1024 * 1024

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

/** The answer of the real endpoint. */
export interface RealAnswer {
  status: number
  statusText: string
  /** As they came, names and values in turn, but for those that concern one connection only. */
  rawHeaders: string[]
  /** The body, or its start when there is more. */
  body: Buffer
  /** What follows the start. */
  rest: Readable | undefined
  /** Whether the connection broke before all of it had come. */
  isBroken: boolean
}

/** No answer came. */
export class NoAnswer extends Error {
  /** Whether the request cannot have arrived: no connection was made. */
  readonly isUnsent: boolean

  constructor(code: string, isUnsent: boolean) {
    super(code)
    this.isUnsent = isUnsent
  }
}

/** Headers that concern one connection only (RFC 9110 §7.6.1), beside those that `Connection` names. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Headers of a request that are not the provider's to say: whom it speaks to, with which token, and how long its body is. */
const replaced = ['host', 'authorization', 'content-length', 'expect']

/** The headers without those of the connection and without some others. */
function withoutHops(rawHeaders: readonly string[], others: readonly string[] = []): string[] {
  const left = new Set([...hopByHop, ...others])
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.toLowerCase() === 'connection')
      for (const name of rawHeaders[at + 1]!.split(',')) left.add(name.trim().toLowerCase())
  const kept: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (!left.has(rawHeaders[at]!.toLowerCase())) kept.push(rawHeaders[at]!, rawHeaders[at + 1]!)
  return kept
}

/** The real endpoint of one server. */
export class Upstream {
  /** The SCIM URL, without a slash at its end. */
  readonly url: string
  readonly #base: URL
  #pool: Promise<Pool> | undefined

  constructor(url: string) {
    this.#base = new URL(url)
    this.url = this.#base.origin + this.#base.pathname.replace(/\/+$/, '')
  }

  get host(): string {
    return this.#base.host
  }

  /** Whether others can read what is sent: it travels without TLS, and not only within this machine. */
  get isReadable(): boolean {
    return this.#base.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(this.#base.hostname)
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
      const options = { method, path: this.#toTarget(path), headers, body: body ?? null }
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
      // Also where an environment variable says that Node need not verify.
      connect: { timeout: connectMs, rejectUnauthorized: true },
    })
  }

  /** Where a path below the SCIM URL is there. A query of the SCIM URL itself (`?aadOptscim062020`) stays. */
  #toTarget(path: string): string {
    const at = path.indexOf('?')
    const [below, query] = at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)]
    const whole = [this.#base.search.slice(1), query].filter(Boolean).join('&')
    const start = this.#base.pathname.replace(/\/+$/, '') + below
    return (start === '' ? '/' : start) + (whole === '' ? '' : `?${whole}`)
  }
}

/** Takes one answer, and passes it on as soon as it is whole or longer than what is held. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #token: Buffer
  readonly #resolve: (answer: RealAnswer) => void
  readonly #reject: (error: Error) => void
  readonly #signal: AbortSignal
  #controller: Dispatcher.DispatchController | undefined
  #answer: RealAnswer | undefined
  #chunks: Buffer[] = []
  #length = 0
  #rest: Readable | undefined
  /** The end of what came, in which the token may have begun. */
  #tail: Buffer = Buffer.alloc(0)
  readonly #abort = () => this.#controller?.abort(new Error('The provider has left.'))

  constructor(
    token: Buffer,
    resolve: (answer: RealAnswer) => void,
    reject: (error: Error) => void,
    signal: AbortSignal,
  ) {
    this.#token = token
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#signal.addEventListener('abort', this.#abort, { once: true })
    if (this.#signal.aborted) this.#abort()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusText = ''): void {
    // Interim answers (1xx) come before the one that counts.
    if (status < 200) return
    const rawHeaders = (controller.rawHeaders as Buffer[]).map(each => this.#hide(each).toString('latin1'))
    this.#answer = {
      status,
      statusText,
      rawHeaders: withoutHops(rawHeaders),
      body: Buffer.alloc(0),
      rest: undefined,
      isBroken: false,
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#rest) {
      this.#pass(controller, chunk)
      return
    }
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length <= mostHeld) return
    this.#rest = new Readable({ read: () => controller.resume(), destroy: (error, done) => this.#leave(error, done) })
    this.#answer!.rest = this.#rest
    const held = this.#hide(Buffer.concat(this.#chunks))
    this.#chunks = []
    const end = held.length - this.#token.length
    this.#tail = held.subarray(end)
    controller.pause()
    this.#finish(held.subarray(0, end))
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#abort)
    if (!this.#rest) {
      this.#finish(this.#hide(Buffer.concat(this.#chunks)))
      return
    }
    this.#rest.push(this.#tail)
    this.#rest.push(null)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#abort)
    if (this.#rest) this.#rest.destroy(error)
    else if (this.#answer) {
      this.#answer.isBroken = true
      this.#finish(this.#hide(Buffer.concat(this.#chunks)))
    } else this.#reject(toNoAnswer(error))
  }

  #finish(body: Buffer): void {
    this.#answer!.body = body
    this.#resolve(this.#answer!)
  }

  #pass(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const held = this.#hide(Buffer.concat([this.#tail, chunk]))
    const end = Math.max(0, held.length - this.#token.length)
    this.#tail = held.subarray(end)
    if (!this.#rest!.push(held.subarray(0, end))) controller.pause()
  }

  #leave(error: Error | null, done: (error: Error | null) => void): void {
    if (error) this.#controller?.abort(error)
    done(error)
  }

  /** The token never leaves, even where the endpoint repeats it: as many asterisks take its place. */
  #hide(bytes: Buffer): Buffer {
    let hidden = bytes
    for (let at = bytes.indexOf(this.#token); at >= 0; at = bytes.indexOf(this.#token, at + this.#token.length)) {
      if (hidden === bytes) hidden = Buffer.from(bytes)
      hidden.fill('*', at, at + this.#token.length)
    }
    return hidden
  }
}

/** What undici and Node say when no connection could be made. */
const unsent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|\w*CERT\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/

function toNoAnswer(error: Error): NoAnswer {
  const { code = error.name } = error as NodeJS.ErrnoException
  const first =
    error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code : undefined
  const known = first ?? code
  return new NoAnswer(known, unsent.test(known))
}
