// Connections that stall, flood or do not speak HTTP. Raw sockets, since no client sends this.

import diagnostics from 'node:diagnostics_channel'
import { on, once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/http/limits.ts'
import { send, useServer } from '../support.ts'

const use = useServer()
const open: Socket[] = []
let port: number
let http: HttpServer

beforeAll(async () => {
  port = Number(new URL(use.server.url).port)
  // start() does not show the server of Node that it runs; Node tells of it with every request.
  const hear = (message: unknown) => {
    const { server } = message as { server: HttpServer }
    if (server.address() && (server.address() as { port: number }).port === port) http = server
  }
  diagnostics.subscribe('http.server.request.start', hear)
  await send(`${use.server.url}/healthz`)
  diagnostics.unsubscribe('http.server.request.start', hear)
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
  expect((await send(`${use.server.url}/healthz`)).status).toBe(200)
})

/** Opens a connection, sends bytes, and resolves with all that comes back once the server has closed it. */
function converse(...parts: (string | Buffer)[]): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    open.push(socket)
    let text = ''
    socket.setEncoding('latin1').on('data', data => {
      text += data
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    for (const part of parts) socket.write(part)
  })
}

const statuses = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))

const get = 'GET /healthz HTTP/1.1\r\nHost: a\r\n'
const unreadable: Record<string, string | Buffer> = {
  noise: Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7919) % 256)),
  'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex'),
  'an HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/9.9': 'GET / HTTP/9.9\r\n\r\n',
  'an unknown method': 'STEAL / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a blank in a header name': `${get}Bad Name: 1\r\n\r\n`,
  'a NUL in a header': `${get}X: a\0b\r\n\r\n`,
  'a bare carriage return in a header': `${get}X: a\rb\r\n\r\n`,
  'a folded header': `${get}X: a\r\n b\r\n\r\n`,
  'two lengths': 'POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'a length and chunks':
    'POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a negative length': 'POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'an endless length': `POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\n`,
  'chunks that are not last in Transfer-Encoding':
    'POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
}

describe('what is no HTTP', () => {
  test.each(Object.entries(unreadable))('is refused with 400 and closed: %s', async (_, bytes) => {
    const text = await converse(bytes)
    expect(statuses(text)).toEqual([400])
    expect(text).toContain('Connection: close')
    expect(text).not.toMatch(/node:|\.[jt]s\b|HPE_/)
  })

  const scimError = { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400' }
  test.for([
    ['/scim/v2/Users', 'application/scim+json', scimError],
    ['//SCIM/v2/Users', 'application/scim+json', scimError],
    ['http://a/scim/v2/Users', 'application/scim+json', scimError],
    ['/v3.1/Users?a=b', 'application/json', {}],
    ['//V3.1?a=b', 'application/json', {}],
    ['/_Emulator/instances', 'application/problem+json', { status: 400 }],
  ] as const)('is refused in the form of %s, and in true words', async ([path, type, members]) => {
    const [head, text] = (await converse(`GET ${path} HTTP/1.1\r\nBad Name: 1\r\n\r\n`)).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(head).toContain(`\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Length: ${text!.length}\r\n`)
    const body = JSON.parse(text!)
    expect(body).toMatchObject(members)
    expect(body.detail ?? body.Message).toBe('The request is not well-formed HTTP, or its method is not known.')
  })

  test('costs no connection when its client never closes its half', async () => {
    const count = () => new Promise<number>(resolve => http.getConnections((_, connections) => resolve(connections)))
    const before = await count()
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    open.push(socket)
    socket.resume().write('This is no HTTP.\r\n\r\n')
    await once(socket, 'end')
    expect(socket.destroyed).toBe(false)
    await expect.poll(count, { timeout: 20_000 }).toBeLessThanOrEqual(before)
  })

  test('ends the connection after the answer to a request that was', async () => {
    const [first, ...others] = statuses(await converse(`${get}\r\n`, 'garbage\r\n\r\n'))
    expect(first).toBe(200)
    expect(others.filter(status => status !== 400)).toEqual([])
  })

  test('a bad chunk is refused with the request it belongs to', async () => {
    const instance = await use.make()
    const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${instance.scimToken}\r\n`
    const text = await converse(
      `${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nzz\r\n`,
    )
    expect(statuses(text)[0]).toBe(400)
    expect((await instance.control('GET', '/users')).body).toHaveLength(1)
  })

  test.each([
    ['one long header', `X: ${'a'.repeat(limits.headBytes)}\r\n`],
    ['many headers', 'X: a\r\n'.repeat(limits.headBytes / 4)],
  ])('too much of a head is 431: %s', async (_, header) => {
    const text = await converse(`${get}${header}\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
    expect(text).toContain('The URL and headers are larger than 64 KiB.')
  })

  test.each([
    ['/scim/v2/Users', 'application/scim+json'],
    ['/V3.1/Users', 'application/json'],
    ['/_emulator/instances', 'application/problem+json'],
  ])('too many headers, as they arrive, are refused in the form of %s', async (path, type) => {
    const text = await new Promise<string>(resolve => {
      const socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay()
      open.push(socket)
      socket.on('data', resolve).on('error', () => {})
      socket.write(`GET ${path} HTTP/1.1\r\n`)
      const more = setInterval(() => socket.write(`X: ${'a'.repeat(1000)}\r\n`), 1)
      socket.on('close', () => clearInterval(more))
    })
    expect(statuses(text)).toEqual([431])
    expect(text).toContain(`\r\nContent-Type: ${type}; charset=utf-8\r\n`)
  })
})

describe('a client that stalls', () => {
  const impatient = { headersTimeout: 50, requestTimeout: 100 }

  test('finds the limits that are documented', () => {
    expect(http).toMatchObject({
      headersTimeout: limits.headSeconds * 1000,
      requestTimeout: limits.requestSeconds * 1000,
      keepAliveTimeout: limits.idleSeconds * 1000,
      maxConnections: limits.connections,
    })
  })

  test.each([
    ['in the request line', 'GET /healthz'],
    ['in the headers', get],
    ['before it said anything', ''],
    ['in the body', `POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{`],
    ['in a chunk', `POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{`],
  ])('%s is let go', async (_, start) => {
    const before = { headersTimeout: http.headersTimeout, requestTimeout: http.requestTimeout }
    Object.assign(http, impatient)
    try {
      const text = await converse(start)
      expect(statuses(text).filter(status => status !== 408 && status !== 401)).toEqual([])
      if (statuses(text).includes(408)) expect(text).toContain('The request did not arrive whole in time.')
    } finally {
      Object.assign(http, before)
    }
  })

  test('in a body is refused in the form of its surface', async () => {
    const before = { headersTimeout: http.headersTimeout, requestTimeout: http.requestTimeout }
    Object.assign(http, impatient)
    try {
      const head = `POST /_emulator/instances HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${use.server.adminKey}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n`
      const text = await converse(`${head}{`)
      expect(statuses(text)).toEqual([408])
      expect(text).toContain('\r\nContent-Type: application/problem+json; charset=utf-8\r\n')
    } finally {
      Object.assign(http, before)
    }
  })

  test('in a body that is refused already is let go sooner than in one that is not', async () => {
    const before = limits.headSeconds
    limits.headSeconds = 0.05
    try {
      const text = await converse('POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{')
      expect(statuses(text)).toEqual([401])
      // One that was sent whole does not cost its connection.
      const socket = connect(port, '127.0.0.1')
      open.push(socket)
      socket.write('POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n{')
      const answers = on(socket, 'data')
      expect(String((await answers.next()).value)).toContain('401')
      await expect
        .poll(() => converse('GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n'))
        .toContain('200')
      socket.write(`${get}\r\n`)
      expect(String((await answers.next()).value)).toContain('200')
    } finally {
      limits.headSeconds = before
    }
  })

  test('and hangs up in the middle of a body is no error of the server', async () => {
    const instance = await use.make()
    const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${instance.scimToken}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
    const arrived = new Promise(resolve => diagnostics.channel('http.server.request.start').subscribe(resolve))
    const socket = connect(port, '127.0.0.1')
    open.push(socket)
    socket.write(head)
    await arrived
    socket.resetAndDestroy()
    const { status, body } = await instance.control('GET', '/requests?wait=10s')
    expect([status, body.requests.map((request: { status: number }) => request.status)]).toEqual([200, [400]])
  })
})

test('a thousand idle connections do not keep others waiting', async () => {
  const sockets = await Promise.all(
    Array.from(
      { length: 1000 },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket)).once('error', reject)
          open.push(socket)
        }),
    ),
  )
  expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([])
  expect((await send(`${use.server.url}/readyz`)).status).toBe(200)
})

test('a hundred requests in one packet are answered in order, and once each', async () => {
  const instance = await use.make()
  const ask = (index: number) =>
    `GET /scim/v2/Users/${index + 1000} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${instance.scimToken}\r\n${index === 99 ? 'Connection: close\r\n' : ''}\r\n`
  const text = await converse(Array.from({ length: 100 }, (_, index) => ask(index)).join(''))
  expect([...text.matchAll(/the id \\"(\d+)\\"/g)].map(([, id]) => Number(id))).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 1000),
  )
})
