// Faults, each seen from a client's socket.

import { once } from 'node:events'
import { request } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { FaultRule } from '../../src/account/faults.ts'
import { start } from '../../src/index.ts'
import { type TestInstance, useServer } from '../support.ts'

const suite = useServer()
const { make } = suite

async function withFaults(...rules: FaultRule[]): Promise<TestInstance> {
  const instance = await make()
  const answer = await instance.control('PUT', '/faults', rules)
  if (answer.status !== 200) throw new Error(answer.text)
  return instance
}

const fired = async (instance: TestInstance) =>
  (await instance.control('GET', '/faults')).body.map((rule: { fired: number }) => rule.fired)

const statuses = async (instance: TestInstance, count: number) => {
  const all: number[] = []
  while (all.length < count) all.push((await instance.scim('GET', '/Users')).status)
  return all
}

const lastEntry = async (instance: TestInstance) => (await instance.control('GET', '/requests')).body.requests.at(-1)

describe('what a rule does', () => {
  test('status answers a SCIM Error with its scimType, detail and headers, and nothing is done', async () => {
    const effect = { status: 503, scimType: 'tooMany', detail: 'Later.', headers: { 'X-Why': 'maintenance' } }
    const instance = await withFaults({ match: { operation: 'create' }, do: effect })
    const answer = await instance.scim('POST', '/Users', { userName: 'a', name: { givenName: 'A', familyName: 'B' } })
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'x-why': 'maintenance' },
      body: { status: '503', scimType: 'tooMany', detail: 'Later.' },
    })
    expect((await instance.scim('GET', '/Users')).body.totalResults).toBe(1)
    expect((await instance.control('GET', '/requests?status=503')).body.requests[0]).toMatchObject({
      operation: 'refused',
      fault: 'status 503',
      changes: [],
    })
  })

  test('429 brings an integer Retry-After', async () => {
    const instance = await withFaults({ do: { status: 429 } })
    expect((await instance.scim('GET', '/Users')).headers['retry-after']).toMatch(/^\d+$/)
  })

  test('reset breaks the connection before anything is done', async () => {
    const instance = await withFaults({ match: { method: 'POST' }, do: { reset: true } })
    await expect(instance.create()).rejects.toThrow('ECONNRESET')
    expect((await instance.scim('GET', '/Users')).body.totalResults).toBe(1)
    expect((await instance.control('GET', '/requests?method=POST')).body.requests[0]).toMatchObject({
      status: null,
      answer: null,
      fault: 'reset',
    })
  })

  test('reset breaks a connection with TLS too', async () => {
    const [tlsCert, tlsKey] = ['cert', 'key'].map(name => `test/doors/localhost-${name}.pem`) as [string, string]
    await using server = await start({ tlsCert, tlsKey })
    await server.setFaults([{ do: { reset: true } }])
    const options = { rejectUnauthorized: false, headers: { authorization: `Bearer ${server.scimToken}` } }
    const [error] = await once(get(`${server.scimUrl}/Users`, options), 'error')
    expect(error).toMatchObject({ message: 'socket hang up' })
  })

  test('commitThenReset keeps the change and loses the answer, so that the retry meets 409', async () => {
    const instance = await withFaults({ when: { times: 1 }, do: { commitThenReset: true } })
    await expect(instance.create()).rejects.toThrow('ECONNRESET')
    expect(await lastEntry(instance)).toMatchObject({ operation: 'create', status: null, fault: 'commitThenReset' })
    await expect(instance.create()).rejects.toThrow('uniqueness')
    const { body } = await instance.scim('GET', '/Users?filter=userName+eq+%22ann@example.com%22')
    expect(body.totalResults).toBe(1)
  })

  test('pageDrift concerns no page of REST', async () => {
    const instance = await withFaults({ do: { pageDrift: true } })
    await instance.rest('/Users')
    expect(await fired(instance)).toEqual([0])
    await instance.scim('GET', '/Users')
    expect(await fired(instance)).toEqual([1])
  })

  test('delayMs runs the request also when its client has left', async () => {
    const instance = await withFaults({ match: { method: 'DELETE' }, do: { delayMs: 300 } })
    const { id } = await instance.create()
    const headers = { authorization: `Bearer ${instance.scimToken}` }
    const sent = request(`${instance.scimUrl}/Users/${id}`, { method: 'DELETE', headers }).on('error', () => {})
    sent.end()
    await expect.poll(() => fired(instance), { interval: 5 }).toEqual([1])
    sent.destroy()
    await expect.poll(async () => (await instance.read(id)).active, { timeout: 5000 }).toBe(false)
  })

  test('hang never answers; the entry is there all the same', async () => {
    const instance = await withFaults({ do: { hang: true } })
    const { port } = new URL(suite.server.url)
    const socket = connect(Number(port), '127.0.0.1')
    let received = ''
    socket.on('data', chunk => {
      received += chunk
    })
    socket.write(`GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${instance.scimToken}\r\n\r\n`)
    const { status, body } = await instance.control('GET', '/requests?wait=60s')
    expect(status).toBe(200)
    expect(body.requests).toMatchObject([{ status: null, fault: 'hang' }])
    expect(received).toBe('')
    socket.destroy()
  })

  test('html answers 200 with a page, and nothing is done', async () => {
    const instance = await withFaults({ match: { method: 'POST' }, do: { html: true } })
    const answer = await instance.scim('POST', '/Users', { userName: 'a', name: { givenName: 'A', familyName: 'B' } })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.text).toMatch(/^<!DOCTYPE html>/)
    expect(await lastEntry(instance)).toMatchObject({ operation: 'refused', fault: 'html', changes: [] })
    expect((await instance.scim('GET', '/Users')).body.totalResults).toBe(1)
  })

  test('malformed cuts the JSON of a request that ran', async () => {
    const instance = await withFaults({ when: { times: 1 }, do: { malformed: true } })
    const answer = await instance.scim('POST', '/Users', { userName: 'a', name: { givenName: 'A', familyName: 'B' } })
    expect(answer.status).toBe(201)
    expect(answer.body).toBeUndefined()
    expect(answer.text).toMatch(/^\{"schemas":/)
    expect((await instance.scim('GET', '/Users')).body.totalResults).toBe(2)
  })

  test('emptyBody sends the status without a body', async () => {
    const instance = await withFaults({ do: { emptyBody: true } })
    expect(await instance.scim('GET', '/Users')).toMatchObject({ status: 200, text: '' })
  })

  test('delayMs answers as usual, only later', async () => {
    const instance = await withFaults({ do: { delayMs: 30 } })
    expect((await instance.scim('GET', '/Users')).status).toBe(200)
    expect((await lastEntry(instance)).durationMs).toBeGreaterThanOrEqual(29)
  })

  test('pageDrift repeats or skips a user on a page, and never touches a look-up', async () => {
    const users = Array.from({ length: 20 }, (_, index) => ({
      EMAIL_ADDRESS: `user${index}@example.com`,
      FIRST_NAME: 'A',
      LAST_NAME: 'B',
    }))
    const instance = await make({ state: { users } })
    await instance.control('PUT', '/faults', [{ when: { seed: 3 }, do: { pageDrift: true } }])
    const first: string[] = []
    for (let page = 0; page < 8; page += 1) {
      const { body } = await instance.scim('GET', '/Users?startIndex=6&count=5')
      expect(body).toMatchObject({ startIndex: 6, totalResults: 20, itemsPerPage: 5 })
      first.push(body.Resources[0].id)
    }
    expect(new Set(first)).toEqual(new Set(['5', '7']))
    const { body } = await instance.scim('GET', '/Users?filter=userName+eq+%22user1@example.com%22')
    expect(body.Resources[0].id).toBe('2')
    for (const path of ['/Users/1', '/Schemas', '/ResourceTypes']) await instance.scim('GET', path)
    expect(await fired(instance)).toEqual([8])
  })

  test('works on the REST surface, in its own words', async () => {
    const instance = await withFaults({ match: { path: '/v3.1' }, do: { status: 500, detail: 'Oops' } })
    expect((await instance.rest('/Users')).body).toEqual({ Message: 'Oops' })
    expect((await instance.scim('GET', '/Users')).status).toBe(200)
  })
})

describe('when a rule fires', () => {
  test('after skips, every thins, times caps; fired counts', async () => {
    const instance = await withFaults({ when: { after: 1, every: 2, times: 2 }, do: { status: 500 } })
    expect(await statuses(instance, 8)).toEqual([200, 200, 500, 200, 500, 200, 200, 200])
    expect(await fired(instance)).toEqual([2])
  })

  test('probability is drawn from the seed, so that a run repeats', async () => {
    const rule = (seed: number) => ({ when: { probability: 0.5, seed }, do: { status: 500 } })
    const run = async (seed: number) => statuses(await withFaults(rule(seed)), 40)
    const [first, again, other] = [await run(7), await run(7), await run(8)]
    expect(again).toEqual(first)
    // In every version, so that a failure can be repeated after an update, too.
    expect(
      first
        .slice(0, 12)
        .map(status => (status === 500 ? 1 : 0))
        .join(''),
    ).toBe('110001110011')
    expect(other).not.toEqual(first)
    expect(first.filter(status => status === 500).length).toBeGreaterThan(8)
    expect(first.filter(status => status === 200).length).toBeGreaterThan(8)
  })

  test('probability 0 never, 1 always', async () => {
    expect(await statuses(await withFaults({ when: { probability: 0 }, do: { status: 500 } }), 10)).not.toContain(500)
    expect(await statuses(await withFaults({ when: { probability: 1 }, do: { status: 500 } }), 10)).not.toContain(200)
  })

  test('the first rule that fires wins', async () => {
    const instance = await withFaults({ when: { times: 1 }, do: { status: 500 } }, { do: { status: 503 } })
    expect(await statuses(instance, 3)).toEqual([500, 503, 503])
    expect(await fired(instance)).toEqual([1, 2])
  })

  test('setting rules anew starts their counts; [] clears', async () => {
    const instance = await withFaults({ when: { times: 1 }, do: { status: 500 } })
    expect(await statuses(instance, 2)).toEqual([500, 200])
    await instance.control('PUT', '/faults', (await instance.control('GET', '/faults')).body)
    expect(await statuses(instance, 2)).toEqual([500, 200])
    expect((await instance.control('PUT', '/faults', [])).body).toEqual([])
    expect(await statuses(instance, 1)).toEqual([200])
  })
})

describe('which requests a rule concerns', () => {
  test('is known in provisioning words before they run', async () => {
    const instance = await withFaults({
      match: { operation: 'deactivate', userName: 'ANN@example.com' },
      do: { status: 500 },
    })
    const ann = await instance.create()
    const bob = await instance.create('bob@example.com')
    const off = { op: 'replace', path: 'active', value: false }
    expect((await instance.patch(bob.id, off)).status).toBe(200)
    expect((await instance.patch(ann.id, { op: 'replace', path: 'displayName', value: 'A' })).status).toBe(200)
    expect((await instance.patch(ann.id, off)).status).toBe(500)
    expect((await instance.scim('PUT', `/Users/${ann.id}`, { ...ann, active: false })).status).toBe(500)
    expect((await instance.scim('GET', `/Users/${ann.id}`)).body.active).toBe(true)
  })

  test.for([
    ['lookup', '/Users?filter=userName+eq+%22a@b%22'],
    ['test-connection', '/Users?count=1'],
    ['import', '/Users'],
    ['read', '/Users/1'],
    ['discover', '/Schemas'],
  ] as const)('%s', async ([operation, path]) => {
    const instance = await withFaults({ match: { operation }, do: { status: 500 } })
    expect((await instance.scim('GET', path)).status).toBe(500)
    expect(await fired(instance)).toEqual([1])
  })
})

test.for([
  [[{ do: {} }], 'exactly one of status, delayMs, reset'],
  [[{ do: { reset: true, hang: true } }], 'exactly one of'],
  [[{ do: { status: 700 } }], '[0].do.status: is 700; expected at most 599'],
  [[{ do: { delayMs: 5, detail: 'x' } }], 'only beside status'],
  ...['Content-Length', 'transfer-encoding', 'CONNECTION', 'Trailer'].map(
    name =>
      [
        [{ do: { status: 500, headers: { [name]: '1' } } }],
        'other than Content-Length, Transfer-Encoding, Connection, Trailer',
      ] as const,
  ),
  [[{ do: { status: 500, headers: { 'X A': '1' } } }], 'header names of RFC 9110'],
  [[{ do: { status: 500, headers: { 'X-A': 'a\r\nb' } } }], 'without control characters'],
  [[{ do: { rest: true } }], '[0].do.rest: is not known; did you mean reset'],
  [
    [{ match: { operation: 'destroy' }, do: { reset: true } }],
    '[0].match.operation: is "destroy"; expected "test-connection" or',
  ],
  [{ do: { reset: true } }, 'expected an array'],
])('a rule that makes no sense is refused: %j', async ([rules, words]) => {
  const instance = await withFaults({ do: { status: 500 } })
  const answer = await instance.control('PUT', '/faults', rules)
  expect(answer.status).toBe(422)
  expect(answer.body.detail).toContain(words)
  expect(await statuses(instance, 1)).toEqual([500])
})
