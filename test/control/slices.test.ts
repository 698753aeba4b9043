// Long answers leave room for other requests.

import { expect, test } from 'vitest'
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

test('a short answer tells its length', async () => {
  const answer = await control(suite.server, 'GET', '/instances/default/requests')
  expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.text))
})
