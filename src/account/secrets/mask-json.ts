// Masks values of a JSON text and leaves every other character unchanged: white space, big integers, members sent twice,
// and syntax errors. It takes one pass and goes on where a parser would give up.

import { readName, readRun, readString, type Token, toWholeEscapes } from './json-tokens.ts'
import { mask, type Span } from './known-secrets.ts'

/** A word that announces a password. */
export interface PasswordWord extends Span {
  /** Where the password after the word begins, as in `password=…`; -1 when there is none. */
  secretAt: number
}

/** What to hide in a text: secrets in ascending order, and words that announce passwords. */
export interface Findings {
  secrets: readonly Span[]
  passwords: readonly PasswordWord[]
}

/** What the name of a member says about its value. */
type Role = 'none' | 'other' | 'password' | 'path' | 'value' | 'op' | 'operations'

/** An open object or array, or the text around them. */
interface Frame {
  start: number
  isArray: boolean
  /** What the last name says about the next value. */
  role: Role
  last: Token | undefined
  /** Whether it is an operation of a PATCH. */
  isOperation: boolean
  path: 'none' | 'other' | 'password'
  /** Its members named `value`; `token` is undefined for an object or array. */
  values: { span: Span; token: Token | undefined; isObject: boolean }[] | undefined
}

interface Edit extends Span {
  text: string
}

/** The path of a whole user; it means the same as no path. */
const wholeUser = /^(?:urn:[\w:.-]*:user)?$/i
const literal = /^(?:true|false|null|-?\d[\d.eE+-]*)$/

/**
 * A JSON text, well-formed or not, without secrets and passwords.
 * @param isRequest whether names announce passwords: they do in a request; in an answer they name settings
 */
export const maskJson = (text: string, findings: Findings, isRequest: boolean): string =>
  new Scan(text, findings, isRequest).run()

class Scan {
  readonly #text: string
  readonly #findings: Findings
  readonly #isRequest: boolean
  readonly #edits: Edit[] = []
  readonly #open: Frame[] = [toFrame(0, false)]
  /** How many findings end before the present token. */
  #secretsPassed = 0
  #passwordsPassed = 0

  constructor(text: string, findings: Findings, isRequest: boolean) {
    this.#text = text
    this.#findings = findings
    this.#isRequest = isRequest
  }

  run(): string {
    for (let at = 0; at < this.#text.length; ) at = this.#read(at)
    while (this.#open.length > 0) this.#close(this.#text.length)
    return applyEdits(this.#text, this.#edits)
  }

  /** Reads what begins at a place. @returns where the next token begins */
  #read(at: number): number {
    const frame = this.#open.at(-1)!
    switch (this.#text[at]) {
      case '{':
      case '[':
        this.#open.push(toFrame(at, this.#text[at] === '[', frame))
        return at + 1
      case '}':
      case ']':
        if (this.#open.length > 1) this.#close(at + 1)
        return at + 1
      case ',':
        frame.role = 'none'
        frame.last = undefined
        return at + 1
      case ':':
        if (frame.last) frame.role = this.#roleOf(frame.last)
        return at + 1
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        return at + 1
      default: {
        const token = this.#text[at] === '"' ? readString(this.#text, at) : readRun(this.#text, at)
        this.#maskWithin(token)
        return this.#take(frame, token)
      }
    }
  }

  #take(frame: Frame, token: Token): number {
    const { tells } = token
    if (tells && !token.isString) {
      // This is not JSON, so nobody knows where the password ends.
      this.#edit(tells.end, this.#text.length, mask)
      return this.#text.length
    }
    if (frame.role !== 'none') this.#takeValue(frame, token, token)
    // The value is masked even if the colon is missing.
    else if (tells && !frame.isArray) frame.role = 'password'
    frame.last = token
    return token.end
  }

  #takeValue(frame: Frame, span: Span, token: Token | undefined, isObject = false): void {
    switch (frame.role) {
      case 'password':
        this.#maskWhole(span, token)
        break
      case 'value':
        frame.values ??= []
        frame.values.push({ span, token, isObject })
        break
      case 'op':
        frame.isOperation = true
        break
      case 'path':
        if (!token?.isString) break
        if (token.tells || !token.isWhole) frame.path = 'password'
        else if (frame.path === 'none' && !wholeUser.test(this.#text.slice(token.start + 1, token.end - 1).trim()))
          frame.path = 'other'
    }
  }

  #close(end: number): void {
    const frame = this.#open.pop()!
    for (const { span, token, isObject } of frame.values ?? []) {
      // The value of an operation without a path is an object of attributes. Anything else may be a password.
      const isMeant = frame.path === 'password' || (frame.path === 'none' && frame.isOperation && !isObject)
      if (isMeant) this.#maskWhole(span, token)
    }
    const parent = this.#open.at(-1)
    if (parent && parent.role !== 'none')
      this.#takeValue(parent, { start: frame.start, end }, undefined, !frame.isArray)
  }

  #roleOf(token: Token): Role {
    if (!this.#isRequest) return 'other'
    if (token.tells) return 'password'
    if (token.end - token.start > 80) return 'other'
    const name = readName(this.#text.slice(token.start, token.end)).toLowerCase()
    return name === 'path' || name === 'value' || name === 'op' || name === 'operations' ? name : 'other'
  }

  /** Masks what was found in a token so that it stays one token, and notes whether it announces a password. */
  #maskWithin(token: Token): void {
    const { secrets, passwords } = this.#findings
    const [start, end] = token.isString
      ? [token.start + 1, token.end - (token.isWhole ? 1 : 0)]
      : [token.start, token.end]
    const found: Span[] = []
    while (this.#secretsPassed < secrets.length && secrets[this.#secretsPassed]!.end <= start) this.#secretsPassed += 1
    for (let at = this.#secretsPassed; at < secrets.length && secrets[at]!.start < end; at += 1)
      found.push({ start: Math.max(secrets[at]!.start, start), end: Math.min(secrets[at]!.end, end) })
    for (; this.#passwordsPassed < passwords.length; this.#passwordsPassed += 1) {
      const word = passwords[this.#passwordsPassed]!
      if (word.start >= end) break
      if (word.start < start) continue
      if (this.#isRequest) token.tells ??= word
      if (word.end < end && word.secretAt >= 0 && word.secretAt < end) found.push({ start: word.secretAt, end })
    }
    if (found.length === 0) return
    if (token.isString)
      for (const span of toWholeEscapes(this.#text, start, end, found)) this.#edit(span.start, span.end, mask)
    else if (literal.test(this.#text.slice(start, end))) this.#maskWhole(token, token)
    else for (const span of found) this.#edit(span.start, span.end, mask)
  }

  /** Replaces a value by a masked string. */
  #maskWhole({ start, end }: Span, token: Token | undefined): void {
    this.#edit(start, end, token && !token.isWhole ? `"${mask}` : `"${mask}"`)
  }

  #edit(start: number, end: number, text: string): void {
    if (end > start) this.#edits.push({ start, end, text })
  }
}

const toFrame = (start: number, isArray: boolean, parent?: Frame): Frame => ({
  start,
  isArray,
  role: 'none',
  last: undefined,
  isOperation: parent !== undefined && (parent.role === 'operations' || (parent.isArray && parent.isOperation)),
  path: 'none',
  values: undefined,
})

/** Applies edits to a text. An edit within another one is left out. */
function applyEdits(text: string, edits: Edit[]): string {
  let edited = ''
  let read = 0
  for (const { start, end, text: replacement } of edits.sort(
    (one, other) => one.start - other.start || other.end - one.end,
  )) {
    if (end <= read) continue
    if (start >= read) edited += text.slice(read, start) + replacement
    read = end
  }
  return edited + text.slice(read)
}
