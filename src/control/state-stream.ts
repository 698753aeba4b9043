// Reads a document with a state as it arrives. Its users are taken out one by one, so that a million of them take no more
// memory than a few. They are checked in account/state.ts and wait in account/users/staged-users.ts.

import type { Readable } from 'node:stream'
import { parseUsers } from '../account/state.ts'
import type { StagedUsers } from '../account/users/staged-users.ts'
import { ApiError } from '../errors.ts'
import { maxInput, parseJson } from '../http/json-body.ts'
import { limits } from '../http/limits.ts'

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket, comma] = Buffer.from('"\\{}[],')

/**
 * Reads a document that holds a state. Its users are checked and staged as they arrive.
 * @param body undefined when there is none
 * @param path where the users are, such as `['users']`
 * @param stage returns the place for the users; called when the first ones arrive
 * @param seen is shown each piece of the body
 * @returns the document without the users (undefined when it was empty), and their place, if there was a list of users
 * @throws InputError, invalidInput, invalidSyntax, tooLarge
 */
export async function receiveState(
  body: Readable | undefined,
  path: readonly string[],
  stage: () => StagedUsers,
  seen: (chunk: Buffer) => void = () => {},
): Promise<{ document: unknown; users: StagedUsers | undefined }> {
  const splitter = new StateSplitter(path)
  try {
    for await (const chunk of body?.iterator({ destroyOnReturn: false }) ?? []) {
      seen(chunk)
      const users = splitter.push(chunk)
      if (users.length > 0) stage().add(parseUsers(users, stage().count, path.join('.')))
    }
  } catch (error) {
    // The body is read to its end instead of destroyed: its sender still has to get the answer that says what was wrong,
    // and may send another request afterwards.
    body!.resume()
    throw error
  }
  return { document: splitter.end(), users: splitter.hasUsers ? stage() : undefined }
}

/** Takes the users, the elements of the array at a path, out of a JSON document that comes in chunks. */
export class StateSplitter {
  /** Bytes of earlier chunks that belong to the open part. */
  #pending: Buffer[] = []
  #pendingLength = 0
  #rest: string[] = []
  #depth = 0
  #inString = false
  #isEscaped = false
  /** Where the users are. */
  readonly #path: readonly string[]
  readonly #most: number
  /** How many names of the path lead to the object that is open. */
  #within = 0
  /** The last string in that object itself: when a bracket opens, it is the name of the member. */
  #name = ''
  #inUsers = false
  #count = 0
  /** What stands before the open part of the array of users: its start, a user, or a comma. */
  #before: '' | '{}' | '{},' = ''
  /** Whether there was a member `users` whose elements were taken out. */
  hasUsers = false

  /** @param most how many bytes a part may have: one user, or all that is not a user */
  constructor(path: readonly string[], most: number = limits.bodyBytes) {
    this.#path = path
    this.#most = most
  }

  /**
   * Takes the next bytes.
   * @returns the users that are complete now
   * @throws invalidSyntax, tooLarge
   */
  push(chunk: Buffer): unknown[] {
    const users: unknown[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === backslash) this.#isEscaped = true
        else if (byte === quote) this.#inString = false
        // What texts further down add to it is gone when the next name begins.
        if (this.#inString && this.#name.length < 6) this.#name += String.fromCharCode(byte!)
      } else if (byte === quote) {
        this.#inString = true
        if (this.#depth === this.#within + 1) this.#name = ''
      } else if (byte === openBrace || byte === openBracket) {
        const isNamed = this.#depth === this.#within + 1 && this.#name === this.#path[this.#within]
        const isLast = this.#within === this.#path.length - 1
        this.#depth += 1
        if (isNamed && !isLast && byte === openBrace) {
          this.#within += 1
          this.#name = ''
        } else if (isNamed && isLast && byte === openBracket) {
          this.#rest.push(this.#take(chunk, from, at + 1).toString())
          from = at + 1
          this.#enterUsers()
        } else if (byte === openBrace && this.#inUsers && this.#depth === this.#within + 3) {
          users.push(...this.#between(this.#take(chunk, from, at), '{}'))
          from = at
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1
        if (byte === closeBrace && this.#inUsers && this.#depth === this.#within + 2) {
          users.push(parsePart(this.#take(chunk, from, at + 1), `${this.#path.join('.')}[${this.#count}]`))
          this.#count += 1
          this.#before = '{}'
          from = at + 1
        } else if (byte === closeBracket && this.#inUsers && this.#depth === this.#within + 1) {
          users.push(...this.#between(this.#take(chunk, from, at), ''))
          from = at
          this.#inUsers = false
        } else if (this.#depth === this.#within && this.#within > 0) this.#within -= 1
      } else if (byte === comma && this.#inUsers && this.#depth === this.#within + 2) {
        users.push(...this.#between(this.#take(chunk, from, at), ',{}'))
        this.#before = '{},'
        from = at + 1
      }
    }
    this.#keep(chunk.subarray(from))
    return users
  }

  /**
   * Ends the document.
   * @returns it without the users that were taken out; undefined when it was empty
   */
  end(): unknown {
    const last = this.#take(Buffer.alloc(0), 0, 0).toString()
    return parsePart(Buffer.from(this.#rest.join('') + last), '')
  }

  #enterUsers(): void {
    if (this.hasUsers) throw new ApiError('invalidInput', `${this.#path.join('.')} is given twice.`)
    this.hasUsers = true
    this.#inUsers = true
  }

  /**
   * Reads what stands between users and commas: nothing, or an element that is no object.
   * @param after what comes next: a user, a comma, or the end of the array
   */
  #between(gap: Buffer, after: '{}' | ',{}' | ''): unknown[] {
    const before = this.#before
    const mayBeEmpty = after === '{}' ? before !== '{}' : after === ',{}' ? before === '{}' : before !== '{},'
    if (mayBeEmpty && /^[ \t\r\n]*$/.test(gap.toString())) return []
    const elements = parsePart(Buffer.from(`[${before}${gap}${after}]`), this.#path.join('.')) as unknown[]
    const found = elements.slice(before === '' ? 0 : 1, after === '' ? elements.length : -1)
    this.#count += found.length
    return found
  }

  #take(chunk: Buffer, from: number, to: number): Buffer {
    const part = chunk.subarray(from, to)
    if (this.#pending.length === 0) return part
    const whole = Buffer.concat([...this.#pending, part])
    this.#pending = []
    this.#pendingLength = 0
    return whole
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return
    this.#pending.push(part)
    this.#pendingLength += part.length
    if (this.#pendingLength > this.#most)
      throw new ApiError('tooLarge', `A part of the document is larger than ${this.#most} bytes.`)
  }
}

function parsePart(bytes: Buffer, path: string): unknown {
  try {
    return parseJson(bytes, maxInput)
  } catch (error) {
    if (path === '' || !(error instanceof ApiError)) throw error
    throw new ApiError(error.code, `${path}: ${error.message}`, error.rule)
  }
}
