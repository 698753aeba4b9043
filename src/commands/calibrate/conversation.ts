// Speaks to a SCIM endpoint for calibrate: one request at a time, with patience for 429 and none for silence, and
// remembers every exchange without its token. What is asked, and what an answer means, is not decided here.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, NoAnswer, readRetryAfter, send } from '../../rehearse/send.ts'
import { toObject } from '../../shadow/documents.ts'
import { toTarget } from '../../shadow/upstream.ts'
import type { Exchange } from './reading.ts'

export interface ConversationOptions {
  /** The SCIM URL, below which /Users is. */
  url: string
  token: string
  userAgent: string
  /** How long to wait for one answer, in milliseconds. */
  timeout: number
  /** How long a 429 or 503 may ask to wait, in milliseconds. */
  longestWait: number
  /** Fires when someone wants it to end. */
  signal?: AbortSignal | undefined
  onWait?: ((seconds: number) => void) | undefined
}

/** The conversation cannot go on: stopped, or the endpoint is gone. */
export class Interrupted extends Error {}

/** How often one request is repeated because the endpoint asks for patience. */
const mostRepeats = 6

/** A conversation with one endpoint. */
export class Conversation {
  /** Everything that was asked and answered, in order. */
  readonly exchanges: Exchange[] = []
  readonly #options: ConversationOptions
  readonly #url: URL
  #signal: AbortSignal | undefined
  #silent = 0

  constructor(options: ConversationOptions) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#signal = options.signal
  }

  get host(): string {
    return this.#url.host
  }

  /** From now on a stop is ignored, so that the few requests that tidy up are sent. */
  ignoreStop(): void {
    this.#signal = undefined
    this.#silent = 0
  }

  /**
   * Sends a request and waits for its answer.
   * @throws Interrupted when it was stopped, or the endpoint does not answer any more
   * @throws NoAnswer when this one got none; the next one may
   */
  async ask(method: string, path: string, sent?: unknown): Promise<Exchange> {
    try {
      return await this.#askPatiently(method, path, sent)
    } catch (error) {
      // A connection that breaks says nothing about the endpoint, and reading twice changes nothing.
      if (method !== 'GET' || !(error instanceof NoAnswer) || error.isLate) throw error
      return this.#askPatiently(method, path, sent)
    }
  }

  async #askPatiently(method: string, path: string, sent: unknown): Promise<Exchange> {
    for (let repeats = 0; ; repeats += 1) {
      const answer = await this.#send(method, path, sent)
      const isBusy = answer.status === 429 || (answer.status === 503 && answer.headers['retry-after'] !== undefined)
      if (!isBusy) return this.#remember(method, path, sent, answer)
      await this.#waitAsAsked(answer, repeats)
    }
  }

  async #send(method: string, path: string, body: unknown): Promise<Answer> {
    const { token, userAgent, timeout } = this.#options
    if (this.#signal?.aborted) throw new Interrupted('it was stopped')
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/scim+json',
      'user-agent': userAgent,
      ...(body !== undefined && { 'content-type': 'application/scim+json' }),
    }
    try {
      const url = this.#url.origin + toTarget(this.#url, path)
      const answer = await send(url, { method, headers, body }, { timeout, signal: this.#signal })
      this.#silent = 0
      return answer
    } catch (error) {
      if (this.#signal?.aborted) throw new Interrupted('it was stopped')
      this.#silent += 1
      throw this.#silent > 2 ? new Interrupted(`${(error as Error).message}, three times`) : error
    }
  }

  #remember(method: string, path: string, sent: unknown, { status, headers, text, body }: Answer): Exchange {
    const { scimType } = toObject(body)
    const exchange: Exchange = {
      method,
      path,
      sent,
      status,
      scimType: typeof scimType === 'string' && /^[a-z]{1,40}$/i.test(scimType) ? scimType : '',
      contentType: headers['content-type'] ?? '',
      location: headers.location,
      body,
      isEmpty: text === '',
    }
    this.exchanges.push(exchange)
    return exchange
  }

  async #waitAsAsked(answer: Answer, repeats: number): Promise<void> {
    const wait = readRetryAfter(answer) ?? 1000 * 2 ** repeats
    if (repeats === mostRepeats) throw new Interrupted(`the endpoint answered ${answer.status} ${repeats + 1} times`)
    if (wait > this.#options.longestWait)
      throw new Interrupted(`the endpoint asks to wait ${Math.ceil(wait / 1000)} s (${answer.status}); try again then`)
    if (wait >= 1000) this.#options.onWait?.(Math.ceil(wait / 1000))
    try {
      await sleep(wait, undefined, this.#signal ? { signal: this.#signal } : {})
    } catch {
      throw new Interrupted('it was stopped')
    }
  }
}
