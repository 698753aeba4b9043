// Requests that were let in, and whose reason to be let in is gone before they run.

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { control, type TestInstance, useServer } from '../support.ts'

const use = useServer()

/** A POST whose body ends only after `meanwhile`; resolves with its status. */
async function postSlowly({ scimToken }: TestInstance, meanwhile: () => Promise<unknown>): Promise<number> {
  const body = JSON.stringify({ userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } })
  const socket = connect(Number(new URL(use.server.url).port), '127.0.0.1')
  const received: Buffer[] = []
  socket.on('data', data => received.push(data))
  const closed = new Promise(resolve => socket.on('close', resolve))
  const head = [
    'POST /scim/v2/Users HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${scimToken}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
    'Connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  // The server says 100 once it has let the head in.
  while (received.length === 0) await sleep(1)
  await meanwhile()
  socket.end(body)
  await closed
  return Number(/HTTP\/1\.1 ([2-5]\d\d)/.exec(Buffer.concat(received).toString())![1])
}

test('A-05 a body that ends after its token was regenerated is refused', async () => {
  const instance = await use.make()
  expect(await postSlowly(instance, () => instance.control('POST', '/scim-token/regenerate'))).toBe(401)
  expect((await instance.control('GET', '/users')).body).toHaveLength(1)
})

test('A-06 a body that ends after SCIM was disabled is refused', async () => {
  const instance = await use.make()
  expect(await postSlowly(instance, () => instance.control('PATCH', '/settings', { scimEnabled: false }))).toBe(403)
})

test('an instance that is deleted while a body arrives is not found', async () => {
  const instance = await use.make()
  const status = await postSlowly(instance, () => control(use.server, 'DELETE', `/instances/${instance.name}`))
  expect(status).toBe(404)
})

test('an instance that is deleted while a fault delays a request is not found, and the request is in the default one', async () => {
  const instance = await use.make()
  await instance.control('PUT', '/faults', [{ do: { delayMs: 1000 } }])
  const answer = instance.get('/Users/1')
  await expect.poll(async () => (await instance.control('GET', '/faults')).body[0].fired).toBe(1)
  await control(use.server, 'DELETE', `/instances/${instance.name}`)
  expect((await answer).status).toBe(404)
  const { body } = await instance.controlOf('default', 'GET', '/requests')
  expect(body.requests.at(-1)).toMatchObject({ path: '/scim/v2/Users/1', status: 404 })
})

test('what changed elsewhere refuses nothing', async () => {
  const instance = await use.make()
  expect(await postSlowly(instance, () => use.make())).toBe(201)
})
