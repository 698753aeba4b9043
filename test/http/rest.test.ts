// Insightly's own view: REST v3.1, read-only.

import { describe, expect, test } from 'vitest'
import { send, useServer } from '../support.ts'

const { make } = useServer()

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    EMAIL_ADDRESS: `user${index + 1}@example.com`,
    FIRST_NAME: `First${index + 1}`,
    LAST_NAME: 'Last',
  }))

const idsOf = (body: { USER_ID: number }[]) => body.map(({ USER_ID }) => USER_ID)

describe('R-01', () => {
  test('lists are arrays, one user, Me and Instance are objects', async () => {
    const instance = await make()
    await instance.create()
    expect(idsOf((await instance.rest('/Users')).body)).toEqual([1, 2])
    expect((await instance.rest('/Users/2')).body.EMAIL_ADDRESS).toBe('ann@example.com')
    expect((await instance.rest('/Users/Me')).body).toMatchObject({ USER_ID: 1, ACCOUNT_OWNER: true })
    expect(idsOf((await instance.rest('/Users/Search?email=ann@example.com')).body)).toEqual([2])
    expect(Object.keys((await instance.rest('/Instance')).body)).toEqual([
      'INSTANCE_NAME',
      'INSTANCE_SUBDOMAIN',
      'PLAN_NAME',
      'NEW_USER_EXPERIENCE_ENABLED',
    ])
  })

  test('paths may be in any letter case', async () => {
    const instance = await make()
    const lower = instance.apiUrl.replace('/v3.1', '')
    const authorization = `Basic ${btoa(`${instance.apiKey}:`)}`
    for (const path of ['/V3.1/users', '/v3.1/USERS/1', '/v3.1/users/me', '/v3.1/users/search', '/v3.1/instance'])
      expect((await send(`${lower}${path}`, { headers: { authorization } })).status).toBe(200)
  })
})

describe('R-02', () => {
  test('takes the API key with or without a colon and password, in either Base64', async () => {
    const instance = await make()
    const encodings = [`${instance.apiKey}:`, `${instance.apiKey}:ignored`, instance.apiKey].flatMap(text => [
      Buffer.from(text).toString('base64'),
      Buffer.from(text).toString('base64url'),
    ])
    for (const encoded of encodings)
      for (const scheme of ['Basic', 'basic', 'BASIC ', 'Basic  '])
        expect((await instance.rest('/Users', { authorization: `${scheme} ${encoded}` })).status).toBe(200)
  })

  test('answers anything else with 401 in the documented words', async () => {
    const instance = await make()
    const words = { Message: 'Authorization has been denied for this request.' }
    const right = `Basic ${btoa(instance.apiKey)}`
    for (const authorization of [
      '',
      'Basic',
      'Basic !!',
      `Basic ${btoa('someone:')}`,
      `Bearer ${instance.apiKey}`,
      `Not${right}`,
      `${right} more`,
      right.replace(' ', ''),
    ])
      expect(await instance.rest('/Users', { authorization })).toMatchObject({ status: 401, body: words })
  })

  test('A-07 never takes a SCIM token, nor SCIM an API key', async () => {
    const instance = await make()
    expect((await instance.rest('/Users', { authorization: `Basic ${btoa(`${instance.scimToken}:`)}` })).status).toBe(
      401,
    )
    const asToken = { authorization: `Bearer ${instance.apiKey}` }
    expect((await send(`${instance.scimUrl}/Users`, { headers: asToken })).status).toBe(401)
  })

  test('acts as the first active user where there is no owner, and as nobody where nobody is active', async () => {
    const users = [{ ...people(1)[0]!, ACTIVE: false }, { ...people(2)[1]! }]
    const instance = await make({ state: { users } })
    expect((await instance.rest('/Users/Me')).body.USER_ID).toBe(2)
    await instance.control('PATCH', '/users/2', { ACTIVE: false })
    expect((await instance.rest('/Users/Me')).status).toBe(401)
    expect((await instance.control('GET', '')).body.apiKey).toBeNull()
  })
})

describe('R-03', () => {
  test('pages by skip and top, 100 by default, 500 at most, ascending', async () => {
    const instance = await make({ state: { users: people(600) } })
    const ids = async (query: string) => idsOf((await instance.rest(`/Users?${query}`)).body)
    expect(await ids('')).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(await ids('skip=2&top=3')).toEqual([3, 4, 5])
    expect(await ids('top=501')).toHaveLength(500)
    expect(await ids('top=0')).toEqual([])
    expect(await ids('skip=600')).toEqual([])
    expect(await ids('skip=99999999999999999999')).toEqual([])
  })

  test('tells the total only when asked', async () => {
    const instance = await make({ state: { users: people(3) } })
    expect((await instance.rest('/Users?top=1')).headers).not.toHaveProperty('x-total-count')
    for (const yes of ['true', 'True', 'TRUE'])
      expect((await instance.rest(`/Users?top=1&count_total=${yes}`)).headers['x-total-count']).toBe('3')
    const search = await instance.rest('/Users/Search?last_name=last&top=1&count_total=true')
    expect(search.headers['x-total-count']).toBe('3')
    expect((await instance.rest('/Users/1?count_total=true')).headers).not.toHaveProperty('x-total-count')
  })
})

describe('R-04', () => {
  test('searches by field, by address and by names, without regard to case', async () => {
    const instance = await make({ state: { users: people(3) } })
    const search = async (query: string) => idsOf((await instance.rest(`/Users/Search?${query}`)).body)
    expect(await search('field_name=EMAIL_ADDRESS&field_value=USER2@example.com')).toEqual([2])
    expect(await search('field_name=user_id&field_value=3')).toEqual([3])
    expect(await search('field_name=ACTIVE&field_value=false')).toEqual([])
    expect(await search('field_name=PROFILE_ID&field_value=null')).toEqual([])
    expect(await search('email=user1@example.com')).toEqual([1])
    expect(await search('first_name=first3&last_name=LAST')).toEqual([3])
    expect(await search('first_name=first3&last_name=nobody')).toEqual([])
    expect(await search('skip=1&top=1')).toEqual([2])
  })

  test('updated_after_utc is strict, in whole seconds as shown', async () => {
    const instance = await make({
      state: { users: [{ ...people(1)[0]!, DATE_UPDATED_UTC: '2026-03-02T09:14:07.500Z' }] },
    })
    const found = async (date: string) =>
      (await instance.rest(`/Users/Search?updated_after_utc=${encodeURIComponent(date)}`)).body.length
    expect(await found('2026-03-02T09:14:06Z')).toBe(1)
    expect(await found('2026-03-02T09:14:07Z')).toBe(0)
    expect(await found('2026-03-02 09:14:06')).toBe(1)
    expect(await found('2026-03-02T10:14:07+01:00')).toBe(0)
    expect(await found('2026-03-02T10:14:06+0100')).toBe(1)
    expect(await found('2026-03-02T09:14:07z')).toBe(0)
    expect(await found('2026-03-02')).toBe(1)
    expect(await found('2026-03-03')).toBe(0)
  })
})

test('R-05 a record has its fields in their order, with the values of a new user', async () => {
  const instance = await make()
  await instance.control('PUT', '/clock', { mode: 'frozen', now: '2026-03-02T09:14:07.123Z' })
  const { id } = await instance.create()
  const { body } = await instance.rest(`/Users/${id}`)
  const { EMAIL_DROPBOX_IDENTIFIER: identifier, CONTACT_ID, INSTANCE_ID } = body
  expect(identifier).toMatch(/^[0-9A-Z]{6}$/)
  expect(Number.isInteger(CONTACT_ID)).toBe(true)
  expect(Object.entries(body)).toEqual(
    Object.entries({
      USER_ID: 2,
      CONTACT_ID,
      FIRST_NAME: 'Ann',
      LAST_NAME: 'Lee',
      TIMEZONE_ID: 'Central Standard Time',
      EMAIL_ADDRESS: 'ann@example.com',
      EMAIL_DROPBOX_IDENTIFIER: identifier,
      EMAIL_DROPBOX_ADDRESS: `ann-${identifier}@mailbox.insight.ly`,
      ADMINISTRATOR: false,
      ACCOUNT_OWNER: false,
      ACTIVE: true,
      DATE_CREATED_UTC: '2026-03-02 09:14:07',
      DATE_UPDATED_UTC: '2026-03-02 09:14:07',
      USER_CURRENCY: 'USD',
      CONTACT_DISPLAY: 'FirstLast',
      CONTACT_ORDER: 'FirstLast',
      TASK_WEEK_START: 2,
      INSTANCE_ID,
      PROFILE_ID: null,
      ROLE_ID: null,
    }),
  )
})

describe('R-06', () => {
  test('anything but GET is 405 with Allow, whatever the body', async () => {
    const instance = await make()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      for (const path of ['/Users', '/Users/1', '/Users/Me', '/Instance'])
        expect(await instance.rest(path, { method })).toMatchObject({
          status: 405,
          headers: { allow: 'GET' },
          body: { Message: `The requested resource does not support http method '${method}'.` },
        })
    const authorization = `Basic ${btoa(`${instance.apiKey}:`)}`
    const head = await send(`${instance.apiUrl}/Users`, {
      method: 'HEAD',
      headers: { authorization },
      undescribed: true,
    })
    expect(head.status).toBe(405)
  })

  test.for(['99', '0', '-1', 'ann', '1e3', '01', '9'.repeat(40)])(
    'unknown id %s is 404 in the documented words',
    async id => {
      const instance = await make()
      expect(await instance.rest(`/Users/${id}`)).toMatchObject({
        status: 404,
        body: { Message: `No User with ID = ${id}` },
      })
    },
  )

  test.for([
    '/Users?skip=a',
    '/Users?skip=5x',
    '/Users?skip=x5',
    '/Users?top=-1',
    '/Users?top=',
    '/Users/Search?field_name=PASSWORD&field_value=x',
    '/Users/Search?field_name=USER_ID',
    '/Users/Search?field_value=1',
    '/Users/Search?field_name=USER_ID&field_value=1&skip=x',
    '/Users/Search?updated_after_utc=yesterday',
    '/Users/Search?updated_after_utc=2026-03-32',
    '/Users/Search?updated_after_utc=%2B002026-03-02',
  ])('%s is 400', async path => {
    const instance = await make()
    expect(await instance.rest(path)).toMatchObject({ status: 400, body: { Message: 'The request is invalid.' } })
  })

  test('401 precedes 404 and 405', async () => {
    const instance = await make()
    const authorization = 'Basic nothing'
    expect((await instance.rest('/nothing', { authorization })).status).toBe(401)
    expect((await instance.rest('/Users', { method: 'POST', authorization })).status).toBe(401)
    expect((await instance.rest('/nothing')).status).toBe(404)
  })
})

test('R-07 every authorised answer carries the rate limit, also a refusal', async () => {
  const instance = await make()
  for (const path of ['/Users', '/Users/99', '/Users?top=x']) {
    const { headers } = await instance.rest(path)
    expect(headers['x-ratelimit-limit']).toBe('100000')
    expect(Number(headers['x-ratelimit-remaining'])).toBeLessThan(100_000)
  }
  expect((await instance.rest('/Users', { authorization: '' })).headers).not.toHaveProperty('x-ratelimit-limit')
})
