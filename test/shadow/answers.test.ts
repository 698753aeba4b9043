// When two bodies look the same to a program that reads them.

import { expect, test } from 'vitest'
import { toDifferences } from '../../src/shadow/answers.ts'
import type { Answer } from '../../src/shadow/documents.ts'

const json = (value: unknown): Answer => ({ kind: 'json', value })
const between = (there: Answer, here: Answer, isCounted = false) =>
  toDifferences({ status: 200, answer: there }, { status: 200, answer: here }, isCounted).map(
    ({ what, ...sides }) => `${what}: ${sides.there} / ${sides.here}`,
  )
const differences = (there: unknown, here: unknown, isCounted = false) => between(json(there), json(here), isCounted)

test.for([
  ['texts that say something else', { a: 'x' }, { a: 'y' }, []],
  ['numbers that differ', { totalResults: 1 }, { totalResults: 2 }, []],
  [
    'types',
    { a: 1, b: null, c: [] },
    { a: '1', b: true, c: {} },
    ['a: number / string', 'b: null / boolean', 'c: array / object'],
  ],
  ['a member that one lacks', { a: 1 }, {}, ['a: number / absent']],
  ['a member whose inside is more of the same', {}, { a: { b: [{ c: 1 }] } }, ['a: absent / object']],
  ['members whose names begin alike', { ab: 1 }, { a: 1 }, ['ab: number / absent', 'a: absent / number']],
  [
    'active, which a client acts on',
    { active: true, x: { active: false } },
    { active: false, x: { active: false } },
    ['active: boolean true / boolean false'],
  ],
  ['what only sounds like it', { inactive: true }, { inactive: false }, []],
  ['scimType, which is told once', { scimType: 'a' }, {}, ['scimType: a / absent']],
  ['elements, whatever their order and number', [1, 'a', 1], ['a', 1], []],
  ['elements of more types', { a: [1, 'a'] }, { a: [1] }, ['a[]: number or string / number']],
  ['arrays of which one is empty', { a: [{ b: 1 }] }, { a: [] }, []],
  ['an array beside an empty one', { a: [], ab: [1] }, { a: [1], ab: ['x'] }, ['ab[]: number / string']],
  [
    'attributes of a schema, which are known by their names',
    {
      attributes: [
        { name: 'a', x: 1 },
        { name: 'b', subAttributes: [{ name: 'c' }] },
      ],
    },
    {
      attributes: [
        { name: 'b', subAttributes: [{ name: 'd' }] },
        { name: 'a', x: '1' },
      ],
    },
    [
      'attributes[a].x: number / string',
      'attributes[b].subAttributes[c]: object / absent',
      'attributes[b].subAttributes[d]: absent / object',
    ],
  ],
  ['other arrays of named things', { list: [{ name: 'a' }] }, { list: [{ name: 'b' }] }, []],
  [
    'attributes that are no objects',
    { attributes: [null] },
    { attributes: ['x'] },
    ['attributes[undefined]: null / string'],
  ],
] as const)('%s', ([, there, here, expected]) => {
  expect(differences(there, here)).toEqual(expected)
})

test('the total of a list counts only where it is said to', () => {
  expect(differences({ totalResults: 1 }, { totalResults: 2 }, true)).toEqual(['totalResults: number 1 / number 2'])
  expect(differences({ totalResults: 1, a: 1 }, { totalResults: 1, a: 2 }, true)).toEqual([])
})

test('a body that is no JSON differs from one that is, and from one that is empty', () => {
  const [empty, text]: Answer[] = [{ kind: 'empty' }, { kind: 'text' }]
  expect(between(text!, text!)).toEqual([])
  expect(between(empty!, json({}))).toEqual(['body: empty / JSON'])
  expect(between(json({}), text!)).toEqual(['body: JSON / no JSON'])
  expect(between(text!, empty!)).toEqual(['body: no JSON / empty'])
})
