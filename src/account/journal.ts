// What happened: a bounded ring of exchanges per instance. Exchanges are kept as they are at hand and turned into
// entries, secrets masked, only when someone reads them.

import type { IncomingHttpHeaders } from 'node:http'
import type { Asked, Operation } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'
import type { ScimRecord } from '../scim/user.ts'

/** A request and its answer as the server met them; filled in while it runs. */
export interface Exchange {
  /** Given by the journal, ascending from 1; 0 until the exchange is in it. */
  id: number
  /** Milliseconds since 1970 by the instance's clock. */
  when: number
  /** A monotonic time in milliseconds. */
  startedAt: number
  durationMs: number
  method: string
  /** As sent, with the query. */
  url: string
  headers: IncomingHttpHeaders
  isEncrypted: boolean
  /** Parsed, or undefined when there was none or it was no JSON. */
  body: unknown
  bodyLength: number
  /** Null when no answer was sent. */
  status: number | null
  answer: string | undefined
  /** What it did; `refused` until something was done. */
  operation: Operation
  /** What the request asks for, once somebody wanted to know. */
  asked?: Asked
  before: ScimRecord | undefined
  after: ScimRecord | undefined
  /** The document of the user that was read by its id. */
  shown: string | undefined
  fault: string | undefined
  notes: Note[]
}

/** The exchanges of one instance, oldest first. */
export class Journal {
  readonly #capacity: number
  /** A ring: the exchange with the id n lies at n modulo capacity. */
  #ring: Exchange[] = []
  #lastId = 0
  #cleared = 0
  /** How many exchanges the ring gave up for newer ones, since it was last cleared. */
  dropped = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The id of the newest exchange: a cursor for what comes after. */
  get cursor(): number {
    return this.#lastId
  }

  /**
   * Adds a finished exchange and gives it its id.
   * @returns whether one was given up for it
   */
  add(exchange: Exchange): boolean {
    this.#lastId += 1
    exchange.id = this.#lastId
    const isFull = this.#lastId - this.#cleared > this.#capacity
    if (isFull) this.dropped += 1
    if (this.#capacity > 0) this.#ring[this.#lastId % this.#capacity] = exchange
    return isFull
  }

  /** The exchanges after a cursor, oldest first. */
  *since(cursor: number): Iterable<Exchange> {
    const first = Math.max(cursor, this.#cleared, this.#lastId - this.#capacity) + 1
    for (let id = first; id <= this.#lastId; id += 1) yield this.#ring[id % this.#capacity]!
  }

  /** Forgets all exchanges; ids go on, so that cursors stay good. */
  clear(): void {
    this.#ring = []
    this.#cleared = this.#lastId
    this.dropped = 0
  }
}
