import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/errors.ts'
import { foldCase } from '../../src/scim/attribute.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { parseUserFilter } from '../../src/scim/filter.ts'
import type { ScimRecord } from '../../src/scim/user.ts'
import { ann } from './record.ts'

const all = presets.rfc7644
const record = (fields: Partial<ScimRecord>): ScimRecord => ({ ...ann, ...fields })
const matches = (filter: string, fields: Partial<ScimRecord>) =>
  parseUserFilter(filter, all).matches!(record(fields), 'http://x/Users')

test('U-03 every string is found by its JSON form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), value => {
      expect(parseUserFilter(`userName eq ${JSON.stringify(value)}`, presets.insightly).seek).toEqual({
        path: 'userName',
        value,
      })
    }),
  )
})

test('U-04 any text is a filter or invalidFilter, soon, under either switch', () => {
  const piece = fc.constantFrom(
    'userName',
    ' eq ',
    ' co ',
    ' pr',
    '"a"',
    '"',
    '\\',
    '(',
    ')',
    '[',
    ']',
    ' and ',
    ' or ',
    'not ',
    '\n',
    'emails',
    'active',
    'true',
    'null',
    '.',
    ':',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 80 }).map(parts => parts.join('')),
  )
  for (const behaviours of [presets.insightly, all])
    fc.assert(
      fc.property(text, filter => {
        try {
          parseUserFilter(filter, behaviours).matches?.(record({}), '')
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
          expect((error as ApiError).code).toBe('invalidFilter')
        }
      }),
      { numRuns: 2000 },
    )
})

describe('filters: all', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })

  test('ne is the opposite of eq, and not of what it holds', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const literal = JSON.stringify(other)
        const fields = { FIRST_NAME: one }
        expect(matches(`name.givenName ne ${literal}`, fields)).toBe(!matches(`name.givenName eq ${literal}`, fields))
        expect(matches(`not (name.givenName eq ${literal})`, fields)).toBe(
          !matches(`name.givenName eq ${literal}`, fields),
        )
      }),
    )
  })

  test('a text starts with, ends with and contains its parts in any letter case', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        fc.pre(foldCase(one) + foldCase(other) === foldCase(one + other))
        const fields = { LAST_NAME: one + other }
        for (const spell of [(value: string) => value, foldCase]) {
          expect(matches(`name.familyName sw ${JSON.stringify(spell(one))}`, fields)).toBe(true)
          expect(matches(`name.familyName ew ${JSON.stringify(spell(other))}`, fields)).toBe(true)
          expect(matches(`name.familyName co ${JSON.stringify(spell(other))}`, fields)).toBe(true)
        }
      }),
    )
  })

  test('lt, eq and gt exclude each other', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const held = ['lt', 'eq', 'gt'].filter(op =>
          matches(`externalId ${op} ${JSON.stringify(other)}`, { EXTERNAL_ID: one }),
        )
        expect(held).toHaveLength(1)
      }),
    )
  })

  test.for([
    ['userName eq "a"', { path: 'userName', value: 'a' }],
    ['active eq true and userName eq "a"', { path: 'userName', value: 'a' }],
    ['externalId eq "a"', { path: 'externalId', value: 'a' }],
    ['id eq "7"', { path: 'id', value: '7' }],
    ['emails.value eq "a"', { path: 'userName', value: 'a' }],
    ['userName eq "a" or active eq true', undefined],
    ['not (userName eq "a")', undefined],
    ['userName sw "a"', undefined],
  ] as const)('%s is looked up by %j', ([filter, seek]) => {
    expect(parseUserFilter(filter, all).seek).toEqual(seek)
  })
})
