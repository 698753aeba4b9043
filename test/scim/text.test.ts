// How two texts are compared without regard to letter case.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldCase } from '../../src/scim/text.ts'

describe('U-03 foldCase', () => {
  const text = fc.string({ unit: 'binary' })
  const dotless = (value: string) => value.includes('ı')

  test('folds what is folded to itself', () => {
    fc.assert(fc.property(text, value => foldCase(foldCase(value)) === foldCase(value)))
  })

  test('makes a text equal to itself in upper and lower case', () => {
    fc.assert(
      fc.property(text, value => {
        fc.pre(!dotless(value))
        expect(foldCase(value.toUpperCase())).toBe(foldCase(value))
        expect(foldCase(value.toLowerCase())).toBe(foldCase(value))
      }),
    )
  })

  test('is the same for every letter of the planes that have letter case', () => {
    for (let point = 0; point <= 0x1ffff; point += 1) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      const letter = String.fromCodePoint(point)
      if (dotless(letter)) continue
      if (foldCase(letter.toUpperCase()) !== foldCase(letter) || foldCase(foldCase(letter)) !== foldCase(letter))
        throw new Error(`U+${point.toString(16)}`)
    }
  })

  test('folds the start of a text to the start of the folded text, so that sw agrees with eq', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('Σ', 'σ', 'ς', 'a', 'B', 'ß', ' ', 'İ', 'ı', 'ſ') }),
        fc.nat(),
        (value, length) => foldCase(value).startsWith(foldCase(value.slice(0, length % (value.length + 1)))),
      ),
    )
  })

  test.for([
    ['ABC', 'abc'],
    ['ß', 'ss'],
    ['ẞ', 'ss'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['K', 'k'],
    ['ı', 'ı'],
    ['I', 'i'],
  ])('folds %s to %s', ([value, folded]) => {
    expect(foldCase(value!)).toBe(folded)
  })
})
