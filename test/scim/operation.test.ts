import { describe, expect, test } from 'vitest'
import { readAsked, readAskedByFilter, toChangeOperation, toListOperation } from '../../src/scim/operation.ts'
import type { ScimRecord } from '../../src/scim/user.ts'

const ann = { EMAIL_ADDRESS: 'ann@example.com', ACTIVE: true } as ScimRecord
const replace = (path: unknown, value: unknown) => ({ Operations: [{ op: 'Replace', path, value }] })

test.for([
  [undefined, 1, 100, 'import'],
  [undefined, 1, 3, 'import'],
  [undefined, 1, 2, 'test-connection'],
  [undefined, 1, 0, 'test-connection'],
  [undefined, -1, 2, 'test-connection'],
  [undefined, 2, 2, 'import'],
  [undefined, 2, 0, 'import'],
  ['userName eq "ann@example.com"', 1, 100, 'lookup'],
  ['userName eq "7c9e6679-7425-40de-944b-e07fc1f90ae7"', 1, 100, 'test-connection'],
  ['active eq true', 1, 100, 'lookup'],
  ['no filter', 1, 1, 'lookup'],
] as const)('a list with the filter %j, startIndex %i and count %i is %s', ([filter, startIndex, count, operation]) => {
  const asked = filter === undefined ? {} : readAskedByFilter(filter)
  expect(toListOperation(filter !== undefined, asked, startIndex, count)).toBe(operation)
})

test('the userName that a filter looks for is known only of the documented form', () => {
  expect(readAskedByFilter('USERNAME eq "a"')).toEqual({ userName: 'a' })
  expect(readAskedByFilter('userName sw "a"')).toEqual({})
  expect(readAskedByFilter('userName eq "\\x"')).toEqual({})
})

describe('a PUT or PATCH', () => {
  const inactive = { ...ann, ACTIVE: false }
  test.for([
    [{ active: false }, ann, 'deactivate'],
    [{ ACTIVE: 'False' }, inactive, 'deactivate'],
    [{ active: true }, inactive, 'reactivate'],
    [{ active: true }, ann, 'update'],
    [{ active: true }, undefined, 'update'],
    [{ displayName: 'A' }, inactive, 'update'],
    [{ userName: 'b@example.com' }, inactive, 'rename'],
    [{ userName: 'b@example.com' }, ann, 'rename'],
    [{ userName: 'ann@example.com' }, ann, 'update'],
    [replace('active', 'False'), ann, 'deactivate'],
    [replace(undefined, { active: false }), ann, 'deactivate'],
    [replace(null, { 'urn:ietf:params:scim:schemas:core:2.0:User:userName': 'b' }), ann, 'rename'],
    [replace('userName', 'b'), ann, 'rename'],
    [replace('userName', 'b'), undefined, 'update'],
    [replace('name.givenName', 'b'), ann, 'update'],
    [replace('bad path', 1), ann, 'update'],
    [{ Operations: [null, 5, 'x', []] }, ann, 'update'],
    [null, ann, 'update'],
    ['text', ann, 'update'],
  ] as const)('with %j is named by what it asks for', ([body, before, operation]) => {
    expect(toChangeOperation(readAsked(body), before)).toBe(operation)
  })
})

test('what is asked for is read of any body', () => {
  expect(readAsked({ userName: 5, active: 'maybe' })).toEqual({})
  expect(readAsked({ USERNAME: 'a', Active: 'True' })).toEqual({ userName: 'a', active: true })
  expect(readAsked([])).toEqual({})
})
