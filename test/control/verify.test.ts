// Asking whether something happened, and waiting until it does.

import { get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { control, send, useServer } from '../support.ts'

const suite = useServer()
const { make } = suite

describe('verify', () => {
  const deactivated = async () => {
    const instance = await make()
    const { id } = await instance.create()
    await instance.patch(id, { op: 'replace', path: 'active', value: false })
    return instance
  }

  test('answers how many matched when that is as expected', async () => {
    const instance = await deactivated()
    const match = { operation: 'deactivate', userName: 'ann@example.com' }
    for (const times of [undefined, { exactly: 1 }, { atLeast: 1 }, { atMost: 1 }, { atLeast: 1, atMost: 2 }])
      expect(await instance.control('POST', '/requests/verify', { match, times })).toMatchObject({
        status: 200,
        body: { matched: 1 },
      })
  })

  test('answers 409 with the nearest misses and why they missed', async () => {
    const instance = await deactivated()
    const match = { operation: 'deactivate', userName: 'bob@example.com' }
    const answer = await instance.control('POST', '/requests/verify', { match })
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({ matched: 0, dropped: 0, detail: '0 requests matched; expected at least 1.' })
    expect(answer.body.nearest[0]).toMatchObject({
      operation: 'deactivate',
      why: ['userName is "ann@example.com", not "bob@example.com"'],
    })
    expect(answer.body.nearest[1].why).toHaveLength(2)
  })

  test('counts too many or too few as a failure', async () => {
    const instance = await deactivated()
    const answer = await instance.control('POST', '/requests/verify', { match: {}, times: { exactly: 1 } })
    expect(answer).toMatchObject({
      status: 409,
      body: { matched: 2, detail: '2 requests matched; expected exactly 1.' },
    })
    const one = await instance.control('POST', '/requests/verify', {
      match: { operation: 'deactivate' },
      times: { exactly: 2 },
    })
    expect(one.body.detail).toBe('1 request matched; expected exactly 2.')
  })

  test('shows five misses at most: those that miss least, the newest of them first', async () => {
    const instance = await make()
    for (let count = 0; count < 4; count += 1) await instance.get('/Schemas')
    for (let count = 0; count < 3; count += 1) await instance.create(`${count}@example.com`)
    const match = { operation: 'create', path: '/scim/v2/Users/', userName: '9@example.com' } as const
    const { nearest } = (await instance.control('POST', '/requests/verify', { match })).body
    expect(nearest.map(({ id }: { id: number }) => id)).toEqual([7, 6, 5, 4, 3])
    expect(nearest[0].why).toEqual([
      'path is "/scim/v2/Users", which does not start with "/scim/v2/Users/"',
      'userName is "2@example.com", not "9@example.com"',
    ])
  })

  test('says what was expected in words, and how many requests were not counted', async () => {
    await using server = await start({ journal: 2 })
    const ask = async (times: object) =>
      (await control(server, 'POST', '/instances/default/requests/verify', { match: {}, times })).body.detail
    const headers = { authorization: `Bearer ${server.scimToken}` }
    const read = () => send(`${server.scimUrl}/Users/1`, { headers })
    for (let count = 0; count < 2; count += 1) await read()
    expect(await ask({ atLeast: 3, atMost: 4 })).toBe('2 requests matched; expected at least 3 and at most 4.')
    expect(await ask({ atMost: 1 })).toBe('2 requests matched; expected at most 1.')
    await read()
    expect(await ask({ exactly: 3 })).toMatch(
      /expected exactly 3\. .* dropped 1 older request, which was not counted\.$/,
    )
    await read()
    expect(await ask({ exactly: 3 })).toMatch(/ dropped 2 older requests, which were not counted\.$/)
  })

  test('refuses a match it does not know, with the nearest word', async () => {
    const instance = await make()
    const answer = await instance.control('POST', '/requests/verify', { match: { opration: 'create' } })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([{ path: 'match.opration', message: 'is not known; did you mean operation.' }])
  })
})

test('users are found by whether they are active, and by nothing else that sounds like it', async () => {
  const instance = await make()
  const ask = (active: string) => instance.control('GET', `/users?active=${active}`)
  expect((await ask('true')).body).toHaveLength(1)
  expect((await ask('false')).body).toEqual([])
  for (const active of ['maybe', 'TRUE', 'true ', '1'])
    expect((await ask(encodeURIComponent(active))).body.detail).toBe(
      `active: is ${JSON.stringify(active)}; expected "true" or "false".`,
    )
})

describe('wait', () => {
  test('answers at once when it is so already', async () => {
    const instance = await make()
    await instance.create()
    const answer = await instance.control('GET', '/requests?operation=create&wait=60s')
    expect(answer).toMatchObject({ status: 200, body: { requests: [{ operation: 'create' }] } })
  })

  test('answers as soon as as many requests match', async () => {
    const instance = await make()
    const waiting = instance.control('GET', '/requests?operation=create&count=2&wait=60s')
    await instance.create()
    await instance.create('bob@example.com')
    expect((await waiting).body.requests).toHaveLength(2)
  })

  test('answers 408 with things as they are', async () => {
    const instance = await make()
    await instance.create()
    const requests = await instance.control('GET', '/requests?operation=delete&wait=1ms')
    expect(requests).toMatchObject({ status: 408, body: { requests: [], cursor: 1, dropped: 0 } })
    const users = await instance.control('GET', '/users?userName=ann@example.com&count=2&wait=1ms')
    expect(users).toMatchObject({ status: 408, body: [{ EMAIL_ADDRESS: 'ann@example.com', ACTIVE: true }] })
  })

  test('a wait with a cursor that the journal has not reached counts nothing before it', async () => {
    const instance = await make()
    const waiting = instance.control('GET', '/requests?since=5&wait=200ms')
    await instance.create()
    expect((await waiting).status).toBe(408)
  })

  test('on users wakes at a change by SCIM, by an administrator and by an import', async () => {
    const instance = await make()
    const { id } = await instance.create()
    const inactive = () => instance.control('GET', '/users?userName=ann@example.com&active=false&wait=60s')
    const active = () => instance.control('GET', '/users?userName=ann@example.com&active=true&wait=60s')
    const deactivation = inactive()
    await instance.scim('DELETE', `/Users/${id}`)
    expect((await deactivation).body).toMatchObject([{ ACTIVE: false }])
    const reactivation = active()
    await instance.control('PATCH', `/users/${id}`, { ACTIVE: true })
    expect((await reactivation).status).toBe(200)
    const replaced = inactive()
    await instance.control('PUT', '/state', {
      users: [{ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'A', LAST_NAME: 'B', ACTIVE: false }],
    })
    expect((await replaced).status).toBe(200)
  })

  test('on users counts those who come to match and those who no longer do', async () => {
    const instance = await make()
    const [ann, bob] = [await instance.create(), await instance.create('bob@example.com')]
    const waiting = instance.control('GET', '/users?active=false&count=2&wait=60s')
    await until(async () => (await waiters()) > 0)
    const setActive = (id: string, ACTIVE: boolean) => instance.control('PATCH', `/users/${id}`, { ACTIVE })
    await setActive(ann.id, false)
    await setActive(ann.id, true)
    await instance.control('PATCH', `/users/${bob.id}`, { FIRST_NAME: 'Rob' })
    await setActive(bob.id, false)
    await instance.create('eve@example.com')
    await expect(Promise.race([waiting, instance.control('GET', '/users/1')])).resolves.toMatchObject({
      body: { USER_ID: 1 },
    })
    await setActive(ann.id, false)
    expect((await waiting).body).toMatchObject([{ FIRST_NAME: 'Ann' }, { FIRST_NAME: 'Rob' }])
  })

  test('on a user by name is not met by another', async () => {
    const instance = await make()
    const waiting = instance.control('GET', '/users?userName=bob@example.com&wait=60s')
    await until(async () => (await waiters()) > 0)
    await instance.create()
    await instance.create('bob@example.com')
    expect((await waiting).body).toMatchObject([{ EMAIL_ADDRESS: 'bob@example.com' }])
  })

  test('forgets a removed user, and looks again at all after an import', async () => {
    const instance = await make({ behaviours: { delete: 'remove' } })
    const { id } = await instance.create()
    const waiting = instance.control('GET', '/users?count=4&wait=60s')
    await until(async () => (await waiters()) > 0)
    await instance.scim('DELETE', `/Users/${id}`)
    for (const name of ['a', 'b']) await instance.create(`${name}@example.com`)
    await expect(Promise.race([waiting, instance.control('GET', '/users/1')])).resolves.toMatchObject({
      body: { USER_ID: 1 },
    })
    const users = ['a', 'b', 'c', 'd'].map(name => ({ EMAIL_ADDRESS: name, FIRST_NAME: name, LAST_NAME: name }))
    await instance.control('PUT', '/state', { users })
    expect((await waiting).body).toHaveLength(4)
  })

  test('costs a write nothing that concerns no waiter', async () => {
    const users = Array.from({ length: 2000 }, (_, index) => ({
      EMAIL_ADDRESS: `user${index}@example.com`,
      FIRST_NAME: 'A',
      LAST_NAME: 'B',
    }))
    const instance = await make({ state: { users } })
    const create = async (name: string) => {
      const begun = process.threadCpuUsage()
      await instance.create(name)
      return process.threadCpuUsage(begun).user
    }
    const waiting = Array.from({ length: 200 }, () => instance.control('GET', '/users?active=true&count=2500&wait=60s'))
    await until(async () => (await waiters()) >= 200)
    // Looking again for each of them takes ten times as much of the processor, in microseconds.
    expect(await create('late@example.com')).toBeLessThan(100_000)
    await instance.control('DELETE', '')
    await Promise.all(waiting)
  })

  test('takes any form of a duration', async () => {
    const instance = await make()
    for (const wait of ['1ms', '0s', '0m', 'PT0.001S', 'PT0M'])
      expect((await instance.control('GET', `/requests?wait=${wait}`)).status).toBe(408)
  })

  test('holds a hundred waiters, which all wake at the one change', async () => {
    const instance = await make()
    const paths = ['/users?userName=ann@example.com&wait=60s', '/requests?operation=create&wait=60s']
    const waiting = Array.from({ length: 100 }, (_, index) => instance.control('GET', paths[index % 2]!))
    await instance.create()
    expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]))
  })

  test('ends when the instance is deleted', async () => {
    const instance = await make()
    const waiting = ['/requests?wait=60s', '/users?userName=nobody&wait=60s'].map(path => instance.control('GET', path))
    await until(async () => (await waiters()) >= 2)
    await instance.control('DELETE', '')
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([404, 404])
  })

  test('is given up when its client hangs up', async () => {
    const instance = await make()
    const before = await waiters()
    const { controlUrl, adminKey } = suite.server
    const request = get(`${controlUrl}/instances/${instance.name}/requests?wait=60s`, {
      headers: { authorization: `Bearer ${adminKey}` },
    }).on('error', () => {})
    await until(async () => (await waiters()) === before + 1)
    request.destroy()
    await until(async () => (await waiters()) === before)
  })
})

async function waiters(): Promise<number> {
  const { text } = await send(`${suite.server.url}/metrics`)
  return Number(/^insightly_scim_waiters (\d+)$/m.exec(text)![1])
}

/** Asks again until it is so; the test's own time limit ends it otherwise. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setImmediate(resolve))
}
