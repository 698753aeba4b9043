// Speaking to an endpoint that is slow, busy or broken: each test lets one of its own answer as it is told.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Conversation, type ConversationOptions } from '../../../src/commands/calibrate/conversation.ts'

type Handler = (response: ServerResponse, request: IncomingMessage, count: number) => unknown

async function talk(handler: Handler, options: Partial<ConversationOptions> = {}, query = '') {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    handler(response, request, seen.length)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/${query}`
  const waits: number[] = []
  const common = { token: 'the-token', userAgent: 'test', timeout: 20_000, longestWait: 2000 }
  const conversation = new Conversation({ ...common, url, onWait: seconds => waits.push(seconds), ...options })
  return {
    conversation,
    seen,
    waits,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const busy =
  (status: number, retryAfter?: string): Handler =>
  (response, _, count) => {
    if (count > 1) response.end('{}')
    else response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('x')
  }

test('a request has its token, types and query, that of the SCIM URL too', async () => {
  await using talked = await talk(response => response.end('{}'), {}, '?aad')
  await talked.conversation.ask('GET', '/Users?count=1')
  await talked.conversation.ask('POST', '/Users', { a: 1 })
  const [get, post] = talked.seen
  expect([get!.url, post!.url]).toEqual(['/scim/Users?aad&count=1', '/scim/Users?aad'])
  expect(get!.headers).toMatchObject({
    authorization: 'Bearer the-token',
    accept: 'application/scim+json',
    'user-agent': 'test',
  })
  expect([get!.headers['content-type'], post!.headers['content-type']]).toEqual([undefined, 'application/scim+json'])
})

test('an exchange keeps what the answer says, and a scimType only where it looks like one', async () => {
  const answers = ['{"scimType":"uniqueness"}', '{"scimType":"a b"}', '{"scimType":5}', 'no JSON', '']
  await using talked = await talk((response, _, count) =>
    response.writeHead(409, { 'content-type': 'a/b', location: '/x' }).end(answers[count - 1]),
  )
  for (const _ of answers) await talked.conversation.ask('POST', '/Users', {})
  const { exchanges } = talked.conversation
  expect(exchanges.map(({ scimType }) => scimType)).toEqual(['uniqueness', '', '', '', ''])
  expect(exchanges.map(({ body }) => body === undefined)).toEqual([false, false, false, true, true])
  expect(exchanges.map(({ isEmpty }) => isEmpty)).toEqual([false, false, false, false, true])
  expect(exchanges[0]).toMatchObject({ method: 'POST', path: '/Users', sent: {}, contentType: 'a/b', location: '/x' })
})

test('a redirection is an answer, and the token does not follow it', async () => {
  await using talked = await talk(response => response.writeHead(302, { location: '/elsewhere' }).end())
  expect((await talked.conversation.ask('GET', '/Users')).status).toBe(302)
  expect(talked.seen).toHaveLength(1)
})

test.for([
  ['429 for as long as it asks', 429, '0', []],
  ['503 that asks', 503, '0', []],
  ['429 until a date that is past', 429, 'Mon, 01 Jan 2024 00:00:00 GMT', []],
  ['429 that does not say how long', 429, undefined, [1]],
  ['429 whose words are none', 429, 'soon', [1]],
  ['429 whose words are empty', 429, ' ', [1]],
] as const)('a %s is waited out, and is no exchange', async ([, status, retryAfter, waits]) => {
  await using talked = await talk(busy(status, retryAfter))
  const begun = performance.now()
  expect((await talked.conversation.ask('GET', '/Users')).status).toBe(200)
  expect(talked.waits).toEqual(waits)
  expect(performance.now() - begun).toBeGreaterThan(waits.length * 990)
  expect(talked.conversation.exchanges).toHaveLength(1)
})

test('a 503 that asks for no patience is an answer', async () => {
  await using talked = await talk(busy(503))
  expect((await talked.conversation.ask('GET', '/Users')).status).toBe(503)
})

test.for([
  ['3', 'the endpoint asks to wait 3 s (429); try again then'],
  ['2.001', 'the endpoint asks to wait 3 s (429); try again then'],
])('a 429 that asks for %s s, longer than the longest wait, ends it', async ([seconds, words]) => {
  await using talked = await talk(busy(429, seconds))
  await expect(talked.conversation.ask('GET', '/Users')).rejects.toThrow(words)
})

test('a request is repeated six times and no more', async () => {
  await using talked = await talk(response => response.writeHead(429, { 'retry-after': '0' }).end())
  await expect(talked.conversation.ask('GET', '/Users')).rejects.toThrow('the endpoint answered 429 7 times')
  expect(talked.seen).toHaveLength(7)
})

test('a connection that breaks is tried once more for a read, never for a write', async () => {
  await using talked = await talk((response, request, count) => {
    if (request.method === 'POST' || count === 1) response.destroy()
    else response.end('{}')
  })
  expect((await talked.conversation.ask('GET', '/Users')).status).toBe(200)
  await expect(talked.conversation.ask('POST', '/Users', {})).rejects.toThrow(/^no answer \([A-Z_]+\)$/)
  expect(talked.seen).toHaveLength(3)
})

test('silence three times in a row ends it, an answer in between begins anew', async () => {
  await using talked = await talk(
    (response, { url }) => {
      if (url!.endsWith('/good')) response.end('{}')
    },
    { timeout: 50 },
  )
  const { conversation } = talked
  for (const path of ['/a', '/b'])
    await expect(conversation.ask('GET', path)).rejects.toThrow(/^no answer within 0.05 s$/)
  // An answer on a busy machine may take longer than silence.
  await expect.poll(() => conversation.ask('GET', '/good').catch(() => undefined)).toMatchObject({ status: 200 })
  for (const path of ['/a', '/b'])
    await expect(conversation.ask('GET', path)).rejects.toThrow(/^no answer within 0.05 s$/)
  await expect(conversation.ask('GET', '/c')).rejects.toThrow('no answer within 0.05 s, three times')
})

test('stopped, it asks nothing more and waits no longer, unless it is to tidy up', async () => {
  const stopping = new AbortController()
  await using talked = await talk(busy(429, '2'), { signal: stopping.signal, onWait: () => stopping.abort() })
  await expect(talked.conversation.ask('GET', '/Users')).rejects.toThrow('it was stopped')
  await expect(talked.conversation.ask('GET', '/Users')).rejects.toThrow('it was stopped')
  expect(talked.seen).toHaveLength(1)
  talked.conversation.ignoreStop()
  expect((await talked.conversation.ask('GET', '/Users')).status).toBe(200)
})

test('an answer that does not end is given up', async () => {
  await using talked = await talk(response => {
    const fill = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024)));
    }
    response.on('drain', fill)
    fill()
  })
  await expect(talked.conversation.ask('POST', '/Users', {})).rejects.toThrow('it is longer than 8 MiB')
})
