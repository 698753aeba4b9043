// Every rule and every alternative of a behaviour switch has a test that names it; neither tests nor code nor docs name
// a rule that there is not.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { behaviourRows } from '../../src/scim/behaviour.ts'
import { rules } from '../../src/scim/rules.ts'

const root = new URL('../../', import.meta.url)
const known = new Set<string>(rules.map(({ id }) => id))

const ruleIds = (text: string): string[] => text.match(/\b[AUDR]-\d\d\b/g) ?? []

/** The texts of a folder's files, by path. */
const readFolder = (folder: string, form: RegExp): [path: string, text: string][] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .map(name => `${folder}${name}`)
    .filter(path => form.test(path))
    .map(path => [path, readFileSync(new URL(path, root), 'utf8')])

/** The names of the tests and groups of a source file. */
const titlesOf = (source: string): string[] =>
  [...source.matchAll(/(?:\b(?:test|describe)|\))\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title!)

const titles = readFolder('test/', /\.test\.ts$/).flatMap(([, text]) => titlesOf(text))
const named = new Set(titles.flatMap(ruleIds))

test('every rule is named by a test', () => {
  expect(rules.map(({ id }) => id).filter(id => !named.has(id))).toEqual([])
})

test('every rule that a test names is one', () => {
  expect([...named].filter(id => !known.has(id))).toEqual([])
})

test.each([
  ['src/', /\.(ts|js)$/],
  ['docs/', /\.md$/],
  ['conformance/', /\.(ts|json|md)$/],
  ['bench/', /\.(ts|md)$/],
])('every rule that %s names is one', (folder, form) => {
  const unknown = readFolder(folder, form).flatMap(([path, text]) =>
    ruleIds(text)
      .filter(id => !known.has(id))
      .map(id => `${path}: ${id}`),
  )
  expect(unknown).toEqual([])
})

test('every rule is one sentence with a source, and the ids ascend within each letter', () => {
  for (const { id, sentence, source } of rules) {
    expect(sentence, id).toMatch(/^[A-Z`].{20,200}\.$/)
    expect(sentence, id).not.toContain('. ')
    expect(source, id).not.toBe('')
  }
  const numbers = Object.values(Object.groupBy(rules, ({ id }) => id[0]!))
  for (const group of numbers) expect(group!.map(({ id }) => Number(id.slice(2)))).toEqual(group!.map((_, n) => n + 1))
})

test('every switch can change a rule', () => {
  const governing = new Set(rules.map(rule => rule.switch))
  expect(behaviourRows.map(({ key }) => key).filter(key => !governing.has(key))).toEqual([])
})

test('every alternative of a behaviour switch is named by a test', () => {
  const alternatives = behaviourRows.flatMap(({ key, values }) => values.slice(1).map(([value]) => `${key}: ${value}`))
  expect(
    alternatives.filter(
      each => !titles.some(title => new RegExp(`${each.replaceAll('+', '\\+')}(?![+-])`).test(title)),
    ),
  ).toEqual([])
})
