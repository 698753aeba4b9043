// What is said at start of a real endpoint that is not there or is none, and what is refused.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { StartError, start } from '../../src/index.ts'
import { Shadows } from '../../src/shadow/shadows.ts'
import { listen, realToken, sendBytes, startShadow } from './shadow.ts'

const problemsOf = async (upstream: string): Promise<string[]> => {
  const shadows = new Shadows(
    { upstream, tokens: new Map([['default', realToken]]), rewrites: false },
    {
      run: () => Promise.reject(new Error('nothing runs')),
      close: async () => {},
    },
  )
  const problems: string[] = []
  await shadows.look(line => problems.push(line))
  await shadows.close()
  return problems
}

const inside = (line: string): string =>
  line.replace(/^.*instance "default", (.*); requests are passed on all the same$/, '$1')

test.each([
  [401, 'no', 'answers 401: it refuses the token, or SCIM is switched off'],
  [200, '<html>', 'answers 200 with what is no JSON to GET /Users, which is no list of users (is the SCIM URL right?)'],
  [404, '{}', 'answers 404 with JSON to GET /Users, which is no list of users (is the SCIM URL right?)'],
  [200, '', 'answers 200 with nothing to GET /Users, which is no list of users (is the SCIM URL right?)'],
])('an endpoint that answers %i with "%s" is told in one line', async (status, body, words) => {
  await using real = await listen((_request, response) => response.writeHead(status).end(body))
  expect((await problemsOf(real.url)).map(inside)).toEqual([words])
})

test('one that is not there is told in one line, and one that is fine is not told at all', async () => {
  // Nobody listens at this port; a free one could be taken meanwhile.
  expect((await problemsOf('http://127.0.0.1:1/scim/v2')).map(inside)).toEqual(['cannot be reached (ECONNREFUSED)'])
  await using real = await start({ scimToken: realToken })
  expect(await problemsOf(real.scimUrl)).toEqual([])
})

test('a token that would travel readable is told', async () => {
  const [first] = await problemsOf('http://scim.invalid/scim/v2')
  expect(first).toBe('scim.invalid is spoken to without TLS: its token travels readable')
})

test('a certificate is verified, whatever the environment says', async () => {
  const pem = (name: string) => readFileSync(new URL(`../doors/${name}`, import.meta.url))
  let asked = 0
  const real = createServer(
    { cert: pem('localhost-cert.pem'), key: pem('localhost-key.pem') },
    (_request, response) => {
      asked += 1
      response.end()
    },
  ).listen(0, '127.0.0.1')
  await once(real, 'listening')
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  try {
    await using server = await startShadow(`https://localhost:${(real.address() as AddressInfo).port}/scim/v2`)
    const answer = await sendBytes(server.scimUrl, { path: '/Users', token: server.scimToken })
    expect(answer.status).toBe('HTTP/1.1 502 Bad Gateway')
    expect(answer.body.toString()).toMatch(/cannot be reached \(DEPTH_ZERO_SELF_SIGNED_CERT\)/)
    expect(asked).toBe(0)
  } finally {
    vi.unstubAllEnvs()
    real.close()
  }
})

test.each([
  [{ upstream: 'https://a.example' }, '--upstream and --upstream-token go together'],
  [
    { upstream: 'https://a.example', 'upstream-token': 'secret-one', 'any-token': true },
    '--upstream and --any-token exclude',
  ],
  [
    { upstream: 'ftp://a.example', 'upstream-token': 'secret-one' },
    '--upstream is "ftp://a.example", which is not accepted',
  ],
  [{ upstream: 'https://user:pw@a.example' }, 'without user, password'],
  [
    { upstream: 'https://a.example', 'upstream-token': 'secret one' },
    '--upstream-token is a value, which is not accepted',
  ],
])('%j is refused', (flags, words) => {
  expect(() => readConfig(flags, {})).toThrow(words)
})

test('a file of tokens that cannot be used is refused, and no token of it is shown', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'shadow-')), 'tokens.json')
  for (const [content, words] of [
    ['{"one": "secret-one"', 'it is not valid JSON'],
    ['[]', 'is not usable; expected'],
    ['{"one": "secret-one", "two": "secret two"}', 'the token of "two"'],
  ] as const) {
    writeFileSync(file, content)
    const error = await start({ upstream: 'https://a.example', upstreamTokens: file }).catch(each => each)
    expect(error).toBeInstanceOf(StartError)
    expect(error.message).toContain(words)
    expect(error.message).not.toContain('secret')
  }
  await expect(start({ upstream: 'https://a.example', upstreamTokens: `${file}.none` })).rejects.toThrow(
    'there is no such file',
  )
})
