// Requests that a client sends on one connection without waiting for their answers.

import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type TestInstance, useServer } from '../support.ts'

const use = useServer()

interface Sent {
  method: string
  path: string
  token: string
  body?: unknown
}

/** Sends all requests at once on one connection; the statuses and bodies come in the order of the answers. */
function pipeline(...requests: Sent[]): Promise<{ status: number; text: string }[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(use.server.url).port), '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', text => {
      received += text
    })
    socket.on('error', reject)
    socket.on('close', () =>
      resolve(
        received.split(/(?=HTTP\/1\.1 \d)/).map(answer => ({
          status: Number(answer.slice(9, 12)),
          text: answer.slice(answer.indexOf('\r\n\r\n') + 4),
        })),
      ),
    )
    const texts = requests.map(({ method, path, token, body }, index) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const type = body === undefined ? '' : 'Content-Type: application/json\r\n'
      const last = index === requests.length - 1 ? 'Connection: close\r\n' : ''
      return `${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n${type}${last}Content-Length: ${text.length}\r\n\r\n${text}`
    })
    socket.write(texts.join(''))
  })
}

const user = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
const create = ({ scimToken: token }: TestInstance): Sent => ({
  method: 'POST',
  path: '/scim/v2/Users',
  token,
  body: user,
})
const count = ({ scimToken: token }: TestInstance): Sent => ({
  method: 'GET',
  path: '/scim/v2/Users?count=0',
  token,
})

describe('D-09', () => {
  test('a GET sees what a POST before it on its connection made', async () => {
    const instance = await use.make({ state: { users: [] } })
    const answers = await pipeline(count(instance), create(instance), count(instance))
    expect(answers.map(({ status }) => status)).toEqual([200, 201, 200])
    expect([answers[0], answers[2]].map(answer => JSON.parse(answer!.text).totalResults)).toEqual([0, 1])
  })

  test('a POST that a fault delays is waited for', async () => {
    const instance = await use.make({ state: { users: [] } })
    await instance.control('PUT', '/faults', [{ match: { method: 'POST' }, do: { delayMs: 50 } }])
    const answers = await pipeline(create(instance), count(instance))
    expect(JSON.parse(answers[1]!.text).totalResults).toBe(1)
  })

  test('nothing runs behind a request whose connection a fault resets', async () => {
    const instance = await use.make({ state: { users: [] } })
    await instance.control('PUT', '/faults', [{ match: { method: 'GET' }, do: { reset: true } }])
    await pipeline(count(instance), create(instance)).catch(() => {})
    expect((await instance.control('GET', '/users')).body).toEqual([])
  })

  test('the control API keeps the order, also where a request waits', async () => {
    const instance = await use.make({ state: { users: [] } })
    const token = use.server.adminKey
    const at = `/_emulator/instances/${instance.name}/users`
    const record = { EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }
    const answers = await pipeline(
      { method: 'GET', path: `${at}?wait=50ms`, token },
      { method: 'POST', path: at, token, body: record },
      { method: 'GET', path: at, token },
    )
    expect(answers.map(({ status }) => status)).toEqual([408, 201, 200])
  })
})
