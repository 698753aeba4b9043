// The table of fields: what a new user gets, and what no row of it may forget.

import { describe, expect, test } from 'vitest'
import { makeRecord, recordFields, storedFields } from '../../src/insightly/record.ts'
import { toInsightly } from '../../src/insightly/rest-form.ts'
import { rows } from '../../src/scim/attribute.ts'

const ann = { EMAIL_ADDRESS: 'ann@example.com' }

describe('R-05 a new user', () => {
  test('has every field, in the order of the table', () => {
    const record = makeRecord(ann, 7, 1000)
    expect(Object.keys(record)).toEqual(storedFields.map(({ name }) => name))
    expect(Object.values(record)).not.toContain(undefined)
  })

  test('gets what it does not bring from its id, its names and the clock', () => {
    const record = makeRecord({ ...ann, FIRST_NAME: 'Ann' }, 7, 1000)
    const { EMAIL_DROPBOX_IDENTIFIER: identifier } = record
    expect(record).toMatchObject({
      USER_ID: 7,
      CONTACT_ID: 100_000_007,
      EMAIL_DROPBOX_ADDRESS: `ann-${identifier}@mailbox.insight.ly`,
      ACTIVE: true,
      DATE_CREATED_UTC: 1000,
      DATE_UPDATED_UTC: 1000,
      LICENSES: [],
    })
    expect(makeRecord(ann, 7, 1000).EMAIL_DROPBOX_ADDRESS).toMatch(/^user-/)
  })

  test('keeps what it brings, and what follows from that follows it', () => {
    const brought = { ...ann, USER_ID: 9, EMAIL_DROPBOX_IDENTIFIER: 'ABC123', DATE_CREATED_UTC: 5, TASK_WEEK_START: 0 }
    expect(makeRecord(brought, 7, 1000)).toMatchObject({
      ...brought,
      CONTACT_ID: 100_000_009,
      EMAIL_DROPBOX_ADDRESS: 'user-ABC123@mailbox.insight.ly',
      DATE_UPDATED_UTC: 5,
    })
  })

  test('shares no list with another one', () => {
    expect(makeRecord({ ...ann, LICENSES: ['CRM'] }, 1, 0).LICENSES).toEqual(['CRM'])
    expect(makeRecord(ann, 2, 0).LICENSES).toEqual([])
  })
})

test('U-22 a date is shown in UTC, without its fraction of a second', () => {
  const record = makeRecord({ ...ann, DATE_CREATED_UTC: Date.UTC(2026, 2, 2, 9, 14, 7, 999) }, 1, 0)
  expect(toInsightly(record, 5)).toMatchObject({ DATE_CREATED_UTC: '2026-03-02 09:14:07', INSTANCE_ID: 5 })
})

test('every field has one row', () => {
  const names = recordFields.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('every field that an attribute names is in the table', () => {
  const names: readonly string[] = storedFields.map(({ name }) => name)
  for (const { field } of rows) if (field) expect(names).toContain(field)
})
