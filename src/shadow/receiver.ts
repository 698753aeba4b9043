// Takes one answer of the real endpoint as it comes: held until it is whole, or passed on when it is longer than what
// is held. The token of that endpoint is hidden in it.

import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { withoutHops } from './hop-by-hop.ts'

/** How much of an answer is held before the rest of it is passed on as it arrives, in bytes. */
export const mostHeld = 4 * 1024 * 1024

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

/** Takes one answer, and passes it on as soon as it is whole or longer than what is held. */
export class Receiver implements Dispatcher.DispatchHandler {
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
    const end = held.length - this.#token.length
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
  // Of what went wrong on a connection, only the words say more: a close is no bad response.
  return new NoAnswer(known === 'UND_ERR_SOCKET' ? `${known}: ${error.message}` : known, unsent.test(known))
}
