// A search among many users is done in turns: other requests are answered meanwhile.

import { beforeAll, describe, expect, test, vi } from 'vitest'
import { runInTurns } from '../../src/http/turns.ts'
import { send, type TestInstance, useServer } from '../support.ts'

const { make } = useServer()
const users = Array.from({ length: 20_000 }, (_, index) => ({
  EMAIL_ADDRESS: `user${index}@example.com`,
  FIRST_NAME: 'Ann',
  LAST_NAME: `Lee ${index}`,
}))

/** Twenty terms that no user meets, then one that the last one does. */
const terms = [
  ...Array.from({ length: 20 }, (_, index) => `displayName co "zz${index}"`),
  'userName eq "user19999@example.com"',
]
const filter = encodeURIComponent(`not (${terms.map(term => `not (${term})`).join(' and ')})`)

let crowd: TestInstance
beforeAll(async () => {
  crowd = await make({ behaviours: { filters: 'all' }, state: { users } })
})

/** The order in which a slow request and a quick one that was sent after it are answered. */
async function order(slow: () => Promise<{ status: number }>): Promise<string[]> {
  const answered: string[] = []
  const note = (name: string) => (answer: { status: number }) => void answered.push(`${name} ${answer.status}`)
  const waiting = slow().then(note('search'))
  await crowd.scim('GET', '/Users/7').then(note('read'))
  await waiting
  return answered
}

describe('others are answered during', () => {
  test('U-04 a search by SCIM, which finds whom it should', async () => {
    const found = await crowd.scim('GET', `/Users?filter=${filter}`)
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ userName: 'user19999@example.com' }] })
    expect((await order(() => crowd.scim('GET', `/Users?filter=${filter}`)))[0]).toBe('read 200')
  })

  test('R-04 a search by REST', async () => {
    const search = () => crowd.rest('/Users/Search?field_name=LAST_NAME&field_value=lee%2019999&count_total=true')
    expect((await search()).body).toMatchObject([{ EMAIL_ADDRESS: 'user19999@example.com' }])
    expect((await order(search))[0]).toBe('read 200')
  })
})

test('A-05 a search ends with 401 when its token is replaced meanwhile, and with 404 when its instance is gone', async () => {
  const renewed = crowd.scim('GET', `/Users?filter=${filter}`)
  await crowd.control('POST', '/scim-token/regenerate')
  expect((await renewed).status).toBe(401)
  const doomed = await make({ behaviours: { filters: 'all' }, state: { users } })
  // Only what happens to whole instances can make a list 404, so openapi.yaml does not tell it.
  const headers = { authorization: `Bearer ${doomed.scimToken}` }
  const search = send(`${doomed.scimUrl}/Users?filter=${filter}`, { headers, undescribed: true })
  await doomed.scim('GET', '/Users/1')
  await doomed.control('DELETE', '')
  expect((await search).status).toBe(404)
})

test('what takes less than a turn is done at once', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const work = function* () {
    yield
    yield
    return 'done'
  }
  expect(runInTurns(work(), () => undefined)).toBe('done')
  vi.useRealTimers()
})
