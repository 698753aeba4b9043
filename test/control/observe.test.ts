// Watching: the event stream, metrics, health; and the journal's law under load and faults.

import { get, type IncomingMessage, request as makeRequest } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { FaultEffect } from '../../src/account/faults.ts'
import { repeat } from '../property.ts'
import { send, type TestInstance, useServer } from '../support.ts'

const suite = useServer()
const { make } = suite

/** Reads events until `count` of them came. */
async function readEvents(stream: IncomingMessage, count: number) {
  let text = ''
  const events: { id: string | undefined; event: string; data: Record<string, unknown> }[] = []
  for await (const chunk of stream) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const [, id, event, data] = /(?:id: (.*)\n)?event: (.*)\ndata: (.*)/.exec(block) ?? []
      if (event) events.push({ id, event, data: JSON.parse(data!) })
    }
    if (events.length >= count) return events
  }
  throw new Error('the stream ended')
}

const openStream = (instance: TestInstance, query = ''): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { controlUrl, adminKey } = suite.server
    const headers = { authorization: `Bearer ${adminKey}` }
    get(`${controlUrl}/instances/${instance.name}/events${query}`, { headers, agent: false }, resolve).on(
      'error',
      reject,
    )
  })

describe('events', () => {
  test('tell exchanges, users and settings as they happen', async () => {
    const instance = await make()
    const stream = await openStream(instance)
    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    await instance.create()
    await instance.control('PATCH', '/settings', { behaviours: { groups: 'empty' } })
    const events = await readEvents(stream, 3)
    stream.destroy()
    expect(events.map(({ event }) => event)).toEqual(['user', 'exchange', 'settings'])
    expect(events[0]!.data).toMatchObject({ userId: 2, user: { EMAIL_ADDRESS: 'ann@example.com', LICENSES: [] } })
    expect(events[1]!.data).toMatchObject({ id: 1, operation: 'create' })
    expect(events.map(({ id }) => id)).toEqual([undefined, '1', undefined])
    expect(events[2]!.data).toMatchObject({ behaviours: { groups: 'empty' } })
    expect(JSON.stringify(events)).not.toContain(instance.scimToken)
  })

  test('since a cursor repeat what was missed', async () => {
    const instance = await make()
    await instance.create()
    await instance.scim('GET', '/Users')
    const stream = await openStream(instance, '?since=1')
    const [event] = await readEvents(stream, 1)
    stream.destroy()
    expect(event!.data).toMatchObject({ id: 2, operation: 'import' })
  })

  test('since a cursor repeat more than a stream may lag behind', async () => {
    const instance = await make()
    const document = { userName: 'x'.repeat(60_000) }
    for (let sent = 0; sent < 30; sent += 1) await instance.scim('POST', '/Users', document)
    const stream = await openStream(instance, '?since=0')
    // This one comes while the past is still told.
    await instance.scim('POST', '/Users', document)
    const events = await readEvents(stream, 31)
    stream.destroy()
    expect(events.map(({ id }) => Number(id))).toEqual(Array.from({ length: 31 }, (_, index) => index + 1))
  })

  test('tell of an import that any user may have changed', async () => {
    const instance = await make()
    const stream = await openStream(instance)
    await instance.control('PUT', '/state', { users: [] })
    const events = await readEvents(stream, 2)
    stream.destroy()
    expect(events.map(({ event, data }) => [event, data.userId])).toEqual([
      ['settings', undefined],
      ['user', null],
    ])
    expect(events[1]!.data).toEqual({ userId: null, user: null })
  })

  test('tell who was removed', async () => {
    const instance = await make({ behaviours: { delete: 'remove' } })
    const { id } = await instance.create()
    const stream = await openStream(instance)
    await instance.scim('DELETE', `/Users/${id}`)
    const [event] = await readEvents(stream, 1)
    stream.destroy()
    expect(event).toMatchObject({ event: 'user', data: { userId: Number(id), user: null } })
  })

  test('are no longer told to a client that does not read them, and nobody waits for it', async () => {
    const instance = await make()
    const stream = await openStream(instance)
    const document = { userName: 'x'.repeat(60_000) }
    const waiters = async () =>
      Number(/^insightly_scim_waiters (\d+)$/m.exec((await send(`${suite.server.url}/metrics`)).text)![1])
    // The systems of both sides hold some megabytes, too.
    for (let sent = 0; sent < 400 && (await waiters()) > 0; sent += 1) await instance.scim('POST', '/Users', document)
    expect(await waiters()).toBe(0)
    stream.destroy()
  })

  test('show every 15 seconds that the connection lives', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    const stream = await openStream(await make())
    vi.advanceTimersByTime(15_000)
    vi.useRealTimers()
    let text = ''
    for await (const chunk of stream) {
      text += chunk
      if (text.endsWith('still here\n\n')) break
    }
    expect(text).toBe(': the events of this instance\n\n: still here\n\n')
  })

  test('are not asked for by HEAD, which would never be answered', async () => {
    const { controlUrl, adminKey } = suite.server
    const answer = await send(`${controlUrl}/instances/default/events`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${adminKey}` },
      undescribed: true,
    })
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } })
  })

  test('end with the instance', async () => {
    const instance = await make()
    const stream = await openStream(instance)
    stream.resume()
    const ended = new Promise(resolve => stream.on('end', resolve))
    await instance.control('DELETE', '')
    await ended
  })
})

test('metrics count requests by operation and status, faults, drops, waiters and instances', async () => {
  await using server = await (await import('../../src/index.ts')).start({ journal: 1, scimToken: 'the-scim-token' })
  const headers = { authorization: 'Bearer the-scim-token' }
  for (const path of ['/Users', '/Users', '/Users/99', '/Schemas']) await send(`${server.scimUrl}${path}`, { headers })
  await server.setFaults([{ when: { times: 2 }, do: { status: 503 } }, { do: { reset: true } }])
  for (let count = 0; count < 3; count += 1)
    await send(`${server.scimUrl}/Users`, { headers, undescribed: true }).catch(() => undefined)
  const { text, headers: answered } = await send(`${server.url}/metrics`)
  expect(answered['content-type']).toMatch(/^text\/plain/)
  for (const line of [
    'insightly_scim_requests_total{operation="import",status="200"} 2',
    'insightly_scim_requests_total{operation="refused",status="404"} 1',
    'insightly_scim_requests_total{operation="discover",status="200"} 1',
    'insightly_scim_requests_total{operation="refused",status="503"} 2',
    'insightly_scim_requests_total{operation="refused",status="none"} 1',
    'insightly_scim_faults_total{kind="status"} 2',
    'insightly_scim_faults_total{kind="reset"} 1',
    'insightly_scim_journal_dropped_total 6',
    'insightly_scim_waiters 0',
    'insightly_scim_instances 1',
  ])
    expect(text.split('\n')).toContain(line)
})

test('metrics tell how much journals hold, how long requests took, and what the process takes', async () => {
  await using server = await (await import('../../src/index.ts')).start({
    journalMemory: 2,
    scimToken: 'the-scim-token',
  })
  const read = async () => {
    const { text } = await send(`${server.url}/metrics`)
    return Object.fromEntries(Array.from(text.matchAll(/^(\S+) (\S+)$/gm), ([, name, value]) => [name, Number(value)]))
  }
  const spent = () => Object.values(process.cpuUsage()).reduce((sum, time) => sum + time / 1e6, 0)
  const spentBefore = spent()
  const before = await read()
  expect([before.insightly_scim_journal_bytes, before.insightly_scim_journal_limit_bytes]).toEqual([0, 2 * 1024 * 1024])
  await server.setFaults([{ do: { delayMs: 50 } }])
  await send(`${server.scimUrl}/Users`, { headers: { authorization: 'Bearer the-scim-token' } })
  const after = await read()
  expect(after.insightly_scim_journal_bytes).toBeGreaterThan(500)
  expect(after['insightly_scim_request_seconds_total{operation="import"}']).toBeGreaterThan(0.04)
  await server.reset()
  expect((await read()).insightly_scim_journal_bytes).toBe(0)
  for (const name of ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'])
    expect(after[name]).toBeGreaterThan(0)
  expect(after.process_cpu_seconds_total).toBeGreaterThanOrEqual(spentBefore)
  expect(after.process_cpu_seconds_total).toBeLessThanOrEqual(spent())
  expect(after.process_start_time_seconds! * 1000).toBeLessThan(Date.now())
})

test.each(['PUT /instances/default/state', 'POST /instances'])(
  'metrics follow the users of %s as they arrive',
  async line => {
    await using server = await (await import('../../src/index.ts')).start()
    const [method, path] = line.split(' ')
    const users = Array.from({ length: 3000 }, (_, index) =>
      JSON.stringify({ EMAIL_ADDRESS: `user-${index}@example.com`, FIRST_NAME: 'x'.repeat(100), LAST_NAME: null }),
    ).join(',')
    const [head, tail] = method === 'PUT' ? ['{"users":[', ']}'] : ['{"state":{"users":[', ']}}']
    const read = async () => {
      const { text } = await send(`${server.url}/metrics`)
      return ['imports', 'import_users'].map(name =>
        Number(new RegExp(`^insightly_scim_${name} (.*)$`, 'm').exec(text)?.[1]),
      )
    }
    const request = makeRequest(`${server.controlUrl}${path}`, {
      method: method!,
      headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    })
    const answered = new Promise(resolve => request.on('response', answer => resolve(answer.resume().statusCode)))
    request.write(head + users)
    await expect.poll(async () => (await read())[1], { timeout: 10_000 }).toBeGreaterThan(1000)
    expect((await read())[0]).toBe(1)
    request.end(tail)
    expect(await answered).toBe(method === 'PUT' ? 204 : 201)
    expect(await read()).toEqual([0, 0])
  },
)

test('healthz and readyz answer without a key and hold no data', async () => {
  for (const path of ['/healthz', '/readyz']) {
    const { status, text } = await send(`${suite.server.url}${path}`)
    expect(status).toBe(200)
    expect(text.length).toBeLessThan(40)
  }
})

test('the journal holds every request exactly once, under concurrent load and faults', async () => {
  const effects: FaultEffect[] = [
    { status: 500 },
    { reset: true },
    { malformed: true },
    { emptyBody: true },
    { html: true },
    { commitThenReset: true },
    { delayMs: 1 },
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          do: fc.constantFrom(...effects),
          when: fc.record({ probability: fc.constantFrom(0.2, 0.5), seed: fc.nat() }),
        }),
        { maxLength: 4 },
      ),
      fc.integer({ min: 1, max: 40 }),
      async (rules, count) => {
        const instance = await make()
        await instance.control('PUT', '/faults', rules)
        const kinds = [
          (tag: string) => instance.scim('GET', `/Users?tag=${tag}`),
          (tag: string) =>
            instance.scim('POST', `/Users?tag=${tag}`, { userName: tag, name: { givenName: 'A', familyName: 'B' } }),
          (tag: string) => instance.scim('PATCH', `/Users/1?tag=${tag}`, { schemas: [] }),
          (tag: string) => instance.scim('DELETE', `/Users/99?tag=${tag}`),
          (tag: string) => instance.rest(`/Users?tag=${tag}`),
        ]
        const tags = Array.from({ length: count }, (_, index) => `t${index}`)
        await Promise.allSettled(tags.map((tag, index) => kinds[index % kinds.length]!(tag)))
        const { requests } = (await instance.control('GET', '/requests')).body
        const seen = requests.map((entry: { query: { tag: string } }) => entry.query.tag)
        expect(seen.sort()).toEqual(tags.sort())
        await instance.control('DELETE', '')
      },
    ),
    repeat(25),
  )
})
