// Tokens and keys: made, digested, and looked up so that the time it takes says nothing about them.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A secret from the system's random source, 256 bits; it never starts with a dash, which command lines take for a flag. */
export function makeToken(): string {
  const token = randomBytes(32).toString('base64url')
  return token.startsWith('-') ? makeToken() : token
}

/** What stands for a secret where it is stored or looked up. */
export const digest = (secret: string): string => hash('sha256', secret, 'base64')

/** Whether two secrets are the same, in a time that says nothing about either. */
export const isSameSecret = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(digest(one)), Buffer.from(digest(other)))

/** What each of some secrets opens. They are looked up by their digests: how long that takes says nothing about them. */
export class Keyring<T> {
  readonly #byDigest = new Map<string, T>()

  find(secret: string): T | undefined {
    return this.#byDigest.get(digest(secret))
  }

  set(secret: string, opens: T): void {
    this.#byDigest.set(digest(secret), opens)
  }

  delete(secret: string): void {
    this.#byDigest.delete(digest(secret))
  }

  clear(): void {
    this.#byDigest.clear()
  }
}
