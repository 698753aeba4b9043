// Whether a body asks for nothing, however it arrives.

import { expect, test } from 'vitest'
import { BodyDigest } from '../../src/control/instance-creation.ts'

function digest(...chunks: string[]): BodyDigest {
  const taken = new BodyDigest()
  for (const chunk of chunks) taken.take(Buffer.from(chunk))
  return taken
}

test.for([[], [''], [' \n'], ['{}'], ['{', '}'], [' { ', '\n} '], [' '.repeat(64)]])('%j asks for nothing', chunks => {
  expect(digest(...chunks).isEmpty).toBe(true)
})

test.for([
  ['{"a":1}'],
  ['{', '"a":1}'],
  ['a{}'],
  ['{}a'],
  ['{a}'],
  ['{'],
  ['}'],
  ['{}{}'],
  [' '.repeat(65)],
  [' '.repeat(64), '{"a":1}'],
  [' '.repeat(65), '{"a":1}'],
])('%j asks for something', chunks => {
  expect(digest(...chunks).isEmpty).toBe(false)
})

test('the digest is that of all bytes, whatever pieces they came in', () => {
  expect(digest('{"a"', ':1}').text).toBe(digest('{"a":1}').text)
  expect(digest('{"a":1}').text).not.toBe(digest('{"a":2}').text)
  const grown = digest('{')
  const before = grown.text
  grown.take(Buffer.from('}'))
  expect([before, grown.text]).toEqual([digest('{').text, digest('{}').text])
})
