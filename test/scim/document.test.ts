import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { presets } from '../../src/scim/behaviour.ts'
import { changedFields, readUser, withDerivedDisplayName } from '../../src/scim/document.ts'
import { readId, readUserName, toDocument, toText } from '../../src/scim/document-text.ts'
import type { ScimRecord } from '../../src/scim/user.ts'
import { ann as recordOfAnn } from './record.ts'

const ann = {
  ...recordOfAnn,
  USER_ID: 7,
  DATE_CREATED_UTC: Date.UTC(2026, 2, 2, 9, 14, 7, 123),
  DATE_UPDATED_UTC: Date.UTC(2026, 2, 3),
}

const show = (record: ScimRecord, usersUrl = ''): string => toDocument(toText(record), record.USER_ID, usersUrl)

test('a record reads as a SCIM user with every member in the order of the table', () => {
  expect(show({ ...ann, EXTERNAL_ID: 'e' }, 'http://x/Users')).toBe(
    JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id: '7',
      externalId: 'e',
      userName: 'ann@example.com',
      name: { formatted: 'Ann Lee', familyName: 'Lee', givenName: 'Ann' },
      displayName: 'Ann Lee',
      active: true,
      emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
      meta: {
        resourceType: 'User',
        created: '2026-03-02T09:14:07.123Z',
        lastModified: '2026-03-03T00:00:00.000Z',
        location: 'http://x/Users/7',
      },
    }),
  )
})

test('what a user does not have is left out, not null', () => {
  const document = JSON.parse(show({ ...ann, FIRST_NAME: null, LAST_NAME: null }))
  expect(Object.keys(document)).toEqual(['schemas', 'id', 'userName', 'active', 'emails', 'meta'])
  expect(JSON.stringify(document)).not.toContain('null')
})

test.for([
  ['Ann', 'Lee', 'Ann Lee'],
  ['Ann', null, 'Ann'],
  [null, 'Lee', 'Lee'],
  ['', 'Lee', 'Lee'],
  [null, null, null],
] as const)('the full name of %j and %j is %j', ([FIRST_NAME, LAST_NAME, expected]) => {
  const { name } = JSON.parse(show({ ...ann, FIRST_NAME, LAST_NAME }))
  expect(name?.formatted ?? null).toBe(expected)
})

test('U-27 a displayName equal to the derived one is not stored', () => {
  expect(withDerivedDisplayName({ ...ann, DISPLAY_NAME: 'Ann Lee' }).DISPLAY_NAME).toBeNull()
  expect(withDerivedDisplayName({ ...ann, DISPLAY_NAME: 'Annie' }).DISPLAY_NAME).toBe('Annie')
  expect(withDerivedDisplayName({ ...ann, DISPLAY_NAME: '' }).DISPLAY_NAME).toBe('')
})

test('U-22 only what differs is a change', () => {
  expect(changedFields(ann, { ...ann })).toEqual({})
  expect(changedFields(ann, { ...ann, ACTIVE: false, LAST_NAME: null })).toEqual({ ACTIVE: false, LAST_NAME: null })
})

describe('readUser', () => {
  const read = (document: object) => readUser(document, presets.insightly, { ignoreActive: false })
  const names = { givenName: 'Ann', familyName: 'Lee' }

  test('D-08 the last spelling wins, an ignored null leaves the one before', () => {
    expect(read({ userName: 'a', USERNAME: 'b', name: names }).fields.EMAIL_ADDRESS).toBe('b')
    expect(read({ userName: 'a', USERNAME: null, name: names }).fields.EMAIL_ADDRESS).toBe('a')
    expect(() => read({ userName: 'a', USERNAME: '', name: names })).toThrow('Missing: userName.')
  })

  test('U-12 a name of a member is shown short and without control characters', () => {
    const { notes } = read({ userName: 'a', name: names, [`x\n${'y'.repeat(500)}`]: 1 })
    expect(notes[0]!.text.length).toBeLessThan(200)
    expect(notes[0]!.text).not.toContain('\n')
  })
})

test('any text reads as JSON.stringify writes it, and any date as toISOString', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.date({ noInvalidDate: true }), (text, date) => {
      const record = { ...ann, FIRST_NAME: text, LAST_NAME: null, DATE_CREATED_UTC: date.getTime() }
      const document = JSON.parse(show(record, `http://x/${text}`))
      expect(document.name?.givenName).toBe(text)
      const renamed = show({ ...ann, EMAIL_ADDRESS: text })
      expect([readId(renamed), readUserName(renamed)]).toEqual(['7', text])
      expect(document.meta.created).toBe(date.toISOString())
      expect(document.meta.location).toBe(`http://x/${text}/7`)
    }),
  )
})
