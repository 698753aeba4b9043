// How shadow tells requests apart, and how it names them in few words.

import { expect, test } from 'vitest'
import { toAnswer } from '../../src/shadow/documents.ts'
import { toEvidence } from '../../src/shadow/evidence.ts'
import { type PlainRequest, toKind } from '../../src/shadow/request.ts'

const toRequest = (body: unknown, method = 'PATCH', path = '/Users/7'): PlainRequest => ({
  method,
  path,
  headers: {},
  body: body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})
const toPatch = (...Operations: object[]) => ({ Operations })
const done = { status: 200, answer: toAnswer('{"id":"7"}') }
const refused = { status: 400, answer: toAnswer('{"scimType":"noTarget"}') }
const kindOf = (body: unknown, ...others: string[]) => toKind(toRequest(body, ...others), done)

const off = { op: 'replace', path: 'active', value: false }
test.for([
  ['another id', kindOf(toPatch(off), 'PATCH', '/Users/8')],
  ['its members in another order', kindOf(toPatch({ value: false, path: 'active', op: 'replace' }))],
])('a request with %s is of the same kind', ([, kind]) => {
  expect(kind).toBe(kindOf(toPatch(off)))
})

test('texts are of one kind whatever they say, but for an empty one and an address', () => {
  const [ann, bob, none, address] = ['Ann', 'Bob', '', 'a@b'].map(value => kindOf({ displayName: value }))
  expect(bob).toBe(ann)
  expect(new Set([ann, none, address]).size).toBe(3)
})

test('what differs in what switches look at is of another kind', () => {
  const bodies = [
    toPatch(off),
    toPatch({ ...off, op: 'add' }),
    toPatch({ ...off, path: 'title' }),
    toPatch({ ...off, value: true }),
    toPatch({ ...off, value: 'false' }),
    toPatch({ ...off, value: null }),
    toPatch({ ...off, value: ['false'] }),
    toPatch({ ...off, path: { a: 1 } }),
    toPatch({ ...off, path: { b: 1 } }),
    toPatch({ ...off, path: 5 }),
    toPatch(off, off),
    toPatch(),
  ]
  const kinds = [
    ...bodies.map(body => kindOf(body)),
    kindOf(toPatch(off), 'PUT'),
    toKind(toRequest(toPatch(off)), refused),
  ]
  expect(new Set(kinds).size).toBe(bodies.length + 2)
})

test('a request has no kind that has no body, one that is no JSON, or a form of more than two thousand characters', () => {
  const long = (members: number) => Object.fromEntries(Array.from({ length: members }, (_, index) => [`m${index}`, 1]))
  expect([kindOf(undefined), kindOf('{'), kindOf(long(1000))]).toEqual([undefined, undefined, undefined])
  expect(kindOf(long(100))).toBeDefined()
})

test.for([
  [toRequest(undefined, 'GET', '/Users?filter=x'), done, { request: 'GET /Users', status: 200 }],
  [toRequest(toPatch(off)), refused, { request: 'PATCH /Users/{id} with replace', status: 400, scimType: 'noTarget' }],
  [
    toRequest(toPatch(off, { op: 'x'.repeat(50) }, off, { op: 5 }, {})),
    done,
    { request: `PATCH /Users/{id} with replace, ${'x'.repeat(20)}, 5, undefined`, status: 200 },
  ],
  [
    toRequest(toPatch(...['a', 'b', 'c', 'd', 'e', 'f'].map(op => ({ op })))),
    done,
    { request: 'PATCH /Users/{id} with a, b, c, d, e', status: 200 },
  ],
] as const)(
  'an exchange is named by its method, its path without id and query, and its operations',
  ([request, there, seen]) => {
    expect(toEvidence(request, there)).toEqual(seen)
  },
)
