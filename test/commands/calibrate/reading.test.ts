// How one answer is read, whatever an endpoint sends.

import { expect, test } from 'vitest'
import {
  is,
  isDocument,
  isDone,
  isRefused,
  schemaAttributes,
  tell,
  toId,
  toUsers,
} from '../../../src/commands/calibrate/reading.ts'
import { userUrn } from '../../../src/scim/user.ts'
import { toObject } from '../../../src/shadow/documents.ts'
import { exchange } from './exchange.ts'

test.for([
  [199, false, false],
  [200, true, false],
  [299, true, false],
  [300, false, false],
  [400, false, true],
  [401, false, false],
  [403, false, true],
  [404, false, false],
  [409, false, false],
  [422, false, true],
  [500, false, false],
  [501, false, true],
] as const)('%i is done: %s, a refusal of what was asked: %s', ([status, done, refused]) => {
  expect([isDone(exchange({ status })), isRefused(exchange({ status }))]).toEqual([done, refused])
})

test('an answer is told with its scimType, and is exactly so only with both', () => {
  expect([tell(exchange()), tell(exchange({ status: 409, scimType: 'uniqueness' }))]).toEqual(['200', '409 uniqueness'])
  const conflict = exchange({ status: 409, scimType: 'uniqueness' })
  expect([is(conflict, 409, 'uniqueness'), is(conflict, 409, ''), is(conflict, 400, 'uniqueness')]).toEqual([
    true,
    false,
    false,
  ])
})

test.for([
  [{ id: 'x' }, 'x'],
  [{ id: 7 }, '7'],
  [{ id: 0 }, '0'],
  [{ id: '' }, undefined],
  [{ id: null }, undefined],
  [{ id: true }, undefined],
  [[{ id: 'x' }], undefined],
  ['x', undefined],
])('the id of %j is %j', ([document, id]) => {
  expect(toId(document)).toBe(id)
})

test('only an object has members', () => {
  expect([null, [], 'x', 5].map(toObject)).toEqual([{}, {}, {}, {}])
  expect(toObject({ a: 1 })).toEqual({ a: 1 })
})

test.for([
  [200, { totalResults: 1, Resources: [{}] }, [{}]],
  [200, { totalResults: 0 }, []],
  [200, { totalResults: 1 }, undefined],
  [200, { totalResults: '0', Resources: [] }, undefined],
  [200, { Resources: [] }, undefined],
  [200, [], undefined],
  [404, { totalResults: 0, Resources: [] }, undefined],
] as const)('a %i with %j shows the users %j', ([status, body, users]) => {
  expect(toUsers(exchange({ status, body }))).toEqual(users)
})

test.for([
  [200, { a: 1 }, true],
  [200, [], true],
  [200, {}, false],
  [200, 'x', false],
  [200, undefined, false],
  [201, { a: 1 }, false],
] as const)('a %i with %j says something: %s', ([status, body, says]) => {
  expect(isDocument(exchange({ status, body }))).toBe(says)
})

test.for([
  [
    [
      { id: 'other', attributes: [{ name: 'x' }] },
      { id: userUrn, attributes: [{ name: 'a' }, { name: 5 }, null] },
    ],
    ['a'],
  ],
  [{ Resources: [{ id: userUrn, attributes: [{ name: 'a' }, { name: 'b' }] }] }, ['a', 'b']],
  [{ Resources: [{ id: userUrn, attributes: {} }] }, []],
  [{ Resources: {} }, []],
  [undefined, []],
])('of /Schemas %j the names %j are read', ([body, names]) => {
  expect(schemaAttributes([exchange({ body: { id: userUrn } }), exchange({ path: '/Schemas', body })])).toEqual(names)
})

test('of /Schemas that was not asked no name is read', () => {
  expect(schemaAttributes([exchange()])).toEqual([])
})
