import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ApiError } from '../../src/errors.ts'
import { parsePath } from '../../src/scim/path.ts'
import { userUrn } from '../../src/scim/user.ts'
import { repeat } from '../property.ts'
import { ann } from './record.ts'

test.for([
  ['userName', 'userName'],
  ['NAME.GIVENNAME', 'name.givenName'],
  [`${userUrn}:name.familyName`, 'name.familyName'],
  ['emails[type eq "work"].value', 'emails.value'],
  ['emails[type eq "work" and primary eq true]', 'emails'],
  ['EMAILS[TYPE EQ "work"].VALUE', 'emails.value'],
] as const)('U-17 %s leads to %s', ([path, expected]) => {
  expect(parsePath(path)).toMatchObject({ kind: 'mapped', row: { path: expected } })
})

test('U-16 the URN alone leads to the user itself', () => {
  expect(parsePath(userUrn)).toEqual({ kind: 'resource' })
  expect(parsePath(userUrn.toUpperCase())).toEqual({ kind: 'resource' })
})

test.for([
  ['emails[value eq "ANN@example.com"]', true],
  ['emails[value eq "bob@example.com"].value', false],
  ['emails[value ew "@example.com" and type eq "work"].value', true],
  ['emails[not (value co "ann")].type', false],
] as const)('U-17 whether %s selects the address depends on the user', ([path, isAnn]) => {
  const target = parsePath(path)
  const selects = target.kind === 'mapped' ? target.selects : undefined
  expect(selects?.(ann)).toBe(isAnn)
  expect(selects?.({ ...ann, EMAIL_ADDRESS: 'bob@example.com' })).toBe(!isAnn || path.includes(' ew '))
})

test.for([
  'nickName',
  'x-y.z',
  'addresses[type eq "work"].street',
  'urn:other:User:userName',
  '$ref'.replace('$', 'a'),
])('U-12 %s leads to nothing that is stored', path => {
  expect(parsePath(path)).toEqual({ kind: 'unmapped' })
})

test('U-17 any text is a path or invalidPath, soon', () => {
  const piece = fc.constantFrom(
    'emails',
    '[',
    ']',
    '(',
    ')',
    'type',
    ' eq ',
    '"work"',
    '"',
    '.',
    'value',
    '\n',
    'not',
    ' and ',
    '\\',
    ':',
    'urn:',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece, { maxLength: 60 }).map(parts => parts.join('')),
      ),
      text => {
        try {
          parsePath(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
          expect((error as ApiError).code).toBe('invalidPath')
        }
      },
    ),
    repeat(2000),
  )
})
