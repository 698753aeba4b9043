// Tokens and keys: made, digested, and looked up so that the time it takes says nothing about them.

import { hash, randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { secretForm } from '../config.ts'
import { StartError } from '../errors.ts'

/** A secret from the system's random source, 256 bits; it never starts with a dash, which command lines take for a flag. */
export function toToken(): string {
  const token = randomBytes(32).toString('base64url')
  return token.startsWith('-') ? toToken() : token
}

/**
 * The secret that a file keeps, made on first use; its owner alone can read the file.
 * @throws StartError for a file that holds none
 */
export function keepSecret(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) {
    const secret = toToken()
    // Whole or not at all, whatever happens meanwhile.
    const unfinished = `${path}.new`
    rmSync(unfinished, { force: true })
    writeFileSync(unfinished, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(unfinished, path)
    return secret
  }
  const secret = found.isFile() ? readFileSync(path, 'utf8').trim() : ''
  if (!secretForm.test(secret)) throw new StartError(`${path} holds no key; remove it, and a new one is made.`)
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o600)
  return secret
}

/** What looks like a secret that this server made: a token or key of 256 bits, an API key. */
export const generatedSecret = /[\w-]{43}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g

/** What stands for a secret where it is stored or looked up. */
export const digest = (secret: string): string => hash('sha256', secret, 'base64')

/** Whether two secrets are the same, in a time that depends on the length of the first alone. */
export function isSameSecret(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  // Beyond the end of a text, charCodeAt is NaN, which counts as 0; the lengths differ by then.
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

/** What each of some secrets opens. */
export class Keyring<T> {
  readonly #byDigest = new Map<string, T>()
  /** What was last found: the same client mostly asks again, and comparing takes a tenth of digesting. */
  #last: { secret: string; opens: T } | undefined

  find(secret: string): T | undefined {
    if (this.#last && isSameSecret(secret, this.#last.secret)) return this.#last.opens
    const opens = this.#byDigest.get(digest(secret))
    if (opens !== undefined) this.#last = { secret, opens }
    return opens
  }

  set(secret: string, opens: T): void {
    this.#last = undefined
    this.#byDigest.set(digest(secret), opens)
  }

  delete(secret: string): void {
    this.#last = undefined
    this.#byDigest.delete(digest(secret))
  }

  clear(): void {
    this.#last = undefined
    this.#byDigest.clear()
  }
}
