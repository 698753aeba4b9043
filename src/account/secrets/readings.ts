// The readings of a text: the text itself, and the text with its percent and JSON escapes resolved. Each character knows
// its place in the original text. Pure; every reading takes one pass.

/** One reading of a text. Its characters are overwritten when the next reading is asked for. */
export interface Reading {
  codes: Uint16Array
  length: number
  /** Where the character at an index begins in the original text; for `length`, where the text ends. */
  toPlace(index: number): number
}

/**
 * The readings of a text: as it is, unescaped once, unescaped twice, and unescaped until nothing is left to unescape.
 * They end with the last one that differs from the one before it.
 */
export function* readingsOf(text: string): Generator<Reading, void> {
  const codes = new Uint16Array(text.length)
  for (let at = 0; at < text.length; at += 1) codes[at] = text.charCodeAt(at)
  yield { codes, length: text.length, toPlace: index => index }
  if (!isEscaped(text)) return
  const places = new Uint32Array(text.length + 1)
  for (let at = 0; at <= text.length; at += 1) places[at] = at
  let { length } = text
  for (const takeOut of [unescapeOnce, unescapeOnce, unescapeAll]) {
    const shorter = takeOut(codes, places, length)
    if (shorter === length) return
    length = shorter
    yield { codes, length, toPlace: index => places[index]! }
  }
}

/** Whether a text may have other readings than the one as it is. */
export const isEscaped = (text: string): boolean => text.includes('%') || text.includes('\\')

const percentSign = 0x25
const backslash = 0x5c
const letterU = 0x75
/** What a character after a backslash stands for. */
const jsonEscapes = new Map(
  [...'"\\/\b\f\n\r\t'].map((character, index) => ['"\\/bfnrt'.charCodeAt(index), character.charCodeAt(0)]),
)

/** The value of a hexadecimal digit in either letter case; -1 for any other character. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** The number that the hexadecimal digits between two places stand for; -1 when one of them is no digit. */
function numberIn(codes: Uint16Array, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at += 1) {
    const digit = digitOf(codes[at]!)
    if (digit < 0) return -1
    number = number * 16 + digit
  }
  return number
}

/** Resolves escapes in place, but not those that appear by it. @returns the new length */
function unescapeOnce(codes: Uint16Array, places: Uint32Array, length: number): number {
  let end = 0
  for (let at = 0; at < length; ) {
    let code = codes[at]!
    let taken = 1
    if (code === percentSign && at + 2 < length) {
      const number = numberIn(codes, at + 1, at + 3)
      if (number >= 0) [code, taken] = [number, 3]
    } else if (code === backslash && at + 1 < length) {
      const meant = jsonEscapes.get(codes[at + 1]!)
      const number = codes[at + 1] === letterU && at + 5 < length ? numberIn(codes, at + 2, at + 6) : -1
      if (meant !== undefined) [code, taken] = [meant, 2]
      else if (number >= 0) [code, taken] = [number, 6]
    }
    places[end] = places[at]!
    codes[end] = code
    end += 1
    at += taken
  }
  places[end] = places[length]!
  return end
}

/** Resolves escapes in place until none is left: each character is checked as the possible end of one. */
function unescapeAll(codes: Uint16Array, places: Uint32Array, length: number): number {
  let end = 0
  for (let at = 0; at < length; at += 1) {
    places[end] = places[at]!
    codes[end] = codes[at]!
    end += 1
    while (end > 1) {
      const last = codes[end - 1]!
      let code = -1
      let taken = 0
      if (codes[end - 2] === backslash) [code, taken] = [jsonEscapes.get(last) ?? -1, 2]
      else if (codes[end - 3] === percentSign) [code, taken] = [numberIn(codes, end - 2, end), 3]
      else if (codes[end - 6] === backslash && codes[end - 5] === letterU)
        [code, taken] = [numberIn(codes, end - 4, end), 6]
      if (code < 0) break
      end -= taken - 1
      codes[end - 1] = code
    }
  }
  places[end] = places[length]!
  return end
}

/** The longest piece of a nested escape that a cut may leave. */
const longestRest = 32

/** The end of a cut escape that begins at a place; the place itself when none begins there. */
export function endOfCutEscape(codes: Uint16Array, at: number, length: number): number {
  const isBegin = (code: number) => code === percentSign || code === backslash
  if (at >= length || !isBegin(codes[at]!)) return at
  const most = Math.min(at + longestRest, length)
  let end = at + 1
  while (end < most && (isBegin(codes[end]!) || codes[end] === letterU || digitOf(codes[end]!) >= 0)) end += 1
  return end
}

/** A text with its escapes resolved until none is left. */
export function toUnescaped(text: string): string {
  if (!isEscaped(text)) return text
  let unescaped = text
  for (const { codes, length } of readingsOf(text)) unescaped = toText(codes, length)
  return unescaped
}

/** The text of the first `length` characters. */
export const toText = (codes: Uint16Array, length: number): string =>
  Buffer.from(codes.buffer, codes.byteOffset, length * 2).toString('utf16le')
