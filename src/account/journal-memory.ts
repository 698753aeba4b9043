// The memory of all journals of a process: the texts of exchanges as bytes, in chunks that are filled one after the other.
// In V8's heap they would be moved twice and freed late; here a page of users costs a copy, and the bound is exact.

/** Something whose texts lie in this memory. */
export interface Kept {
  /** Where its texts lie. */
  readonly place: Place
  /** How much it counts: its bytes, and what its objects take. */
  readonly size: number
  /** Gives it up, since it is the oldest of all and newer ones need its room. */
  drop(): void
}

/** Where the texts of an exchange lie: all in one chunk. */
export interface Place {
  readonly chunk: Chunk
  readonly at: number
  /** Its number among all whose texts lie in the chunk. */
  readonly slot: number
}

interface Chunk {
  readonly bytes: Buffer
  /** Where the next bytes go. */
  head: number
  /** Whose texts lie here, oldest first; undefined for one that was given up. */
  kept: (Kept | undefined)[]
  /** How many of them are still there. */
  live: number
}

const chunkLength = 512 * 1024

/** The chunks, oldest first, and how full they are. */
export class JournalMemory {
  readonly #most: number
  #chunks: Chunk[] = []
  /** How many bytes the chunks have. */
  #length = 0
  /** What everything that is kept counts. */
  #used = 0
  /** How many exchanges were given up for newer ones since the process started. */
  dropped = 0

  /** @param most in bytes; a single journal may hold half of it, so that a busy instance leaves room for the others */
  constructor(most: number) {
    this.#most = most
  }

  /** How many bytes one journal may hold. */
  get mostOfOne(): number {
    return this.#most / 2
  }

  /** Finds a place for so many bytes; they are to be written, and what they belong to added, before the next is asked for. */
  reserve(length: number): Place {
    const chunk = this.#findRoom(length)
    const place = { chunk, at: chunk.head, slot: chunk.kept.length }
    chunk.head += length
    return place
  }

  /** Keeps what was written, until it is removed or newer ones need its room. */
  add(kept: Kept): void {
    const { chunk } = kept.place
    chunk.kept.push(kept)
    chunk.live += 1
    this.#used += kept.size
    while (this.#used > this.#most) this.#dropOldest()
  }

  /** Gives back what something took. */
  remove({ place: { chunk, slot }, size }: Kept): void {
    chunk.kept[slot] = undefined
    chunk.live -= 1
    this.#used -= size
    if (chunk.live === 0 && chunk !== this.#chunks.at(-1)) this.#release(chunk)
  }

  #findRoom(length: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last?.live === 0) empty(last)
    if (last && last.head + length <= last.bytes.length) return last
    const wanted = Math.max(length, chunkLength)
    while (this.#length + wanted > this.#most && this.#chunks.length > 0) this.#dropChunk()
    const chunk = { bytes: Buffer.allocUnsafeSlow(wanted), head: 0, kept: [], live: 0 }
    this.#chunks.push(chunk)
    this.#length += wanted
    return chunk
  }

  #dropChunk(): void {
    const [chunk] = this.#chunks
    while (chunk!.live > 0) this.#dropOldest()
    if (this.#chunks[0] === chunk) this.#release(chunk!)
  }

  #dropOldest(): void {
    const oldest = this.#chunks[0]!.kept.find(kept => kept !== undefined)!
    this.dropped += 1
    oldest.drop()
  }

  #release(chunk: Chunk): void {
    this.#chunks = this.#chunks.filter(each => each !== chunk)
    this.#length -= chunk.bytes.length
  }
}

function empty(chunk: Chunk): void {
  chunk.head = 0
  chunk.kept = []
}

/** Writes a text or bytes at so many bytes into a place. @param length how many bytes it takes */
export function writePlace({ chunk, at }: Place, from: number, part: Buffer | string, length: number): void {
  if (typeof part !== 'string') part.copy(chunk.bytes, at + from)
  // As many bytes as characters: nothing is to be encoded.
  else chunk.bytes.write(part, at + from, part.length === length ? 'latin1' : 'utf8')
}

/** A copy of some bytes of a place. */
export const readPlace = ({ chunk, at }: Place, from: number, length: number): Buffer =>
  Buffer.from(chunk.bytes.subarray(at + from, at + from + length))
