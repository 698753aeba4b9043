// Forgiving paths, and the URL that answers tell.

import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { defaultConfig } from '../../src/config.ts'
import { toHeaders, toOrigin } from '../../src/http/request.ts'
import { start } from '../../src/index.ts'
import { findFreePort, send, sendRaw, type TestInstance, useServer } from '../support.ts'

const use = useServer()
const { make } = use
const { make: makeBehindProxy } = useServer({ trustProxy: true })

describe('paths', () => {
  test.for([
    '/scim/v2/Users/1',
    '/scim/v2/Users/1/',
    '/scim/v2/users/1',
    '/SCIM/V2/USERS/1',
    '//scim//v2//Users//1//',
    '/scim/v2/Users/1?aadOptscim062020',
    '/scim/v2/Users/1/?aadOptscim062020=&x=1',
    '/scim/v2/%55sers/%31',
    '/scim/v2/%75SERS/1',
  ])('D-06 %s finds the user', async path => {
    expect(await getRaw(await make(), path, 'Host: x')).toMatchObject({ status: 200, body: { id: '1' } })
  })

  test.for(['/scim/v2/Users/', '/scim/v2//USERS', '/scim/v2/users/?aadOptscim062020'])(
    'D-06 %s lists the users',
    async path => {
      expect((await getRaw(await make(), path, 'Host: x')).body).toMatchObject({ totalResults: 1 })
    },
  )

  test('D-06 a user can be created at a URL with a slash', async () => {
    const user = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
    const instance = await make()
    const answer = await instance.scim('POST', '//users//?x', user)
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toBe(`${instance.scimUrl}/Users/2`)
  })

  test.for(['//', '//console/main.js', '///healthz', '//openapi.yaml', '//_emulator?x'])(
    'D-06 %s is what a proxy sends that takes away a path prefix without its slash',
    async path => {
      const { server } = use
      const answer = await send(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.adminKey}` } })
      expect(answer.status).toBe(200)
    },
  )

  test('D-06 the absolute form of a URL is understood', async () => {
    const instance = await make()
    expect((await getRaw(instance, `${instance.scimUrl}/Users/1`, 'Host: x')).body).toMatchObject({ id: '1' })
  })
})

const getRaw = (instance: TestInstance, path: string, ...headers: string[]) =>
  sendRaw(
    instance.scimUrl,
    [
      `GET ${path} HTTP/1.1`,
      `Authorization: Bearer ${instance.scimToken}`,
      'Connection: close',
      ...headers,
      '',
      '',
    ].join('\r\n'),
  )

/** Where the user says it is, without the path below the SCIM URL. */
async function originFor(instance: TestInstance, ...headers: string[]): Promise<string> {
  const { status, body } = await getRaw(instance, '/scim/v2/Users/1', ...headers)
  expect(status).toBe(200)
  expect(body.meta.location).toMatch(/\/scim\/v2\/Users\/1$/)
  return body.meta.location.replace('/scim/v2/Users/1', '')
}
const bound = (instance: TestInstance) => instance.scimUrl.replace('/scim/v2', '')

describe('the URL', () => {
  test.for([
    'scim.example.com',
    'localhost:8080',
    'SCIM_host.docker-1.internal:1',
    '127.0.0.1',
    '[::1]:8080',
    '[2001:db8::1]',
  ])('D-07 starts with the Host the client used: %s', async host => {
    expect(await originFor(await make(), `Host: ${host}`)).toBe(`http://${host}`)
  })

  test.for([
    '',
    'a b',
    'user@evil.example',
    'evil.example/path',
    'x:port',
    'x:1:2',
    'x:99999',
    'x:',
    '"><script>',
    'ä.example',
    '[::1',
    'a,b',
    'x?y',
    'x#y',
    'x\\y',
  ])('D-07 a Host that is none (%s) is replaced by the bound address', async host => {
    const instance = await make()
    expect(await originFor(instance, `Host: ${host}`)).toBe(bound(instance))
  })

  test('D-07 more than one Host is 400, on every surface with credentials', async () => {
    const instance = await make()
    const { status, body } = await getRaw(instance, `${instance.scimUrl}/Users/1`, 'Host: a', 'host: b')
    expect([status, body.detail]).toEqual([400, 'The request has 2 Host headers; send one.'])
    const key = `Authorization: Bearer ${use.server.adminKey}`
    const control = await sendRaw(
      use.server.url,
      `GET /_emulator HTTP/1.1\r\nHost: a\r\nHost: a\r\n${key}\r\nConnection: close\r\n\r\n`,
    )
    expect(control.status).toBe(400)
  })

  test('D-07 a missing Host is replaced by the bound address', async () => {
    const instance = await make()
    expect(await originFor(instance)).toBe(bound(instance))
    const old = await sendRaw(
      instance.scimUrl,
      `GET /scim/v2/Users/1 HTTP/1.0\r\nAuthorization: Bearer ${instance.scimToken}\r\n\r\n`,
    )
    expect(old.body.meta.location).toBe(`${instance.scimUrl}/Users/1`)
  })

  const forwarded = ['X-Forwarded-Proto: https', 'X-Forwarded-Host: public.example.com', 'X-Forwarded-Prefix: /idp/']

  test('D-07 forwarded headers are not believed unless that is said', async () => {
    expect(await originFor(await make(), 'Host: x', ...forwarded)).toBe('http://x')
  })

  test('D-07 forwarded headers are believed behind a trusted proxy', async () => {
    const instance = await makeBehindProxy()
    expect(await originFor(instance, 'Host: x', ...forwarded)).toBe('https://public.example.com/idp')
    for (const schemes of ['https, http', 'https ,http', 'HTTPS'])
      expect(await originFor(instance, 'Host: x', `X-Forwarded-Proto: ${schemes}`)).toBe('https://x')
    expect(await originFor(instance, 'Host: x', 'X-Forwarded-Host: first.example, second.example')).toBe(
      'http://first.example',
    )
    expect(await originFor(instance, 'Host: x')).toBe('http://x')
  })

  test.for([
    'X-Forwarded-Host: a b',
    'X-Forwarded-Host: ',
    'X-Forwarded-Proto: javascript',
    'X-Forwarded-Proto: xhttps',
    'X-Forwarded-Proto: httpsx',
    'X-Forwarded-Prefix: //evil',
    'X-Forwarded-Prefix: evil',
    'X-Forwarded-Prefix: /a?b',
  ])('D-07 a forwarded header that is none is ignored: %s', async header => {
    expect(await originFor(await makeBehindProxy(), 'Host: x', header)).toBe('http://x')
  })

  test('D-07 a configured public URL comes first, with its path', async () => {
    const port = await findFreePort()
    await using server = await start({ port, publicUrl: 'https://scim.example.com/base/' })
    expect(server.scimUrl).toBe('https://scim.example.com/base/scim/v2')
    const headers = { authorization: `Bearer ${server.scimToken}` }
    const { body } = await send(`http://127.0.0.1:${port}/scim/v2/Users/1`, { headers })
    expect(body.meta.location).toBe('https://scim.example.com/base/scim/v2/Users/1')
  })

  test.for([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['2001:db8::ffff:1', '[2001:db8::ffff:1]'],
  ] as const)('D-07 without a Host, the URL is that of the bound address: %s as %s', ([localAddress, shown]) => {
    const request = { headers: {}, socket: { localAddress, localPort: 80 } } as unknown as IncomingMessage
    expect(toOrigin(request, defaultConfig())).toBe(`http://${shown}:80`)
  })

  test('D-07 behind a trusted proxy, the scheme is that of its client, whichever this server speaks itself', () => {
    const tell = (headers: object, settings: object) =>
      toOrigin({ headers: { host: 'x', ...headers }, socket: {} } as unknown as IncomingMessage, {
        ...defaultConfig(),
        ...settings,
      })
    const [plain, encrypted] = [{ 'x-forwarded-proto': 'HTTP' }, { 'x-forwarded-proto': 'https' }]
    const proxied = { trustProxy: true, tlsCert: 'a.pem' }
    expect([tell({}, proxied), tell(plain, proxied), tell(encrypted, proxied)]).toEqual([
      'https://x',
      'http://x',
      'https://x',
    ])
    expect([tell(plain, { tlsCert: 'a.pem' }), tell(encrypted, {})]).toEqual(['https://x', 'http://x'])
  })

  test('headers are read by their names in any letter case, and joined where they came twice', () => {
    const headers = toHeaders(['A', '1', 'b', '', 'a', '2', 'B', '', '__proto__', 'x'])
    expect(Object.entries(headers)).toEqual([
      ['a', '1, 2'],
      ['b', ', '],
      ['__proto__', 'x'],
    ])
  })

  test("D-07 an instance's own public URL comes first", async () => {
    const instance = await make()
    for (const publicUrl of ['https://own.example/a', 'https://own.example/a/']) {
      await instance.control('PATCH', '/settings', { publicUrl })
      expect(await originFor(instance, 'Host: x')).toBe('https://own.example/a')
      const { headers } = await instance.scim('POST', '/Users', {
        userName: publicUrl,
        name: { givenName: 'A', familyName: 'B' },
      })
      expect(headers.location).toMatch(/^https:\/\/own\.example\/a\/scim\/v2\/Users\/\d$/)
    }
    expect((await instance.get('/Schemas')).body.Resources[0].meta.location).toMatch(
      /^https:\/\/own\.example\/a\/scim\/v2\/Schemas\//,
    )
  })

  test.for([
    'ftp://x',
    'http://',
    'https://x y',
    'https://ä.example',
    'https://x/\r\nSet-Cookie: a',
    'x',
    '',
    'https://x?y',
    5,
  ])('D-07 %j can be no public URL', async publicUrl => {
    expect((await (await make()).control('PATCH', '/settings', { publicUrl })).status).toBe(422)
  })
})
