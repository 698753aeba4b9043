// Media types, methods, errors and the order of checks; bodies and what is wrong with them.

import { describe, expect, test } from 'vitest'
import { patchUrn } from '../../src/scim/patch.ts'
import { expectScimError, send, sendRaw, type TestInstance, useServer } from '../support.ts'

const use = useServer()
const { make } = use

const ann = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
const post = (instance: TestInstance, type: string | undefined, body: unknown = ann) =>
  send(`${instance.scimUrl}/Users`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${instance.scimToken}`, ...(type !== undefined && { 'content-type': type }) },
  })
/** A raw request, complete but for its body. */
const head = (instance: TestInstance, line: string, ...headers: string[]) =>
  [
    `${line} HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${instance.scimToken}`,
    'Connection: close',
    ...headers,
    '',
    '',
  ].join('\r\n')

describe('media types', () => {
  test.for([
    'application/scim+json',
    'application/json',
    'APPLICATION/SCIM+JSON',
    'application/scim+json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'application/json; charset=utf8',
    'application/scim+json ; charset=utf-8',
    'application/json; version=1; charset=utf-8',
    'application/json; odata=verbose',
  ])('D-04 %s is accepted', async type => {
    expect((await post(await make(), type)).status).toBe(201)
  })

  test.for([
    undefined,
    '',
    'text/plain',
    'text/json',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=iso-8859-1',
    'application/scim+json; charset=utf-16',
    'application/json; charset=utf-80',
    'application/json; charset=xutf-8',
    'application/json; charset=utf-8; charset=latin1',
    'x-application/json',
    'application/jsonx',
    'application/json, text/plain',
    'application',
    ';',
  ])('D-04 a body of %s is 415', async type => {
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const instance = await make()
      const path = method === 'POST' ? '/Users' : '/Users/1'
      const headers = {
        authorization: `Bearer ${instance.scimToken}`,
        ...(type !== undefined && { 'content-type': type }),
      }
      expectScimError(await send(instance.scimUrl + path, { method, body: ann, headers }), 415)
    }
  })

  test('D-04 a compressed body is 415', async () => {
    const headers = { 'content-encoding': 'gzip' }
    expectScimError(await (await make()).scim('POST', '/Users', ann, headers), 415)
    expect((await (await make()).scim('POST', '/Users', ann, { 'content-encoding': 'identity' })).status).toBe(201)
  })

  test.for(['GET', 'DELETE', 'HEAD'])('D-04 a %s may carry any Content-Type without a body', async method => {
    const instance = await make({ state: { users: [] } })
    await instance.create()
    for (const type of ['application/json', 'text/plain', 'x'])
      expect((await instance.scim(method, '/Users/1', undefined, { 'content-type': type })).status).toBe(
        method === 'DELETE' ? 204 : 200,
      )
  })

  test.for([
    [undefined, 'application/scim+json'],
    ['*/*', 'application/scim+json'],
    ['application/scim+json', 'application/scim+json'],
    ['application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['application/json, application/scim+json', 'application/scim+json'],
    ['application/json, text/plain', 'application/scim+json'],
    ['text/html', 'application/scim+json'],
  ] as const)('D-04 Accept: %s is answered as %s; charset=utf-8, errors too', async ([accept, type]) => {
    const instance = await make()
    const headers: Record<string, string> = accept === undefined ? {} : { accept }
    for (const path of ['/Users', '/Users/1', '/Users/99', '/nothing', '/Schemas'])
      expect((await instance.get(path, headers)).headers['content-type']).toBe(`${type}; charset=utf-8`)
  })
})

describe('methods', () => {
  test.for([
    ['/Users', 'GET, POST'],
    ['/Users/1', 'GET, PUT, PATCH, DELETE'],
    ['/Schemas', 'GET'],
    ['/Schemas/x', 'GET'],
    ['/ServiceProviderConfig', 'GET'],
    ['/ResourceTypes', 'GET'],
    ['/ResourceTypes/User', 'GET'],
  ] as const)('D-05 %s with a method other than %s is 405 with Allow', async ([path, allow]) => {
    const instance = await make()
    const others = [
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'LOCK',
      'QUERY',
      'M-SEARCH',
    ]
    for (const method of others.filter(each => !allow.includes(each))) {
      const answer = await instance.scim(method, path, method === 'POST' ? {} : undefined)
      expectScimError(answer, 405)
      expect(answer.headers.allow).toBe(allow)
      const verb = allow === 'GET' ? 'is' : 'are'
      expect(answer.body.detail).toBe(`${method} is not supported here; ${allow} ${verb}.`)
    }
  })

  test('D-05 HEAD is answered as GET without its body', async () => {
    const instance = await make()
    for (const path of ['/Users', '/Users/1', '/Users/99', '/Schemas', '/nothing', '/Bulk', '/Users?count=x']) {
      const [one, other] = [await instance.get(path), await instance.scim('HEAD', path)]
      expect(other.text).toBe('')
      expect(other.status).toBe(one.status)
      for (const name of ['content-type', 'content-length'] as const)
        expect(other.headers[name]).toBe(one.headers[name])
    }
  })

  test.each([
    ['/scim/v2/Users', 'application/scim+json', 'detail'],
    ['/v3.1/Users', 'application/json', 'Message'],
    ['/_emulator', 'application/problem+json', 'detail'],
  ])('D-05 an expectation that cannot be met is 417 in the words of %s', async (path, type, member) => {
    const answer = await sendRaw(use.server.url, `GET ${path} HTTP/1.1\r\nHost: a\r\nExpect: wine\r\n\r\n`)
    expect(answer).toMatchObject({ status: 417, headers: { 'content-type': `${type}; charset=utf-8` } })
    expect(answer.body[member]).toBe('Expect is "wine"; only "100-continue" can be met.')
  })

  test('answers of all surfaces are not to be sniffed, and those with data not to be stored', async () => {
    const instance = await make()
    const credentials = { authorization: `Bearer ${use.server.adminKey}` }
    const answers = await Promise.all([
      instance.get('/Users'),
      instance.get('/Nothing'),
      instance.rest('/Users'),
      send(use.server.controlUrl, { headers: credentials }),
      send(`${use.server.controlUrl}/nothing`),
    ])
    for (const { headers } of answers)
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    for (const path of ['/healthz', '/', '/nothing'])
      expect((await send(use.server.url + path)).headers['x-content-type-options']).toBe('nosniff')
  })

  test('D-05 a method that HTTP does not know is a SCIM Error', async () => {
    const instance = await make()
    expectScimError(await sendRaw(instance.scimUrl, head(instance, 'NONSENSE /scim/v2/Users')), 400, 'invalidSyntax')
  })

  test('D-05 bodies of GET and DELETE are ignored, whatever they are', async () => {
    const instance = await make({ state: { users: [] } })
    for (const body of ['{', 'x'.repeat(2 * 1024 * 1024), Buffer.from([0xff, 0xfe])]) {
      const { id } = await instance.create(`user${String(body).length}@example.com`)
      expect((await instance.scim('GET', `/Users/${id}`, body)).status).toBe(200)
      expect((await instance.scim('DELETE', `/Users/${id}`, body, { 'content-type': 'text/plain' })).status).toBe(204)
    }
  })
})

describe('errors', () => {
  test('D-05 an unknown route is a 404 SCIM Error', async () => {
    const instance = await make()
    for (const path of [
      '',
      '/',
      '/nothing',
      '/Users/1/x',
      '/Usersx',
      '/Users1',
      '/Schemas/a/b',
      '/%20',
      '/;',
      '/v3.1',
      '/..',
      '/../..',
    ])
      for (const method of ['GET', 'POST']) expectScimError(await instance.scim(method, path), 404)
  })

  test.for([
    '/%',
    '/%zz',
    '/Users/%',
    '/Users/%zz',
    '/Users/1%',
    '/Users/%c0%80',
    '/%ff',
    '/Users/%E0%A4%A',
    '/Schemas/%',
  ])('D-05 a malformed percent-escape (%s) is 404', async path => {
    expectScimError(await (await make()).get(path), 404)
  })

  test('D-05 no answer shows a stack, a file or SQL', async () => {
    const instance = await make()
    for (const [method, path, body] of [
      ['POST', '/Users', '{"userName":'],
      ['POST', '/Users', { ...ann, userName: { toString: 1, valueOf: 2 } }],
      ['PATCH', '/Users/1', { schemas: [patchUrn], Operations: [{ op: { toString: 1 } }] }],
      ['GET', '/Users?filter=x', undefined],
    ] as const)
      expect((await instance.scim(method, path, body)).text).not.toMatch(/\.ts|\.js|at |SELECT|SQLITE/)
  })

  test('D-05 checks come in their order', async () => {
    const instance = await make()
    const token = { authorization: `Bearer ${instance.scimToken}` }
    const wrong = { authorization: 'Bearer wrong' }
    const text = { 'content-type': 'text/plain' }
    const json = { 'content-type': 'application/json' }
    const huge = Buffer.alloc(1024 * 1024 + 1, ' ')
    const status = async (method: string, path: string, headers: Record<string, string>, body: unknown = '{') =>
      (await send(instance.scimUrl + path, { method, headers, body })).status
    // 401 before all else
    for (const path of ['/nothing', '/Bulk', '/Users/1'])
      expect(await status('POST', path, { ...wrong, ...text }, huge)).toBe(401)
    // 403 before 404, 501, 405, 415
    await instance.control('PATCH', '/settings', { scimEnabled: false })
    for (const path of ['/nothing', '/Bulk', '/Users/1', '/Groups'])
      expect(await status('POST', path, { ...token, ...text }, huge)).toBe(403)
    await instance.control('PATCH', '/settings', { scimEnabled: true })
    // 404 and 501 before 415 and 413
    expect(await status('POST', '/nothing', { ...token, ...text }, huge)).toBe(404)
    expect(await status('POST', '/Groups', { ...token, ...text }, huge)).toBe(404)
    expect(await status('POST', '/Bulk', { ...token, ...text }, huge)).toBe(501)
    expect(await status('PUT', '/Users/.search', { ...token, ...text }, huge)).toBe(501)
    // 405 before 415 and 413
    expect(await status('POST', '/Users/1', { ...token, ...text }, huge)).toBe(405)
    // 415 before 413 and 400
    expect(await status('POST', '/Users', { ...token, ...text }, huge)).toBe(415)
    // 413 and 400 before an unknown user
    expect(await status('PUT', '/Users/99', { ...token, ...json }, huge)).toBe(413)
    expect(await status('PUT', '/Users/99', { ...token, ...json })).toBe(400)
    expect(await status('PUT', '/Users/99', { ...token, ...json }, '{}')).toBe(404)
  })
})

describe('bodies', () => {
  const pad = (size: number) =>
    `{"userName":"big@example.com","name":{"givenName":"B","familyName":"C"},"x":"${'x'.repeat(size - 79)}"}`

  test('D-08 a body that is no object is told from an empty one', async () => {
    const instance = await make()
    const detail = async (body: unknown) => (await instance.scim('POST', '/Users', body)).body.detail
    for (const body of [[], 'null', '5'])
      expect(await detail(body)).toBe('The body is not a JSON object; expected a user or a PatchOp.')
  })

  test('D-08 one MiB is read, one byte more is 413', async () => {
    const instance = await make()
    const [fits, tooLarge] = [pad(1024 * 1024), pad(1024 * 1024 + 1)]
    expect([fits.length, tooLarge.length]).toEqual([1024 * 1024, 1024 * 1024 + 1])
    expect((await instance.scim('POST', '/Users', fits)).status).toBe(201)
    expectScimError(await instance.scim('POST', '/Users', tooLarge), 413)
    expectScimError(await instance.scim('PUT', '/Users/1', tooLarge), 413)
    expectScimError(await instance.scim('PATCH', '/Users/1', tooLarge), 413)
  })

  test('D-08 a larger Content-Length is refused before the body is sent', async () => {
    const instance = await make()
    const line = head(instance, 'POST /scim/v2/Users', 'Content-Type: application/json', `Content-Length: ${10 ** 12}`)
    expectScimError(await sendRaw(instance.scimUrl, line), 413)
  })

  test('D-08 more than one MiB in chunks without a Content-Length is 413', async () => {
    const instance = await make()
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const line = head(instance, 'POST /scim/v2/Users', 'Content-Type: application/json', 'Transfer-Encoding: chunked')
    const answer = await sendRaw(instance.scimUrl, line, ...Array.from({ length: 17 }, () => chunk))
    expectScimError(answer, 413)
    expect(answer.headers.connection).toBe('close')
  })

  test('D-08 a small body in chunks is read', async () => {
    const instance = await make()
    const text = JSON.stringify(ann)
    const chunks = [text.slice(0, 10), text.slice(10)].map(part => `${part.length.toString(16)}\r\n${part}\r\n`)
    const line = head(instance, 'POST /scim/v2/Users', 'Content-Type: application/json', 'Transfer-Encoding: chunked')
    expect((await sendRaw(instance.scimUrl, line, ...chunks, '0\r\n\r\n')).status).toBe(201)
  })

  const nested = (depth: number) => `${'{"x":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`
  const nestedUser = (depth: number) =>
    `{"userName":"a@b","name":{"givenName":"A","familyName":"B"},"x":${nested(depth - 1)}}`

  test('D-08 a body 32 deep is read, one deeper is invalidSyntax', async () => {
    const instance = await make()
    expect((await instance.scim('POST', '/Users', nestedUser(32))).status).toBe(201)
    expectScimError(await instance.scim('POST', '/Users', nestedUser(33)), 400, 'invalidSyntax')
    const list = `{"x":${'['.repeat(32)}${']'.repeat(32)}}`
    expectScimError(await instance.scim('PUT', '/Users/1', list), 400, 'invalidSyntax')
    expectScimError(await instance.scim('PATCH', '/Users/1', '['.repeat(500_000)), 400, 'invalidSyntax')
    expectScimError(
      await instance.scim('PATCH', '/Users/1', '['.repeat(500_000) + ']'.repeat(500_000)),
      400,
      'invalidSyntax',
    )
  })

  test.for([
    ['nothing', ''],
    ['a blank', ' '],
    ['half', '{"userName":"a'],
    ['two', '{}{}'],
    ['a comment', '{/* x */}'],
    ['single quotes', "{'userName':'a'}"],
    ['NaN', '{"x":NaN}'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a string', '"x"'],
    ['a number', '5'],
    ['bytes that are no UTF-8', Buffer.from('{"userName":"\xff\xfe"}', 'latin1')],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['an overlong escape', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['UTF-16', Buffer.from('{"userName":"a"}', 'utf16le')],
  ] as const)('D-08 a body of %s is invalidSyntax', async ([, body]) => {
    const instance = await make()
    for (const [method, path] of [
      ['POST', '/Users'],
      ['PUT', '/Users/1'],
      ['PATCH', '/Users/1'],
    ] as const)
      expectScimError(await instance.scim(method, path, body), 400, 'invalidSyntax')
  })

  test('D-08 a required body that is not sent at all is invalidSyntax', async () => {
    const instance = await make()
    for (const headers of [
      [],
      ['Content-Type: application/json'],
      ['Content-Length: 0'],
      ['Content-Type: application/json', 'Content-Length: 0'],
    ])
      for (const line of ['POST /scim/v2/Users', 'PUT /scim/v2/Users/1', 'PATCH /scim/v2/Users/1'])
        expectScimError(await sendRaw(instance.scimUrl, head(instance, line, ...headers)), 400, 'invalidSyntax')
  })

  test('D-08 keys like __proto__ are harmless', async () => {
    const instance = await make({ state: { users: [] } })
    const hostile =
      '"__proto__":{"active":false,"displayName":"P"},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"toString":1'
    const body = `{${hostile},"userName":"a@b","name":{"__proto__":{"givenName":"P"},"givenName":"A","familyName":"B"}}`
    const made = await instance.scim('POST', '/Users', body)
    expect(made.body).toMatchObject({ active: true, displayName: 'A B' })
    expect((await instance.scim('PUT', '/Users/1', body)).body).toEqual(made.body)
    const patch = `{"__proto__":{},"schemas":["${patchUrn}"],"Operations":[{"op":"replace","value":{${hostile}}},{"op":"replace","path":"constructor","value":{"active":false}},{"__proto__":{"path":"active"},"op":"replace","value":{}}]}`
    expect((await instance.scim('PATCH', '/Users/1', patch)).body).toEqual(made.body)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('D-08 the last of repeated members of one spelling wins too', async () => {
    const body = '{"userName":"a@b","userName":"c@d","name":{"givenName":"A","familyName":"B"}}'
    expect((await (await make()).scim('POST', '/Users', body)).body.userName).toBe('c@d')
  })

  test('D-08 an error quotes the value of an attribute, short', async () => {
    const answer = await (await make()).scim('POST', '/Users', { ...ann, displayName: 'x'.repeat(100_000) })
    expect(answer.body.detail).toMatch(/displayName is "xxx.*at most 255/)
    expect(answer.body.detail.length).toBeLessThan(400)
  })
})
