// Who gets in, who does not, and what nobody gets to see: secrets, one surface's credentials at another, files.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { control, send, useServer } from '../support.ts'

const use = useServer()

const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`

describe('secrets', () => {
  test('are drawn from 128 bits or more, and differ', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => use.make()))
    const tokens = made.map(({ scimToken }) => scimToken)
    const random = tokens.map(token => token.slice(token.indexOf('.') + 1))
    for (const token of [...random, use.server.adminKey]) expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const keys = made.map(({ apiKey }) => apiKey)
    // Version 4: 122 bits of the system's random source, the form that Insightly's keys have (U-26).
    for (const key of keys) expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(new Set([...tokens, ...keys]).size).toBe(40)
  })

  test('come from no predictable source', () => {
    const source = readFileSync(new URL('../../src/account/secrets/secrets.ts', import.meta.url), 'utf8')
    expect(source).not.toContain('Math.random')
  })
})

describe('A-07 a credential opens one door', () => {
  test.each(['bearer', 'basic'] as const)('and no other, sent as %s', async scheme => {
    const instance = await use.make()
    const { adminKey } = use.server
    const secrets = { scim: instance.scimToken, rest: instance.apiKey, control: adminKey }
    const doors = {
      scim: `${instance.scimUrl}/Users`,
      rest: `${instance.apiUrl}/Users`,
      control: `${use.server.controlUrl}/instances/${instance.name}`,
    }
    const seen: Record<string, number> = {}
    for (const [door, url] of Object.entries(doors))
      for (const [owner, secret] of Object.entries(secrets)) {
        const authorization = scheme === 'basic' ? basic(secret) : `Bearer ${secret}`
        seen[`${owner} at ${door}`] = (await send(url, { headers: { authorization } })).status
      }
    const open = Object.keys(seen).filter(name => seen[name] === 200)
    expect(open).toEqual(scheme === 'basic' ? ['rest at rest'] : ['scim at scim', 'control at control'])
    expect(Object.values(seen).filter(status => status !== 200 && status !== 401)).toEqual([])
  })

  test('whatever else a request carries', async () => {
    const instance = await use.make()
    const { scimToken } = instance
    const none = await send(`${instance.scimUrl}/Users?access_token=${scimToken}&token=${scimToken}`, {
      headers: {
        cookie: `token=${scimToken}`,
        'x-api-key': scimToken,
        'x-forwarded-authorization': `Bearer ${scimToken}`,
      },
    })
    expect(none.status).toBe(401)
  })

  test.each(['', ' ', 'null', 'undefined', 'true', '***', 'Bearer', '[object Object]'])(
    'and %j opens none',
    async secret => {
      const headers = { authorization: `Bearer ${secret}` }
      for (const url of [`${use.server.scimUrl}/Users`, use.server.controlUrl])
        expect((await send(url, { headers })).status).toBe(401)
    },
  )

  test('before SCIM was enabled, not even an empty token', async () => {
    const instance = await use.make({ samlEnabled: false, scimEnabled: false })
    for (const token of ['null', 'undefined', ''])
      expect((await send(`${instance.scimUrl}/Users`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
        401,
      )
  })
})

test('secrets stand in no journal entry, HAR, export, metric or error, wherever a client put them', async () => {
  const instance = await use.make()
  const secrets = [instance.scimToken, instance.apiKey, use.server.adminKey]
  for (const secret of secrets) {
    await instance.scim('GET', `/Users?filter=userName%20eq%20%22${secret}%22&x=${secret}`)
    await instance.scim('GET', `/Users/${secret}`)
    await instance.scim('POST', '/Users', {
      userName: secret,
      name: { givenName: secret, familyName: 'x' },
      password: secret,
    })
    await instance.scim('PATCH', '/Users/1', {
      schemas: [secret],
      Operations: [{ op: secret, path: secret, value: secret }],
    })
    await instance.scim('GET', '/Users', undefined, {
      'user-agent': secret,
      'x-api-key': secret,
      cookie: `k=${secret}`,
      referer: secret,
    })
    await send(`${instance.apiUrl}/Users/${secret}`, { headers: { authorization: basic(instance.apiKey) } })
    await send(`${instance.scimUrl}/Users`, { headers: { authorization: `bearer    ${secret}` } })
    await send(`${instance.scimUrl}/Users`, { headers: { authorization: secret } })
    await send(`${instance.scimUrl}/Users`, { headers: { authorization: basic(secret) } })
  }
  const shown = [
    (await instance.control('GET', '/requests')).text,
    (await instance.control('GET', '/requests?format=har')).text,
    (await control(use.server, 'GET', '/instances/default/requests')).text,
    (await control(use.server, 'GET', '')).text,
    (await send(`${use.server.url}/metrics`)).text,
    (await instance.control('GET', '/settings')).text,
    (await instance.control('POST', '/requests/verify', { match: { path: '/nowhere' } })).text,
  ]
  for (const [index, text] of shown.entries())
    for (const [which, secret] of secrets.entries()) {
      expect([index, which, text.includes(secret)]).toEqual([index, which, false])
      expect([index, which, text.includes(Buffer.from(`${secret}:`).toString('base64').replace(/=+$/, ''))]).toEqual([
        index,
        which,
        false,
      ])
    }
  expect((await use.make().then(other => other.control('GET', '/state'))).text).not.toContain(use.server.adminKey)
})

test("an instance's entries show no other instance's secrets", async () => {
  const [one, other] = [await use.make(), await use.make()]
  await one.scim('GET', `/Users?x=${other.scimToken}`)
  await send(`${one.scimUrl}/Users?x=${one.scimToken}`, { headers: { authorization: 'Bearer unknown' } })
  const shown = `${(await one.control('GET', '/requests')).text}${(await control(use.server, 'GET', '/instances/default/requests')).text}`
  expect(shown).not.toContain(other.scimToken)
  expect(shown).not.toContain(one.scimToken)
})

describe('from another origin', () => {
  const evil = { origin: 'https://evil.example', host: 'evil.example', referer: 'https://evil.example/' }

  test('nothing is allowed to be read, on any surface', async () => {
    for (const path of [
      '/',
      '/scim/v2/Users',
      '/v3.1/Users',
      '/_emulator',
      '/_emulator/instances',
      '/metrics',
      '/healthz',
      '/openapi.yaml',
    ]) {
      const { headers } = await send(`${use.server.url}${path}`, { headers: evil, undescribed: true })
      expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([])
      expect(headers['set-cookie']).toBeUndefined()
    }
  })

  test.each(['/scim/v2/Users', '/v3.1/Users', '/_emulator/instances', '/_emulator/instances/default/reset'])(
    'a preflight for %s is refused',
    async path => {
      const { status, headers } = await send(`${use.server.url}${path}`, {
        method: 'OPTIONS',
        headers: {
          ...evil,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
        undescribed: true,
      })
      expect(status).toBe(401)
      expect(headers['access-control-allow-origin']).toBeUndefined()
    },
  )

  test('a form that needs no preflight changes nothing', async () => {
    const answer = await send(`${use.server.controlUrl}/instances/default/reset`, {
      method: 'POST',
      headers: { ...evil, 'content-type': 'text/plain' },
      body: '{}',
    })
    expect(answer.status).toBe(401)
  })

  test('a name that was rebound to this address gets no further without a key', async () => {
    const answer = await send(`${use.server.controlUrl}/instances`, { headers: evil })
    expect([answer.status, answer.text.includes('evil')]).toEqual([401, false])
  })
})

test.each([
  ...['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/console/../../package.json', '/etc/passwd'],
  ...[
    '//etc/passwd',
    '/./package.json',
    '/console/%2e%2e%2f%2e%2e%2fpackage.json',
    '/..\\package.json',
    '/%00',
    '/.git/config',
  ],
  ...['/src/server.ts', '/console/..;/package.json', 'http://127.0.0.1/package.json', '/file:///etc/passwd'],
])('no file is served for %s', async path => {
  const { status, text } = await send(`${use.server.url}${path}`, { undescribed: true })
  expect([400, 404]).toContain(status)
  expect(text).not.toMatch(/"dependencies"|root:|\[core\]/)
})

describe('the process', () => {
  const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [cli, '--port', '0', '--exit-with-stdin', '--format', 'json', ...args], {
      env: { PATH: process.env.PATH },
    })
    let log = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      log += text
    })
    const [line] = await once(child.stdout, 'data')
    return { child, ready: JSON.parse(String(line)), log: () => log }
  }

  test('listens on loopback alone and says nothing unless it is told otherwise', async () => {
    const { child, ready, log } = await run()
    try {
      expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
      expect(log()).toBe('')
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('warns in one line when others may listen, and logs and shows no secret', async () => {
    const { child, ready, log } = await run('--host', '0.0.0.0', '--log-level', 'trace')
    try {
      const { port } = new URL(ready.url)
      for (const authorization of [
        `Bearer ${ready.scimToken}`,
        `Bearer ${ready.adminKey}`,
        basic(ready.apiKey),
        'Bearer wrong',
      ])
        for (const path of ['/scim/v2/Users', '/v3.1/Users', '/_emulator', `/nowhere?x=${ready.scimToken}`])
          await send(`http://127.0.0.1:${port}${path}`, { headers: { authorization }, undescribed: true })
      const secrets: string[] = [ready.scimToken, ready.adminKey, ready.apiKey]
      if (process.platform === 'linux')
        for (const secret of secrets) expect(readFileSync(`/proc/${child.pid}/cmdline`, 'latin1')).not.toContain(secret)
      child.kill('SIGTERM')
      await once(child, 'close')
      const lines = log().trim().split('\n')
      expect(lines.filter(line => JSON.parse(line).msg !== 'request')).toEqual([expect.stringContaining('without TLS')])
      expect(lines).toHaveLength(1 + 4 * 2)
      for (const secret of secrets) expect(log()).not.toContain(secret)
    } finally {
      child.kill('SIGKILL')
    }
  })

  test.runIf(process.platform === 'linux')('shows no flags in the process list', async () => {
    const { child, ready } = await run('--scim-token', 'a-secret-of-mine', '--admin-key', 'another-secret')
    try {
      expect(ready.scimToken).toBe('a-secret-of-mine')
      expect(readFileSync(`/proc/${child.pid}/cmdline`, 'latin1')).not.toContain('secret')
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('says nothing of a value given as a secret that it does not accept', async () => {
    const child = spawn(process.execPath, [cli, '--admin-key', 'se cret', '--scim-token', 'x'])
    let log = ''
    child.stderr.on('data', text => {
      log += text
    })
    await once(child, 'close')
    expect(log).toContain('--admin-key')
    expect(log).not.toContain('se cret')
  })
})

test('without the control API its address answers as any other that is not there', async () => {
  await using server = await start({ controlApi: false })
  const headers = { authorization: `Bearer ${server.adminKey}` }
  expect((await send(`${server.url}/_emulator/instances`, { headers, undescribed: true })).status).toBe(404)
  expect(
    (await send(`${server.scimUrl}/Users`, { headers: { authorization: `Bearer ${server.scimToken}` } })).status,
  ).toBe(200)
})
