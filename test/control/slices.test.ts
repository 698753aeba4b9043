// Long answers leave room for other requests.

import Fastify from 'fastify'
import { expect, test, vi } from 'vitest'
import { sendInSlices } from '../../src/control/slices.ts'
import { start } from '../../src/index.ts'
import { control, send, type TestInstance, useServer } from '../support.ts'

const suite = useServer({ journal: 2000 })

const makeUsers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    EMAIL_ADDRESS: `user${index}@example.com`,
    FIRST_NAME: 'First',
    LAST_NAME: 'Last',
  }))

/** How many other requests were answered while one was, and that one's answer. */
async function countMeanwhile(instance: TestInstance, path: string) {
  let isOver = false
  const answer = instance.control('GET', path).finally(() => {
    isOver = true
  })
  let count = 0
  for (; !isOver; count += 1) await send(`${suite.server.url}/healthz`)
  return { count, answer: await answer }
}

test('an export of many users is made in slices', async () => {
  const instance = await suite.make({ state: { users: makeUsers(8000) } })
  const { count, answer } = await countMeanwhile(instance, '/state')
  expect(answer.body.users).toHaveLength(8000)
  expect(count).toBeGreaterThan(2)
})

test('a long list of instances is made in slices, and leaves out those that are deleted meanwhile', async () => {
  await using server = await start({ logLevel: 'silent' })
  const make = (index: number) => ({ name: `i${index}`, scimToken: `${index}`.padStart(500, 'x') })
  for (let index = 0; index < 800; index += 1) await control(server, 'POST', '/instances', make(index))
  const list = control(server, 'GET', '/instances')
  for (let index = 799; index > 700; index -= 1) await control(server, 'DELETE', `/instances/i${index}`)
  const { headers, body } = await list
  expect(headers['content-length']).toBeUndefined()
  expect(body.slice(0, 3).map(({ name }: { name: string }) => name)).toEqual(['default', 'i0', 'i1'])
})

test('a search that finds none of many users is made in slices', async () => {
  const instance = await suite.make({ state: { users: makeUsers(20_000) } })
  const { count, answer } = await countMeanwhile(instance, '/users?active=false')
  expect(answer.body).toEqual([])
  expect(count).toBeGreaterThan(2)
})

test.for(['', '&format=har'])('a long journal is read in slices: %j', async query => {
  const instance = await suite.make({ state: { users: makeUsers(100) } })
  for (let count = 0; count < 150; count += 1) await instance.scim('GET', '/Users')
  const { count, answer } = await countMeanwhile(instance, `/requests?limit=149${query}`)
  const entries = query ? answer.body.log.entries : answer.body.requests
  expect(entries).toHaveLength(149)
  expect(count).toBeGreaterThan(2)
  if (!query) expect(answer.body).toMatchObject({ cursor: 149, dropped: 0 })
})

/** Serves an answer that is made of pieces; gives its URL. */
async function serve(pieces: () => Iterable<string>) {
  const app = Fastify()
  app.get('/', (_request, reply) => sendInSlices(reply, pieces()))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, [Symbol.asyncDispose]: () => app.close() }
}

test.for([
  [255, true],
  [256, false],
  [1000, false],
] as const)('a text of %i KiB is whole, and has a length if it is short', async ([size, isShort]) => {
  // No slice ends by its time.
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    await using served = await serve(() => Array.from({ length: size }, (_, index) => `${index} `.padEnd(1024, 'x')))
    const answer = await fetch(served.url)
    expect(answer.headers.has('content-length')).toBe(isShort)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const text = await answer.text()
    expect(Array.from(text.matchAll(/(\d+) x+/g), ([, index]) => Number(index))).toEqual([...Array(size).keys()])
  } finally {
    vi.useRealTimers()
  }
})

test('what an answer reads from is freed when its client hangs up, or when it has all of it', async () => {
  for (const isEndless of [true, false]) {
    const freed = Promise.withResolvers<void>()
    await using served = await serve(function* () {
      try {
        for (let count = 0; isEndless || count < 1000; count += 1) yield 'x'.repeat(1024)
      } finally {
        freed.resolve()
      }
    })
    const answer = await fetch(served.url)
    if (isEndless) await answer.body!.cancel()
    else expect(await answer.text()).toHaveLength(1_024_000)
    await freed.promise
  }
})

test('a short answer tells its length', async () => {
  const answer = await control(suite.server, 'GET', '/instances/default/requests')
  expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.text))
})
