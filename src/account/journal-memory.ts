// The memory that all journals of a process share: the texts of exchanges as bytes, in chunks that are filled one after
// another. In V8's heap the collector would move such texts twice and free them late. Here they are copied once, and the
// bound is exact.

/** Something whose texts lie in this memory. */
export interface Kept {
  /** Where its texts lie. */
  readonly place: Place
  /** How much of the bound it takes: its bytes, and an estimate for its objects. */
  readonly size: number
  /** Drops it from its journal: it is the oldest of all, and newer ones need its room. */
  drop(): void
}

/** Where the texts of an exchange lie: all in one chunk. */
export interface Place {
  readonly chunk: Chunk
  readonly at: number
  /** Its index in the list `kept` of the chunk. */
  readonly slot: number
}

interface Chunk {
  readonly bytes: Buffer
  /** Where the next bytes go. */
  head: number
  /** The exchanges whose texts lie here, oldest first; undefined for one that was removed. */
  kept: (Kept | undefined)[]
  /** How many of them are still there. */
  live: number
}

const chunkLength = 512 * 1024

/** The chunks of all journals, oldest first. */
export class JournalMemory {
  readonly #most: number
  #chunks: Chunk[] = []
  /** One that nothing lies in any more, for the next use: a buffer that is let go takes memory until V8 notices. */
  #spare: Buffer | undefined
  /** How many bytes the chunks have. */
  #length = 0
  /** The sum of the sizes of everything that is kept. */
  #used = 0
  /** How many exchanges were dropped for newer ones since the process started. */
  dropped = 0

  /** @param most in bytes; a single journal may hold half of it, so that a busy instance leaves room for the others */
  constructor(most: number) {
    this.#most = most
  }

  /** How many bytes one journal may hold. */
  get mostOfOne(): number {
    return this.#most / 2
  }

  /** Reserves a place. The caller writes to it and calls `add` before anyone reserves the next place. */
  reserve(length: number): Place {
    const chunk = this.#findRoom(length)
    const place = { chunk, at: chunk.head, slot: chunk.kept.length }
    chunk.head += length
    return place
  }

  /** Keeps an exchange until it is removed or newer ones need its room. */
  add(kept: Kept): void {
    const { chunk } = kept.place
    chunk.kept.push(kept)
    chunk.live += 1
    this.#used += kept.size
    while (this.#used > this.#most) this.#dropOldest()
  }

  /** Frees what an exchange took. */
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
    const chunk = { bytes: this.#takeBytes(wanted), head: 0, kept: [], live: 0 }
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
    if (chunk.bytes.length === chunkLength) this.#spare = chunk.bytes
  }

  #takeBytes(length: number): Buffer {
    const spare = length === chunkLength ? this.#spare : undefined
    if (spare) this.#spare = undefined
    return spare ?? Buffer.allocUnsafeSlow(length)
  }
}

function empty(chunk: Chunk): void {
  chunk.head = 0
  chunk.kept = []
}

/**
 * Writes a text or bytes into a place.
 * @param from the offset in the place
 * @param length how many bytes the part takes
 */
export function writePlace({ chunk, at }: Place, from: number, part: Buffer | string, length: number): void {
  if (typeof part !== 'string') part.copy(chunk.bytes, at + from)
  // A text with as many bytes as characters is ASCII, which is written faster as latin1.
  else chunk.bytes.write(part, at + from, part.length === length ? 'latin1' : 'utf8')
}

/** A copy of `length` bytes of a place, from an offset on. */
export const readPlace = ({ chunk, at }: Place, from: number, length: number): Buffer =>
  Buffer.from(chunk.bytes.subarray(at + from, at + from + length))
