// Who is let in, and what Insightly's SAML and SCIM page does to it.

import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { limits } from '../../src/http/limits.ts'
import { expectScimError, send, sendRaw, useServer } from '../support.ts'

const host = useServer()
const { make } = host
const { make: makeAny } = useServer({ anyToken: true })

const get = (url: string, authorization?: string) =>
  send(`${url}/Users`, { headers: authorization === undefined ? {} : { authorization } })

describe('the token', () => {
  test.for(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('A-01 is accepted after the scheme %s', async scheme => {
    const { scimUrl, scimToken } = await make()
    expect(await get(scimUrl, `${scheme} ${scimToken}`)).toMatchObject({ status: 200 })
  })

  test('A-01 alone chooses the instance', async () => {
    const [one, other] = [await make({ state: { users: [] } }), await make({ state: { users: [] } })]
    const { id } = await one.create()
    expect((await get(other.scimUrl, `Bearer ${one.scimToken}`)).body.totalResults).toBe(1)
    expect((await get(other.scimUrl, `Bearer ${other.scimToken}`)).body.totalResults).toBe(0)
    expect((await other.get(`/Users/${id}`)).status).toBe(404)
  })

  test.for([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Token abc', 'Bearer a b', 'Bearer "ä"'])(
    'A-02 missing or malformed (%s) is 401 with a plain challenge',
    async authorization => {
      const { scimUrl } = await make()
      const answer = await get(scimUrl, authorization)
      expectScimError(answer, 401)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    },
  )

  test('A-02 unknown is 401 and named invalid in the challenge, not repeated in the answer', async () => {
    const { scimUrl } = await make()
    const answer = await get(scimUrl, 'Bearer quite-another-token')
    expectScimError(answer, 401)
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain('quite-another-token')
  })

  test('A-02 a piece of the token, or the token and more, is unknown', async () => {
    const { scimUrl, scimToken } = await make()
    for (const wrong of [scimToken.slice(0, -1), `${scimToken}x`, scimToken.toUpperCase()])
      expect((await get(scimUrl, `Bearer ${wrong}`)).status).toBe(401)
  })

  test('A-02 every route asks for it, those that do not exist too', async () => {
    const { scimUrl } = await make()
    for (const path of ['/Schemas', '/ServiceProviderConfig', '/ResourceTypes', '/Groups', '/Bulk', '/nothing', ''])
      for (const method of ['GET', 'POST', 'OPTIONS']) expectScimError(await send(`${scimUrl}${path}`, { method }), 401)
  })

  test('A-05 regenerated is good at once, and no earlier one is', async () => {
    const instance = await make()
    const tokens = [instance.scimToken]
    for (let round = 0; round < 3; round += 1)
      tokens.push((await instance.control('POST', '/scim-token/regenerate')).body.scimToken)
    expect(new Set(tokens).size).toBe(4)
    const last = tokens.pop()
    for (const token of tokens) expect((await get(instance.scimUrl, `Bearer ${token}`)).status).toBe(401)
    expect((await get(instance.scimUrl, `Bearer ${last}`)).status).toBe(200)
  })

  test('A-07 an API key or the admin key is none, whatever the scheme', async () => {
    const { scimUrl, apiKey } = await make()
    for (const secret of [apiKey, host.server.adminKey]) {
      expect((await get(scimUrl, `Bearer ${secret}`)).status).toBe(401)
      expect((await get(scimUrl, `Basic ${btoa(`${secret}:`)}`)).status).toBe(401)
      expect((await get(scimUrl, `Basic ${btoa(secret)}`)).status).toBe(401)
    }
  })

  test('A-07 is not let into the control API, nor is an API key', async () => {
    const { scimToken, apiKey } = await make()
    for (const secret of [scimToken, apiKey])
      expect((await send(host.server.controlUrl, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(401)
  })

  test('unknown makes an instance of its own where any token may', async () => {
    const { scimUrl } = await makeAny()
    const mine = `Bearer ${randomUUID()}`
    expect((await get(scimUrl, mine)).body.totalResults).toBe(1)
    const user = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
    const headers = { authorization: mine, 'content-type': 'application/json' }
    expect((await send(`${scimUrl}/Users`, { method: 'POST', headers, body: user })).status).toBe(201)
    expect((await get(scimUrl, mine)).body.totalResults).toBe(2)
    expect((await get(scimUrl, `Bearer ${randomUUID()}`)).body.totalResults).toBe(1)
  })
})

test('A-02 where any token makes an instance, the one too many is told the limit', async () => {
  const { scimUrl } = await makeAny()
  const mine = `Bearer ${randomUUID()}`
  expect((await get(scimUrl, mine)).status).toBe(200)
  const before = limits.anyTokenInstances
  limits.anyTokenInstances = 1
  try {
    const answer = await get(scimUrl, `Bearer ${randomUUID()}`)
    expectScimError(answer, 401)
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    expect(answer.body.detail).toContain('--any-token makes no more instances: there are 1 besides the first')
    expect((await get(scimUrl, mine)).status).toBe(200)
  } finally {
    limits.anyTokenInstances = before
  }
})

describe('A-02 a second header Authorization, which a proxy may read instead of the first, is 401', () => {
  const converse = (url: string, ...credentials: string[]) => {
    const lines = credentials.map(each => `Authorization: ${each}\r\n`).join('')
    return sendRaw(url, `GET ${new URL(url).pathname} HTTP/1.1\r\nHost: a\r\n${lines}Connection: close\r\n\r\n`)
  }

  test('at SCIM, even when both hold the token; the refusal is in the journal of the first', async () => {
    const instance = await make()
    const good = `Bearer ${instance.scimToken}`
    const answer = await converse(`${instance.scimUrl}/Users`, good, good)
    expectScimError(answer, 401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.body.detail).toBe('The request has 2 Authorization headers; send one.')
    expect((await instance.control('GET', '/requests')).body.requests).toMatchObject([{ status: 401 }])
    expect((await converse(`${instance.scimUrl}/Users`, good)).status).toBe(200)
  })

  test('at REST', async () => {
    const { apiUrl, apiKey } = await make()
    const good = `Basic ${btoa(`${apiKey}:`)}`
    const { status, body } = await converse(`${apiUrl}/Users`, good, 'Basic YTpi')
    expect([status, body]).toEqual([401, { Message: 'Authorization has been denied for this request.' }])
    expect((await converse(`${apiUrl}/Users`, good)).status).toBe(200)
  })

  test('at the control API', async () => {
    const good = `Bearer ${host.server.adminKey}`
    const { status, body } = await converse(`${host.server.controlUrl}/instances`, good, 'Bearer other')
    expect([status, body.detail]).toEqual([401, 'Send one "Authorization: Bearer" and the admin key.'])
    expect((await converse(`${host.server.controlUrl}/instances`, good)).status).toBe(200)
  })
})

describe('SAML and SCIM', () => {
  test('A-03 SCIM cannot be enabled while SAML is off, and the answer says so', async () => {
    const instance = await make({ samlEnabled: false })
    const answer = await instance.control('PATCH', '/settings', { scimEnabled: true })
    expect(answer.status).toBe(409)
    expect(answer.body.detail).toMatch(/SAML/)
    expect((await instance.control('GET', '/settings')).body).toMatchObject({ samlEnabled: false, scimEnabled: false })
  })

  test('A-03 both can be enabled in one save', async () => {
    const instance = await make({ samlEnabled: false })
    const answer = await instance.control('PATCH', '/settings', { samlEnabled: true, scimEnabled: true })
    expect(answer.body).toMatchObject({ samlEnabled: true, scimEnabled: true })
  })

  test('A-03 turning SAML off turns SCIM off', async () => {
    const instance = await make()
    const answer = await instance.control('PATCH', '/settings', { samlEnabled: false })
    expect(answer.body).toMatchObject({ samlEnabled: false, scimEnabled: false })
    expect((await instance.get('/Users')).status).toBe(403)
  })

  test('A-03 turning SAML off and SCIM on in one save is refused whole', async () => {
    const instance = await make()
    const answer = await instance.control('PATCH', '/settings', { samlEnabled: false, scimEnabled: true })
    expect(answer.status).toBe(409)
    expect((await instance.get('/Users')).status).toBe(200)
  })

  test('A-04 the first save with SCIM enabled makes the token; later saves keep it', async () => {
    const instance = await make({ samlEnabled: false })
    const token = async () => (await instance.control('GET', '')).body.scimToken
    expect(await token()).toBeNull()
    await instance.control('PATCH', '/settings', { samlEnabled: true })
    expect(await token()).toBeNull()
    await instance.control('PATCH', '/settings', { scimEnabled: true })
    const made = await token()
    expect(made).toMatch(/^instance-\d+\.[\w-]{20,}$/)
    expect((await get(instance.scimUrl, `Bearer ${made}`)).status).toBe(200)
    await instance.control('PATCH', '/settings', { scimEnabled: true })
    expect(await token()).toBe(made)
  })

  test('A-05 nothing can be regenerated before SCIM was ever enabled', async () => {
    const instance = await make({ samlEnabled: false })
    expect((await instance.control('POST', '/scim-token/regenerate')).status).toBe(409)
  })

  test('A-06 a valid token is forbidden while SCIM is disabled, and good again afterwards', async () => {
    const instance = await make()
    await instance.control('PATCH', '/settings', { scimEnabled: false })
    expectScimError(await instance.get('/Users'), 403)
    await instance.control('PATCH', '/settings', { scimEnabled: true })
    expect((await instance.get('/Users')).status).toBe(200)
  })

  test('A-06 disabledScim: unauthorized answers 401 instead', async () => {
    const instance = await make({ behaviours: { disabledScim: 'unauthorized' } })
    await instance.control('PATCH', '/settings', { scimEnabled: false })
    const answer = await instance.get('/Users')
    expectScimError(answer, 401)
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
  })
})
