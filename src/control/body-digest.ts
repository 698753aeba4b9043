// Tells whether two requests have the same body, without keeping either.

import { createHash } from 'node:crypto'

/** A body without members is at most this long, blanks included. */
const longestEmpty = 64

/** The digest of a body, taken as it arrives. */
export class BodyDigest {
  readonly #hash = createHash('sha256')
  #start = ''

  /** Takes the next bytes. */
  take(chunk: Buffer): void {
    this.#hash.update(chunk)
    if (this.#start.length <= longestEmpty) this.#start += chunk.toString('latin1')
  }

  /** The digest of what was taken so far. */
  get text(): string {
    return this.#hash.copy().digest('base64')
  }

  /** Whether the body asks for nothing. */
  get isEmpty(): boolean {
    return this.#start.length <= longestEmpty && /^\s*(?:\{\s*\})?\s*$/.test(this.#start)
  }
}
