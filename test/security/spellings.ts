// How a text may be spelled so that a reader still gets it back, and whether a piece of one is in another. Knows nothing
// of how the server looks for it.

import fc from 'fast-check'

const hex = (character: string, digits: number): string => character.charCodeAt(0).toString(16).padStart(digits, '0')
const each = (text: string, spell: (character: string, index: number) => string): string =>
  [...text].map(spell).join('')
const isIn = (choice: number, index: number): boolean => ((choice >> (index % 30)) & 1) === 1

const percent = (text: string, choice: number): string =>
  each(text, (character, index) => {
    if (!isIn(choice, index)) return character
    const code = hex(character, 2)
    return `%${isIn(choice, index + 7) ? code.toUpperCase() : code}`
  })

/** A way to spell a text; `choice` says which of its characters are escaped, or where it stands in Base64. */
export interface Spelling {
  name: string
  spell(text: string, choice: number): string
  /** Whether it holds only characters that a header's name may have. */
  isName?: true
}

const base64 = (encoding: 'base64' | 'base64url') => (text: string, choice: number) =>
  Buffer.from(`${'~?'.repeat(3).slice(0, choice % 6)}${text}${':?>~'.slice(0, (choice >> 3) % 5)}`).toString(encoding)

const spellings: readonly Spelling[] = [
  { name: 'plain', spell: text => text, isName: true },
  { name: 'after a word', spell: text => `x22${text}x`, isName: true },
  { name: 'percent', spell: text => percent(text, -1), isName: true },
  { name: 'percent here and there', spell: percent, isName: true },
  { name: 'percent twice', spell: (text, choice) => percent(percent(text, choice), ~choice), isName: true },
  {
    name: 'percent again and again',
    spell: (text, choice) => percent(percent(percent(percent(text, -1), choice), -1), 5),
  },
  {
    name: 'JSON',
    spell: (text, choice) =>
      each(text, (character, index) =>
        isIn(choice, index) || /["\\]/.test(character) ? `\\u${hex(character, 4)}` : character,
      ),
  },
  { name: 'Base64', spell: base64('base64') },
  { name: 'Base64url', spell: base64('base64url') },
  { name: 'Base64 in a URL', spell: (text, choice) => encodeURIComponent(base64('base64')(text, choice)) },
  { name: 'Base64 in JSON', spell: (text, choice) => base64('base64')(text, choice).replaceAll('/', '\\/') },
]

export const spelling: fc.Arbitrary<Spelling> = fc.constantFrom(...spellings)

const unescaped = (text: string): string =>
  text
    .replace(/%([\da-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\(["\\/])/g, '$1')

/** All texts that someone who tries could read out of one. */
function readings(text: string): string[] {
  const plain = [text]
  for (let last = text, next = unescaped(last); next !== last && plain.length < 8; last = next, next = unescaped(last))
    plain.push(next)
  const encoded = plain.flatMap(one =>
    [...one.matchAll(/[\w+/-]{10,}/g)].flatMap(([run]) =>
      [0, 1, 2, 3].map(skip => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
    ),
  )
  return [...plain, ...encoded]
}

/** The first eight or more consecutive characters of a secret that can be read out of a text, if there are any. */
export function findPiece(secret: string, text: string): string | undefined {
  const all = readings(text).join('\n')
  for (let at = 0; at + 8 <= secret.length; at += 1) {
    const piece = secret.slice(at, at + 8)
    if (all.includes(piece)) return piece
  }
  return undefined
}
