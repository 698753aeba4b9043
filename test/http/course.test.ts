// The course of a request, where no client can bring about what is tested: handlers that fail, a stop in between.

import { EventEmitter, getEventListeners, on } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'
import type { FaultEffect } from '../../src/account/faults.ts'
import { Instances } from '../../src/account/instances.ts'
import { toInitialState } from '../../src/account/settings.ts'
import { defaultConfig } from '../../src/config.ts'
import { controlSurface } from '../../src/control/control.ts'
import { waitUntil } from '../../src/control/waiting.ts'
import type { Context } from '../../src/http/context.ts'
import { Metrics } from '../../src/http/metrics.ts'
import { scimSurface } from '../../src/http/scim.ts'
import { addressesOf, buildServer } from '../../src/http/server.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { send, sendRaw } from '../support.ts'

const close: (() => void)[] = []
afterEach(() => {
  for (const each of close.splice(0)) each()
})

/** What a server has, and what it logs. */
function makeContext(closing = new AbortController()): { context: Context; logged: string[] } {
  const instances = new Instances(undefined, { journal: 10, journalMemory: 1 }, 'key')
  instances.create({ name: 'default', scimToken: 'token', state: toInitialState(presets.insightly) })
  close.push(() => instances.close())
  const logged: string[] = []
  const log = { error: (_what: object, line: string) => void logged.push(line), warn() {}, heeds: () => false }
  const context = {
    config: defaultConfig(),
    adminKey: 'key',
    instances,
    metrics: new Metrics(),
    replays: new Map(),
    log,
    closing: closing.signal,
  }
  return { context: context as unknown as Context, logged }
}

/** Serves a context; gives the URL of its users. */
async function serve(context: Context): Promise<string> {
  const server = buildServer(context, [scimSurface])
  const port = await server.listen(['127.0.0.1'], 0)
  close.push(() => void server.close(0))
  return `http://127.0.0.1:${port}/scim/v2/Users`
}

const headers = { authorization: 'Bearer token' }

test('D-05 a handler that fails is a 500 that shows a request id and nothing else', async () => {
  const { context, logged } = makeContext()
  const url = await serve(context)
  // Its database is closed, which no other part expects.
  context.instances.get('default').close()
  const { status, body } = await send(url, { headers, undescribed: true })
  expect([status, body.detail]).toEqual([500, expect.stringMatching(/^Internal error; request id [\da-f-]{36}\.$/)])
  expect(logged).toHaveLength(1)
})

test('D-05 a refusal that fails is answered once, and costs nobody else anything', async () => {
  const { context } = makeContext()
  const url = await serve(context)
  // The exchange of a request without credentials has nowhere to go then.
  context.instances.delete(context.instances.get('default'))
  expect((await send(url, { undescribed: true })).status).toBe(404)
  expect((await send(url.replace('/scim/v2/Users', '/healthz'))).status).toBe(200)
})

test('a stop waits for what runs, and not for its connection to be closed by the client', async () => {
  const closing = new AbortController()
  const { context } = makeContext(closing)
  const { faults } = context.instances.get('default')
  faults.set([{ do: { delayMs: 50 } }])
  const server = buildServer(context, [scimSurface])
  const url = `http://127.0.0.1:${await server.listen(['127.0.0.1'], 0)}`
  const answer = sendRaw(url, 'GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\n\r\n')
  await expect.poll(() => faults.list()[0]!.fired).toBe(1)
  closing.abort()
  // As long as a timer can wait: it does not end what this test waits for.
  await server.close(2 ** 31 - 1)
  expect((await answer).status).toBe(200)
})

test.each([
  ['a wait that begins while the server stops', true, false],
  ['a wait whose client has left before', false, true],
])('%s is given up at once', async (_what, isStopping, isLeft) => {
  const closing = new AbortController()
  const { context } = makeContext(closing)
  if (isStopping) closing.abort()
  const socket = Object.assign(new EventEmitter(), { destroyed: isLeft })
  const request = { raw: { socket } } as unknown as FastifyRequest
  const instance = context.instances.get('default')
  const wait = { event: 'user', milliseconds: 2 ** 31 - 1, isMet: () => false } as const
  expect(await waitUntil(request, context, instance, wait)).toBe(false)
})

test('only localhost is looked up; any other host is left to the system', async () => {
  expect(await addressesOf('localhost')).toContain('127.0.0.1')
  // A name that nobody has (RFC 6761 §6.4).
  expect(await addressesOf('nobody.invalid')).toEqual(['nobody.invalid'])
})

// Linux has all of 127.0.0.0/8; 192.0.2.1 is nobody's.
test.runIf(process.platform === 'linux')(
  'a server is the same at each of its addresses, and gone from all',
  async () => {
    const { context } = makeContext()
    const server = buildServer(context, [scimSurface])
    const port = await server.listen(['127.0.0.1', '127.0.0.2', '192.0.2.1'], 0)
    const urls = ['127.0.0.1', '127.0.0.2'].map(address => `http://${address}:${port}`)
    for (const url of urls) {
      expect((await send(`${url}/healthz`)).status).toBe(200)
      expect((await sendRaw(url, 'This is no HTTP.\r\n\r\n')).status).toBe(400)
    }
    await server.close(0)
    for (const url of urls) await expect(sendRaw(url, '')).rejects.toThrow('ECONNREFUSED')
  },
)

test('a stop ends what takes longer than its patience', async () => {
  const { context } = makeContext()
  const { faults } = context.instances.get('default')
  faults.set([{ do: { hang: true } }])
  const server = buildServer(context, [scimSurface])
  const port = await server.listen(['127.0.0.1'], 0)
  const answer = sendRaw(
    `http://127.0.0.1:${port}`,
    'GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\n\r\n',
  )
  await expect.poll(() => faults.list()[0]!.fired).toBe(1)
  await server.close(20)
  expect((await answer).text).toBe('')
})

test('a page of a long search has nobody who changed or went while it was made', async () => {
  const { context } = makeContext()
  const users = Array.from({ length: 30_000 }, (_, index) => ({
    EMAIL_ADDRESS: `user${index}@example.com`,
    FIRST_NAME: 'Ann',
    LAST_NAME: 'Lee',
  }))
  const behaviours = { ...presets.insightly, delete: 'remove' } as const
  const state = { ...toInitialState(behaviours), users }
  const crowd = context.instances.create({ name: 'crowd', state })
  const { app } = buildServer(context, [controlSurface])
  const headers = { authorization: 'Bearer key' }
  const answer = app.inject({ url: '/_emulator/instances/crowd/users?q=lee&limit=3', headers })
  // The first of its turns has been when something took as long as a turn.
  for (let before = 0; performance.now() - before < 4 || before === 0; ) {
    before = performance.now()
    await setImmediate()
  }
  crowd.users.edit('1', { LAST_NAME: 'Ray' })
  crowd.users.remove('3')
  const shown = (await answer).json<{ USER_ID: number }[]>().map(({ USER_ID }) => USER_ID)
  for (const gone of [1, 3]) expect(shown).not.toContain(gone)
  expect(shown).toContain(2)
})

test('an event stream that begins while the server stops ends, and leaves no timer behind', async () => {
  const closing = new AbortController()
  const { context } = makeContext(closing)
  closing.abort()
  vi.useFakeTimers({ toFake: ['setInterval'] })
  close.push(() => void vi.useRealTimers())
  const { app } = buildServer(context, [controlSurface])
  const url = '/_emulator/instances/default/events'
  expect((await app.inject({ url, headers: { authorization: 'Bearer key' } })).statusCode).toBe(200)
  expect(vi.getTimerCount()).toBe(0)
})

test('a body that comes after its answer leaves nothing behind on its connection', async () => {
  const server = buildServer(makeContext().context, [scimSurface])
  const sockets: Socket[] = []
  server.app.server.on('connection', (socket: Socket) => sockets.push(socket))
  const port = await server.listen(['127.0.0.1'], 0)
  close.push(() => void server.close(0))
  const client = connect(port, '127.0.0.1')
  const answers = on(client, 'data')
  const refused = async (rest: string) => {
    client.write('POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n')
    expect(String((await answers.next()).value)).toContain('401')
    client.write(rest)
    return sockets[0]!.listenerCount('close')
  }
  const waiting = await refused('{}')
  await expect.poll(() => sockets[0]!.listenerCount('close')).toBe(waiting - 1)
  expect(await refused('{}')).toBe(waiting)
  client.destroy()
})

const control = '/_emulator/instances/default'
test.each<[what: string, path: string, isLeft: boolean, fault?: FaultEffect]>([
  ['a wait that takes too long', `${control}/users?wait=5ms&count=9`, false],
  ['a wait whose client leaves', `${control}/requests?wait=60s`, true],
  ['an event stream whose client leaves', `${control}/events`, true],
  ['a delayed request', '/scim/v2/Users', false, { delayMs: 5 }],
  ['a request that hangs and whose client leaves', '/scim/v2/Users', true, { hang: true }],
])('%s leaves nothing behind', async (_what, path, isLeft, fault) => {
  const closing = new AbortController()
  const { context } = makeContext(closing)
  const { events, faults } = context.instances.get('default')
  if (fault) faults.set([{ do: fault }])
  const sockets: Socket[] = []
  const server = buildServer(context, [scimSurface, controlSurface])
  server.app.server.on('connection', (socket: Socket) => sockets.push(socket))
  const port = await server.listen(['127.0.0.1'], 0)
  close.push(() => void server.close(0))
  const atWork = () =>
    getEventListeners(closing.signal, 'abort').length + events.listenerCount('close') + context.metrics.waiters
  const kept = () => [
    events.eventNames().filter(name => name !== 'settings'),
    atWork(),
    sockets.map(socket => (socket.destroyed ? [] : socket.listeners('close'))),
  ]
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (url: string, token: string) => {
    const answer = Promise.withResolvers<IncomingMessage>()
    const asked = get({ agent, port, path: url, headers: { authorization: `Bearer ${token}` } }, answer.resolve)
    asked.on('error', answer.reject)
    return { asked, answered: answer.promise.then(each => each.resume()) }
  }
  await (await ask('/healthz', '').answered).toArray()
  const before = kept()
  const { asked, answered } = ask(path, path.startsWith(control) ? 'key' : 'token')
  answered.catch(() => undefined)
  if (isLeft) {
    await expect.poll(atWork).toBeGreaterThan(0)
    asked.destroy()
  } else await (await answered).toArray()
  await expect.poll(kept).toEqual(isLeft ? [before[0], before[1], [[]]] : before)
  agent.destroy()
})
