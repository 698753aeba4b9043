// The course of a request, where no client can bring about what is tested: handlers that fail, a stop in between.

import { afterEach, expect, test, vi } from 'vitest'
import { Instances } from '../../src/account/instances.ts'
import { toInitialState } from '../../src/account/settings.ts'
import { defaultConfig } from '../../src/config.ts'
import { controlSurface } from '../../src/control/control.ts'
import type { Context } from '../../src/http/context.ts'
import { Metrics } from '../../src/http/metrics.ts'
import { scimSurface } from '../../src/http/scim.ts'
import { buildServer } from '../../src/http/server.ts'
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
  const port = await server.listen('127.0.0.1', 0)
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
  const url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`
  const answer = sendRaw(url, 'GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\n\r\n')
  await expect.poll(() => faults.list()[0]!.fired).toBe(1)
  closing.abort()
  // As long as a timer can wait: it does not end what this test waits for.
  await server.close(2 ** 31 - 1)
  expect((await answer).status).toBe(200)
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
