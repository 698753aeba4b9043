// What becomes of a request on its way to the real endpoint, and of the answer on its way back, case by case.

import diagnostics from 'node:diagnostics_channel'
import { Agent, get, type IncomingMessage, request as makeRequest, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { StartOptions } from '../../src/index.ts'
import { lastEntry, listen, readBody, realToken, sendBytes, startShadow } from './shadow.ts'

/** An endpoint that keeps what it was asked, apart from what the start of a server asks, and a server before it. */
async function startBefore(answer: RequestListener, options: StartOptions = {}) {
  const seen: { url: string; headers: IncomingMessage['headers']; body: string }[] = []
  const real = await listen(async (request, response) => {
    const body = (await readBody(request)).toString('latin1')
    const isFirst = request.url!.includes('count=1')
    if (!isFirst) seen.push({ url: request.url!, headers: request.headers, body })
    if (isFirst) response.end()
    else answer(request, response)
  })
  const server = await startShadow(real.url, options)
  const { scimToken: token } = server
  return {
    real,
    server,
    seen,
    ask: (path: string, more: object = {}) => sendBytes(server.scimUrl, { path, token, ...more }),
    /** A request whose body is sent in chunks, piece by piece. */
    write: (): ReturnType<typeof makeRequest> =>
      makeRequest(`${server.scimUrl}/Users`, {
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${token}`, 'transfer-encoding': 'chunked' },
      }),
    async [Symbol.asyncDispose]() {
      await server.close()
      await real[Symbol.asyncDispose]()
    },
  }
}

const mebibyte = 1024 * 1024
const statusOf = (sent: ReturnType<typeof makeRequest>): Promise<number> =>
  new Promise((resolve, reject) =>
    sent.on('response', answer => resolve(answer.resume().statusCode!)).on('error', reject),
  )

test('D-08 a body of one MiB is passed on, a longer one is not, with and without its length', async () => {
  await using both = await startBefore((_request, response) => void response.end())
  for (const [length, status] of [
    [mebibyte, 200],
    [mebibyte + 1, 413],
  ] as const) {
    const body = 'x'.repeat(length)
    expect((await both.ask('/Users', { method: 'POST', body })).status).toContain(` ${status} `)
    const sent = both.write()
    sent.end(body)
    expect(await statusOf(sent)).toBe(status)
  }
  expect(both.seen.map(({ body }) => body.length)).toEqual([mebibyte, mebibyte])
})

test('a request without a body has none in the journal', async () => {
  await using both = await startBefore((_request, response) => void response.end())
  await both.ask('/Users/1')
  expect(await lastEntry(both.server)).toMatchObject({ body: null, rawBody: null })
})

test('a provider that hangs up in the middle of its body is no error of the server, and the endpoint hears nothing', async () => {
  await using both = await startBefore((_request, response) => void response.end())
  const sent = both.write().on('error', () => {})
  await new Promise(resolve => sent.write('{', resolve))
  sent.destroy()
  expect(await both.server.waitForRequest({ method: 'POST' })).toMatchObject({ status: 400 })
  expect(both.seen).toEqual([])
})

test('A-05 a body that ends after its token was regenerated goes nowhere', async () => {
  await using both = await startBefore((_request, response) => void response.end())
  const sent = both.write()
  const status = statusOf(sent)
  const arrived = new Promise<void>(resolve =>
    diagnostics.subscribe('http.server.request.start', message => {
      if ((message as { request: IncomingMessage }).request.method === 'POST') resolve()
    }),
  )
  sent.write('{')
  await arrived
  await both.server.regenerateToken()
  sent.end('}')
  expect(await status).toBe(401)
  expect(both.seen).toEqual([])
})

test.each([
  ['//scim//v2/Users/1', '/Users/1'],
  ['/SCIM/V2/users/1?a=/../b', '/users/1?a=/../b'],
  ['http://elsewhere.example/scim/v2/Users/1', '/Users/1'],
  ['/scim/v2/Users/%zz..', '/Users/%zz..'],
])('%s is %s at the real endpoint', async (url, there) => {
  await using both = await startBefore((_request, response) => void response.end())
  const { hostname, port } = new URL(both.server.url)
  const options = { hostname, port, path: url, headers: { authorization: `Bearer ${both.server.scimToken}` } }
  expect(await statusOf(get({ ...options, agent: false }))).toBe(200)
  expect(both.seen.map(each => each.url)).toEqual([`/scim/v2${there}`])
})

test.each([false, true])(
  'the mark of what the control API sends again is no part of it (rewriting: %s)',
  async upstreamRewrite => {
    await using both = await startBefore((_request, response) => void response.end('{}'), { upstreamRewrite })
    await both.ask('/Users/1', { headers: { 'X-Insightly-SCIM-Replay': 'default/1 x', 'x-other': '1' } })
    expect(both.seen[0]!.headers).toMatchObject({ 'x-other': '1' })
    expect(both.seen[0]!.headers).not.toHaveProperty('x-insightly-scim-replay')
  },
)

test('nothing of a request stays behind on its connection', async () => {
  await using both = await startBefore((_request, response) => void response.end('{}'))
  const sockets: Socket[] = []
  const hear = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    if (socket.localPort === Number(new URL(both.server.url).port)) sockets.push(socket)
  }
  diagnostics.subscribe('http.server.request.start', hear)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { authorization: `Bearer ${both.server.scimToken}` }
  const counts: number[] = []
  for (let count = 0; count < 3; count += 1) {
    await new Promise(resolve =>
      get(`${both.server.scimUrl}/Users`, { agent, headers }, answer => answer.resume().on('end', resolve)),
    )
    counts.push(sockets[0]!.listenerCount('close'))
  }
  diagnostics.unsubscribe('http.server.request.start', hear)
  agent.destroy()
  expect(new Set(sockets).size).toBe(1)
  expect(counts[2]).toBe(counts[1])
})

test.each([
  ['/Users?count=2', ['/Users?count=2&startIndex=2']],
  ['/Users', ['/Users?startIndex=2']],
  ['/Users?startIndex=0', ['/Users?startIndex=2']],
  ['/Users?startIndex=-7', ['/Users?startIndex=2']],
  ['/Users?startIndex=x', ['/Users?startIndex=2']],
  ['/Users?startIndex=6&count=2', ['/Users?startIndex=5&count=2', '/Users?startIndex=7&count=2']],
  ['/Users?filter=userName+eq+%22a%22', ['/Users?filter=userName+eq+%22a%22']],
])('a page drifts: %s asks for %j', async (path, wanted) => {
  await using both = await startBefore((_request, response) => void response.end('{}'))
  await both.server.setFaults([{ when: { seed: 3 }, do: { pageDrift: true } }])
  for (let count = 0; count < 8; count += 1) await both.ask(path)
  expect([...new Set(both.seen.map(({ url }) => url))].sort()).toEqual(wanted.map(each => `/scim/v2${each}`))
})

const text = '{"detail":"No."}'
test.each<[what: string, coding: string, body: Buffer, isRead: boolean]>([
  ['gzip', 'gzip', gzipSync(text), true],
  ['gzip by another spelling', ' GZIP ', gzipSync(text), true],
  ['deflate', 'deflate', deflateSync(text), true],
  ['br', 'br', brotliCompressSync(text), true],
  ['none', 'identity', Buffer.from(text), true],
  ['one that is not known', 'unknown', Buffer.from(text), false],
  ['one that it is not in', 'gzip', Buffer.from(text), false],
  ['one that makes little of much', 'gzip', gzipSync(Buffer.alloc(17 * mebibyte, ' ')), false],
])(
  'an answer in a coding passes as it is, and is read as far as it can be: %s',
  async (_what, coding, body, isRead) => {
    await using both = await startBefore(
      (_request, response) => void response.writeHead(404, { 'content-encoding': coding }).end(body),
    )
    const answer = await both.ask('/Users/9')
    expect(answer.body.equals(body)).toBe(true)
    const { answer: kept, operation } = await lastEntry(both.server)
    expect([kept, operation]).toEqual([isRead ? JSON.parse(text) : null, 'refused'])
  },
)

test('an answer of status 400 is a refusal, with the note that it was none where none came', async () => {
  let isReset = false
  await using both = await startBefore((request, response) => {
    if (isReset) request.socket.resetAndDestroy()
    else response.writeHead(400).end()
  })
  await both.ask('/Users')
  expect(await lastEntry(both.server)).toMatchObject({ status: 400, operation: 'refused' })
  isReset = true
  await both.ask('/Users')
  expect((await lastEntry(both.server)).notes).toEqual([
    { rule: null, text: expect.stringMatching(/^the real endpoint did not answer \(\w+\)$/) },
  ])
})

test('a long answer that breaks off is reset, after what came of it', async () => {
  await using both = await startBefore((request, response) => {
    response.writeHead(200, { 'content-length': 9 * mebibyte })
    response.write(Buffer.alloc(8 * mebibyte, 'x'), () => setImmediate(() => request.socket.resetAndDestroy()))
  })
  const { status, body, isReset } = await both.ask('/Users')
  expect([status, isReset]).toEqual(['HTTP/1.1 200 OK', true])
  expect(body.length).toBeGreaterThan(mebibyte)
})

test('a token that comes letter by letter behind a long answer is hidden too', async () => {
  await using both = await startBefore(async (_request, response) => {
    response.write(Buffer.alloc(5 * mebibyte, 'x'))
    for (const letter of `${realToken}!`) {
      response.write(letter)
      await nextTurn()
    }
    response.end()
  })
  const { body } = await both.ask('/Users')
  expect(body.length).toBe(5 * mebibyte + realToken.length + 1)
  expect(body.toString('latin1', 5 * mebibyte)).toBe(`${'*'.repeat(realToken.length)}!`)
})

test('an answer that a fault spoils keeps its status, its type and its other headers', async () => {
  await using both = await startBefore((_request, response) => {
    const others = { 'x-odd': 'a', 'x-content-length': 'b', 'content-type-of': 'c' }
    response
      .writeHead(203, { ...others, 'content-type': 'text/odd', 'content-encoding': 'gzip' })
      .end(gzipSync('{"some":"text"}'))
  })
  await both.server.setFaults([{ do: { malformed: true } }])
  const { status, headers, body } = await both.ask('/Users?a=%20&count=2')
  expect(both.seen.map(({ url }) => url)).toEqual(['/scim/v2/Users?a=%20&count=2'])
  expect(status).toMatch(/ 203 /)
  expect(body.toString()).toBe('{"some":')
  const others = ['x-odd: a', 'x-content-length: b', 'content-type-of: c']
  expect(headers).toEqual(expect.arrayContaining([...others, 'content-type: text/odd', 'content-length: 8']))
  expect(headers.join()).not.toContain('gzip')
})

test.each(['malformed', 'emptyBody'] as const)('an answer without a body stays one under %s', async kind => {
  await using both = await startBefore((_request, response) => void response.writeHead(204).end())
  await both.server.setFaults([{ do: { [kind]: true } }])
  const { status, headers, body } = await both.ask('/Users')
  expect([status, body.length]).toEqual(['HTTP/1.1 204 No Content', 0])
  expect(headers.filter(line => line.startsWith('content-type:'))).toEqual([])
})

test('with --upstream-rewrite every spelling of its URL is replaced, in the two headers that hold one, and no other', async () => {
  await using both = await startBefore(
    ({ headers: { host } }, response) => {
      const url = `http://${host}/scim/v2`
      const headers = { location: `${url}/Users/1`, 'content-location': `${url}/Users/2`, 'x-other': url }
      const body = `{"a":"${url}/Users/1","b":${JSON.stringify(url).replaceAll('/', '\\/')},"c":"\xff"}`
      response.writeHead(200, { ...headers, 'content-length': body.length }).end(Buffer.from(body, 'latin1'))
    },
    { upstreamRewrite: true },
  )
  const { headers, body } = await both.ask('/Users/1', {
    headers: { 'accept-encoding': 'gzip', 'Accept-Encoding': 'br' },
  })
  const ours = both.server.scimUrl
  const told = `{"a":"${ours}/Users/1","b":"${ours.replaceAll('/', '\\/')}","c":"\xff"}`
  expect(body.toString('latin1')).toBe(told)
  expect(headers).toEqual(
    expect.arrayContaining([
      `location: ${ours}/Users/1`,
      `content-location: ${ours}/Users/2`,
      `x-other: ${both.real.url}`,
      `content-length: ${told.length}`,
    ]),
  )
  expect(both.seen[0]!.headers['accept-encoding']).toBe('identity')
  expect((await lastEntry(both.server)).answer).toMatchObject({ a: `${ours}/Users/1` })
})

test('with --upstream-rewrite an answer that breaks off does not look whole', async () => {
  await using both = await startBefore(
    (request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"a":', () => request.socket.resetAndDestroy())
    },
    { upstreamRewrite: true },
  )
  const { headers, isReset } = await both.ask('/Users')
  expect(headers).toContain('content-length: 100')
  expect(isReset).toBe(true)
})

test('with --upstream-rewrite what is compressed, and the length of an answer to HEAD, stay as they are', async () => {
  const zipped = gzipSync('{"a":1}')
  await using both = await startBefore(
    ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(200, { 'content-length': 1234 }).end()
      else response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length }).end(zipped)
    },
    { upstreamRewrite: true },
  )
  expect((await both.ask('/Users')).body.equals(zipped)).toBe(true)
  expect((await both.ask('/Users', { method: 'HEAD' })).headers).toContain('content-length: 1234')
})
