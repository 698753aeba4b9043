// A request and its answer, as they were received and sent. They are parsed and masked only when someone reads them.

import { scimFields, toScimRecord } from '../scim/attribute.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import type { Asked, Operation } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'
import type { ScimRecord } from '../scim/user.ts'
import { type JournalMemory, type Kept, type Place, readPlace, writePlace } from './journal-memory.ts'

/** What objects take beside their texts: rounded up, since the bound must hold. */
const perExchange = 1024
const perText = 40
/** The texts of an exchange stay in V8's heap up to so many bytes: enough for a user's document, too little for a page. */
const mostInHeap = 4096

/** One thing in which two answers differ: `status`, `scimType`, the place in the body, or what became of an attribute. */
export interface Difference {
  what: string
  there: string
  here: string
}

/** What this server itself would have answered to a request that was passed on to the real endpoint. */
export interface Shadowed {
  /** Why it is not known; what follows is then empty. */
  uncompared?: string
  status?: number
  /** The text of the answer. */
  answer?: string
  notes: readonly Note[]
  differences: readonly Difference[]
}

/** Where exchanges are kept, oldest first: a journal. */
interface Keeper {
  /** Whether an exchange is still there. */
  holds(exchange: Exchange): boolean
  /** Drops the oldest exchange. */
  dropOldest(): void
}

/** V8 keeps two bytes for each character as soon as one of a text needs them. */
const sizeOfText = (text: Buffer | string | undefined): number => (text === undefined ? 0 : 2 * text.length)

function sizeOfRecord(record: ScimRecord): number {
  let size = 0
  for (const field of scimFields) {
    const value = record[field]
    size += perText + (typeof value === 'string' ? 2 * value.length : 0)
  }
  return size
}

function sizeOfShadowed({ answer, notes, differences }: Shadowed): number {
  let size = perExchange + sizeOfText(answer)
  for (const { text } of notes) size += perText + 2 * text.length
  for (const each of differences) size += perExchange + 2 * (each.what.length + each.there.length + each.here.length)
  return size
}

/** The long texts, which lie one behind the other in the memory of the journals, and how many bytes each takes. */
interface LongTexts {
  readonly place: Place
  readonly body: number
  readonly answer: number
  readonly shown: number
}

/** A request and its answer as the server met them; filled in while it runs, then kept in a journal. */
export class Exchange implements Kept {
  /** Given by the journal, ascending from 1; 0 until the exchange is in it. */
  id = 0
  size = 0
  older: Kept | undefined = undefined
  newer: Kept | undefined = undefined
  /** Milliseconds since 1970 by the instance's clock. */
  when = 0
  /** A monotonic time in milliseconds. */
  readonly startedAt = performance.now()
  durationMs = 0
  readonly method: string
  /** As sent, with the query. */
  readonly url: string
  readonly isEncrypted: boolean
  bodyLength = 0
  /** Null when no answer was sent. */
  status: number | null = null
  /** Headers of the answer beside Content-Length. */
  answerHeaders: Readonly<Record<string, string | number>> | undefined = undefined
  /** What it did; `refused` until something is done. */
  operation: Operation = 'refused'
  /** What the request asks for, as far as something depended on it. */
  asked: Asked | undefined = undefined
  before: ScimRecord | undefined = undefined
  after: ScimRecord | undefined = undefined
  fault: string | undefined = undefined
  /** The switches in force when it was answered. */
  behaviours: Readonly<Behaviours> | undefined = undefined
  /** Set when the real endpoint answered. */
  shadowed: Shadowed | undefined = undefined
  notes: Note[] = []
  /** Whether only the start of its answer is left. */
  isAnswerCut = false
  /** In the journal they are one text with a line for each: none can hold a line feed. */
  #headers: readonly string[] | string
  /**
   * In the journal it is a text with a character for each byte: as a buffer, it would keep a larger one in memory, of
   * which it is a part.
   */
  #body: Buffer | string | undefined = undefined
  #answer: Buffer | string | undefined = undefined
  #shown: string | undefined = undefined
  #isAnswerShown = false
  #long: LongTexts | undefined = undefined
  #keeper: Keeper | undefined = undefined

  constructor(method: string, url: string, rawHeaders: readonly string[], isEncrypted: boolean) {
    this.method = method
    this.url = url
    this.#headers = rawHeaders
    this.isEncrypted = isEncrypted
  }

  /** As sent: names and values in turn. */
  get rawHeaders(): readonly string[] {
    const headers = this.#headers
    if (typeof headers !== 'string') return headers
    return headers === '' ? [] : headers.split('\n')
  }

  /** As it came; undefined when there was none, or when it is too long to keep. */
  get body(): Buffer | undefined {
    const long = this.#long
    return long && long.body > 0 ? readPlace(long.place, 0, long.body) : toBytes(this.#body)
  }

  set body(body: Buffer | undefined) {
    this.#body = body
  }

  get answer(): string | undefined {
    const long = this.#long
    return long && long.answer > 0 ? readText(long.place, long.body, long.answer) : this.#answer?.toString()
  }

  set answer(answer: Buffer | string | undefined) {
    this.#answer = answer
  }

  /** Keeps no more than so many bytes of the answer, and no part of a character. */
  cutAnswer(most: number): void {
    const answer = this.#answer
    // No character of a text takes more than three bytes.
    if (answer === undefined || answer.length * (typeof answer === 'string' ? 3 : 1) <= most) return
    const bytes = typeof answer === 'string' ? Buffer.from(answer) : answer
    if (bytes.length <= most) return
    let end = most
    while ((bytes[end]! & 0xc0) === 0x80) end -= 1
    this.#answer = bytes.subarray(0, end)
    this.isAnswerCut = true
  }

  /** The document of the user that was read by its id. */
  get shown(): string | undefined {
    if (this.#isAnswerShown) return this.answer
    const long = this.#long
    return long && long.shown > 0 ? readText(long.place, long.body + long.answer, long.shown) : this.#shown
  }

  set shown(shown: string | undefined) {
    this.#shown = shown
  }

  /** Whether it is still in its journal: a reader that takes its time may come too late. */
  get isKept(): boolean {
    return this.#keeper?.holds(this) ?? false
  }

  /**
   * Takes its place in a journal. Long texts move to the memory of the journals. All else is made of few objects, since
   * the collector moves each of them twice.
   */
  enter(keeper: Keeper, memory: JournalMemory, id: number): void {
    this.id = id
    this.#keeper = keeper
    // Mostly, the document that was read is the whole answer.
    if (this.#shown !== undefined && this.#shown === this.#answer) {
      this.#isAnswerShown = true
      this.#shown = undefined
    }
    let size = (this.#body?.length ?? 0) + sizeOfText(this.#answer) + sizeOfText(this.#shown)
    if (size > mostInHeap) size = this.#layDown(memory)
    else {
      this.#body = this.#body?.toString('latin1')
      this.#answer = this.#answer?.toString()
    }
    const { before, after } = this
    this.before = before && toScimRecord(before)
    this.after = after === before ? this.before : after && toScimRecord(after)
    const headers = this.rawHeaders.join('\n')
    this.#headers = headers
    size += perExchange + this.url.length + perText + headers.length
    for (const { text } of this.notes) size += perText + 2 * text.length
    if (this.shadowed) size += sizeOfShadowed(this.shadowed)
    if (this.before) size += sizeOfRecord(this.before)
    if (this.after) size += sizeOfRecord(this.after)
    this.size = size + sizeOfText(this.asked?.userName)
  }

  /** Frees the memory of its long texts: nobody reads it any more. */
  leave(memory: JournalMemory): void {
    if (this.#long) memory.free(this.#long.place)
  }

  drop(): void {
    this.#keeper!.dropOldest()
  }

  #layDown(memory: JournalMemory): number {
    const [body, answer, shown] = [toBytes(this.#body) ?? noBytes, this.#answer ?? '', this.#shown ?? '']
    const lengths = { body: body.length, answer: Buffer.byteLength(answer), shown: Buffer.byteLength(shown) }
    const whole = lengths.body + lengths.answer + lengths.shown
    const place = memory.reserve(whole)
    writePlace(place, 0, body, lengths.body)
    writePlace(place, lengths.body, answer, lengths.answer)
    writePlace(place, lengths.body + lengths.answer, shown, lengths.shown)
    this.#long = { place, ...lengths }
    // An empty text stays what it was: it has no bytes to be read from.
    if (lengths.body > 0) this.#body = undefined
    if (lengths.answer > 0) this.#answer = undefined
    if (lengths.shown > 0) this.#shown = undefined
    return whole
  }
}

const noBytes = Buffer.alloc(0)
const toBytes = (body: Buffer | string | undefined): Buffer | undefined =>
  typeof body === 'string' ? Buffer.from(body, 'latin1') : body
const readText = (place: Place, from: number, length: number): string => readPlace(place, from, length).toString('utf8')
