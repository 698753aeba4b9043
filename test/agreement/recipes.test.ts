// The recipes for other languages start a server that ends with the tests, and whose last words are seen.

import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readBlocks } from '../recipes/page.ts'

const starts = readdirSync('docs')
  .filter(name => name.endsWith('.md'))
  .flatMap(name => readBlocks(`docs/${name}`).map(({ language, text }) => ({ name, language, text })))
  .filter(({ language, text }) => language !== 'sh' && text.includes('.bin/insightly-scim'))

test('the recipes start servers', () => {
  expect(starts.map(({ name }) => name)).toEqual(['junit5.md'])
})

test.for(starts)(
  'the server of $name ends with whoever started it, and what it said when it did not start is shown',
  ({ text }) => {
    expect(text).toContain('"--exit-with-stdin"')
    expect(text).toMatch(/did not start/)
  },
)
