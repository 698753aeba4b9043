// Tokens and keys: makes, digests and looks them up. The time that a lookup takes tells nothing about them.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A secret from the system's random source, 256 bits; it never starts with a dash, which command lines take for a flag. */
export function makeToken(): string {
  const token = randomBytes(32).toString('base64url')
  return token.startsWith('-') ? makeToken() : token
}

/** The digest under which a secret is stored or looked up. */
export const digest = (secret: string): string => hash('sha256', secret, 'base64')

/** Whether two secrets are equal. The time that this takes tells nothing about them. */
export const isSameSecret = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(digest(one)), Buffer.from(digest(other)))

/** Maps secrets to what they open. It looks up digests, so that the time of a lookup tells nothing about a secret. */
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
