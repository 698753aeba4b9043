// The memory that all journals of a process share. It knows the order of their exchanges, and has room for long texts: as
// bytes, in chunks that are filled one after another. In V8's heap the collector would move such texts twice and free them
// late. Here they are copied once, and the bound is exact.

/** Something that is kept until newer ones need its room. */
export interface Kept {
  /** How much of the bound it takes: its bytes, and an estimate for its objects. */
  readonly size: number
  /** Its neighbours in the order in which exchanges came, whichever journal they are in; set by the memory. */
  older: Kept | undefined
  newer: Kept | undefined
  /** Drops it from its journal: it is the oldest of all, and newer ones need its room. */
  drop(): void
}

/** Where long texts lie: all in one chunk. */
export interface Place {
  readonly chunk: Chunk
  readonly at: number
}

interface Chunk {
  readonly bytes: Buffer
  /** Where the next bytes go. */
  head: number
  /** How many places are still in use. */
  live: number
}

const chunkLength = 512 * 1024

/** What the journals keep, oldest first, and the chunks for long texts. */
export class JournalMemory {
  /** The bound, in bytes. */
  readonly most: number
  #oldest: Kept | undefined
  #newest: Kept | undefined
  /** The chunk that is being filled. */
  #chunk: Chunk | undefined
  /** An empty chunk, kept for the next use: memory that is given up stays taken until V8 notices. */
  #spare: Buffer | undefined
  /** How many bytes the chunks have. */
  #length = 0
  /** The sum of the sizes of everything that is kept. */
  #used = 0
  /** How many exchanges were dropped for newer ones since the process started. */
  dropped = 0

  /** @param most in bytes; a single journal may hold half of it, so that a busy instance leaves room for the others */
  constructor(most: number) {
    this.most = most
  }

  /** What everything that is kept takes of the bound. */
  get used(): number {
    return this.#used
  }

  /** How many bytes one journal may hold. */
  get mostOfOne(): number {
    return this.most / 2
  }

  /** Reserves a place until it is freed. The caller writes to it. */
  reserve(length: number): Place {
    const chunk = this.#findRoom(length)
    const place = { chunk, at: chunk.head }
    chunk.head += length
    chunk.live += 1
    return place
  }

  /** Gives a place back. */
  free({ chunk }: Place): void {
    chunk.live -= 1
    if (chunk.live > 0) return
    if (chunk === this.#chunk) this.#chunk = undefined
    this.#length -= chunk.bytes.length
    if (chunk.bytes.length === chunkLength) this.#spare = chunk.bytes
  }

  /** Keeps an exchange until it is removed or newer ones need its room. */
  add(kept: Kept): void {
    kept.older = this.#newest
    if (this.#newest) this.#newest.newer = kept
    else this.#oldest = kept
    this.#newest = kept
    this.#used += kept.size
    while (this.#used > this.most) this.#dropOldest()
  }

  /** Removes an exchange. */
  remove(kept: Kept): void {
    const { older, newer } = kept
    if (older) older.newer = newer
    else this.#oldest = newer
    if (newer) newer.older = older
    else this.#newest = older
    // One that is dead and old would keep its younger neighbours alive until the next full collection.
    kept.older = undefined
    kept.newer = undefined
    this.#used -= kept.size
  }

  #findRoom(length: number): Chunk {
    const last = this.#chunk
    if (last && last.head + length <= last.bytes.length) return last
    const wanted = Math.max(length, chunkLength)
    while (this.#length + wanted > this.most && this.#oldest) this.#dropOldest()
    const chunk = { bytes: this.#takeBytes(wanted), head: 0, live: 0 }
    this.#chunk = chunk
    this.#length += wanted
    return chunk
  }

  #dropOldest(): void {
    this.dropped += 1
    this.#oldest!.drop()
  }

  #takeBytes(length: number): Buffer {
    const spare = length === chunkLength ? this.#spare : undefined
    if (spare) this.#spare = undefined
    return spare ?? Buffer.allocUnsafeSlow(length)
  }
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
