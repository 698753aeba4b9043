// What a provider sees through a server that passes its requests on: the real answer as it came, or none as it did not.

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { control } from '../support.ts'
import { lastEntry, listen, readBody, realToken, sendBytes, startShadow } from './shadow.ts'

const ann = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }

test('a provider gets the real answer byte for byte', async () => {
  await using real = await start({ scimToken: realToken })
  await using server = await startShadow(real.scimUrl)
  const { scimToken: token } = server
  await sendBytes(server.scimUrl, { method: 'POST', path: '/Users', token, body: ann })
  for (const path of [
    '/Users/2',
    '/Users?filter=userName+eq+"x"',
    '/Users/99',
    '/Groups',
    '/nothing',
    '/Me',
    '/users//2/',
  ])
    expect(await sendBytes(server.scimUrl, { path, token })).toEqual(
      await sendBytes(real.scimUrl, { path, token: realToken }),
    )
})

test('a wrong token gets its 401 here and reaches nobody', async () => {
  const seen: string[] = []
  await using real = await listen((request, response) => {
    seen.push(request.url!)
    response.end()
  })
  await using server = await startShadow(real.url)
  for (const token of ['wrong', realToken])
    expect(await sendBytes(server.scimUrl, { path: '/Users/1', token })).toMatchObject({
      status: 'HTTP/1.1 401 Unauthorized',
    })
  expect(seen).not.toContain('/scim/v2/Users/1')
  expect((await lastEntry(server)).shadow).toBeNull()
})

test('a request goes on as it came, with the token of the real endpoint and without what concerns the connection', async () => {
  const seen: { method?: string; url?: string; rawHeaders: string[]; body: string }[] = []
  await using real = await listen(async (request, response) => {
    const body = (await readBody(request)).toString('latin1')
    if (request.headers['user-agent'] === 'test')
      seen.push({ method: request.method!, url: request.url!, rawHeaders: request.rawHeaders, body })
    response.end()
  })
  await using server = await startShadow(`${real.url}/?tenant=1`)
  await sendBytes(server.scimUrl, {
    method: 'POST',
    path: '/Users/%41//x/?a=1&a=%20+b',
    token: server.scimToken,
    headers: {
      'User-Agent': 'test',
      'X-Odd': 'caf\xe9',
      connection: 'close, X-Hop',
      'X-Hop': '1',
      te: 'trailers',
      'content-type': 'text/odd',
    },
    body: '{"a" : "\u00e9"  } ',
  })
  expect(seen).toHaveLength(1)
  const { method, url, rawHeaders, body } = seen[0]!
  expect({ method, url, body }).toEqual({
    method: 'POST',
    url: '/scim/v2/Users/%41//x/?tenant=1&a=1&a=%20+b',
    body: Buffer.from('{"a" : "\u00e9"  } ').toString('latin1'),
  })
  const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []))
  expect(lines.toSorted()).toEqual(
    [
      `authorization: Bearer ${realToken}`,
      'User-Agent: test',
      'X-Odd: caf\xe9',
      'connection: keep-alive',
      'content-length: 15',
      'content-type: text/odd',
      `host: ${new URL(real.url).host}`,
    ].toSorted(),
  )
})

test.each<[name: string, answer: (response: import('node:http').ServerResponse) => void]>([
  ['429 with its Retry-After', response => response.writeHead(429, 'Slow Down', { 'Retry-After': '7' }).end('wait')],
  ['a redirection', response => response.writeHead(302, { Location: 'https://elsewhere.example/' }).end()],
  [
    'headers that come twice',
    response => response.writeHead(200, ['Set-Cookie', 'a=1', 'x-caf', '\xe9', 'Set-Cookie', 'b=2']).end('{}'),
  ],
  ['a body without a length', response => void response.write('{"a":', () => response.end('1}'))],
  ['a page of a proxy', response => response.writeHead(503, { 'content-type': 'text/html' }).end('<html>')],
  ['a compressed body', response => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}'))],
  [
    'no date',
    response => {
      response.removeHeader('Date')
      response.sendDate = false
      response.end('{}')
    },
  ],
  ['no body', response => response.writeHead(204).end()],
  ['bytes that are no text', response => response.end(Buffer.from([0xff, 0, 0xfe]))],
  ['six million bytes', response => response.end(Buffer.alloc(6_000_000, 'abcdefg'))],
])('%s passes through as it is', async (_, answer) => {
  await using real = await listen((_request, response) => {
    response.setHeader('Date', 'Mon, 02 Mar 2026 09:14:07 GMT')
    answer(response)
  })
  await using server = await startShadow(real.url)
  const direct = await sendBytes(real.url, { path: '/Users', token: realToken })
  expect(await sendBytes(server.scimUrl, { path: '/Users', token: server.scimToken })).toEqual(direct)
  expect(direct.isReset).toBe(false)
})

test('a reset passes through, in the middle of a body too', async () => {
  let isInBody = false
  await using real = await listen((request, response) => {
    if (request.url?.includes('count=1')) response.end()
    else if (!isInBody) request.socket.resetAndDestroy()
    else response.writeHead(200, { 'content-length': 100 }).write('{"a":', () => request.socket.resetAndDestroy())
  })
  await using server = await startShadow(real.url)
  const { scimToken: token } = server
  expect(await sendBytes(server.scimUrl, { path: '/Users', token })).toMatchObject({ status: '', isReset: true })
  expect(await lastEntry(server)).toMatchObject({ status: null, operation: 'refused', shadow: null })
  isInBody = true
  const broken = await sendBytes(server.scimUrl, { path: '/Users', token })
  expect(broken).toMatchObject({ status: 'HTTP/1.1 200 OK', isReset: true })
  expect(broken.body.toString()).toBe('{"a":')
})

test('interim answers are skipped, but a 100 that nobody asked for ends as a reset that says so', async () => {
  await using real = await listen((request, response) => {
    if (request.url?.includes('early')) response.writeEarlyHints({ link: '</a>; rel=preload' })
    else if (!request.url?.includes('count=1')) response.writeContinue()
    response.end('{}')
  })
  await using server = await startShadow(real.url)
  const { scimToken: token } = server
  expect(await sendBytes(server.scimUrl, { path: '/Users?early', token })).toMatchObject({ status: 'HTTP/1.1 200 OK' })
  expect(await sendBytes(server.scimUrl, { path: '/Users', token })).toMatchObject({ status: '', isReset: true })
  expect((await lastEntry(server)).notes).toEqual([
    { rule: null, text: 'the real endpoint did not answer (UND_ERR_SOCKET: bad response)' },
  ])
})

test('an endpoint that cannot be reached is told in one line', async () => {
  // Nobody listens at this port; a free one could be taken meanwhile.
  await using server = await startShadow('http://127.0.0.1:1/scim/v2')
  const answer = await sendBytes(server.scimUrl, { path: '/Users', token: server.scimToken })
  expect(answer.status).toBe('HTTP/1.1 502 Bad Gateway')
  expect(JSON.parse(answer.body.toString()).detail).toBe(
    'The real endpoint 127.0.0.1:1 cannot be reached (ECONNREFUSED).',
  )
})

test('when a provider hangs up, so does this server', async () => {
  let hungUp: Promise<unknown> | undefined
  await using real = await listen((request, response) => {
    if (request.url?.includes('count=1')) response.end()
    else hungUp = once(response, 'close')
  })
  await using server = await startShadow(real.url)
  const leaving = new AbortController()
  const headers = { authorization: `Bearer ${server.scimToken}` }
  const answer = fetch(`${server.scimUrl}/Users`, { headers, signal: leaving.signal }).catch(() => 'left')
  while (!hungUp) await sleep(5)
  leaving.abort()
  expect(await answer).toBe('left')
  await hungUp
  expect(await server.waitForRequest({ path: '/scim/v2/Users' })).toMatchObject({
    status: null,
    notes: [{ text: 'the client hung up before the real endpoint answered' }],
  })
})

test('what is too long, or leads out of the SCIM URL, is refused here', async () => {
  const seen: string[] = []
  await using real = await listen((request, response) => {
    seen.push(request.url!)
    response.end()
  })
  await using server = await startShadow(real.url)
  const { scimToken: token } = server
  const long = await sendBytes(server.scimUrl, {
    method: 'POST',
    path: '/Users',
    token,
    body: 'x'.repeat(1024 * 1024 + 1),
  })
  expect(long.status).toBe('HTTP/1.1 413 Payload Too Large')
  for (const path of ['/../v3.1/Users', '/%2e%2e/x', '/Users/..%2f..%2fx', '/Users/..\\x'])
    expect((await sendBytes(server.scimUrl, { path, token })).status).toBe('HTTP/1.1 404 Not Found')
  expect(seen.filter(url => !url.includes('count=1'))).toEqual([])
})

test('a token that the real endpoint repeats does not leave, nor is it shown anywhere', async () => {
  await using real = await listen((request, response) => {
    response.setHeader('x-echo', request.headers.authorization!)
    response.end(
      `{"detail":"${request.headers.authorization}"}${request.url?.includes('long') ? ' '.repeat(4_300_000) + realToken : ''}`,
    )
  })
  await using server = await startShadow(real.url)
  const { scimToken: token } = server
  for (const path of ['/Users', '/Users?long']) {
    const { headers, body } = await sendBytes(server.scimUrl, { path, token })
    expect(headers.join() + body.toString()).not.toContain(realToken)
    expect(body.toString()).toContain('*'.repeat(realToken.length))
  }
  const authorization = `Bearer ${server.adminKey}`
  const leaving = new AbortController()
  const events = await fetch(`${server.controlUrl}/instances/default/events?since=0`, {
    headers: { authorization },
    signal: leaving.signal,
  })
  const reader = events.body!.getReader()
  let told = ''
  while (told.split('event: exchange').length < 3) told += new TextDecoder().decode((await reader.read()).value)
  leaving.abort()
  expect(told).not.toContain(realToken)
  for (const path of ['', '/requests', '/requests?format=har', '/state', '/settings', '/differences'])
    expect((await control(server, 'GET', `/instances/default${path}`)).text).not.toContain(realToken)
})

test('with --upstream-rewrite its URL is replaced by ours, in the body and in Location', async () => {
  await using real = await start({ scimToken: realToken })
  await using server = await startShadow(real.scimUrl, { upstreamRewrite: true })
  const { scimToken: token } = server
  const created = await sendBytes(server.scimUrl, {
    method: 'POST',
    path: '/Users',
    token,
    body: ann,
    headers: { 'accept-encoding': 'gzip' },
  })
  expect(created.headers).toContain(`location: ${server.scimUrl}/Users/2`)
  expect(created.headers).toContain(`content-length: ${created.body.length}`)
  expect(JSON.parse(created.body.toString()).meta.location).toBe(`${server.scimUrl}/Users/2`)
  expect(created.body.toString()).not.toContain(real.scimUrl)
})

test('with --upstream-rewrite an answer that is too long to be held passes through as it is', async () => {
  await using real = await listen(({ headers }, response) => {
    const text = `http://${headers.host}/scim/v2 `.repeat(200_000)
    response.writeHead(200, { 'content-length': text.length }).end(text)
  })
  await using server = await startShadow(real.url, { upstreamRewrite: true })
  const { body } = await sendBytes(server.scimUrl, { path: '/Users', token: server.scimToken })
  const text = `${real.url} `.repeat(200_000)
  // A difference of six million bytes is not to be printed.
  expect(body.toString() === text).toBe(true)
})
