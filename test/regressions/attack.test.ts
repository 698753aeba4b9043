// What an attack from outside on the running server found.

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { toHide, toLeft } from '../../src/commands/endpoint.ts'
import { readConfig } from '../../src/config.ts'
import { judge } from '../../src/rehearse/outcome.ts'
import { control, send, sendRaw, useServer } from '../support.ts'

const suite = useServer()
const { make } = suite

describe('error texts hold no known secret (A-02)', () => {
  test.for([
    ['GET', '/users?%=1'],
    ['GET', '/users?active=%'],
    ['GET', '/users/%'],
    ['PATCH', '/settings', { publicUrl: '%' }],
    ['PATCH', '/settings', { '%': 1 }],
    ['PUT', '/clock', { mode: 'frozen', now: '%' }],
  ] as const)('of the control API: %s %s %j', async ([method, path, body]) => {
    const instance = await make()
    for (const secret of [instance.scimToken, instance.apiKey, suite.server.adminKey]) {
      const fill = (text: string) => text.replaceAll('%', secret)
      const answer = await instance.control(method, fill(path), body && JSON.parse(fill(JSON.stringify(body))))
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.text).toContain('***')
      expect(answer.text).not.toContain(secret)
    }
  })

  test('nor a token that is about to be chosen', async () => {
    const { status, text } = await control(suite.server, 'POST', '/instances', { scimToken: 'my secret' })
    expect(status).toBe(422)
    expect(text).not.toContain('my secret')
  })

  test('of an expectation that cannot be met', async () => {
    const { scimToken } = await make()
    const { status, text } = await sendRaw(
      suite.server.url,
      `GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nExpect: ${scimToken}\r\n\r\n`,
    )
    expect(status).toBe(417)
    expect(text).not.toContain(scimToken)
  })

  test('of the command line: a password in --upstream', () => {
    const refused = () => readConfig({ upstream: 'https://ann:pass-word@example.com/scim' }, {})
    expect(refused).toThrow('--upstream is a value, which is not accepted; expected a URL')
  })
})

test('D-05 outside of the surfaces an expectation that cannot be met is a problem, as any other error there', async () => {
  const answer = await sendRaw(suite.server.url, 'GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: wine\r\n\r\n')
  expect(answer).toMatchObject({
    status: 417,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
  })
})

test.for(['password[value eq "%"]', 'password[type eq "work" and value eq "%"].value', 'password.value[a co "%"]'])(
  'A-02 a password in the condition of a path is not shown: %s',
  async path => {
    const instance = await make()
    const { id } = await instance.create()
    await instance.patch(id, { op: 'replace', path: path.replace('%', 'hunter2-hunter2'), value: 'x' })
    await instance.get(`/Users?filter=${encodeURIComponent(path.replace('%', 'hunter2-hunter2'))}`)
    const { body, text } = await instance.control('GET', '/requests')
    expect(body.requests.at(-2).body.Operations[0].path).toMatch(/^password.*\*\*\*$/)
    expect(text).not.toContain('hunter2-hunter2')
  },
)

describe('D-08 a PATCH may hold 100 member names with a condition', () => {
  const members = (count: number, start = 0) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `emails[type eq "work" or value eq "${start + index}"].type`,
        'work',
      ]),
    )

  test('since each of them costs as much as an operation', async () => {
    const instance = await make()
    const { id } = await instance.create()
    expect((await instance.patch(id, { op: 'replace', value: members(100) })).status).toBe(200)
    const { status, body } = await instance.patch(
      id,
      { op: 'replace', value: members(60) },
      { op: 'replace', value: members(60, 60) },
    )
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        scimType: 'invalidSyntax',
        detail: 'Operations[1]: the members hold more than 100 names with a condition in brackets.',
      },
    })
  })
})

test('a part of a state document, such as a user, may have 1 MiB, as any other body', async () => {
  const instance = await make()
  const user = (bytes: number) => `{"users":[{"FIRST_NAME":"${'a'.repeat(bytes)}"}]}`
  expect((await instance.control('PUT', '/state', user(1000 * 1024))).status).toBe(422)
  const { status, body } = await instance.control('PUT', '/state', user(1100 * 1024))
  expect({ status, detail: body.detail }).toEqual({
    status: 413,
    detail: 'A part of the document is larger than 1048576 bytes.',
  })
})

test.for([
  '/%',
  '/%ff',
  '/console/%zz',
  '/_emulator/%',
  '/_emulator/instances/default/users/%',
  '/scim/%',
  'http:///x',
])('D-05 a URL that cannot be decoded is a 404 in the words of every other: %s', async path => {
  const { status, headers, body } = await sendRaw(
    suite.server.url,
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  )
  expect({ status, body }).toMatchObject({ status: 404, body: { status: 404, type: 'about:blank' } })
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  })
})

test('a member that is missing is called so, whatever it would have to be', async () => {
  const instance = await make()
  const { body } = await instance.control('PUT', '/clock', {})
  expect(body.detail).toBe('mode: is missing; expected "real" or "frozen" or "offset".')
})

test.for(['Content-Type', 'content-type'])('a fault may answer with a %s of its own', async name => {
  const instance = await make()
  await instance.control('PUT', '/faults', [{ do: { status: 503, headers: { [name]: 'text/plain' } } }])
  const headers = { authorization: `Bearer ${instance.scimToken}` }
  const answer = await send(`${instance.scimUrl}/Users`, { headers, undescribed: true })
  expect(answer).toMatchObject({ status: 503, headers: { 'content-type': 'text/plain' } })
})

test.for([
  ['/requests/1/replay', { headers: { 'x y': '1' } }, 'headers.x y: is "x y"; expected a header name.'],
  ['/requests/abc/replay', {}, 'id: is "abc"; expected the id of an entry, a whole number.'],
] as const)('what would be accepted is told of %s %j', async ([path, sent, detail]) => {
  const instance = await make()
  expect((await instance.control('POST', path, sent)).body.detail).toBe(detail)
})

describe('what a real endpoint says cannot steer the terminal that shows it', () => {
  test('since control characters are shown as question marks', () => {
    expect(toHide('a-real-token')('one\u001b[2J\u0007\u009b\u202e a-real-token\r\ntwo\n')).toBe(
      'one?[2J??? ***?\ntwo\n',
    )
    expect(toLeft({ userName: 'ann', id: '4\n5', state: 'inactive' })).toBe('Left behind: ann (id 4?5) is deactivated.')
  })

  test('nor put in lines of its own', () => {
    const body = { scimType: 'invalidValue', detail: 'no\r\n  the next step works' }
    const answer = { status: 400, headers: {}, body }
    const played = { step: { method: 'GET', does: 'reads', path: '/Users' }, answer, problem: 'status is 400' }
    expect(judge(played as never).why).toBe('invalidValue: no the next step works')
  })
})

test('U-07 where one attribute alone is required, the refusal speaks of one', async () => {
  const instance = await make({ behaviours: { requiredAttributes: 'userName' } })
  const { body } = await instance.scim('POST', '/Users', {})
  expect(body.detail).toBe('Missing: userName. Insightly requires userName, a non-empty string.')
})

describe('D-09 what is not HTTP is refused after the answers to what came before it on the connection', () => {
  /** The statuses of all answers on a connection, in their order. */
  const statusesOf = async (...requests: string[]): Promise<number[]> => {
    const { status, text } = await sendRaw(suite.server.url, requests.join(''))
    return [status, ...[...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, each]) => Number(each))]
  }
  const toPost = ({ scimToken }: { scimToken: string }, userName: string) => {
    const body = JSON.stringify({ userName, name: { givenName: 'A', familyName: 'B' } })
    return `POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${scimToken}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  const endless = `GET / HTTP/1.1\r\nX: ${'x'.repeat(80_000)}`

  test.for([
    ['garbage\r\n\r\n', 400],
    [endless, 431],
  ] as const)('as requests at once: %#', async ([garbage, status]) => {
    const instance = await make()
    const posts = ['ann', 'bea'].map(name => toPost(instance, `${name}@example.com`))
    expect(await statusesOf(...posts, garbage)).toEqual([201, 201, status])
  })

  test('and of a request that takes its time', async () => {
    const instance = await make()
    await instance.control('PUT', '/faults', [{ do: { delayMs: 100 } }])
    expect(await statusesOf(toPost(instance, 'ann@example.com'), 'garbage\r\n\r\n')).toEqual([201, 400])
    expect((await instance.control('GET', '/users?userName=ann@example.com')).body).toHaveLength(1)
  })

  test('a request whose own body is none is refused at once', async () => {
    const { scimToken } = await make()
    const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${scimToken}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    expect(await statusesOf(`${head}zz\r\n`)).toEqual([400])
  })

  test('a request that has its answer gets no second one when its body turns out to be none', async () => {
    const head = 'POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    const socket = connect(Number(new URL(suite.server.url).port), '127.0.0.1').setEncoding('utf8')
    let received = ''
    socket.on('data', text => {
      received += text
    })
    socket.write(head)
    await vi.waitUntil(() => received.includes('HTTP/1.1 401'))
    socket.write('zz\r\n')
    await once(socket, 'close')
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401'])
  })

  test('an event stream holds nothing but events', async () => {
    const { adminKey, url } = suite.server
    const head = `GET /_emulator/instances/default/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${adminKey}\r\n\r\n`
    const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8')
    let received = ''
    socket.on('data', text => {
      received += text
    })
    socket.write(`${head}garbage\r\n\r\n`)
    await vi.waitUntil(() => received.includes(': the events'))
    socket.write('more garbage\r\n\r\n')
    // Its exchange is told in the stream, so all that comes before it has come.
    await send(`${url}/scim/v2/Users`)
    await vi.waitUntil(() => received.includes('HTTP/1.1 400') || received.includes('event: exchange'))
    socket.destroy()
    expect(received).not.toContain('HTTP/1.1 400')
  })
})

test.for([
  [['hunter2-hunter2'], '***'],
  [[{ a: ['hunter2-hunter2'] }], '***'],
  [{ displayName: 'Ann' }, { displayName: 'Ann' }],
] as const)(
  'A-02 of an operation without a path, only the attributes of an object are shown: %j',
  async ([value, shown]) => {
    const instance = await make()
    const { id } = await instance.create()
    await instance.patch(id, { op: 'replace', value })
    const { body, text } = await instance.control('GET', '/requests')
    expect(body.requests.at(-1).body.Operations[0].value).toEqual(shown)
    expect(text).not.toContain('hunter2-hunter2')
  },
)
