// What happened: the exchanges of each instance, oldest first, bounded in number and in bytes. They are kept as they came
// and went, and read as entries (parsed, secrets masked) only when someone looks.

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
  /** As sent: names and values in turn. */
  rawHeaders: readonly string[]
  isEncrypted: boolean
  /** As it came; undefined when there was none, or when it is too long to keep. */
  body: Buffer | undefined
  bodyLength: number
  /** Null when no answer was sent. */
  status: number | null
  /** Headers of the answer beside Content-Length. */
  answerHeaders: Readonly<Record<string, string | number>> | undefined
  answer: string | undefined
  /** What it did; `refused` until something was done. */
  operation: Operation
  /** What the request asks for, as far as something depended on it. */
  asked: Asked | undefined
  before: ScimRecord | undefined
  after: ScimRecord | undefined
  /** The document of the user that was read by its id. */
  shown: string | undefined
  fault: string | undefined
  notes: Note[]
  /** How many bytes it counts in the journal. */
  size: number
}

/** What objects take beside their texts: rounded up, since the bound must hold. */
const perExchange = 1024
const perText = 32

/** About how many bytes an exchange keeps alive. */
function sizeOf({ url, rawHeaders, body, answer, asked, before, after, shown, notes }: Exchange): number {
  let size = perExchange + url.length + (body?.length ?? 0)
  for (const text of rawHeaders) size += text.length + perText
  for (const { text } of notes) size += 2 * text.length + perText
  for (const record of [before, after]) if (record) size += sizeOfRecord(record)
  if (asked?.userName !== undefined) size += 2 * asked.userName.length
  // What is read is mostly what is answered.
  if (answer !== undefined) size += sizeOfText(answer)
  if (shown !== undefined && shown !== answer) size += sizeOfText(shown)
  return size
}

/** V8 keeps two bytes for each character as soon as one of a text needs them. */
const sizeOfText = (text: string): number => (Buffer.byteLength(text) === text.length ? text.length : 2 * text.length)

function sizeOfRecord(record: ScimRecord): number {
  let size = 0
  for (const value of Object.values(record)) size += perText + (typeof value === 'string' ? 2 * value.length : 0)
  return size
}

/** How many bytes the journals of one process may hold together; the oldest exchange of all makes room. */
export class JournalBudget {
  readonly #most: number
  #used = 0
  /** How many exchanges were given up for newer ones since the process started. */
  dropped = 0
  /** A map remembers the order in which its keys came. */
  readonly #held = new Map<Exchange, Journal>()

  /** @param most in bytes; a single journal may hold half of it, so that a busy instance leaves room for the others */
  constructor(most: number) {
    this.#most = most
  }

  /** How many bytes one journal may hold. */
  get mostOfOne(): number {
    return this.#most / 2
  }

  /** Counts an exchange, for which older ones may have to go. */
  add(exchange: Exchange, journal: Journal): void {
    this.#held.set(exchange, journal)
    this.#used += exchange.size
    while (this.#used > this.#most) {
      const [oldest] = this.#held.values()
      oldest!.dropOldest()
    }
  }

  /** Gives back what an exchange took. */
  remove(exchange: Exchange): void {
    if (this.#held.delete(exchange)) this.#used -= exchange.size
  }
}

/** The exchanges of one instance, oldest first. */
export class Journal {
  readonly #capacity: number
  readonly #budget: JournalBudget
  /** A ring: the exchange with the id n lies at n modulo capacity. */
  #ring: (Exchange | undefined)[] = []
  #lastId = 0
  /** The id of the oldest exchange that is still there. */
  #firstId = 1
  #bytes = 0
  /** How many exchanges were given up for newer ones, since the journal was last cleared. */
  dropped = 0

  constructor(capacity: number, budget: JournalBudget) {
    this.#capacity = capacity
    this.#budget = budget
  }

  /** The id of the newest exchange: a cursor for what comes after. */
  get cursor(): number {
    return this.#lastId
  }

  /** Adds a finished exchange and gives it its id. */
  add(exchange: Exchange): void {
    this.#lastId += 1
    exchange.id = this.#lastId
    exchange.size = sizeOf(exchange)
    if (this.#lastId - this.#firstId >= this.#capacity) this.dropOldest()
    if (this.#capacity === 0) return
    this.#ring[this.#lastId % this.#capacity] = exchange
    this.#bytes += exchange.size
    this.#budget.add(exchange, this)
    while (this.#bytes > this.#budget.mostOfOne) this.dropOldest()
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

  /** Gives up the oldest exchange. */
  dropOldest(): void {
    this.#forgetOldest()
    this.dropped += 1
    this.#budget.dropped += 1
  }

  /** Forgets all exchanges; ids go on, so that cursors stay good. */
  clear(): void {
    while (this.#firstId <= this.#lastId) this.#forgetOldest()
    this.dropped = 0
  }

  #forgetOldest(): void {
    const at = this.#firstId % this.#capacity
    const exchange = this.#ring[at]
    this.#firstId += 1
    // With room for none, there is none.
    if (!exchange) return
    this.#ring[at] = undefined
    this.#bytes -= exchange.size
    this.#budget.remove(exchange)
  }
}
