// Finding every known secret in a text, however it is spelled, in a time that grows with the text alone.

import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KnownSecrets } from '../../src/account/secrets/known-secrets.ts'
import { Mask } from '../../src/account/secrets/mask.ts'
import { makeSecret } from '../../src/account/secrets/secrets.ts'
import { expectLinear } from '../cost.ts'
import { repeat } from '../property.ts'
import { findPiece, spelling } from '../security/spellings.ts'

function knowing(...secrets: string[]): KnownSecrets {
  const known = new KnownSecrets()
  for (const secret of secrets) known.add(secret)
  return known
}

test('A-02 a secret is hidden in every spelling, and nothing else is', () => {
  const known = knowing(...Array.from({ length: 50 }, makeSecret))
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(
    fc.property(text, text, spelling, fc.integer(), fc.boolean(), (before, after, { spell }, choice, isKey) => {
      const secret = isKey ? randomUUID() : makeSecret()
      known.add(secret)
      const hidden = known.hide(`${before} ${spell(secret, choice)} ${after}`)
      expect(findPiece(secret, hidden)).toBeUndefined()
      expect(hidden.startsWith(`${before} `)).toBe(true)
      expect(hidden.endsWith(` ${after}`)).toBe(true)
      expect(known.hide(`${before} ${after}`)).toBe(`${before} ${after}`)
    }),
    repeat(500),
  )
})

test('A-02 a chosen secret is found among others that begin, end or repeat as it does', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '-', '%41', '\\', '"')
  const secret = fc.array(part, { minLength: 8, maxLength: 16 }).map(parts => parts.join(''))
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 12 }), secret, secret, (secrets, before, after) => {
      const known = knowing(...secrets)
      for (const each of secrets) expect(known.hide(`${before}${each}${after}`).includes(each)).toBe(false)
    }),
    repeat(500),
  )
})

describe('hides', () => {
  const known = knowing('test-token-1', 'my+own/token=%41', 'short')

  test.for([
    ['the secret', 'a test-token-1 b', 'a *** b'],
    ['it twice', 'test-token-1test-token-1!test-token-1', '***!***'],
    ['it in another letter case', 'TEST-Token-1', '***'],
    ['one with an escape in it', 'x=my+own/token=%41&y', 'x=***&y'],
    ['that one escaped', 'x=my%2Bown%2Ftoken%3D%2541&y', 'x=***&y'],
    ['a plus sign that a query reads as a space', 'my own/token=%41', '***'],
    ['no part of it', 'test-token- test-token', 'test-token- test-token'],
    ['no short one', 'short', 'short'],
    ['its start where a quotation was cut', '"test-tok…" is wrong', '"***…" is wrong'],
    ['its start where a quotation was cut within an escape', '"%74est-tok%6…"', '"***%6…"'],
    ['the same, where the escape begins as the secret goes on', '"my+own/token=%2…"', '"***2…"'],
    ['nothing where no secret was cut', '"test-took…", "test-to…"', '"test-took…", "test-to…"'],
  ])('%s', ([, text, hidden]) => {
    expect(known.hide(text!)).toBe(hidden)
  })

  test('the start of one only where the text was cut', () => {
    expect(known.hide('x test-toke')).toBe('x test-toke')
    // A body may be.
    const mask = new Mask(known)
    expect(mask.body('"x test-toke')).toBe('"x ***')
    expect(mask.body('"x test-to')).toBe('"x test-to')
  })
})

describe('a dead secret', () => {
  test('A-05 is still hidden', () => {
    const known = knowing('old-token-1')
    known.retire('old-token-1')
    expect(known.hide('old-token-1')).toBe('***')
  })

  test('is forgotten when 10,000 others have died after it; the living never are', () => {
    const known = knowing('old-token-1', 'living-token')
    known.retire('old-token-1')
    const others = Array.from({ length: 10_000 }, (_, index) => `another-token-${index}`)
    for (const other of others) known.add(other)
    for (const other of others) known.retire(other)
    expect(known.hide('old-token-1 living-token')).toBe('old-token-1 ***')
    expect(known.hide(others.at(-1)!)).toBe('***')
  })

  test('lives again when it is given again', () => {
    const known = knowing('old-token-1')
    known.retire('old-token-1')
    known.add('old-token-1')
    known.retire('another-one')
    expect(known.hide('old-token-1')).toBe('***')
  })

  test('is gone when all are', () => {
    const known = knowing('old-token-1')
    known.clear()
    expect(known.hide('old-token-1')).toBe('old-token-1')
  })
})

describe('costs as much for each character of a long text as of a short one', () => {
  const token = makeSecret()
  const known = knowing(
    token,
    `${'a'.repeat(499)}b`,
    ...Array.from({ length: 2000 }, (_, index) => `ci-token-${index}`),
  )
  test.each([
    ['one letter', 'a'],
    ['nested escapes', '%25'],
    ['escapes of percent signs', '25'],
    ['JSON escapes', '\\u0061'],
    ['backslashes', '\\'],
    ['a secret', token],
    ['nearly a secret', token.slice(0, -1)],
    ['how many secrets begin', 'ci-token-'],
    ['nearly a secret of one letter', `${'a'.repeat(498)}c`],
  ])('%s', (_, unit) => {
    expectLinear(text => known.hide(text), unit)
  })
})
