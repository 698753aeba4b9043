// Every secret that this process knows or knew, so that none is shown by accident. One pass over a text finds all
// of them, however many there are: a rolling hash of eight characters tells where one may begin.

import { randomFillSync } from 'node:crypto'
import { endOfCutEscape, isEscaped, type Reading, readingsOf, toUnescaped } from './readings.ts'

/** Part of a text; `end` is the index after its last character. */
export interface Span {
  start: number
  end: number
}

/** The text that replaces a secret. */
export const mask = '***'

/** Shorter secrets are not looked for: hiding them would hide pieces of other words. */
const shortest = 8
/** How many dead secrets are remembered. When there are more, the older half is forgotten. */
const mostDead = 10_000
/** How long an escape is at most: `\u0041`. */
const longestEscape = 6
/** The character at which an error text was cut. */
const ellipsis = '…'.charCodeAt(0)

/** Texts with the same start: the rest of the only one, or a branch. */
type Tree = string | Branch
interface Branch {
  /** Whether one of them ends here. */
  isEnd: boolean
  next: Map<number, Tree>
}

/** The secrets of one process. */
export class KnownSecrets {
  readonly #living = new Set<string>()
  /** Replaced secrets and those of deleted instances, oldest first. Exchanges may still contain them. */
  readonly #dead = new Set<string>()
  /** By the hash of their first eight characters. */
  #trees = new Map<number, Tree>()
  /** A bit for each hash, chosen by its upper bits. At most one bit in 32 is set, so one look excludes nearly every place. */
  #bits = new Uint32Array(256)
  #shift = 32 - 13

  /** Adds a secret that is accepted from now on. */
  add(secret: string): void {
    if (secret.length < shortest) return
    this.#dead.delete(secret)
    this.#living.add(secret)
    this.#plant(secret)
  }

  /** Marks a secret as dead. It is still hidden until 5,000 to 10,000 others have died after it. */
  retire(secret: string): void {
    if (!this.#living.delete(secret)) return
    this.#dead.add(secret)
    if (this.#dead.size <= mostDead) return
    let surplus = this.#dead.size - mostDead / 2
    for (const oldest of this.#dead) {
      if (surplus-- === 0) break
      this.#dead.delete(oldest)
    }
    this.#trees = new Map()
    this.#bits.fill(0)
    for (const kept of [this.#living, this.#dead]) for (const each of kept) this.#plant(each)
  }

  /** Forgets all secrets. */
  clear(): void {
    for (const kept of [this.#living, this.#dead]) kept.clear()
    this.#trees = new Map()
    this.#bits.fill(0)
  }

  /** Replaces each secret in a text with three asterisks: plain, escaped or in Base64, in any letter case. */
  hide(text: string): string {
    // Most texts hold none. They are told apart here, since a reading costs more than this look.
    if (!isEscaped(text) && !this.#mayBeIn(text)) return text
    const spans: Span[] = []
    for (const reading of readingsOf(text)) this.findIn(reading, false, span => spans.push(span))
    return replaceSpans(text, spans)
  }

  /**
   * Calls `found` for each secret in a reading of a text; the spans may overlap.
   * @param isCut whether the text was cut at its end; then the start of a secret is found there, too
   */
  findIn({ codes, length, toPlace }: Reading, isCut: boolean, found: (span: Span) => void): void {
    // A text can be made so that every comparison takes long. The rest of it is then hidden without being read.
    let allowed = 4 * length + 4096
    let hash = 0
    for (let at = 0; at < length; at += 1) {
      hash = roll(hash, codes[at]!)
      if (at < shortest - 1 || !this.#isBegin(hash)) continue
      const tree = this.#trees.get(hash)!
      const start = at - shortest + 1
      const { end, reached } = walk(tree, codes, start, length, isCut)
      allowed -= reached - start
      const isTooMuch = allowed < 0
      if (isTooMuch || end > start) found({ start: toPlace(start), end: toPlace(isTooMuch ? length : end) })
      if (isTooMuch) return
    }
  }

  /** Whether a secret may be in a text that has no escapes. */
  #mayBeIn(text: string): boolean {
    let hash = 0
    for (let at = 0; at < text.length; at += 1) {
      hash = roll(hash, text.charCodeAt(at))
      if (at >= shortest - 1 && this.#isBegin(hash)) return true
    }
    return false
  }

  /** Whether a secret may begin with the eight characters of a hash. */
  #isBegin(hash: number): boolean {
    const bit = hash >>> this.#shift
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0 && this.#trees.has(hash)
  }

  #plant(secret: string): void {
    for (const form of toForms(secret)) {
      let hash = 0
      for (let at = 0; at < shortest; at += 1) hash = roll(hash, form.charCodeAt(at))
      const isNew = !this.#trees.has(hash)
      this.#trees.set(hash, grow(this.#trees.get(hash), form, 0))
      if (isNew) this.#mark(hash)
    }
  }

  #mark(hash: number): void {
    if (this.#trees.size > this.#bits.length) {
      this.#bits = new Uint32Array(4 * this.#bits.length)
      this.#shift -= 2
      for (const each of this.#trees.keys()) this.#setBit(each)
    }
    this.#setBit(hash)
  }

  #setBit(hash: number): void {
    const bit = hash >>> this.#shift
    this.#bits[bit >>> 5]! |= 1 << (bit & 31)
  }
}

/** A text in which spans are replaced by the mask; spans that touch share one. */
export function replaceSpans(text: string, spans: Span[]): string {
  if (spans.length === 0) return text
  let replaced = ''
  let shown = 0
  let isFirst = true
  for (const { start, end } of spans.sort((one, other) => one.start - other.start)) {
    if (isFirst || start > shown) replaced += text.slice(shown, start) + mask
    isFirst = false
    shown = Math.max(shown, end)
  }
  return replaced + text.slice(shown)
}

/** Makes letter case and the two alphabets of Base64 equal. */
const fold = (text: string): string => text.toLowerCase().replaceAll('-', '+').replaceAll('_', '/')
const folded = Uint16Array.from({ length: 128 }, (_, code) => fold(String.fromCharCode(code)).charCodeAt(0))
const toFolded = (code: number): number => (code < 128 ? folded[code]! : code)

/** A random number for each folded character, so that nobody can prepare texts with equal hashes. */
const numbers = (() => {
  const random = randomFillSync(new Uint32Array(128))
  return Int32Array.from(random, (_, code) => random[folded[code]!]!)
})()

/** A rolling hash of eight characters: each new one shifts the oldest one out of the 32 bits. */
const roll = (hash: number, code: number): number => ((hash << 4) + numbers[code & 127]!) | 0

/** The forms of a secret in a reading: plain, unescaped, or in Base64 after any number of bytes. */
function toForms(secret: string): Set<string> {
  const forms = [secret, toUnescaped(secret)]
  for (const [skipped, before] of ['', ' ', '  '].entries()) {
    // A Base64 character stands for six bits. Only those characters are taken that depend on the secret alone.
    const [first, end] = [Math.ceil((8 * skipped) / 6), Math.floor((8 * (skipped + secret.length)) / 6)]
    forms.push(btoa(before + secret).slice(first, end))
  }
  // In a query a plus sign is read as a space.
  for (const form of [...forms]) if (form.includes('+')) forms.push(form.replaceAll('+', ' '))
  return new Set(forms.filter(({ length }) => length >= shortest).map(fold))
}

function grow(tree: Tree | undefined, form: string, at: number): Tree {
  if (tree === undefined || tree === form.slice(at)) return form.slice(at)
  const branch =
    typeof tree === 'string'
      ? { isEnd: tree === '', next: new Map<number, Tree>(tree === '' ? [] : [[tree.charCodeAt(0), tree.slice(1)]]) }
      : tree
  const code = form.charCodeAt(at)
  if (at === form.length) branch.isEnd = true
  else branch.next.set(code, grow(branch.next.get(code), form, at + 1))
  return branch
}

/**
 * Follows a tree along a text.
 * @returns the end of the longest secret that begins at `start` (`start` when none does), and how far the text was read
 */
function walk(tree: Tree, codes: Uint16Array, start: number, length: number, isCut: boolean) {
  let end = start
  let at = start
  let left: Tree | undefined = tree
  let inLeaf = 0
  for (; left !== undefined; at += 1) {
    if (typeof left === 'string' ? inLeaf === left.length : left.isEnd) end = at
    const code = at < length ? toFolded(codes[at]!) : -1
    if (typeof left !== 'string') left = left.next.get(code)
    else if (left.charCodeAt(inLeaf) === code) inLeaf += 1
    else left = undefined
    if (left === undefined) break
  }
  // Where the text was cut, even inside an escape, the start of a secret is hidden, too. Of a secret with a percent sign, the
  // next characters may look like the escape.
  const first = Math.max(start + shortest, at - longestEscape)
  for (let from = at; end < at && from >= first; from -= 1) {
    const cut = endOfCutEscape(codes, from, length)
    if (cut === length ? isCut : codes[cut] === ellipsis) end = at
  }
  return { end, reached: at }
}
