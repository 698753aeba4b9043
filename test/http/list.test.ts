// The user list: order, pages and totals.

import { describe, expect, test } from 'vitest'
import { expectScimError, type TestInstance, useServer } from '../support.ts'

const { make } = useServer()

const users = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    EMAIL_ADDRESS: `user${index + 1}@example.com`,
    FIRST_NAME: 'User',
    LAST_NAME: `No ${index + 1}`,
    ACTIVE: index % 2 === 0,
  }))
const makeWith = (count: number) => make({ state: { users: users(count) } })
const ids = (answer: { body: { Resources: { id: string }[] } }) => answer.body.Resources.map(({ id }) => Number(id))

test('U-01 the list holds active and inactive users by ascending USER_ID', async () => {
  const instance = await makeWith(5)
  const answer = await instance.get('/Users')
  expect(ids(answer)).toEqual([1, 2, 3, 4, 5])
  expect(answer.body.Resources.map(({ active }: { active: boolean }) => active)).toEqual([
    true,
    false,
    true,
    false,
    true,
  ])
})

test('U-01 pages stay as they are while users are added', async () => {
  const instance = await makeWith(4)
  const first = await instance.get('/Users?startIndex=1&count=2')
  await instance.create()
  expect(ids(await instance.get('/Users?startIndex=1&count=2'))).toEqual(ids(first))
  expect(ids(await instance.get('/Users?startIndex=3&count=2'))).toEqual([3, 4])
  expect(ids(await instance.get('/Users?startIndex=5&count=2'))).toEqual([5])
})

test('U-01 the order is of numbers, not of texts', async () => {
  const state = { users: users(3).map((user, index) => ({ ...user, USER_ID: [9, 10, 1000][index]! })) }
  expect(ids(await (await make({ state })).get('/Users'))).toEqual([9, 10, 1000])
})

describe('U-02', () => {
  const huge = '9'.repeat(400)
  const page = async (instance: TestInstance, query: string) => {
    const { status, body } = await instance.get(`/Users?${query}`)
    return { status, start: body.startIndex, count: body.itemsPerPage, total: body.totalResults, ids: ids({ body }) }
  }

  test.for([
    ['', 1, [1, 2, 3]],
    ['startIndex=2', 2, [2, 3]],
    ['startIndex=0', 1, [1, 2, 3]],
    ['startIndex=-7', 1, [1, 2, 3]],
    [`startIndex=-${huge}`, 1, [1, 2, 3]],
    ['startIndex=-0', 1, [1, 2, 3]],
    ['startIndex=0000002', 2, [2, 3]],
    ['count=2', 1, [1, 2]],
    ['count=0', 1, []],
    ['count=-1', 1, []],
    [`count=-${huge}`, 1, []],
    [`count=${huge}`, 1, [1, 2, 3]],
    ['startIndex=3&count=1', 3, [3]],
    ['startIndex=3&count=9', 3, [3]],
    ['startIndex=4', 4, []],
    ['startIndex=2&startIndex=3', 2, [2, 3]],
    ['count=1&count=3&count=x', 1, [1]],
    [`${'a=1&'.repeat(1500)}count=2`, 1, [1, 2]],
  ] as const)('?%s answers from %i the users %j', async ([query, start, expected]) => {
    const instance = await makeWith(3)
    expect(await page(instance, query)).toEqual({
      status: 200,
      start,
      count: expected.length,
      total: 3,
      ids: expected,
    })
  })

  test('an integer of any length counts as one past the end', async () => {
    const instance = await makeWith(3)
    for (const startIndex of ['9007199254740993', huge]) {
      const { status, body } = await instance.get(`/Users?startIndex=${startIndex}`)
      expect({ status, body }).toMatchObject({ status: 200, body: { totalResults: 3, itemsPerPage: 0, Resources: [] } })
      expect(Number.isSafeInteger(body.startIndex)).toBe(true)
    }
  })

  test.for(['', 'x', '1.5', '1e2', '1.0', '0x1', '%201', '1%20', 'NaN', 'Infinity', '-', '--1', 'null', '%D9%A1'])(
    'a startIndex or count of "%s" is invalidValue',
    async text => {
      const instance = await makeWith(1)
      for (const name of ['startIndex', 'count']) {
        const answer = await instance.get(`/Users?${name}=${text}`)
        expectScimError(answer, 400, 'invalidValue')
        expect(answer.body.detail).toContain(name)
      }
    },
  )

  test('a parameter without a value is the empty one', async () => {
    expectScimError(await (await makeWith(1)).get('/Users?count'), 400, 'invalidValue')
  })

  test('a page has 100 users unless told otherwise, and 500 at most', async () => {
    const instance = await makeWith(502)
    expect(await page(instance, '')).toMatchObject({ count: 100, total: 502 })
    expect(await page(instance, 'count=500')).toMatchObject({ count: 500, total: 502 })
    expect(await page(instance, 'count=501')).toMatchObject({ count: 500, total: 502 })
    expect(await page(instance, `count=${huge}&startIndex=502`)).toMatchObject({ count: 1, ids: [502] })
  })

  test('an empty list still carries every member', async () => {
    const { body } = await (await make({ state: { users: [] } })).get('/Users')
    expect(body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    })
  })

  test('filtered lists have pages too', async () => {
    const instance = await makeWith(3)
    const filter = `filter=${encodeURIComponent('userName eq "user2@example.com"')}`
    expect(await page(instance, filter)).toEqual({ status: 200, start: 1, count: 1, total: 1, ids: [2] })
    expect(await page(instance, `${filter}&count=0`)).toEqual({ status: 200, start: 1, count: 0, total: 1, ids: [] })
    expect(await page(instance, `${filter}&startIndex=2`)).toEqual({
      status: 200,
      start: 2,
      count: 0,
      total: 1,
      ids: [],
    })
  })

  test('filtered lists of many users have pages too', async () => {
    const instance = await make({ behaviours: { filters: 'all' }, state: { users: users(9) } })
    const filter = `filter=${encodeURIComponent('active eq true')}`
    expect(await page(instance, `${filter}&startIndex=2&count=2`)).toMatchObject({ total: 5, start: 2, ids: [3, 5] })
  })

  test('of a repeated filter the first counts', async () => {
    const instance = await makeWith(3)
    const filter = (n: number) => `filter=${encodeURIComponent(`userName eq "user${n}@example.com"`)}`
    expect(await page(instance, `${filter(3)}&${filter(1)}`)).toMatchObject({ ids: [3] })
    expect((await instance.get(`/Users?filter=&${filter(1)}`)).status).toBe(400)
  })
})

test('U-05 sortBy and sortOrder are ignored', async () => {
  const instance = await makeWith(3)
  expect(ids(await instance.get('/Users?sortBy=userName&sortOrder=descending'))).toEqual([1, 2, 3])
})

test('D-06 unknown parameters are ignored', async () => {
  const instance = await makeWith(3)
  const answer = await instance.get('/Users?aadOptscim062020&__proto__=1&constructor=2&count=1&x=%zz')
  expect(ids(answer)).toEqual([1])
})
