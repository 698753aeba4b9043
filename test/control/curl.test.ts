// The curl line of an entry, as a shell reads it.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { toCurl } from '../../src/control/curl.ts'
import type { Entry } from '../../src/control/types.ts'

const toArguments = (entry: { url?: string; headers?: Record<string, string>; rawBody?: string; method?: string }) => {
  const line = toCurl({ method: 'POST', url: 'http://x/', headers: {}, rawBody: null, ...entry } as unknown as Entry)
  const env = { PATH: process.env.PATH, INSIGHTLY_SCIM_TOKEN: `it's "$x"`, INSIGHTLY_API_KEY: 'the-key' }
  const read = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${line}`], { encoding: 'utf8', env })
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
    'x-insightly-scim-replay': 'default/1 mark',
    accept: '*/*',
  }
  expect(toArguments({ headers })).toEqual(['-X', 'POST', 'http://x/', '-H', 'accept: */*'])
})

test('A-02 the credentials are those of a shell variable; what was no credential of ours stays masked', () => {
  const credentialsOf = (authorization: string, url = 'http://x/scim/v2/Users') =>
    toArguments({ method: 'GET', url, headers: { authorization } }).slice(1)
  expect(credentialsOf('Bearer ***')).toEqual(['-H', `authorization: Bearer it's "$x"`])
  expect(credentialsOf('Basic ***', 'http://x/v3.1/Users')).toEqual(['-u', 'the-key:'])
  expect(credentialsOf('Basic ***')).toEqual(['-H', 'authorization: Basic ***'])
  expect(credentialsOf('***')).toEqual(['-H', 'authorization: ***'])
})

test('brackets in a URL are no list, and HEAD waits for no body', () => {
  const url = "http://x/Users?filter=emails[value+eq+'a']"
  expect(toArguments({ method: 'HEAD', url })).toEqual(['--head', '--globoff', url])
  expect(toArguments({ method: 'GET' })).toEqual(['http://x/'])
})
