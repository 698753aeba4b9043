// The readings of a text in which escapes stand in escapes.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readingsOf, toText, toUnescaped } from '../../src/account/secrets/readings.ts'
import { repeat } from '../property.ts'

test.for([
  ['plain', 'plain'],
  ['%41%4a%4A', 'AJJ'],
  ['%2525252541', 'A'],
  [String.raw`\u0041`, 'A'],
  [String.raw`\u005cu005Cu005cu0041`, 'A'],
  [String.raw`\\\\\\\\n`, '\n'],
  [String.raw`\\\\\\\\\/\\\\\\\\t`, '/\t'],
  [String.raw`\\\\\\\\u0041\\\\\\\\"`, 'A"'],
  ['%5c%5c%5c%5c%5c%75%30%30%34%31', String.raw`\A`],
  ['%4', '%4'],
  ['%4g%', '%4g%'],
  [String.raw`\u004`, String.raw`\u004`],
  [String.raw`\x\u00g1`, String.raw`\x\u00g1`],
  ['\\', '\\'],
])('%j is %j when nothing is escaped any more', ([text, unescaped]) => {
  expect(toUnescaped(text!)).toBe(unescaped)
})

const escaped = fc
  .array(fc.constantFrom('%', '2', '5', '4', '1', '\\', 'u', '0', 'n', '"', 'c', '%25', '\\\\', '\\u005c', 'x'), {
    maxLength: 40,
  })
  .map(parts => parts.join(''))

test('the last reading holds no escape, and each character of a reading knows where it began', () => {
  fc.assert(
    fc.property(escaped, text => {
      expect(toUnescaped(text)).not.toMatch(/%[\da-fA-F]{2}|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/)
      for (const { codes, length, toPlace } of readingsOf(text)) {
        const places = Array.from({ length: length + 1 }, (_, index) => toPlace(index))
        expect(places).toEqual(places.toSorted((a, b) => a - b))
        expect([places[0], places.at(-1)]).toEqual([0, text.length])
        // A character that stood for itself is where it was.
        for (const [index, letter] of [...toText(codes, length)].entries())
          if (letter === 'x') expect(text[places[index]!]).toBe('x')
      }
    }),
    repeat(500),
  )
})
