// The course of a request, where no client can bring about what is tested: handlers that fail, a stop in between.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { toInitialState } from '../../src/account/instance.ts'
import { Instances } from '../../src/account/instances.ts'
import { defaultConfig } from '../../src/config.ts'
import { Metrics } from '../../src/http/metrics.ts'
import { scimSurface } from '../../src/http/scim.ts'
import { buildServer, type Context } from '../../src/http/server.ts'
import { type Surface, toListener } from '../../src/http/surface.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { send, sendRaw } from '../support.ts'

const close: (() => void)[] = []
afterEach(() => {
  for (const each of close.splice(0)) each()
})

/** What a server has, and what it logs. */
function makeContext(closing = new AbortController()): { context: Context; logged: string[] } {
  const instances = new Instances(undefined, 10, 'key')
  instances.create({ name: 'default', scimToken: 'token', state: toInitialState(presets.insightly) })
  close.push(() => instances.close())
  const logged: string[] = []
  const log = { error: (_what: object, line: string) => void logged.push(line), warn() {} }
  const context = { config: defaultConfig(), instances, metrics: new Metrics(), log, closing: closing.signal }
  return { context: context as unknown as Context, logged }
}

/** Serves a surface; gives its URL and what it logs. */
async function serve(surface: Surface): Promise<{ url: string; logged: string[] }> {
  const { context, logged } = makeContext()
  const listen = toListener(surface, context)
  const server = createServer((request, response) => listen(request, response, request.url!)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  close.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2/Users`, logged }
}

const headers = { authorization: 'Bearer token' }
const fail = (): never => {
  throw new Error('secret')
}

test('D-05 a handler that fails is a 500 that shows a request id and nothing else', async () => {
  const admit: Surface['admit'] = call => {
    scimSurface.admit(call)
    return fail
  }
  const { url, logged } = await serve({ ...scimSurface, admit })
  const { status, body } = await send(url, { headers, undescribed: true })
  expect([status, body.detail]).toEqual([500, expect.stringMatching(/^Internal error; request id [\da-f-]{36}\.$/)])
  expect(logged).toHaveLength(1)
})

test('what fails while it refuses costs the client its connection, and nobody else anything', async () => {
  const { url, logged } = await serve({ ...scimSurface, toErrorBody: fail })
  await expect(send(`${url}/99`, { headers })).rejects.toThrow(/socket hang up|ECONNRESET/)
  expect(logged).toEqual(['A request could be neither answered nor refused.'])
  expect((await send(url, { headers, undescribed: true })).status).toBe(200)
})

test('a stop waits for what runs, and not for its connection to be closed by the client', async () => {
  const closing = new AbortController()
  const { context } = makeContext(closing)
  const { faults } = context.instances.get('default')
  faults.set([{ do: { delayMs: 50 } }])
  const server = buildServer(context)
  await server.listen('127.0.0.1', 0)
  const url = `http://127.0.0.1:${(server.http.address() as AddressInfo).port}`
  const answer = sendRaw(url, 'GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\n\r\n')
  await expect.poll(() => faults.list()[0]!.fired).toBe(1)
  closing.abort()
  // As long as a timer can wait: it does not end what this test waits for.
  await server.close(2 ** 31 - 1)
  expect((await answer).status).toBe(200)
})
