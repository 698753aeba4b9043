// What a test arranges: instances, clock, rate limit, what an administrator does by hand, state documents.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { repeat } from '../property.ts'
import { control, send, useServer } from '../support.ts'

const suite = useServer()
const { make } = suite

const ada = { EMAIL_ADDRESS: 'ada@example.com', FIRST_NAME: 'Ada', LAST_NAME: 'Lee' }

describe('instances', () => {
  test('are made, listed, looked at and deleted without a trace', async () => {
    const made = await control(suite.server, 'POST', '/instances', { name: 'blue', scimToken: 'the-blue-token' })
    expect(made).toMatchObject({ status: 201, body: { name: 'blue', scimToken: 'the-blue-token' } })
    expect(Object.keys(made.body)).toEqual(['name', 'instanceId', 'scimUrl', 'scimToken', 'apiUrl', 'apiKey'])
    expect((await control(suite.server, 'GET', '/instances/blue')).body).toEqual(made.body)
    expect((await control(suite.server, 'GET', '/instances')).body).toContainEqual(made.body)
    expect((await control(suite.server, 'DELETE', '/instances/blue')).status).toBe(204)
    expect((await control(suite.server, 'GET', '/instances/blue')).status).toBe(404)
    const { scimUrl, scimToken } = made.body
    expect((await send(`${scimUrl}/Users`, { headers: { authorization: `Bearer ${scimToken}` } })).status).toBe(401)
  })

  test('keep the default one among them', async () => {
    expect(await control(suite.server, 'DELETE', '/instances/default')).toMatchObject({
      status: 409,
      body: { detail: 'The default instance cannot be deleted; reset it instead.' },
    })
    expect((await control(suite.server, 'GET', '/instances/default')).status).toBe(200)
  })

  test('refuse a taken name or token with 409 and a bad name with 422', async () => {
    const { name, scimToken } = await make()
    const post = (body: object) => control(suite.server, 'POST', '/instances', body)
    expect((await post({ name })).status).toBe(409)
    expect((await post({ scimToken })).status).toBe(409)
    expect((await post({ scimToken: suite.server.adminKey })).status).toBe(409)
    const refused = await post({ name: 'Bad Name' })
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toEqual([
      {
        path: 'name',
        message: 'is "Bad Name"; expected lower-case letters, digits and dashes, 1 to 63 of them, no dash first.',
      },
    ])
    expect((await post({ behavior: {} })).body.errors[0].message).toBe('is not known; did you mean behaviours.')
  })

  describe('by their name', () => {
    const put = (name: string, body?: object | string) => control(suite.server, 'PUT', `/instances/${name}`, body)

    test('are made once; the same request, or one that asks for nothing, finds them as they are now', async () => {
      const options = { scimEnabled: false, state: { users: [ada] } }
      const made = await put('green', options)
      expect(made).toMatchObject({ status: 201, body: { name: 'green', scimToken: null } })
      await control(suite.server, 'PATCH', '/instances/green/settings', { scimEnabled: true })
      const found = await put('green', options)
      expect(found).toMatchObject({ status: 200, body: { scimToken: expect.stringMatching(/^green\./) } })
      for (const nothing of [undefined, {}, ' { } '])
        expect(await put('green', nothing)).toMatchObject({ status: 200, body: found.body })
      expect((await control(suite.server, 'GET', '/instances/green/users')).body).toMatchObject([ada])
    })

    test('are refused with 409 when they were made otherwise, and stay as they are', async () => {
      await put('grey')
      const before = (await control(suite.server, 'GET', '/instances/grey/state')).text
      const other = await put('grey', { state: { users: [ada] } })
      expect(other).toMatchObject({
        status: 409,
        body: { detail: expect.stringMatching(/"grey" already, made with another body/) },
      })
      expect((await control(suite.server, 'GET', '/instances/grey/state')).text).toBe(before)
      expect((await put('default')).status).toBe(200)
      expect((await put('default', { profile: 'rfc7644' })).status).toBe(409)
    })

    test('are one when several clients ask at once', async () => {
      const body = {
        state: { users: Array.from({ length: 500 }, (_, n) => ({ ...ada, EMAIL_ADDRESS: `a${n}@b.example` })) },
      }
      const answers = await Promise.all(Array.from({ length: 5 }, () => put('crowd', body)))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201])
      expect(new Set(answers.map(({ body }) => body.scimToken)).size).toBe(1)
    })

    test.for([
      ['Bad_Name', {}, 'name', 'is "Bad_Name"; expected lower-case letters, digits and dashes'],
      ['-x', {}, 'name', 'no dash first'],
      ['fine', { name: 'other' }, 'name', 'is not known'],
      ['fine', { state: { users: [{}] } }, 'state.users[0].FIRST_NAME', 'is missing'],
    ] as const)('are refused as %s with %j', async ([name, body, path, message]) => {
      const refused = await put(name, body)
      expect(refused.status).toBe(422)
      expect(refused.body.errors[0]).toEqual({ path, message: expect.stringContaining(message) })
      expect((await control(suite.server, 'GET', '/instances/fine')).status).toBe(404)
    })

    test('name the instance in each token that is made for them, also in a later one', async () => {
      const { body } = await put('violet')
      const renewed = await control(suite.server, 'POST', '/instances/violet/scim-token/regenerate')
      for (const token of [body.scimToken, renewed.body.scimToken]) expect(token).toMatch(/^violet\.[\w-]{43}$/)
    })
  })

  test('take a preset, single switches on top of it, and SAML and SCIM as told', async () => {
    const preset = await make({ profile: 'rfc7644', behaviours: { delete: 'deactivate' } })
    expect((await preset.control('GET', '/settings')).body.behaviours).toMatchObject({
      filters: 'all',
      delete: 'deactivate',
    })
    const off = await control(suite.server, 'POST', '/instances', { samlEnabled: false })
    expect(off.body.scimToken).toBeNull()
    const both = await control(suite.server, 'POST', '/instances', { samlEnabled: false, scimEnabled: true })
    expect(both).toMatchObject({ status: 409, body: { title: 'The state does not permit it' } })
  })

  test('without a name get the next free one', async () => {
    await using server = await (await import('../../src/index.ts')).start()
    const create = async (body: object) => (await control(server, 'POST', '/instances', body)).body.name
    expect(await create({ name: 'instance-2' })).toBe('instance-2')
    expect([await create({}), await create({})]).toEqual(['instance-1', 'instance-3'])
    await control(server, 'DELETE', '/instances/instance-3')
    expect(await create({})).toBe('instance-4')
  })

  test('A-05 leave their tokens to others when they are deleted, those that were replaced too', async () => {
    const instance = await make()
    const last = (await instance.control('POST', '/scim-token/regenerate')).body.scimToken
    const create = (scimToken: string) => control(suite.server, 'POST', '/instances', { scimToken })
    for (const token of [instance.scimToken, last]) expect((await create(token)).status).toBe(409)
    await instance.control('DELETE', '')
    for (const token of [instance.scimToken, last]) expect((await create(token)).status).toBe(201)
  })

  test('that are not there are 404, whatever else is wrong with the request', async () => {
    expect((await control(suite.server, 'PATCH', '/instances/nobody/settings', { x: 1 })).status).toBe(404)
    expect((await control(suite.server, 'GET', '/instances/nobody/users?wiat=1s')).status).toBe(404)
    expect((await control(suite.server, 'PUT', '/instances/nobody/faults', '{"a')).status).toBe(404)
  })

  test('deleted while a body for them arrives are 404', async () => {
    const instance = await make()
    const { controlUrl, adminKey } = suite.server
    const slow = request(`${controlUrl}/instances/${instance.name}/faults`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    })
    const answered = once(slow, 'response')
    await new Promise(resolve => slow.write('[', resolve))
    await instance.control('DELETE', '')
    slow.end(']')
    const [response] = (await answered) as [IncomingMessage]
    expect(response.resume().statusCode).toBe(404)
  })

  test('need no body, and take none that is no object', async () => {
    expect((await control(suite.server, 'POST', '/instances')).status).toBe(201)
    for (const [body, words] of [
      ['null', 'is null; expected an object'],
      ['[]', 'is an array; expected an object'],
      ['5', 'is 5; expected an object'],
    ])
      expect(await control(suite.server, 'POST', '/instances', body)).toMatchObject({
        status: 422,
        body: { detail: `${words}.` },
      })
    const instance = await make()
    for (const [body, message] of [
      [undefined, 'is missing; expected an object.'],
      ['null', 'is null; expected an object.'],
    ])
      expect(await instance.control('PATCH', '/settings', body)).toMatchObject({
        status: 422,
        body: { errors: [{ path: '', message }] },
      })
  })

  test('nothing of one shows in the other, hammered in parallel', async () => {
    const names = ['red', 'green']
    const [red, green] = await Promise.all(names.map(() => make()))
    await red!.control('PUT', '/faults', [{ when: { every: 3 }, do: { status: 500 } }])
    const hammer = async (instance: typeof red, prefix: string) => {
      let made = 0
      for (let count = 0; count < 60; count += 1)
        await instance!.create(`${prefix}${count}@example.com`).then(
          () => {
            made += 1
          },
          () => {},
        )
      return made
    }
    const [reds, greens] = await Promise.all([hammer(red, 'red'), hammer(green, 'green')])
    expect([reds, greens]).toEqual([40, 60])
    for (const [instance, prefix, count] of [
      [red!, 'red', reds],
      [green!, 'green', greens],
    ] as const) {
      const users = (await instance.control('GET', '/users')).body.slice(1)
      expect(users).toHaveLength(count)
      expect(users.every((user: { EMAIL_ADDRESS: string }) => user.EMAIL_ADDRESS.startsWith(prefix))).toBe(true)
      const { requests } = (await instance.control('GET', '/requests')).body
      expect(requests).toHaveLength(60)
      expect(requests.every((entry: { body: { userName: string } }) => entry.body.userName.startsWith(prefix))).toBe(
        true,
      )
    }
  })
})

describe('--any-token', () => {
  const any = useServer({ anyToken: true, adminKey: 'the-admin-key', profile: 'rfc7644' })

  test('makes an instance per unknown token, with its owner and the profile', async () => {
    const list = (token: string) =>
      send(`${any.server.scimUrl}/Users`, { headers: { authorization: `Bearer ${token}` } })
    const [mine, yours] = [randomUUID(), randomUUID()]
    expect((await list(mine)).body.totalResults).toBe(1)
    expect((await list(mine)).status).toBe(200)
    expect((await list(yours)).status).toBe(200)
    const instances = (await control(any.server, 'GET', '/instances')).body
    expect(instances.map(({ scimToken }: { scimToken: string }) => scimToken).slice(-2)).toEqual([mine, yours])
  })

  test('takes no token that could not be set as one', async () => {
    const statusOf = async (token: string) =>
      (await send(`${any.server.scimUrl}/Users`, { headers: { authorization: `Bearer ${token}` } })).status
    expect([await statusOf('x'.repeat(501)), await statusOf('x'.repeat(500))]).toEqual([401, 200])
  })

  test('A-07 never takes the admin key or an API key for a token', async () => {
    for (const secret of ['the-admin-key', any.server.apiKey!])
      expect(
        (await send(`${any.server.scimUrl}/Users`, { headers: { authorization: `Bearer ${secret}` } })).status,
      ).toBe(401)
  })
})

describe('clock', () => {
  const now = '2026-03-02T09:14:07.123Z'

  test('U-22 frozen, it stamps everything alike, in two forms', async () => {
    const instance = await make()
    expect((await instance.control('PUT', '/clock', { mode: 'frozen', now })).body).toEqual({ mode: 'frozen', now })
    const { id, meta } = await instance.create()
    expect(meta).toMatchObject({ created: now, lastModified: now })
    expect((await instance.rest(`/Users/${id}`)).body.DATE_CREATED_UTC).toBe('2026-03-02 09:14:07')
    expect((await instance.control('GET', '/requests')).body.requests[0].when).toBe(now)
  })

  test('is advanced by a duration', async () => {
    const instance = await make()
    await instance.control('PUT', '/clock', { mode: 'frozen', now })
    const advanced = await instance.control('POST', '/clock/advance', { by: 'P1DT1H1M0.5S' })
    expect(advanced.body).toEqual({ mode: 'frozen', now: '2026-03-03T10:15:07.623Z' })
    const user = await instance.create()
    await instance.control('POST', '/clock/advance', { by: 'PT1S' })
    const { body } = await instance.patch(user.id, { op: 'replace', path: 'displayName', value: 'A' })
    expect(Date.parse(body.meta.lastModified) - Date.parse(body.meta.created)).toBe(1000)
  })

  test('is advanced by any form of a duration, backwards too', async () => {
    const instance = await make()
    await instance.control('PUT', '/clock', { mode: 'frozen', now })
    for (const by of ['500ms', '-2s', '5m', '-PT0.5S', 'PT1H'])
      expect((await instance.control('POST', '/clock/advance', { by })).status).toBe(200)
    expect((await instance.control('GET', '/clock')).body.now).toBe('2026-03-02T10:19:05.123Z')
  })

  test('advanced while real, it becomes an offset one that runs on', async () => {
    const instance = await make()
    const { body } = await instance.control('POST', '/clock/advance', { by: 'P365D' })
    expect(body.mode).toBe('offset')
    expect(Date.parse(body.now) - Date.now()).toBeGreaterThan(364 * 86_400_000)
  })

  test('is one per instance', async () => {
    const [one, other] = [await make(), await make()]
    await one.control('PUT', '/clock', { mode: 'frozen', now })
    expect((await other.control('GET', '/clock')).body.mode).toBe('real')
  })

  test.for([
    [{ by: 'P1M' }, 422, 'an ISO 8601 duration of days to seconds, such as PT1H'],
    [{ by: 'PT' }, 422, 'an ISO 8601 duration'],
    [{ by: '5h' }, 422, 'expected 500ms, 2s, 5m, or an ISO 8601 duration'],
    [{ by: '-P9999999D' }, 422, 'the years 1970 to 9999'],
    [{}, 422, 'by: is missing'],
  ] as const)('refuses to advance by %j', async ([body, status, words]) => {
    const instance = await make()
    const answer = await instance.control('POST', '/clock/advance', body)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toContain(words)
  })
})

describe('rate limit', () => {
  test('R-07 begins anew with each second of the clock, not sooner', async () => {
    const instance = await make()
    await instance.control('PUT', '/clock', { mode: 'frozen', now: '2026-01-01T00:00:00.000Z' })
    await instance.control('PATCH', '/settings', { rateLimit: { requestsPerSecond: 1 } })
    const statusAfter = async (by: string) => {
      await instance.control('POST', '/clock/advance', { by })
      return (await instance.scim('GET', '/Users')).status
    }
    expect([await statusAfter('0ms'), await statusAfter('999ms')]).toEqual([200, 429])
    expect([await statusAfter('2ms'), await statusAfter('998ms')]).toEqual([200, 429])
    expect(await statusAfter('1ms')).toBe(200)
  })

  test('R-07 counts SCIM and REST requests of a second of the clock, never control requests', async () => {
    const instance = await make()
    await instance.control('PUT', '/clock', { mode: 'frozen', now: '2026-01-01T00:00:00.000Z' })
    await instance.control('PATCH', '/settings', { rateLimit: { requestsPerSecond: 3 } })
    await instance.scim('GET', '/Users')
    const rest = await instance.rest('/Users')
    expect(rest.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '1' })
    await instance.control('GET', '/users')
    expect((await instance.scim('GET', '/Users')).status).toBe(200)
    const refused = await instance.scim('GET', '/Users')
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, body: { status: '429' } })
    expect((await instance.rest('/Users')).status).toBe(429)
    await instance.control('POST', '/clock/advance', { by: 'PT1S' })
    expect((await instance.scim('GET', '/Users')).status).toBe(200)
  })

  test('is off by default and turned off by null', async () => {
    const instance = await make()
    expect((await instance.control('GET', '/settings')).body.rateLimit).toBeNull()
    await instance.control('PATCH', '/settings', { rateLimit: { requestsPerSecond: 1 } })
    await instance.control('PATCH', '/settings', { rateLimit: null })
    for (let count = 0; count < 5; count += 1) expect((await instance.scim('GET', '/Users')).status).toBe(200)
  })
})

describe('an administrator', () => {
  test('U-23 licenses users; one provisioned by SCIM has none', async () => {
    const instance = await make()
    const { id } = await instance.create()
    expect((await instance.control('GET', `/users/${id}`)).body.LICENSES).toEqual([])
    const licensed = await instance.control('PATCH', `/users/${id}`, { LICENSES: ['Service', 'CRM'] })
    expect(licensed.body.LICENSES).toEqual(['CRM', 'Service'])
    expect(JSON.stringify((await instance.scim('GET', `/Users/${id}`)).body)).not.toContain('CRM')
    const refused = await instance.control('PATCH', `/users/${id}`, { LICENSES: ['Sales'] })
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'LICENSES[0]' }] } })
  })

  test("adds and edits users behind the client's back", async () => {
    const instance = await make()
    const user = { EMAIL_ADDRESS: 'bob@example.com', FIRST_NAME: 'Bob', LAST_NAME: 'Ray' }
    const added = await instance.control('POST', '/users', user)
    expect(added).toMatchObject({ status: 201, body: { ...user, ACTIVE: true, ADMINISTRATOR: false, LICENSES: [] } })
    const path = `/users/${added.body.USER_ID}`
    await instance.control('PATCH', path, { EMAIL_ADDRESS: 'rob@example.com', FIRST_NAME: 'Rob', ACTIVE: false })
    expect((await instance.scim('GET', path.replace('users', 'Users'))).body).toMatchObject({
      userName: 'rob@example.com',
      displayName: 'Rob Ray',
      emails: [{ value: 'rob@example.com' }],
      active: false,
    })
    expect((await instance.control('POST', '/users', { ...user, EMAIL_ADDRESS: 'ROB@example.com' })).status).toBe(409)
    expect((await instance.control('PATCH', '/users/99', {})).status).toBe(404)
  })

  test.for([{ USER_ID: 9 }, { CONTACT_ID: 9 }, { TIMEZONE_ID: 'UTC' }, { ACCOUNT_OWNER: true }, { EXTERNAL_ID: 'x' }])(
    'edits and adds by hand no %j',
    async fields => {
      const instance = await make()
      const user = { EMAIL_ADDRESS: 'bob@example.com', FIRST_NAME: 'Bob', LAST_NAME: 'Ray', ...fields }
      for (const answer of [
        await instance.control('PATCH', '/users/1', fields),
        await instance.control('POST', '/users', user),
      ])
        expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: Object.keys(fields)[0] }] } })
    },
  )

  test('U-24 cannot deactivate the account owner', async () => {
    const instance = await make()
    expect((await instance.control('PATCH', '/users/1', { ACTIVE: false })).status).toBe(403)
    expect((await instance.control('GET', '/users/1')).body.ACTIVE).toBe(true)
  })

  test('U-24 edits the account owner otherwise as anyone', async () => {
    const instance = await make()
    const edited = await instance.control('PATCH', '/users/1', { FIRST_NAME: 'Oda', ACTIVE: true })
    expect(edited).toMatchObject({ status: 200, body: { FIRST_NAME: 'Oda', ACTIVE: true, ACCOUNT_OWNER: true } })
  })

  test('U-22 who edits nothing moves no date', async () => {
    const instance = await make()
    const { id, meta } = await instance.create()
    await instance.control('POST', '/clock/advance', { by: 'PT1H' })
    await instance.control('PATCH', `/users/${id}`, { FIRST_NAME: 'Ann', LICENSES: [], ACTIVE: true })
    expect((await instance.scim('GET', `/Users/${id}`)).body.meta).toEqual(meta)
  })
})

describe('state', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(text => !/[\x00-\x1f]/.test(text))
  const user = fc.record(
    {
      EMAIL_ADDRESS: fc.emailAddress(),
      FIRST_NAME: name,
      LAST_NAME: fc.option(name),
      ACTIVE: fc.boolean(),
      ADMINISTRATOR: fc.boolean(),
      LICENSES: fc.subarray(['CRM', 'Marketing', 'Service', 'AppConnect'] as const),
      DISPLAY_NAME: fc.option(name),
      EXTERNAL_ID: fc.option(name),
      PROFILE_ID: fc.option(fc.nat()),
      DATE_CREATED_UTC: fc
        .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
        .map(date => date.toISOString()),
    },
    { requiredKeys: ['EMAIL_ADDRESS', 'FIRST_NAME', 'LAST_NAME'] },
  )
  const users = fc.uniqueArray(user, { selector: each => each.EMAIL_ADDRESS.toLowerCase(), maxLength: 8 })

  test('exported and imported anywhere gives the same bytes', async () => {
    const [from, to] = [await make(), await make()]
    await fc.assert(
      fc.asyncProperty(users, async given => {
        expect((await from.control('PUT', '/state', { users: given })).status).toBe(204)
        const { text } = await from.control('GET', '/state')
        expect((await to.control('PUT', '/state', text)).status).toBe(204)
        expect((await to.control('GET', '/state')).text).toBe(text)
      }),
      repeat(40),
    )
  })

  test('holds settings, behaviours, users and the highest id, and no secret', async () => {
    const instance = await make({ behaviours: { delete: 'remove' } })
    const { id } = await instance.create('ann@example.com', { displayName: 'Annie', externalId: 'x1' })
    await instance.scim('DELETE', `/Users/${id}`)
    const { body, text } = await instance.control('GET', '/state')
    expect(body.highestUserId).toBe(2)
    expect(body.behaviours.delete).toBe('remove')
    expect(body.users).toHaveLength(1)
    expect(Object.keys(body.users[0])).not.toContain('INSTANCE_ID')
    for (const secret of [instance.scimToken, instance.apiKey]) expect(text).not.toContain(secret)
    await instance.control('PUT', '/state', body)
    expect((await instance.create()).id).toBe('3')
  })

  test.for([
    [{ users: [{ EMAIL_ADDRESS: 'a@b' }] }, 'users[0].FIRST_NAME: is missing'],
    [
      { users: [{ EMAIL_ADDRESS: '', FIRST_NAME: 'A', LAST_NAME: 'B' }] },
      'users[0].EMAIL_ADDRESS: is ""; expected a non-empty string',
    ],
    [
      { users: [{ EMAIL_ADDRESS: 'a@b', FIRST_NAME: 'A', LAST_NAME: 'B', ACTIV: true }] },
      'users[0].ACTIV: is not known; did you mean ACTIVE',
    ],
    [
      { users: ['a@b', 'A@B'].map(EMAIL_ADDRESS => ({ EMAIL_ADDRESS, FIRST_NAME: 'A', LAST_NAME: 'B' })) },
      'users[1].EMAIL_ADDRESS',
    ],
    [
      { users: ['a@b', 'c@d'].map(EMAIL_ADDRESS => ({ EMAIL_ADDRESS, FIRST_NAME: 'A', LAST_NAME: 'B', USER_ID: 7 })) },
      'users[1].USER_ID',
    ],
    [{ behaviours: { delete: 'shred' } }, 'behaviours.delete: is "shred"; expected "deactivate" or "remove"'],
    [{ settings: { publicUrl: 'ftp://x' } }, 'settings.publicUrl'],
    [{ settings: { publicUrl: 'xhttp://x' } }, 'settings.publicUrl'],
    [{ settings: { publicUrl: 'http://x y' } }, 'settings.publicUrl'],
    [[], 'expected an object'],
  ])('that is wrong is refused by the path of the value: %j', async ([state, words]) => {
    const instance = await make()
    const before = (await instance.control('GET', '/state')).text
    const answer = await instance.control('PUT', '/state', state)
    expect(answer.status).toBe(422)
    expect(answer.body.detail).toContain(words)
    expect((await instance.control('GET', '/state')).text).toBe(before)
  })

  test.for([
    [{ USER_ID: 0 }, 'at least 1'],
    [{ USER_ID: 1_000_000_000_000 }, 'at most 999999999999'],
    [{ USER_ID: 1.5 }, 'a whole number'],
    [{ CONTACT_ID: -1 }, 'at least 0'],
    [{ TASK_WEEK_START: null }, 'a number'],
    [{ EMAIL_DROPBOX_IDENTIFIER: 'abc123' }, 'six of 0-9 and A-Z'],
    [{ TIMEZONE_ID: 'a\n' }, 'control character'],
    [{ ACCOUNT_OWNER: 'yes' }, 'a boolean'],
    [{ DATE_CREATED_UTC: '2026-03-02' }, 'a date such as'],
    [{ DATE_UPDATED_UTC: '1969-12-31T23:59:59Z' }, 'the years 1970 to 9999'],
    [{ LICENSES: ['CRM', 'CRM'] }, 'each licence once'],
  ] as const)('holds no user with %j', async ([fields, words]) => {
    const instance = await make()
    const user = { EMAIL_ADDRESS: 'bob@example.com', FIRST_NAME: 'Bob', LAST_NAME: 'Ray', ...fields }
    const answer = await instance.control('PUT', '/state', { users: [user] })
    expect(answer.status).toBe(422)
    const [{ path, message }] = answer.body.errors
    expect(path).toBe(`users[0].${Object.keys(fields)[0]}`)
    expect(message).toContain(words)
  })

  test('reset brings back the very bytes it was created with, clears the rest, keeps token and key', async () => {
    const instance = await make({ behaviours: { groups: 'empty' } })
    const before = (await instance.control('GET', '/state')).text
    await instance.create()
    await instance.control('PATCH', '/settings', { behaviours: { groups: 'absent' } })
    await instance.control('PUT', '/faults', [{ when: { after: 99 }, do: { hang: true } }])
    await instance.control('PUT', '/clock', { mode: 'frozen' })
    expect((await instance.control('POST', '/reset')).status).toBe(204)
    expect((await instance.control('GET', '/state')).text).toBe(before)
    expect((await instance.control('GET', '/faults')).body).toEqual([])
    expect((await instance.control('GET', '/clock')).body.mode).toBe('real')
    expect((await instance.control('GET', '/requests')).body.requests).toEqual([])
    expect((await instance.scim('GET', '/Users')).status).toBe(200)
    expect((await instance.rest('/Users')).status).toBe(200)
    expect((await instance.create()).id).toBe('2')
  })
})

describe('the door', () => {
  test('answers only to the admin key', async () => {
    const { controlUrl, scimToken, apiKey } = suite.server
    for (const authorization of [undefined, 'Bearer wrong', `Bearer ${scimToken}`, `Bearer ${apiKey}`]) {
      const answer = await send(`${controlUrl}/instances`, { headers: authorization ? { authorization } : {} })
      expect(answer).toMatchObject({ status: 401, body: { status: 401 } })
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })

  test('tells browsers of other origins nothing', async () => {
    const answer = await send(`${suite.server.controlUrl}/instances`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    })
    expect(answer.status).toBe(401)
    expect(Object.keys(answer.headers).filter(header => header.startsWith('access-control'))).toEqual([])
  })

  test('answers 405 with Allow, 404 and malformed JSON as problems', async () => {
    const instance = await make()
    const wrong = await instance.control('PUT', '/settings', {})
    expect(wrong).toMatchObject({ status: 405, headers: { allow: 'GET, PATCH' } })
    expect((await instance.control('GET', '/nothing')).status).toBe(404)
    expect((await control(suite.server, 'GET', '/INSTANCES')).status).toBe(404)
    expect(await instance.control('PATCH', '/settings', '{"a')).toMatchObject({ status: 400, body: { status: 400 } })
  })

  test('is closed when it is turned off', async () => {
    await using server = await (await import('../../src/index.ts')).start({ controlApi: false })
    const headers = { authorization: `Bearer ${server.adminKey}` }
    expect((await send(server.controlUrl, { headers, undescribed: true })).status).toBe(404)
    expect((await send(`${server.url}/healthz`)).status).toBe(200)
  })
})
