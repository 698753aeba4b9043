// How much JSON a body may hold, to the value.

import { expect, test } from 'vitest'
import { parseJson } from '../../src/http/json-body.ts'

const read = (text: string, most?: number) => parseJson(Buffer.from(text), most)
const array = (values: number) => `[${'0,'.repeat(values - 1)}0]`
const object = (members: number) => `{${Array.from({ length: members }, (_, index) => `"${index}":0`).join(',')}}`

test.for([
  ['100000 values', array(100_000), array(100_001), 'holds more than 100000 values'],
  ['10000 members', object(10_000), object(10_001), 'has an object of more than 10000 members'],
  ['a depth of 32', '['.repeat(32) + ']'.repeat(32), '['.repeat(33) + ']'.repeat(33), 'is nested deeper than 32'],
] as const)('D-08 a body of %s is read, and no more', ([, good, bad, words]) => {
  expect(read(good)).toBeDefined()
  expect(() => read(bad)).toThrow(`The body ${words}.`)
})

test('D-08 a caller can set a lower limit', () => {
  expect(read(array(5), 5)).toHaveLength(5)
  expect(() => read(array(6), 5)).toThrow('The body holds more than 5 values.')
})

test('D-08 commas and brackets inside texts do not count, those behind them do', () => {
  expect(read(`["${',['.repeat(50)}\\"${',{'.repeat(50)}\\\\",1]`, 2)).toHaveLength(2)
  expect(() => read('["\\"",1,2]', 2)).toThrow('holds more than 2 values')
})

test('D-08 members are counted object by object, and arrays have no limit of their own', () => {
  expect(read(`{"a":${object(9_999)},"b":${object(9_999)},"c":${array(20_000)}}`)).toMatchObject({ b: { 0: 0 } })
})

test('D-08 a byte order mark is skipped, and no character that is like it in part', () => {
  expect([read('\ufeff{}'), read('\ufeff'), read('')]).toEqual([{}, undefined, undefined])
  // Its bytes are ef bb bf; those of the first characters here are 22 c2 bf, ef bb 80, ef 9f bf.
  expect(read('"¿a"')).toBe('¿a')
  for (const character of ['\ufec0', '\uf7ff']) expect(() => read(`${character}{}`)).toThrow('not valid JSON')
})

test('D-05 where JSON is not valid is told if it is known, and what stands there is not', () => {
  expect(() => read('{"password":hunter2}')).toThrow(/^The body is not valid JSON\.$/)
  expect(() => read('{"a" "hunter2"}')).toThrow('The body is not valid JSON (at position 5).')
})
