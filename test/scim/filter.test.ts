import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/errors.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { findFilteredUserName, parseUserFilter } from '../../src/scim/filter.ts'
import { foldCase } from '../../src/scim/text.ts'
import type { ScimRecord } from '../../src/scim/user.ts'
import { repeat } from '../property.ts'
import { ann } from './record.ts'

const all = presets.rfc7644
const record = (fields: Partial<ScimRecord>): ScimRecord => ({ ...ann, ...fields })
const matches = (filter: string, fields: Partial<ScimRecord>) =>
  parseUserFilter(filter, all).matches(record(fields), 'http://x/Users')

test('U-03 every string is found by its JSON form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), value => {
      expect(findFilteredUserName(`userName eq ${JSON.stringify(value)}`)).toBe(value)
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
          findFilteredUserName(filter)
          parseUserFilter(filter, behaviours).matches(record({}), '')
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
          expect((error as ApiError).code).toBe('invalidFilter')
        }
      }),
      repeat(2000),
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

  test.for(['eq', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])(
    'a user who lacks an attribute matches no %s of it',
    op => {
      for (const wanted of ['', 'null', 'a', '5', '-5']) {
        expect(matches(`externalId ${op} "${wanted}"`, { EXTERNAL_ID: null })).toBe(false)
        expect(matches(`name.givenName ${op} "${wanted}"`, { FIRST_NAME: null })).toBe(false)
      }
    },
  )

  test('a user who lacks an attribute matches every ne of it', () => {
    for (const wanted of ['""', '"null"', '"a"'])
      expect(matches(`externalId ne ${wanted}`, { EXTERNAL_ID: null })).toBe(true)
    expect(matches('externalId ne null', { EXTERNAL_ID: null })).toBe(false)
  })

  test.for([
    ['name pr', {}, true],
    ['name pr', { FIRST_NAME: null }, true],
    ['name pr', { FIRST_NAME: null, LAST_NAME: null }, false],
    ['name pr', { FIRST_NAME: '', LAST_NAME: '' }, true],
    ['emails pr', { FIRST_NAME: null, LAST_NAME: null }, true],
    ['meta pr', { FIRST_NAME: null, LAST_NAME: null }, true],
    ['active pr', { ACTIVE: false }, true],
    ['displayName pr', { FIRST_NAME: null, LAST_NAME: null }, false],
    ['displayName pr', { DISPLAY_NAME: '' }, true],
  ] as const)('%s of a user with %j is %s', ([filter, fields, expected]) => {
    expect(matches(filter, fields)).toBe(expected)
  })

  test.for([
    ['eq', [false, true, false]],
    ['ne', [true, false, true]],
    ['gt', [false, false, true]],
    ['ge', [false, true, true]],
    ['lt', [true, false, false]],
    ['le', [true, true, false]],
  ] as const)('dates are compared as instants: %s', ([op, expected]) => {
    const noon = Date.UTC(2026, 2, 2, 12)
    for (const wanted of ['2026-03-02T12:00:00Z', '2026-03-02T13:00:00+01:00']) {
      const found = [noon - 1, noon, noon + 1].map(date =>
        matches(`meta.created ${op} "${wanted}"`, { DATE_CREATED_UTC: date }),
      )
      expect(found).toEqual(expected)
    }
  })

  test('letter case matters where the table says so', () => {
    const fields = { EXTERNAL_ID: 'Ab', FIRST_NAME: 'Ab' }
    for (const filter of ['eq "ab"', 'sw "a"', 'ew "B"', 'co "AB"']) {
      expect(matches(`externalId ${filter}`, fields)).toBe(false)
      expect(matches(`name.givenName ${filter}`, fields)).toBe(true)
    }
  })

  test('dates start with, end with and contain the text that is served', () => {
    const fields = { DATE_CREATED_UTC: Date.UTC(2026, 2, 2, 12), DATE_UPDATED_UTC: 0 }
    for (const filter of ['meta.created sw "2026-03-02T"', 'meta.created ew "00.000z"', 'meta.created co "-03-"'])
      expect(matches(filter, fields)).toBe(true)
    expect(matches('meta.created sw "1970"', fields)).toBe(false)
  })

  test('a record is read once, however many terms a filter has', () => {
    let reads = 0
    const counted = Object.defineProperty(record({}), 'EMAIL_ADDRESS', {
      get() {
        reads += 1
        return 'Ann@example.com'
      },
    })
    const terms = Array.from({ length: 190 }, (_, index) => `userName eq "${index}"`)
    expect(parseUserFilter(terms.join(' or '), all).matches(counted, '')).toBe(false)
    expect(reads).toBe(1)
  })

  test('each record is looked at anew, by every term', () => {
    const filter = parseUserFilter('externalId eq "a" or externalId eq "b"', all)
    const found = ['a', 'c', 'b', null, 'a'].map(EXTERNAL_ID => filter.matches(record({ EXTERNAL_ID }), ''))
    expect(found).toEqual([true, false, true, false, true])
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
