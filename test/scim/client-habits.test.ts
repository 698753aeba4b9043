import { describe, expect, test } from 'vitest'
import { findMember, isAbsent, readBoolean } from '../../src/scim/client-habits.ts'

test.for([
  [true, true],
  [false, false],
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
  ['TRUE', undefined],
  ['1', undefined],
  [1, undefined],
  [0, undefined],
  [null, undefined],
  [[true], undefined],
])('U-16 %j reads as the boolean %j', ([value, expected]) => {
  expect(readBoolean(value)).toBe(expected)
})

describe('D-08 findMember', () => {
  test.for([
    ['{"op":1}', 1],
    ['{"OP":1}', 1],
    ['{"op":1,"Op":2}', 2],
    ['{"Op":2,"op":1}', 1],
    ['{"operation":1}', undefined],
    ['{"__proto__":{"op":1}}', undefined],
  ] as const)('finds op in %s: %j', ([text, expected]) => {
    expect(findMember(JSON.parse(text), 'op')).toBe(expected)
  })

  test('finds nothing that is inherited', () => {
    expect(findMember({}, 'toString')).toBeUndefined()
    expect(findMember({ a: 1 }, 'constructor')).toBeUndefined()
  })
})

test.for([
  [null, true],
  [undefined, true],
  [[], true],
  ['', false],
  [0, false],
  [false, false],
  [{}, false],
  [[null], false],
])('U-12 %j counts as not sent: %j', ([value, expected]) => {
  expect(isAbsent(value)).toBe(expected)
})
