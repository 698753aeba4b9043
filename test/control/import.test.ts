// Importing a state document as it arrives. What a document may hold is tested in arrange.test.ts.

import { request } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StateSplitter } from '../../src/control/state-stream.ts'
import { control, useServer } from '../support.ts'

const servers = useServer()
const user = (n: number, more = '') =>
  `{"EMAIL_ADDRESS":"u${n}@example.com","FIRST_NAME":"U","LAST_NAME":"${n}"${more}}`
const owns = ',"ACCOUNT_OWNER":true'

function split(text: string, size: number, path = ['users']) {
  const splitter = new StateSplitter(path)
  const bytes = Buffer.from(text)
  const users: unknown[] = []
  for (let at = 0; at < bytes.length; at += size) users.push(...splitter.push(bytes.subarray(at, at + size)))
  return { users, rest: splitter.end() }
}

describe('a document in chunks', () => {
  const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 })
  const names = fc.constantFrom('users', 'users ', 'user', 'a"users', '\\', 'é', 'settings')
  const space = fc.constantFrom('', ' ', '\n\t')

  test('gives the users that JSON.parse finds, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(value),
        fc.dictionary(names, value),
        fc.integer({ min: 1, max: 40 }),
        space,
        (users, others, size, gap) => {
          const { users: _, ...rest } = others
          const list = users.map(each => gap + JSON.stringify(each) + gap).join(',')
          const members = Object.entries(rest).map(member => member.map(each => JSON.stringify(each)).join(`:${gap}`))
          const text = `${gap}{${[...members, `"users"${gap}:${gap}[${list}]`, '"z":"users"'].join(`,${gap}`)}}${gap}`
          const expected = JSON.parse(text)
          expect(split(text, size)).toEqual({ users: expected.users, rest: { ...expected, users: [] } })
        },
      ),
    )
  })

  test('gives the users of a state inside it, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(value),
        fc.dictionary(names, value),
        fc.dictionary(fc.constantFrom('users', 'state ', 'a"state', 'name'), value),
        fc.integer({ min: 1, max: 40 }),
        (users, inner, outer, size) => {
          const { users: _, ...others } = inner
          const document = { ...outer, state: { ...others, users, z: 'users' }, last: { users: [{}] } }
          const text = JSON.stringify(document)
          const expected = JSON.parse(text)
          expect(split(text, size, ['state', 'users'])).toEqual({
            users: expected.state.users,
            rest: { ...expected, state: { ...expected.state, users: [] } },
          })
        },
      ),
    )
  })

  test('finds the users of the last of several states', () => {
    const text = '{"state":{"a":1},"state":{"users":[{"b":1}]}}'
    expect(split(text, 3, ['state', 'users'])).toEqual({ users: [{ b: 1 }], rest: { state: { users: [] } } })
  })

  test('leaves alone what only looks like users', () => {
    for (const text of ['{"a":{"users":[{}]}}', '[{"users":[{}]}]', '{"users":{"users":[{}]}}', '{"users":null}'])
      expect(split(text, 3)).toEqual({ users: [], rest: JSON.parse(text) })
  })
})

test.for([
  ['a user that is no JSON', `{"users":[${user(1)},{"EMAIL_ADDRESS":}]}`, 400, 'users[1]: The body is not valid JSON'],
  ['users without a comma', `{"users":[${user(1)}${user(2)}]}`, 400, 'not valid JSON'],
  ['a comma too many', `{"users":[${user(1)},]}`, 400, 'not valid JSON'],
  ['an end in the middle', `{"users":[${user(1)},{"EMAIL`, 400, 'not valid JSON'],
  ['something after the end', `{"users":[${user(1)}]}}`, 400, 'not valid JSON'],
  ['a user that is a number', `{"users":[${user(1)},5]}`, 422, 'users[1]: is 5; expected an object'],
  [
    'an address twice',
    `{"users":[${user(1)},${user(2)},${user(1).replace('u1', 'U1')}]}`,
    422,
    'users[2].EMAIL_ADDRESS',
  ],
  ['an id twice', `{"users":[${user(1)},${user(2, ',"USER_ID":1')}]}`, 422, 'users[1].USER_ID is the id of users[0]'],
  ['the users twice', `{"users":[${user(1)}],"users":[]}`, 422, 'users is given twice'],
  ['two owners', `{"users":[${[1, 2].map(n => user(n, owns))}]}`, 422, 'users[1].ACCOUNT_OWNER is true for users[0]'],
  ['users that are an object', `{"users":{"a":${user(1)}}}`, 422, 'users: is an object; expected an array'],
  ['junk before a comma', `{"users":[${user(1)} 5 ,${user(2)}]}`, 400, 'users: The body is not valid JSON'],
  ['a number between users', `{"users":[${user(1)},5,${user(2)}]}`, 422, 'users[1]: is 5; expected an object'],
  ['junk before the end', `{"users":[${user(1)} 5]}`, 400, 'users: The body is not valid JSON'],
  ['two commas', `{"users":[${user(1)},,${user(2)}]}`, 400, 'users: The body is not valid JSON'],
  ['a blank that is none of JSON', `{"users":[${user(1)},\u00a0${user(2)}]}`, 400, 'users: The body is not valid JSON'],
  ['junk before the first user', `{"users":[ , ${user(1)}]}`, 400, 'users: The body is not valid JSON'],
  ['too much beside its users', `{"a":[${'0,'.repeat(10_000)}0],"users":[]}`, 400, 'more than 10000 values'],
  ['a user that holds too much', `{"users":[{"A":[${'0,'.repeat(10_000)}0]}]}`, 400, 'users[0]: The body holds more'],
] as const)('%s is refused and changes nothing', async ([, text, status, detail]) => {
  const instance = await servers.make()
  const before = (await instance.control('GET', '/state')).text
  const answer = await instance.control('PUT', '/state', text)
  expect(answer.status).toBe(status)
  expect(answer.body.detail).toContain(detail)
  expect((await instance.control('GET', '/state')).text).toBe(before)
})

describe('the state of a new instance', () => {
  const create = (text: string) => control(servers.server, 'POST', '/instances', text)

  test('may stand anywhere in its body, and its users are completed as any', async () => {
    const made = await create(`{"state":{"users":[${user(1)},${user(2, ',"USER_ID":7')}]},"name":"from-a-state"}`)
    expect(made).toMatchObject({ status: 201, body: { name: 'from-a-state' } })
    const users = await control(servers.server, 'GET', '/instances/from-a-state/users')
    expect(users.body).toMatchObject([
      { USER_ID: 1, EMAIL_ADDRESS: 'u1@example.com', TIMEZONE_ID: 'Central Standard Time' },
      { USER_ID: 7 },
    ])
    const before = (await control(servers.server, 'GET', '/instances/from-a-state/state')).text
    await control(servers.server, 'POST', '/instances/from-a-state/reset')
    expect((await control(servers.server, 'GET', '/instances/from-a-state/state')).text).toBe(before)
  })

  test('of more users than are read at once keeps all in their order', async () => {
    const { body } = await create(`{"state":{"users":[${Array.from({ length: 2500 }, (_, n) => user(n)).join(',')}]}}`)
    const users = (await control(servers.server, 'GET', `/instances/${body.name}/users`)).body
    expect(users.map((each: { LAST_NAME: string }) => Number(each.LAST_NAME))).toEqual([...Array(2500).keys()])
  })

  test('without users is empty, and with none said has its owner', async () => {
    for (const [state, count] of [
      ['{"users":[]}', 0],
      ['{}', 1],
    ] as const) {
      const { body } = await create(`{"state":${state}}`)
      expect((await control(servers.server, 'GET', `/instances/${body.name}/users`)).body).toHaveLength(count)
    }
  })

  test.for([
    ['a bad user', `{"state":{"users":[${user(1)},{}]}}`, 422, 'state.users[1].EMAIL_ADDRESS: is missing'],
    ['a user that is no JSON', `{"state":{"users":[${user(1)},{"A":}]}}`, 400, 'state.users[1]: The body is not valid'],
    ['an address twice', `{"state":{"users":[${user(1)},${user(1)}]}}`, 422, 'state.users[1].EMAIL_ADDRESS is the'],
    ['two owners', `{"state":{"users":[${[1, 2].map(n => user(n, ',"ACCOUNT_OWNER":true'))}]}}`, 422, 'state.users[1]'],
    ['a bad setting', '{"state":{"settings":{"samlEnabled":1}}}', 422, 'state.settings.samlEnabled: is 1'],
    ['users that are no array', '{"state":{"users":{}}}', 422, 'state.users: is an object; expected an array'],
  ] as const)('with %s is refused and makes nothing', async ([, text, status, detail]) => {
    const before = (await control(servers.server, 'GET', '/instances')).text
    const answer = await create(text)
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toContain(detail)
    expect((await control(servers.server, 'GET', '/instances')).text).toBe(before)
  })

  test('is refused at the first bad users, whatever follows, and the connection stays good', async () => {
    const bad = `{"state":{"users":[${'{},'.repeat(300_000)}{}]}}`
    const { status, body } = await create(bad)
    expect(status).toBe(422)
    expect(body.errors.length).toBeLessThan(30)
    expect((await create('{}')).status).toBe(201)
  })
})

test('a state with an owner makes this user the owner', async () => {
  const instance = await servers.make()
  expect((await instance.control('PUT', '/state', `{"users":[${user(1)},${user(2, owns)}]}`)).status).toBe(204)
  expect((await instance.rest('/Users/Me')).body).toMatchObject({ USER_ID: 2, ACCOUNT_OWNER: true })
})

test.for([
  [{}, 2],
  [{ highestUserId: 40 }, 41],
  [{ users: [JSON.parse(user(1, ',"USER_ID":12'))], highestUserId: 3 }, 13],
  [{ users: [] }, 1],
])('U-06 after an import of %j the next id is %i, whatever was given before', async ([state, next]) => {
  const instance = await servers.make({ state: { highestUserId: 900 } })
  expect((await instance.create('first@example.com')).id).toBe('901')
  expect((await instance.control('PUT', '/state', state)).status).toBe(204)
  expect((await instance.create('next@example.com')).id).toBe(String(next))
})

test.for([
  ['a user', '{"users":[{"A":"'],
  ['what is no user', '{"a":"'],
] as const)('%s that is too large is refused while it arrives', ([, start]) => {
  const splitter = new StateSplitter(['users'], 100)
  splitter.push(Buffer.from(start))
  splitter.push(Buffer.alloc(84, 'x'))
  expect(() => splitter.push(Buffer.alloc(11, 'x'))).toThrow('larger than 100 bytes')
})

test('elements that are no users are given as soon as they are whole', () => {
  const splitter = new StateSplitter(['users'], 100)
  expect(splitter.push(Buffer.from('{"users":["a", 5'))).toEqual(['a'])
  expect(splitter.push(Buffer.from(' ,[{}'))).toEqual([5])
  expect(splitter.push(Buffer.from('],{},null]'))).toEqual([[{}], {}, null])
})

test('many parts that are not large together take no more than one of them', () => {
  const splitter = new StateSplitter(['users'], 100)
  splitter.push(Buffer.from('{"users":['))
  for (let count = 0; count < 20; count += 1)
    for (const part of [`${count ? ',' : ''}{"A":"`, 'x'.repeat(80), '"}']) splitter.push(Buffer.from(part))
  expect(() => splitter.push(Buffer.from(']}'))).not.toThrow()
})

test('an import is unseen until it is whole, and the only one', async () => {
  const instance = await servers.make()
  const { port } = new URL(servers.server.url)
  const headers = { authorization: `Bearer ${servers.server.adminKey}`, 'content-type': 'application/json' }
  const path = `/_emulator/instances/${instance.name}/state`
  const slow = request({ host: '127.0.0.1', port, method: 'PUT', path, headers })
  const answered = new Promise(resolve => slow.on('response', response => resolve(response.resume().statusCode)))
  await new Promise(resolve => slow.write(`{"users":[${user(1)},`, resolve))
  await expect.poll(async () => (await instance.control('PUT', '/state', '{}')).status, { timeout: 10_000 }).toBe(409)
  expect((await instance.scim('GET', '/Users')).body.Resources[0].userName).toMatch(/^owner@/)
  slow.end(`${user(2)}]}`)
  expect(await answered).toBe(204)
  expect((await instance.scim('GET', '/Users')).body.totalResults).toBe(2)
  expect((await instance.control('PUT', '/state', '{}')).status).toBe(204)
})

test('an instance that is deleted while its state arrives is not found', async () => {
  const instance = await servers.make()
  const { controlUrl, adminKey } = servers.server
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }
  const slow = request(`${controlUrl}/instances/${instance.name}/state`, { method: 'PUT', headers })
  const answered = new Promise(resolve => slow.on('response', response => resolve(response.resume().statusCode)))
  await new Promise(resolve => slow.write(`{"users":[${user(1)},`, resolve))
  await expect.poll(async () => (await instance.control('PUT', '/state', '{}')).status, { timeout: 10_000 }).toBe(409)
  await instance.control('DELETE', '')
  slow.end(`${user(2)}]}`)
  expect(await answered).toBe(404)
})

test('a connection is good for another request after a document that was refused half-way', async () => {
  const instance = await servers.make()
  const bad = `{"users":[${Array.from({ length: 300_000 }, () => '{}').join(',')}]}`
  expect((await instance.control('PUT', '/state', bad)).status).toBe(422)
  expect((await instance.control('GET', '/users')).status).toBe(200)
})
