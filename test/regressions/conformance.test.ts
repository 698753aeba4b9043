// What third-party suites found: each once failed under conformance/.

import { expect, test } from 'vitest'
import { control, send, useServer } from '../support.ts'

const server = useServer()

test('R-02 a 401 of the REST surface says how to authenticate', async () => {
  const answer = await send(`${server.server.apiUrl}/Users`)
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toMatch(/^Basic/)
})

test('an instance is not made from a body that is null', async () => {
  const answer = await control(server.server, 'POST', '/instances', null)
  expect(answer.status).toBe(422)
  expect(answer.body.detail).toContain('expected an object')
})

test('QUERY, which must have a Content-Type elsewhere, is refused as any other method', async () => {
  const headers = { authorization: `Bearer ${server.server.adminKey}` }
  expect((await send(`${server.server.url}/healthz`, { method: 'QUERY' })).status).toBe(405)
  expect((await send(`${server.server.controlUrl}/nothing`, { method: 'QUERY', headers })).status).toBe(404)
})

test('an open endpoint answers 405 with Allow to any other method, and an unknown path is a problem', async () => {
  const answer = await send(`${server.server.url}/healthz`, { method: 'TRACE' })
  expect(answer.status).toBe(405)
  expect(answer.headers.allow).toBe('GET')
  expect((await send(`${server.server.url}/nothing`)).body).toMatchObject({ status: 404, title: expect.any(String) })
})
