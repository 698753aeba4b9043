// The exchanges of one instance, oldest first, bounded in number and in bytes.

import type { Exchange } from './exchange.ts'
import type { JournalMemory } from './journal-memory.ts'

/** The exchanges of one instance, oldest first. */
export class Journal {
  readonly #capacity: number
  readonly #memory: JournalMemory
  /** A ring: the exchange with the id n lies at n modulo capacity. */
  #ring: (Exchange | undefined)[] = []
  #lastId = 0
  /** The id of the oldest exchange that is still there. */
  #firstId = 1
  #bytes = 0
  /** How many exchanges were dropped for newer ones since the journal was last cleared. */
  dropped = 0

  constructor(capacity: number, memory: JournalMemory) {
    this.#capacity = capacity
    this.#memory = memory
  }

  /** The id of the newest exchange: a cursor for what comes after. */
  get cursor(): number {
    return this.#lastId
  }

  /** How many exchanges it holds. */
  get size(): number {
    return this.#lastId - this.#firstId + 1
  }

  /** Adds a finished exchange, which gets its id. @returns false when this journal keeps none */
  add(exchange: Exchange): boolean {
    this.#lastId += 1
    if (this.#capacity === 0) {
      this.#firstId = this.#lastId + 1
      this.dropped += 1
      this.#memory.dropped += 1
      return false
    }
    exchange.enter(this, this.#memory, this.#lastId)
    if (this.#lastId - this.#firstId >= this.#capacity) this.#dropForNewer()
    this.#ring[this.#lastId % this.#capacity] = exchange
    this.#bytes += exchange.size
    this.#memory.add(exchange)
    while (this.#bytes > this.#memory.mostOfOne) this.#dropForNewer()
    return true
  }

  /** The exchanges after a cursor, oldest first. */
  *since(cursor: number): Iterable<Exchange> {
    let id = cursor
    while (id < this.#lastId) {
      // While someone reads, older ones may be dropped.
      id = Math.max(id + 1, this.#firstId)
      const exchange = this.#ring[id % this.#capacity]
      if (exchange && id <= this.#lastId) yield exchange
    }
  }

  /** The exchange with an id, if it is still there. */
  find(id: number): Exchange | undefined {
    const exchange = this.#ring[id % this.#capacity]
    return exchange?.id === id ? exchange : undefined
  }

  /** Whether an exchange is still there. */
  holds({ id }: Exchange): boolean {
    return id >= this.#firstId
  }

  /** Drops the oldest exchange. */
  dropOldest(): void {
    this.#forgetOldest()
    this.dropped += 1
  }

  /** Removes all exchanges. Ids go on, so that cursors stay valid. */
  clear(): void {
    while (this.#firstId <= this.#lastId) this.#forgetOldest()
    this.dropped = 0
  }

  #dropForNewer(): void {
    this.dropOldest()
    this.#memory.dropped += 1
  }

  #forgetOldest(): void {
    const at = this.#firstId % this.#capacity
    const exchange = this.#ring[at]!
    this.#ring[at] = undefined
    this.#firstId += 1
    this.#bytes -= exchange.size
    this.#memory.remove(exchange)
    exchange.leave(this.#memory)
  }
}
