// What an entry of the journal is in an HTTP Archive.

import { expect, test } from 'vitest'
import { toHarEntry } from '../../src/control/har.ts'
import type { Entry } from '../../src/control/types.ts'

const entry: Entry = {
  id: 1,
  when: '2026-03-02T09:14:07.123Z',
  client: null,
  userAgent: null,
  method: 'GET',
  path: '/scim/v2/Users',
  url: 'http://a/scim/v2/Users?count=2',
  query: { count: '2' },
  headers: { host: 'a' },
  body: null,
  rawBody: null,
  bodyLength: 0,
  status: 200,
  answer: null,
  answerHeaders: {},
  durationMs: 12.5,
  operation: 'import',
  userId: null,
  userName: null,
  changes: [],
  fault: null,
  behaviours: {},
  notes: [],
  shadow: null,
  curl: "curl 'http://a/scim/v2/Users?count=2'",
}

test('a request without a body has none there, and what has no answer has the status 0', () => {
  const har = toHarEntry({ ...entry, status: null }) as Record<string, object>
  expect(har).toMatchObject({
    startedDateTime: entry.when,
    time: 12.5,
    request: { method: 'GET', url: entry.url, headers: [{ name: 'host', value: 'a' }], bodySize: 0 },
    response: { status: 0, headers: [], content: { size: 0, mimeType: '', text: '' }, bodySize: 0 },
    timings: { wait: 12.5 },
    comment: 'import',
    _curl: entry.curl,
  })
  expect(har.request).toMatchObject({ queryString: [{ name: 'count', value: '2' }] })
  expect(har.request).not.toHaveProperty('postData')
  expect(har).not.toHaveProperty('_shadow')
})

test.for([
  [null, '', 0],
  ['Né.', 'Né.', 4],
  [{ a: 'é' }, '{"a":"é"}', 10],
] as const)('the answer %j is the text %j there', ([answer, text, size]) => {
  const answerHeaders = { 'content-type': 'application/json' }
  expect(toHarEntry({ ...entry, answer, answerHeaders })).toMatchObject({
    response: { status: 200, content: { text, size, mimeType: 'application/json' }, bodySize: size },
  })
})

test('a body has its type, or that of JSON; notes have their rules, and what shadow told is there', () => {
  const shadow = { uncompared: null, status: 200, answer: null, notes: [], differences: [] }
  const notes: Entry['notes'] = [
    { rule: 'U-14', text: 'no add' },
    { rule: null, text: 'cut' },
  ]
  const sent = { ...entry, rawBody: '{}', bodyLength: 2, notes, shadow }
  expect(toHarEntry(sent)).toMatchObject({
    request: { postData: { mimeType: 'application/json', text: '{}' }, bodySize: 2 },
    comment: 'import; no add (U-14); cut',
    _shadow: shadow,
  })
  const headers = { 'content-type': 'application/scim+json' }
  expect(toHarEntry({ ...sent, headers })).toMatchObject({
    request: { postData: { mimeType: 'application/scim+json' } },
  })
})
