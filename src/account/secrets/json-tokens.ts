// Reads the tokens of a text that may or may not be well-formed JSON, each in one pass from its first character.

import type { Span } from './known-secrets.ts'

/** A string, or a run of characters that are neither a string nor structure. */
export interface Token extends Span {
  isString: boolean
  /** False for a string without an end. */
  isWhole: boolean
  /** The word in it that announces a password. The caller looks for it. */
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

/** The name that a token stands for. */
export function readName(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token
  }
}

/** Widens spans between two places in a string, so that none of them cuts an escape. */
export function toWholeEscapes(text: string, from: number, to: number, spans: Span[]): Span[] {
  if (!text.slice(from, to).includes('\\')) return spans
  let at = from
  /** Moves to the first end of a character at or after a place. @returns where that character began */
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
      return { start, end: Math.min(at, to) }
    })
}
