import { describe, expect, test } from 'vitest'
import { fill, findProblems, readPath, UnknownVariable } from '../../src/rehearse/expectations.ts'

const variables = { userName: 'Ann Lee@example.com', total: 3 }

test('variables are filled in, encoded or in capitals, at any depth, and keep their type where they stand alone', () => {
  expect(fill({ a: ['{{userName}}', { b: 'x{{total}}' }], c: '{{total}}', d: 1 }, variables)).toEqual({
    a: ['Ann Lee@example.com', { b: 'x3' }],
    c: 3,
    d: 1,
  })
  expect(fill('?eq={{enc:upper:userName}}', variables)).toBe('?eq=ANN%20LEE%40EXAMPLE.COM')
  expect(fill('{{$guid}}', {})).not.toBe(fill('{{$guid}}', {}))
})

test.each(['{{id}}', 'x{{id}}', '{{toString}}'])('%s without a value is an error', text => {
  expect(() => fill(text, variables)).toThrow(UnknownVariable)
})

test('a path leads through members and elements, and to nothing where one is missing', () => {
  const body = { Resources: [{ name: { givenName: 'Ann' } }], gone: null }
  expect(readPath(body, 'Resources[0].name.givenName')).toBe('Ann')
  expect(readPath(body, 'Resources[1].name.givenName')).toBeUndefined()
  expect(readPath(body, 'gone.name')).toBeUndefined()
  expect(readPath(undefined, 'id')).toBeUndefined()
})

const answer = {
  status: 200,
  headers: { 'content-type': 'application/scim+json; charset=utf-8' },
  text: '{"list":[1,2]}',
  body: { list: [1, 2], none: [], text: 'abc', yes: true, id: '7', count: 3 },
}

test('what is as expected has no problem, and each thing that is not has one', () => {
  expect(findProblems({ status: [200, 204] }, answer, {})).toEqual([])
  const expectation = {
    status: 204,
    headers: { 'content-type': 'text/html' },
    bodyContains: ['"other"'],
    jsonPaths: { id: 7, 'name.givenName': 'Ann' },
  }
  expect(findProblems(expectation, answer, {})).toEqual([
    'status is 200, not 204',
    'content-type is "application/scim+json; charset=utf-8", not "text/html"',
    'the body lacks "other"',
    'id is "7", not 7',
    'name.givenName is absent, not "Ann"',
  ])
})

// A value that each matcher takes, and one that it does not.
describe.each<[matcher: string, argument: unknown, fits: string, fitsNot: string]>([
  ['$type', 'array', 'list', 'text'],
  ['$exists', true, 'id', 'gone'],
  ['$nonEmpty', true, 'list', 'none'],
  ['$contains', 'b', 'text', 'id'],
  ['$contains', 2, 'list', 'none'],
  ['$length', 2, 'list', 'none'],
  ['$lengthOrAbsent', 0, 'gone', 'list'],
  ['$minLength', 1, 'list', 'none'],
  ['$minLength', 0, 'none', 'gone'],
  ['$maxLength', 1, 'none', 'list'],
  ['$gte', 3, 'count', 'gone'],
  ['$ne', '7', 'text', 'id'],
  ['$in', [3, 4], 'count', 'id'],
  ['$startsWith', 'ab', 'text', 'id'],
])('%s %j', (matcher, argument, fits, fitsNot) => {
  const problemsOf = (place: string) =>
    findProblems({ status: 200, jsonPaths: { [place]: { [matcher]: argument } } }, answer, {})

  test(`takes ${fits}`, () => expect(problemsOf(fits)).toEqual([]))
  test(`does not take ${fitsNot}`, () => expect(problemsOf(fitsNot)).toHaveLength(1))
})

test('a matcher that nobody knows is an error, not a pass', () => {
  expect(() => findProblems({ status: 200, jsonPaths: { id: { $lenght: 1 } } }, answer, {})).toThrow('unknown matcher')
})
