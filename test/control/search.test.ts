// The search of the journal: what each term means, what is counted, what a click on a count leads to.

import { describe, expect, test } from 'vitest'
import { type TestInstance, useServer } from '../support.ts'

const { make } = useServer()

type Counted = { value: string; count: number; isOn: boolean; q: string }
const index = async (instance: TestInstance, q = '', more = '') =>
  (await instance.control('GET', `/requests/index?q=${encodeURIComponent(q)}${more}`)).body
const found = async (instance: TestInstance, q: string) => (await index(instance, q)).ids

/** 1 an Okta look-up, 2 a create, 3 a refused PATCH, 4 a fault, 5 a request by curl for no such user. */
async function makeJournal(): Promise<TestInstance> {
  const instance = await make()
  const okta = { 'user-agent': 'Okta SCIM Client 1.0.0' }
  await instance.scim('GET', '/Users?filter=userName%20eq%20%22ann@example.com%22', undefined, okta)
  const { id } = await instance.create('ann@example.com')
  await instance.patch(id, { op: 'add', path: 'title', value: 'Head of "Sales"' })
  await instance.control('PUT', '/faults', [{ when: { times: 1 }, do: { status: 503 } }])
  await instance.scim('GET', '/Schemas')
  await instance.scim('GET', '/Users/99', undefined, { 'user-agent': 'curl/8.1' })
  return instance
}

describe('a search finds', () => {
  test.for<[q: string, ids: number[]]>([
    ['', [5, 4, 3, 2, 1]],
    ['op:create', [2]],
    ['OPERATION:Create', [2]],
    ['status:404', [5]],
    ['status:4xx', [5, 3]],
    ['status:4xxx', []],
    ['status:x4xx', []],
    ['status:40', []],
    ['status:404 status:503', [5, 4]],
    ['-status:2xx', [5, 4, 3]],
    ['client:okta', [1]],
    ['client:kt', [1]],
    ['op:crea', [2]],
    ['op:reate', []],
    ['rule:u-1', []],
    ['method:pos', []],
    ['path:/v2', []],
    ['client:none', [4, 3, 2]],
    ['rule:u-14', [3]],
    ['rule:*', [5, 3]],
    ['user:ann', [3, 2, 1]],
    ['user:2', [3, 2]],
    ['user:undefined', []],
    ['op:create -user:ann', []],
    ['method:post', [2]],
    ['path:/scim/v2/schemas', [4]],
    ['fault:*', [4]],
    ['fault:status op:refused', [4]],
    ['"supports only"', [3]],
    ['"head of \\"sales\\""', []],
    ['"head of \\\\\\"sales"', [3]],
    ['supports -ONLY', []],
    ['status:4xx supports', [3]],
    ['stauts:404', []],
    ['urn:ietf:params:scim:api:messages:2.0:PatchOp', [3]],
    ['status:', [5, 4, 3, 2, 1]],
    ['"unfinished', []],
    ['"supports on', [3]],
    ['"U-14"', [3]],
    ['"status 503"', [4]],
    ['-supports', [5, 4, 2, 1]],
  ])('%s', async ([q, ids]) => {
    expect(await found(await makeJournal(), q)).toEqual(ids)
  })
})

test('counts are those that a click on them would show, and each tells its search', async () => {
  const instance = await makeJournal()
  const { counts, total, kept } = await index(instance, 'status:404 client:curl')
  expect([total, kept]).toEqual([1, 5])
  expect(counts.status).toEqual([{ value: '404', count: 1, isOn: true, q: 'client:curl' }])
  expect(counts.client).toEqual([{ value: 'curl', count: 1, isOn: true, q: 'status:404' }])
  const op = (await index(instance, '"ann@example.com"')).counts.op as Counted[]
  expect(op.map(({ value, count, q }) => [value, count, q])).toEqual([
    ['create', 1, '"ann@example.com" op:create'],
    ['lookup', 1, '"ann@example.com" op:lookup'],
    ['refused', 1, '"ann@example.com" op:refused'],
  ])
  for (const each of op) expect(await found(instance, each.q)).toHaveLength(each.count)
})

test('a click takes away its own term alone', async () => {
  const { counts } = await index(await makeJournal(), '404 -op:create status:404')
  expect(counts.status).toEqual([{ value: '404', count: 1, isOn: true, q: '404 -op:create' }])
  const other = (await index(await makeJournal(), '-op:create')).counts.op as Counted[]
  expect(other.find(({ value }) => value === 'create')).toMatchObject({
    count: 1,
    isOn: false,
    q: '-op:create op:create',
  })
})

test('thirty values of a key are counted, the most frequent first, then by their names', async () => {
  const instance = await make()
  for (let client = 34; client >= 0; client -= 1)
    for (let count = 0; count < (client === 7 ? 3 : client === 5 ? 2 : 1); count += 1)
      await instance.get('/Schemas', { 'user-agent': `c${String(client).padStart(2, '0')}/1` })
  const { client } = (await index(instance, '')).counts as Record<string, Counted[]>
  const others = Array.from({ length: 30 }, (_, index) => `c${String(index).padStart(2, '0')}`)
  expect(client!.map(({ value }) => value)).toEqual(['c07', 'c05', ...others.filter(each => !/05|07/.test(each))])
  expect(client!.slice(0, 3).map(({ count }) => count)).toEqual([3, 2, 1])
})

test('an id is a whole word, and a name may begin with a digit', async () => {
  const instance = await make()
  await instance.create('7up@example.com')
  expect([await found(instance, 'user:7up'), await found(instance, 'user:7')]).toEqual([[1], []])
  await instance.create('up7@example.com')
  expect([await found(instance, 'user:up7'), await found(instance, 'user:7')]).toEqual([[2], []])
})

test('a client with blanks in its name is found by its count', async () => {
  const instance = await make()
  await instance.get('/Users', { 'user-agent': 'Microsoft-AzureAD-Provisioning' })
  const [{ q }] = (await index(instance)).counts.client
  expect(q).toBe('client:"Microsoft Entra ID"')
  expect(await found(instance, q)).toEqual([1])
})

test('the index is cut at its limit, and says how many there are', async () => {
  expect(await index(await makeJournal(), '', '&limit=2')).toMatchObject({
    ids: [5, 4],
    total: 5,
    cursor: 5,
    dropped: 0,
  })
})

test('A-02 what is masked is not found, so that nobody can guess at it', async () => {
  const instance = await make()
  await instance.create('ann@example.com', { password: 'hunter2' })
  for (const secret of ['hunter2', 'hun', instance.scimToken]) {
    expect(await found(instance, `"${secret}"`)).toEqual([])
    expect(await found(instance, `-"${secret}"`)).toEqual([1])
  }
  expect(await found(instance, 'ann@example.com')).toEqual([1])
})

test('a listing and an HTTP Archive hold what a search finds, and ids choose entries', async () => {
  const instance = await makeJournal()
  const { requests } = (await instance.control('GET', '/requests?q=status:4xx')).body
  expect(requests.map(({ id }: { id: number }) => id)).toEqual([3, 5])
  const { log } = (await instance.control('GET', '/requests?q=status:4xx&format=har')).body
  expect(log.entries.map(({ response }: { response: { status: number } }) => response.status)).toEqual([400, 404])
  const chosen = (await instance.control('GET', '/requests?ids=5,2,77')).body.requests
  expect(chosen.map(({ id }: { id: number }) => id)).toEqual([2, 5])
  expect((await instance.control('GET', '/requests?ids=1,x')).body.detail).toMatch(
    /^ids: is "1,x"; expected up to 200 ids/,
  )
})

test('a wait ends at what a search finds', async () => {
  const instance = await make()
  const waiting = instance.control('GET', '/requests?q=status:404&wait=10s')
  await instance.scim('GET', '/Schemas')
  await instance.scim('GET', '/Users/99')
  expect((await waiting).body.requests).toMatchObject([{ status: 404 }])
})
