// PATCH as a pure computation: what it makes of a record, and that hostile requests end in an error of the table.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ApiError } from '../../src/errors.ts'
import { rows } from '../../src/scim/attribute.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { applyPatch, parsePatch, patchUrn } from '../../src/scim/patch.ts'
import { repeat } from '../property.ts'
import { ann } from './record.ts'

const patch = (behaviours: typeof presets.insightly, ...operations: unknown[]) =>
  applyPatch(ann, parsePatch({ schemas: [patchUrn], Operations: operations }, behaviours), behaviours)

test('U-15 the record it is given stays as it was', () => {
  const { after } = patch(presets.insightly, { op: 'replace', path: 'displayName', value: 'X' })
  expect(after.DISPLAY_NAME).toBe('X')
  expect(ann.DISPLAY_NAME).toBeNull()
})

test('U-12 what is ignored is noted with its rule', () => {
  const { notes } = patch(
    presets.insightly,
    { op: 'replace', path: 'nickName', value: 'x' },
    { op: 'replace', value: { profileUrl: 'x', id: '9' } },
  )
  expect(notes).toEqual([
    { rule: 'U-12', text: '`nickName` was ignored: Insightly does not store it' },
    { rule: 'U-12', text: '`profileUrl` was ignored: Insightly does not store it' },
    { rule: 'U-12', text: '`id` was ignored: read-only' },
  ])
})

test('U-17 any request is done or refused with a code of SCIM, under either preset', () => {
  const path = fc.oneof(
    fc.constantFrom(
      ...rows.map(row => row.path),
      'emails[type eq "work"].value',
      'nickName',
      '',
      'a b',
      null,
      5,
      '__proto__',
    ),
    fc.string(),
  )
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.dictionary(
      fc.constantFrom(...rows.map(row => row.path), 'x', '__proto__', 'toString'),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  )
  const operation = fc.record(
    { op: fc.constantFrom('replace', 'Add', 'remove', 'x', 5), path, value },
    { requiredKeys: ['op'] },
  )
  for (const behaviours of Object.values(presets))
    fc.assert(
      fc.property(
        fc.array(fc.oneof(operation, operation, fc.jsonValue({ maxDepth: 1 })), { maxLength: 4 }),
        operations => {
          try {
            const { after } = patch(behaviours, ...operations)
            expect(after.USER_ID).toBe(1)
            expect(after.EMAIL_ADDRESS).toMatch(/^.+$/s)
            expect(typeof after.ACTIVE).toBe('boolean')
          } catch (error) {
            if (!(error instanceof ApiError)) throw error
            expect(['invalidSyntax', 'invalidValue', 'invalidPath', 'mutability', 'noTarget']).toContain(error.code)
          }
        },
      ),
      repeat(1000),
    )
})
