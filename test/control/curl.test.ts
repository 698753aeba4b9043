// The curl line of an entry, as a shell reads it.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { toCurl } from '../../src/control/curl.ts'
import type { Entry } from '../../src/control/types.ts'

const toArguments = (entry: { url?: string; headers?: Record<string, string>; rawBody?: string; method?: string }) => {
  const line = toCurl({ method: 'POST', url: 'http://x/', headers: {}, rawBody: null, ...entry } as unknown as Entry)
  const read = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${line}`], { encoding: 'utf8' })
  return read.split('\0').slice(0, -1)
}

test('a body is sent as it came, whatever a shell makes of its characters', () => {
  const rawBody = ` {"a": "it's $HOME \`id\` \\\\ \\u0041 !!",\n\t"b":12345678901234567890,}\r\n`
  const headers = { 'content-type': 'application/scim+json' }
  expect(toArguments({ rawBody, headers })).toEqual([
    '-X',
    'POST',
    'http://x/',
    '-H',
    'content-type: application/scim+json',
    '--data-raw',
    rawBody,
  ])
})

test('a body without a type is sent without one, and a header without a value with none', () => {
  expect(toArguments({ rawBody: '', headers: { 'x-empty': '' } })).toEqual([
    '-X',
    'POST',
    'http://x/',
    '-H',
    'x-empty;',
    '-H',
    'content-type:',
    '--data-raw',
    '',
  ])
})

test('headers of the connection are left out, also those that it names', () => {
  const headers = {
    connection: 'keep-alive, X-Hop',
    'x-hop': '1',
    'keep-alive': 'timeout=5',
    te: 'trailers',
    'transfer-encoding': 'chunked',
    host: 'x',
    'content-length': '1',
    authorization: 'Bearer ***',
  }
  expect(toArguments({ headers })).toEqual(['-X', 'POST', 'http://x/', '-H', 'authorization: Bearer ***'])
})

test('brackets in a URL are no list, and HEAD waits for no body', () => {
  const url = "http://x/Users?filter=emails[value+eq+'a']"
  expect(toArguments({ method: 'HEAD', url })).toEqual(['--head', '--globoff', url])
  expect(toArguments({ method: 'GET' })).toEqual(['http://x/'])
})
