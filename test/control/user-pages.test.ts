// The users page by page, and by search.

import { describe, expect, test } from 'vitest'
import { send, type TestInstance, useServer } from '../support.ts'

const suite = useServer()

const makeUsers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    EMAIL_ADDRESS: `user${index}@example.com`,
    FIRST_NAME: index % 2 === 0 ? 'Ann' : 'Çağan',
    LAST_NAME: `No${index}`,
    ACTIVE: index % 3 !== 0,
  }))

const list = async (instance: TestInstance, query: string) => {
  const { status, body, headers } = await instance.control('GET', `/users${encodeURI(query)}`)
  return { status, ids: body.map?.((user: { USER_ID: number }) => user.USER_ID), total: headers['x-total-count'] }
}

describe('the users by pages', () => {
  test('a walk with limit and after meets every user once, and each page tells how many there are', async () => {
    const instance = await suite.make({ state: { users: makeUsers(25) } })
    const met: number[] = []
    for (let after = 0; ; after = met.at(-1)!) {
      const { ids, total } = await list(instance, `?limit=10&after=${after}`)
      expect(total).toBe('25')
      met.push(...ids)
      if (ids.length < 10) break
    }
    expect(met).toEqual((await list(instance, '')).ids)
    expect(met).toHaveLength(25)
  })

  test('without a limit the answer is what it always was: all of them, without a count', async () => {
    const instance = await suite.make({ state: { users: makeUsers(25) } })
    expect(await list(instance, '')).toMatchObject({ ids: { length: 25 }, total: undefined })
    expect(await list(instance, '?after=20')).toMatchObject({ ids: [21, 22, 23, 24, 25] })
  })

  test.for([
    ['?q=no7', [8]],
    ['?q=ÇAĞAN no1', [2, 12, 14, 16, 18, 20]],
    ['?q=user3@EXAMPLE', [4]],
    ['?q=ann&active=false', [1, 7, 13, 19, 25]],
    ['?q=ann&active=false&limit=2&after=7', [13, 19]],
    ['?active=true&limit=3', [2, 3, 5]],
    ['?userName=USER3@example.com&limit=10', [4]],
    ['?userName=USER3@example.com&after=4', []],
    ['?q=nobody&limit=5', []],
    ['?limit=0', []],
  ] as const)('%s finds %j', async ([query, ids]) => {
    const instance = await suite.make({ state: { users: makeUsers(25) } })
    expect((await list(instance, query)).ids).toEqual(ids)
  })

  test('the count is of all that match, whichever page was asked for', async () => {
    const instance = await suite.make({ state: { users: makeUsers(25) } })
    expect((await list(instance, '?q=ann&active=false&limit=2&after=7')).total).toBe('5')
    expect((await list(instance, '?active=true&limit=0')).total).toBe('16')
  })

  test('a search waits too, until somebody is like that', async () => {
    const instance = await suite.make()
    const waiting = list(instance, '?q=lee&wait=10s')
    await instance.create()
    expect(await waiting).toMatchObject({ status: 200, ids: [2] })
    expect(await list(instance, '?q=nobody&wait=1ms')).toMatchObject({ status: 408, ids: [] })
  })

  test.for(['?limit=1001', '?limit=-1', '?limit=ten', '?after=x', `?q=${'x'.repeat(1001)}`])(
    '%s is refused with what would be accepted',
    async query => {
      const { status, body } = await (await suite.make()).control('GET', `/users${query}`)
      expect(status).toBe(422)
      expect(body.errors[0].path).toMatch(/^(limit|after|q)$/)
    },
  )

  test.for([
    ['', 12_000],
    ['?q=no4', 12_000],
    ['?q=no4&limit=5', 40_000],
  ] as const)('many users are read in slices: %j', async ([query, size]) => {
    const instance = await suite.make({ state: { users: makeUsers(size) } })
    let isOver = false
    const answer = instance.control('GET', `/users${query}`).finally(() => {
      isOver = true
    })
    let count = 0
    for (; !isOver; count += 1) await send(`${suite.server.url}/healthz`)
    expect((await answer).status).toBe(200)
    expect(count).toBeGreaterThan(2)
  })

  test('the whole list is that of one instant, whatever changes while it is read', async () => {
    const instance = await suite.make({ state: { users: makeUsers(3000) } })
    const answer = instance.control('GET', '/users')
    await instance.patch('3000', { op: 'replace', path: 'name.familyName', value: 'Later' })
    const names = (await answer).body.map((user: { LAST_NAME: string }) => user.LAST_NAME)
    expect(names).toHaveLength(3000)
    expect(['No2999', 'Later']).toContain(names.at(-1))
  })
})
