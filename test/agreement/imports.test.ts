// The house: imports go one way between its parts, without a circle, and few files lie loose.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/** The parts in the order in which they build on each other; the loose files of src/ come first, but for the doors. */
const parts = [
  'own-files',
  '',
  'insightly',
  'scim',
  'account',
  'rehearse',
  'shadow',
  'http',
  'control',
  'client',
  'start.ts',
  'index.ts',
  'openapi',
  'commands',
]
const lastDoors = ['cli.ts', 'vitest.ts']

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))

/** What each file imports, types included; what is loaded later counts as well. */
const imports = new Map(
  files.map(file => [
    file,
    [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) =>
      normalize(join(dirname(file), path!)),
    ),
  ]),
)

const rankOf = (file: string): number => {
  if (lastDoors.includes(file)) return parts.length
  return parts.indexOf(dirname(file) !== '.' || parts.includes(file) ? file.split('/')[0]! : '')
}

test('every file is in a part of the house', () => {
  expect(files.filter(file => rankOf(file) < 0)).toEqual([])
})

test('imports go one way', () => {
  const wrong = [...imports].flatMap(([file, targets]) =>
    targets.filter(target => rankOf(target) > rankOf(file)).map(target => `${file} imports ${target}`),
  )
  // A type: errors name the rules by their ids.
  expect(wrong.filter(each => each !== 'errors.ts imports scim/rules.ts')).toEqual([])
})

test('no file imports itself in a circle', () => {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    else if (!done.has(file)) {
      for (const target of imports.get(file) ?? []) visit(target, [...path, file])
      done.add(file)
    }
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})

test('at most ten files lie loose in src', () => {
  expect(files.filter(file => dirname(file) === '.').length).toBeLessThanOrEqual(10)
})

// What loads node:https and node:http2 at once slows every start (docs/decisions/0013).
test('TLS is loaded when it is asked for', () => {
  const isEarly = (file: string) =>
    /^import (?!type ).*'node:(https|http2)'/m.test(readFileSync(join('src', file), 'utf8'))
  expect(files.filter(isEarly)).toEqual([])
})
