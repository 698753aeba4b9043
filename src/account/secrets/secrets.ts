// Tokens and keys: makes, digests and looks them up. The time that a lookup takes tells nothing about them.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { secretForm } from '../../config.ts'
import { StartError } from '../../errors.ts'

/** A secret from the system's random source, 256 bits; it never starts with a dash, which command lines take for a flag. */
export function makeSecret(): string {
  const secret = randomBytes(32).toString('base64url')
  return secret.startsWith('-') ? makeSecret() : secret
}

/** A SCIM token, which names its instance: a router in front of several servers can choose by it. */
export const makeToken = (instanceName: string): string => `${instanceName}.${makeSecret()}`

/**
 * The part of a secret that must be hidden. A token that was made here starts with the name of its instance, which is
 * no secret.
 */
export const toHidden = (secret: string): string => secret.replace(/^[a-z0-9-]{1,63}\.(?=[\w-]{43}$)/, '')

/**
 * The secret that a file keeps, made on first use; its owner alone can read the file.
 * @throws StartError for a file without a usable secret
 */
export function keepSecret(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) {
    const secret = makeSecret()
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
