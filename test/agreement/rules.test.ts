// Every rule of the contract and every alternative of a behaviour switch has a test that names it, and tests name no rule
// that there is not.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { behaviourRows } from '../../src/scim/behaviour.ts'

const folder = new URL('../', import.meta.url)

const rules = Object.entries({ A: 7, U: 27, D: 8, R: 7 }).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, index) => `${section}-${String(index + 1).padStart(2, '0')}`),
)

/** The names of the tests and groups of a source file. */
const titlesOf = (source: string): string[] =>
  [...source.matchAll(/(?:\b(?:test|describe)|\))\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title!)

const titles = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.test.ts'))
  .flatMap(name => titlesOf(readFileSync(new URL(name, folder), 'utf8')))
const named = new Set(titles.flatMap(title => title.match(/\b[AUDR]-\d\d\b/g) ?? []))

test('every rule is named by a test', () => {
  expect(rules.filter(rule => !named.has(rule))).toEqual([])
})

test('every rule that a test names is one', () => {
  expect([...named].filter(rule => !rules.includes(rule))).toEqual([])
})

test('every alternative of a behaviour switch is named by a test', () => {
  const alternatives = behaviourRows.flatMap(({ key, values }) => values.slice(1).map(([value]) => `${key}: ${value}`))
  expect(
    alternatives.filter(
      each => !titles.some(title => new RegExp(`${each.replaceAll('+', '\\+')}(?![+-])`).test(title)),
    ),
  ).toEqual([])
})
