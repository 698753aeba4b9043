// How secrets are compared and looked up.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSameSecret, Keyring, makeSecret } from '../../src/account/secrets/secrets.ts'

const secret = fc.stringMatching(/^[\x21-\x7e]{1,60}$/)

test('A-02 a secret is the same as itself and no other, not even a longer or a shorter one', () => {
  fc.assert(
    fc.property(secret, secret, (one, other) => {
      expect(isSameSecret(one, `${one}`)).toBe(true)
      expect(isSameSecret(one, other)).toBe(one === other)
      expect(isSameSecret(one, one + other)).toBe(false)
      expect(isSameSecret(one + other, one)).toBe(false)
      expect(isSameSecret('', one)).toBe(false)
    }),
  )
})

test('a secret is 256 bits that no command line takes for a flag', () => {
  for (let made = 0; made < 1000; made += 1) expect(makeSecret()).toMatch(/^\w[\w-]{42}$/)
})

test('A-05 A-07 what was found is not found again once its secret is another, or gone', () => {
  const keyring = new Keyring<string>()
  keyring.set('one', 'first')
  keyring.set('two', 'second')
  for (const each of ['one', 'one', 'two', 'one']) expect(keyring.find(each)).toBe(each === 'one' ? 'first' : 'second')
  expect(keyring.find('three')).toBeUndefined()
  keyring.set('one', 'third')
  expect(keyring.find('one')).toBe('third')
  keyring.delete('one')
  expect(keyring.find('one')).toBeUndefined()
  expect(keyring.find('two')).toBe('second')
  keyring.clear()
  expect(keyring.find('two')).toBeUndefined()
})
