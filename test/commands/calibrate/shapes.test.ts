// The outer form of answers, read off exchanges.

import { expect, test } from 'vitest'
import {
  isSameShape,
  ourShapes,
  pageRequests,
  readShapes,
  strangerRequest,
} from '../../../src/commands/calibrate/shapes.ts'
import { exchange } from './exchange.ts'

const list = (more: object = {}, users: unknown[] = []) =>
  exchange({ path: '/Users?startIndex=1', body: { totalResults: users.length, Resources: users }, ...more })
const shape = (name: string, ...exchanges: ReturnType<typeof exchange>[]) => readShapes(exchanges)[name]

test('what was not seen is left out', () => {
  expect(readShapes([])).toEqual({})
})

test('the members of lists are told with their types, and those that are not always there are marked', () => {
  const lists = [list(), exchange({ path: '/Users?x', body: { totalResults: 0, itemsPerPage: null } })]
  expect(shape('members of a list', ...lists)).toBe('Resources? (array), itemsPerPage? (null), totalResults (number)')
})

test('errors are those that say something, and their members may be of more types than one', () => {
  const errors = [
    exchange({ status: 400, body: { status: '400' }, contentType: 'Application/JSON;  charset=UTF-8' }),
    exchange({ status: 500, body: { status: 500 }, contentType: '' }),
    exchange({ status: 404, isEmpty: true, contentType: 'text/plain' }),
    exchange({ status: 399, body: { x: 1 } }),
  ]
  expect(shape('members of an error', ...errors)).toBe('status (string or number)')
  expect(shape('content type of errors', ...errors)).toBe('application/json; charset=utf-8; or none')
})

test('the answer to a stranger is its status', () => {
  expect(shape('an unknown user', exchange(), exchange({ path: strangerRequest, status: 404 }))).toBe('404')
})

test('a page is as long as it is where there are more users, else at least as long', () => {
  const page = (path: string, shown: number, totalResults: number) =>
    exchange({ path, body: { totalResults, Resources: Array(shown).fill({}) } })
  expect(shape('default page', page(pageRequests.default, 3, 4))).toBe('3')
  expect(shape('longest page', page(pageRequests.cap, 4, 4))).toBe('at least 4')
  expect(shape('longest page', exchange({ path: pageRequests.cap, status: 400 }))).toBeUndefined()
})

test('of this server the pages are as documented, however few users there are', () => {
  expect(ourShapes([])).toEqual({ 'default page': '100', 'longest page': '500' })
})

test.for([
  ['a', 'a', true],
  ['a', 'b', false],
  ['at least 5', '5', true],
  ['at least 5', '6', true],
  ['at least 5', '4', false],
  ['at least 5 and more', '9', false],
  ['5', 'at least 5', false],
] as const)('%j there and %j here are the same: %s', ([there, here, isSame]) => {
  expect(isSameShape(there, here)).toBe(isSame)
})

test('features are told by name', () => {
  const body = { patch: { supported: true }, filter: { supported: false, maxResults: 9 } }
  expect(shape('/ServiceProviderConfig', exchange({ path: '/ServiceProviderConfig', body }))).toBe(
    'patch true, bulk undefined, filter false, changePassword undefined, sort undefined, etag undefined, maxResults 9',
  )
  expect(shape('/ServiceProviderConfig', exchange({ path: '/ServiceProviderConfig', status: 404 }))).toBeUndefined()
})

test('attributes of /Schemas are told in order, control characters never', () => {
  const user = { id: 'urn:ietf:params:scim:schemas:core:2.0:User', attributes: [{ name: 'b\u001b' }, { name: 'a' }] }
  expect(shape('attributes in /Schemas', exchange({ path: '/Schemas', body: [user] }))).toBe('a, b?')
  const long = { ...user, attributes: [{ name: 'x'.repeat(600) }] }
  expect(shape('attributes in /Schemas', exchange({ path: '/Schemas', body: [long] }))).toHaveLength(500)
})

const life = (user: object, created: object = {}) =>
  readShapes([
    exchange({ method: 'POST', status: 409 }),
    exchange({ method: 'POST', status: 201, sent: { externalId: 'e' }, location: 'u', ...created }),
    exchange({ path: '/Users/1', status: 404 }),
    exchange({ path: '/Users/1', body: user }),
  ])

test('a user that was created and read shows its form', () => {
  const user = {
    id: '12',
    externalId: 'e',
    displayName: 'x',
    emails: [{ value: 'v', type: 't' }, {}],
    meta: { created: '2020-01-02T03:04:05.6Z', location: 'u' },
  }
  expect(life(user)).toMatchObject({
    'status of a created user': '201',
    'Location of a created user': 'meta.location',
    'id of a user': 'digits in a string',
    'members of a user': 'displayName, emails, externalId, id, meta',
    'dates in meta': '0000-00-00T00:00:00.0Z',
    emails: '2 of type, value',
    displayName: 'comes back',
    externalId: 'as sent',
  })
})

test('a user that shows less, or otherwise, is told so', () => {
  expect(life({ id: 5, externalId: 'f', meta: { created: 7 } }, { status: 299, location: undefined })).toMatchObject({
    'status of a created user': '299',
    'Location of a created user': 'absent',
    'id of a user': 'number',
    'dates in meta': 'number',
    emails: 'absent',
    displayName: 'absent',
    externalId: 'another value',
  })
  expect(life({ id: 'A0000000-0000-4000-8000-00000000000b', meta: { created: 'Monday 1' } })).toMatchObject({
    'Location of a created user': 'another URL',
    'id of a user': 'UUID',
    'dates in meta': '?????? 0',
    externalId: 'absent',
  })
  for (const id of ['A0000000-0000-4000-8000-00000000000bc', 'cA0000000-0000-4000-8000-00000000000b', '1a', 'a1'])
    expect(life({ id })['id of a user']).toBe('string')
})

test('without a user that was created and read there is no form of one', () => {
  expect(readShapes([exchange({ method: 'POST', status: 201 })])).not.toHaveProperty('emails')
  expect(readShapes([exchange({ path: '/Users/1', body: {} })])).not.toHaveProperty('emails')
})
