// What happened: the exchanges of each instance, oldest first, bounded in number and in bytes. They are kept as they came
// and went, and read as entries (parsed, secrets masked) only when someone looks.

import type { Asked, Operation } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'
import type { ScimRecord } from '../scim/user.ts'
import { type JournalMemory, type Kept, type Place, readPlace, writePlace } from './journal-memory.ts'

/** A request and its answer as the server met them; filled in while it runs. */
export interface Exchange {
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
}

/** What objects take beside their texts: rounded up, since the bound must hold. */
const perExchange = 1024
const perText = 32

function sizeOfRecord(record: ScimRecord): number {
  let size = 0
  for (const value of Object.values(record)) size += perText + (typeof value === 'string' ? 2 * value.length : 0)
  return size
}

const toText = (bytes: Buffer): string => bytes.toString('utf8')

/** An exchange in the journal: its texts lie in the memory of the journals, and are read from there when someone looks. */
export class KeptExchange implements Exchange, Kept {
  readonly id: number
  readonly when: number
  readonly startedAt: number
  readonly durationMs: number
  readonly method: string
  readonly isEncrypted: boolean
  readonly bodyLength: number
  readonly status: number | null
  readonly answerHeaders: Exchange['answerHeaders']
  readonly operation: Operation
  readonly asked: Asked | undefined
  readonly before: ScimRecord | undefined
  readonly after: ScimRecord | undefined
  readonly fault: string | undefined
  readonly notes: Note[]
  readonly place: Place
  readonly size: number
  readonly #journal: Journal
  readonly #isAnswerShown: boolean
  readonly #hasBody: boolean
  readonly #hasAnswer: boolean
  // Its texts lie one behind the other: head, body, answer, and the document that was shown, unless that is the answer.
  readonly #headEnd: number
  readonly #bodyEnd: number
  readonly #answerEnd: number
  readonly #end: number

  constructor(id: number, exchange: Exchange, journal: Journal, memory: JournalMemory) {
    this.id = id
    this.when = exchange.when
    this.startedAt = exchange.startedAt
    this.durationMs = exchange.durationMs
    this.method = exchange.method
    this.isEncrypted = exchange.isEncrypted
    this.bodyLength = exchange.bodyLength
    this.status = exchange.status
    this.answerHeaders = exchange.answerHeaders
    this.operation = exchange.operation
    this.asked = exchange.asked
    this.before = exchange.before
    this.after = exchange.after
    this.fault = exchange.fault
    this.notes = exchange.notes
    this.#journal = journal
    const { url, rawHeaders, body, answer, shown } = exchange
    // Neither a URL nor a header holds a line feed: Node's parser refuses it.
    const head = rawHeaders.length === 0 ? url : `${url}\n${rawHeaders.join('\n')}`
    // What is read is mostly what is answered.
    this.#isAnswerShown = shown !== undefined && shown === answer
    this.#headEnd = Buffer.byteLength(head)
    this.#bodyEnd = this.#headEnd + lengthOf(body)
    this.#answerEnd = this.#bodyEnd + lengthOf(answer)
    const end = this.#answerEnd + (this.#isAnswerShown ? 0 : lengthOf(shown))
    this.place = memory.reserve(end)
    writePlace(this.place, 0, head, this.#headEnd)
    if (body) writePlace(this.place, this.#headEnd, body, body.length)
    if (answer !== undefined) writePlace(this.place, this.#bodyEnd, answer, this.#answerEnd - this.#bodyEnd)
    if (end > this.#answerEnd) writePlace(this.place, this.#answerEnd, shown!, end - this.#answerEnd)
    this.#end = end
    this.#hasBody = body !== undefined
    this.#hasAnswer = answer !== undefined
    let size = perExchange + end
    for (const { text } of exchange.notes) size += 2 * text.length + perText
    for (const record of [exchange.before, exchange.after]) if (record) size += sizeOfRecord(record)
    if (exchange.asked?.userName !== undefined) size += 2 * exchange.asked.userName.length
    this.size = size
  }

  get url(): string {
    return this.#head()[0]!
  }

  get rawHeaders(): readonly string[] {
    return this.#head().slice(1)
  }

  get body(): Buffer | undefined {
    return this.#hasBody ? this.#read(this.#headEnd, this.#bodyEnd) : undefined
  }

  get answer(): string | undefined {
    return this.#hasAnswer ? toText(this.#read(this.#bodyEnd, this.#answerEnd)) : undefined
  }

  get shown(): string | undefined {
    if (this.#isAnswerShown) return this.answer
    return this.#end > this.#answerEnd ? toText(this.#read(this.#answerEnd, this.#end)) : undefined
  }

  /** Whether it is still in the journal: a reader that takes its time may come too late. */
  get isKept(): boolean {
    return this.#journal.holds(this)
  }

  drop(): void {
    this.#journal.dropOldest()
  }

  #head(): string[] {
    return toText(this.#read(0, this.#headEnd)).split('\n')
  }

  #read(from: number, to: number): Buffer {
    return readPlace(this.place, from, to - from)
  }
}

const lengthOf = (part: Buffer | string | undefined): number =>
  part === undefined ? 0 : typeof part === 'string' ? Buffer.byteLength(part) : part.length

/** The exchanges of one instance, oldest first. */
export class Journal {
  readonly #capacity: number
  readonly #memory: JournalMemory
  /** A ring: the exchange with the id n lies at n modulo capacity. */
  #ring: (KeptExchange | undefined)[] = []
  #lastId = 0
  /** The id of the oldest exchange that is still there. */
  #firstId = 1
  #bytes = 0
  /** How many exchanges were given up for newer ones, since the journal was last cleared. */
  dropped = 0

  constructor(capacity: number, memory: JournalMemory) {
    this.#capacity = capacity
    this.#memory = memory
  }

  /** The id of the newest exchange: a cursor for what comes after. */
  get cursor(): number {
    return this.#lastId
  }

  /** Adds a finished exchange. @returns it as it is kept from now on; undefined where none is */
  add(exchange: Exchange): KeptExchange | undefined {
    this.#lastId += 1
    if (this.#capacity === 0) {
      this.#firstId = this.#lastId + 1
      this.dropped += 1
      this.#memory.dropped += 1
      return undefined
    }
    const kept = new KeptExchange(this.#lastId, exchange, this, this.#memory)
    if (this.#lastId - this.#firstId >= this.#capacity) this.#dropForNewer()
    this.#ring[this.#lastId % this.#capacity] = kept
    this.#bytes += kept.size
    this.#memory.add(kept)
    while (this.#bytes > this.#memory.mostOfOne) this.#dropForNewer()
    return kept
  }

  /** The exchanges after a cursor, oldest first. */
  *since(cursor: number): Iterable<KeptExchange> {
    let id = cursor
    while (id < this.#lastId) {
      // While someone reads, older ones may be dropped.
      id = Math.max(id + 1, this.#firstId)
      const exchange = this.#ring[id % this.#capacity]
      if (exchange && id <= this.#lastId) yield exchange
    }
  }

  /** Whether an exchange is still there. */
  holds({ id }: KeptExchange): boolean {
    return id >= this.#firstId
  }

  /** Gives up the oldest exchange. */
  dropOldest(): void {
    this.#forgetOldest()
    this.dropped += 1
  }

  /** Forgets all exchanges; ids go on, so that cursors stay good. */
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
  }
}
