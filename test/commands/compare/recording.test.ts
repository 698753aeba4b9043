// What is read of a recording, and what is left out.

import { describe, expect, test } from 'vitest'
import { readRecording } from '../../../src/commands/compare/recording.ts'
import { toAnswer } from '../../../src/shadow/documents.ts'

const at = (url: string, more: object = {}, response: object = { status: 200 }) => ({
  request: { method: 'GET', url, ...more },
  response,
})
const har = (...entries: unknown[]) => ({ log: { entries } })
const users = 'https://a.example/scim/Users'

test.for([
  ['', { kind: 'empty' }],
  ['<html>', { kind: 'text' }],
  ['null', { kind: 'json', value: null }],
  ['{"a":1}', { kind: 'json', value: { a: 1 } }],
] as const)('an answer of %j is %j', ([text, answer]) => {
  expect(toAnswer(text)).toEqual(answer)
})

describe('the SCIM URL', () => {
  test.for([
    [[users, 'https://b.example/Users', 'https://b.example/Groups?x=1'], 'https://b.example'],
    [['https://b.example/Schemas/x', users, `${users}/1`], 'https://a.example/scim'],
    [['https://a.example/v3.1/Users', 'https://a.example/v3.1/Users', users], 'https://a.example/scim'],
    [['https://a.example/Usersish', 'https://a.example/x?/Users', 'ftp://a/Users', users], 'https://a.example/scim'],
    [['https://a.example/users/1', 'https://a.example/login'], 'https://a.example'],
    [['https://ann:word@a.example/Me'], 'https://a.example'],
  ])('of %j is %s', ([urls, base]) => {
    expect(readRecording(har(...(urls as string[]).map(url => at(url)))).base).toBe(base)
  })

  test('that is given counts, and what is not below it is no SCIM', () => {
    const recording = har(at('https://a.example/scim/v2/Users?a=b'), at('https://a.example/scim/v2x'), at(users))
    const { base, exchanges, skipped } = readRecording(recording, 'https://a.example/scim/v2//')
    expect(base).toBe('https://a.example/scim/v2')
    expect(exchanges.map(({ number, path }) => [number, path])).toEqual([[1, '/Users?a=b']])
    expect([...skipped]).toEqual([['no SCIM', 2]])
  })

  test('can be that of a request itself, with a query or nothing behind it', () => {
    const { exchanges } = readRecording(har(at('https://a.example/scim?x'), at(users)), 'https://a.example/scim')
    expect(exchanges.map(({ path }) => path)).toEqual(['?x', '/Users'])
  })

  test('is not found where nothing is SCIM', () => {
    expect(() => readRecording(har(at('https://a.example/login')))).toThrow('holds no SCIM request')
  })
})

test.for([null, [], 'x', {}, { log: {} }, { log: { entries: {} } }, { requests: 5 }])(
  '%j is no recording',
  document => {
    expect(() => readRecording(document)).toThrow('is no recording; expected a HAR (log.entries) or a journal')
  },
)

test('of a HAR method, body, answer and three headers are read', () => {
  const headers = [
    { name: 'ACCEPT', value: 'a/b' },
    { name: 'Content-Type', value: 'c/d' },
    { name: 'Authorization', value: 'x' },
  ]
  const more = { method: 'PUT', headers, postData: { mimeType: 'e/f', text: '{}' } }
  const [first, second] = readRecording(
    har(
      at(users, more, { status: 201, content: { text: '{"a":1}' } }),
      at(
        users,
        { postData: { mimeType: 'e/f', text: '' } },
        { status: 200, content: { text: 'e30=', encoding: 'base64' } },
      ),
    ),
  ).exchanges
  expect(first).toEqual({
    number: 1,
    method: 'PUT',
    path: '/Users',
    contentType: 'c/d',
    accept: 'a/b',
    hadCredentials: true,
    body: '{}',
    status: 201,
    answer: { kind: 'json', value: { a: 1 } },
  })
  expect(second).toMatchObject({ contentType: 'e/f', accept: undefined, hadCredentials: false, body: undefined })
  expect(second!.answer).toEqual({ kind: 'json', value: {} })
})

test('an entry of a HAR that lacks what it needs is left out, never an error', () => {
  const { exchanges, skipped } = readRecording(
    har(null, {}, at(users, {}, { status: 0 }), at(users, {}, {}), at(users)),
  )
  expect(exchanges).toMatchObject([{ number: 5, answer: { kind: 'empty' } }])
  expect([...skipped]).toEqual([
    ['no SCIM', 2],
    ['without an answer', 2],
  ])
})

test('of a journal what was not kept is left out, and masked credentials are told from none', () => {
  const entry = (more: object) => ({ method: 'POST', url: users, headers: {}, status: 200, ...more })
  const { exchanges, skipped } = readRecording({
    requests: [
      entry({
        headers: { authorization: '***', accept: 'a/b', 'content-type': 'c/d' },
        body: { a: 1 },
        answer: { b: 2 },
      }),
      entry({ body: null, bodyLength: 7 }),
      entry({ body: null, bodyLength: 0, answer: 'text' }),
      entry({ status: null }),
      entry({ answer: null }),
    ],
  })
  expect(exchanges).toMatchObject([
    {
      number: 1,
      hadCredentials: true,
      accept: 'a/b',
      contentType: 'c/d',
      body: '{"a":1}',
      answer: { kind: 'json', value: { b: 2 } },
    },
    { number: 3, hadCredentials: false, accept: undefined, body: undefined, answer: { kind: 'text' } },
    { number: 5, answer: { kind: 'empty' } },
  ])
  expect([...skipped]).toEqual([
    ['a body that was not kept', 1],
    ['without an answer', 1],
  ])
})
