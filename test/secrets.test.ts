// How secrets are compared and looked up.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Doors, isSameSecret } from '../src/secrets.ts'

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

test('A-05 A-07 what was found is not found again once its secret is another, or gone', () => {
  const doors = new Doors<string>()
  doors.set('one', 'first')
  doors.set('two', 'second')
  for (const each of ['one', 'one', 'two', 'one']) expect(doors.find(each)).toBe(each === 'one' ? 'first' : 'second')
  expect(doors.find('three')).toBeUndefined()
  doors.set('one', 'third')
  expect(doors.find('one')).toBe('third')
  doors.delete('one')
  expect(doors.find('one')).toBeUndefined()
  expect(doors.find('two')).toBe('second')
  doors.clear()
  expect(doors.find('two')).toBeUndefined()
})
