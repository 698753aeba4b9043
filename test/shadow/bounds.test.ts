// Whatever fails or grows here is not the provider's concern.

import { expect, test } from 'vitest'
import { Exchange } from '../../src/account/exchange.ts'
import { openInMemory } from '../../src/account/files/database.ts'
import { Instance } from '../../src/account/instance.ts'
import { Journal } from '../../src/account/journal.ts'
import { JournalMemory } from '../../src/account/journal-memory.ts'
import { toInitialState } from '../../src/account/settings.ts'
import { start } from '../../src/index.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { Beliefs } from '../../src/shadow/beliefs.ts'
import { Learned } from '../../src/shadow/learned.ts'
import type { Model } from '../../src/shadow/model.ts'
import { Shadow } from '../../src/shadow/shadow.ts'
import { realToken, sendBytes, startShadow } from './shadow.ts'

const memory = new JournalMemory(1024)
const makeInstance = () =>
  Instance.create(
    'one',
    openInMemory(),
    { instanceId: 1, scimToken: undefined, journal: new Journal(10, memory) },
    toInitialState(presets.insightly),
  )
const get = { method: 'GET', path: '/Users/7', headers: {}, body: undefined }
const user = JSON.stringify({ id: '7', userName: 'ann@example.com' })

test('a failure of this server is noted, and nothing is thrown', async () => {
  const model = { askOf: () => Promise.reject(new Error('the disk is full')) } as unknown as Model
  const shadow = new Shadow(makeInstance(), realToken, model, work => work())
  const { shadowed } = await shadow.compare(get, { status: 200, text: user })
  expect(shadowed).toEqual({ uncompared: 'it could not be compared (the disk is full)', notes: [], differences: [] })
})

test('an exchange that would have to wait for a hundred others is not compared', async () => {
  const shadow = new Shadow(makeInstance(), realToken, {} as Model, () => new Promise(() => {}))
  for (let count = 0; count < 100; count += 1) void shadow.compare(get, { status: 200, text: user })
  expect((await shadow.compare(get, { status: 200, text: user })).shadowed.uncompared).toBe(
    'more than 100 exchanges waited for being compared',
  )
})

test('a reset in between changes nothing for the provider', async () => {
  await using real = await start({ scimToken: realToken })
  await using server = await startShadow(real.scimUrl)
  const before = await sendBytes(server.scimUrl, { path: '/Users', token: server.scimToken })
  await server.reset()
  expect((await sendBytes(server.scimUrl, { path: '/Users', token: server.scimToken })).status).toBe(before.status)
})

test('what is remembered of an endpoint is bounded', () => {
  const beliefs = new Beliefs()
  const belief = { held: [], wishes: [], telling: new Set<string>(), wasActive: true }
  for (let id = 1; id <= 1500; id += 1) beliefs.set(id, { ...belief, futures: [{ switches: {}, user: undefined }] })
  expect([beliefs.find(1), beliefs.find(500)]).toEqual([undefined, undefined])
  expect(beliefs.find(501)).toBeDefined()

  const learned = new Learned()
  const proof = { request: 'GET /Groups', status: 404, otherwise: '200' }
  for (let count = 0; count < 50; count += 1)
    learned.add({ key: 'groups', value: 'absent', confidence: 'exact', proof })
  const row = learned.toRows(presets.insightly).find(({ key }) => key === 'groups')!
  expect({ times: row.times, proofs: row.evidence.length }).toEqual({ times: 50, proofs: 3 })
})

test('the second answer counts in the memory of the journal', () => {
  const sizeWith = (answer: string) => {
    const exchange = new Exchange('GET', '/scim/v2/Users', [], false)
    exchange.shadowed = { status: 200, answer, notes: [], differences: [] }
    exchange.enter(new Journal(1, memory), memory, 1)
    return exchange.size
  }
  expect(sizeWith('x'.repeat(1000)) - sizeWith('')).toBe(2000)
})
