// The tokens of a JSON text that may be well-formed or not: each is read from its first character in one pass.

import type { Span } from '../account/known-secrets.ts'

/** A string, or a run of characters that are neither a string nor structure. */
export interface Token extends Span {
  isString: boolean
  /** False for a string without an end. */
  isWhole: boolean
  /** The word in it that tells of a password; not looked for here. */
  tells?: Span
}

/** The string that begins at a place. */
export function readString(text: string, start: number): Token {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return { start, end: Math.min(at + 1, text.length), isString: true, isWhole: at < text.length }
}

const structure = /[{}[\],:"\s]/g

/** The run that begins at a place. */
export function readRun(text: string, start: number): Token {
  structure.lastIndex = start + 1
  const end = structure.test(text) ? structure.lastIndex - 1 : text.length
  return { start, end, isString: false, isWhole: true }
}

/** What a token says. */
export function readName(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token
  }
}

/** Spans between two places in a string, each from the start of an escape to the end of one. */
export function toWholeEscapes(text: string, from: number, to: number, spans: Span[]): Span[] {
  if (!text.slice(from, to).includes('\\')) return spans
  let at = from
  /** Goes on to the first end of a character that is not before a place; tells where that character began. */
  const goTo = (place: number): number => {
    let before = at
    while (at < place) {
      before = at
      at += text[at] !== '\\' ? 1 : /^u[\da-f]{4}/i.test(text.slice(at + 1, at + 6)) ? 6 : 2
    }
    return before
  }
  return spans
    .sort((one, other) => one.start - other.start)
    .map(span => {
      const before = goTo(span.start)
      const start = at > span.start ? before : span.start
      goTo(span.end)
      return { start, end: Math.min(Math.max(at, span.end), to) }
    })
}
