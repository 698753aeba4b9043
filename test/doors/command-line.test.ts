// The command line as a child process: what it says, where it says it, how it ends, and what outlives it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { settings } from '../../src/config.ts'
import { findFreePort, send } from '../support.ts'

const cli = new URL('../../src/cli.ts', import.meta.url).pathname
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

// Many processes at once on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 })

let folder: string
const children = new Set<ChildProcess>()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const fileOf = (name: string, content: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

interface Ready {
  scimUrl: string
  scimToken: string
  controlUrl: string
  adminKey: string
  url: string
  pid: number
}

/** The command line, started. */
class Run {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly ended: Promise<{ status: number | null; stdout: string; stderr: string }>

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [cli, ...args], {
      // Dozens of starts: compiled modules are kept between them.
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(tmpdir(), 'insightly-scim-compiled'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(this.child)
    this.child.stdout!.on('data', chunk => (this.stdout += chunk))
    this.child.stderr!.on('data', chunk => (this.stderr += chunk))
    this.ended = once(this.child, 'close').then(([status]) => {
      children.delete(this.child)
      return { status, stdout: this.stdout, stderr: this.stderr }
    })
  }

  /** What it says when it is ready. */
  async ready(): Promise<Ready> {
    const isOver = this.ended.then(() => true)
    while (!this.stdout.includes('\n'))
      if (await Promise.race([once(this.child.stdout!, 'data').then(() => false), isOver])) throw new Error(this.stderr)
    return JSON.parse(this.stdout)
  }

  end(signal: NodeJS.Signals) {
    this.child.kill(signal)
    return this.ended
  }
}

const run = (args: readonly string[], environment?: NodeJS.ProcessEnv) => new Run(args, environment).ended
const serve = (...args: string[]) => new Run(['serve', '--port', '0', '--log-level', 'warn', ...args])

const user = (userName: string) => ({ userName, name: { givenName: 'A', familyName: 'B' } })
const scim = ({ scimUrl, scimToken }: Ready, method: string, path: string, body?: unknown) =>
  send(scimUrl + path, {
    method,
    body,
    headers: {
      authorization: `Bearer ${scimToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
  })
const control = ({ controlUrl, adminKey }: Ready, method: string, path: string, body?: unknown) =>
  send(controlUrl + path, {
    method,
    body,
    headers: { authorization: `Bearer ${adminKey}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
  })

/** One line that starts with the program's name. */
const oneLine = /^insightly-scim: [^\n]+\n$/

describe.concurrent('serve', () => {
  test('says one line of JSON with exactly the promised members once it answers, and nothing else on stdout', async () => {
    const server = new Run(['--port', '0'])
    const ready = await server.ready()
    const { port } = new URL(ready.url)
    expect(Number(port)).toBeGreaterThan(0)
    const url = `http://127.0.0.1:${port}`
    expect(ready).toEqual({
      ready: true,
      version,
      pid: server.child.pid,
      url,
      scimUrl: `${url}/scim/v2`,
      scimToken: expect.stringMatching(/^[\w-]{43}$/),
      apiUrl: `${url}/v3.1`,
      apiKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
      controlUrl: `${url}/_emulator`,
      adminKey: expect.stringMatching(/^[\w-]{43}$/),
      consoleUrl: `${url}/#key=${ready.adminKey}`,
    })
    expect((await scim(ready, 'GET', '/Users')).body.totalResults).toBe(1)
    expect((await scim(ready, 'POST', '/Users', '{')).status).toBe(400)
    expect((await control(ready, 'GET', '')).status).toBe(200)
    const { status, stdout, stderr } = await server.end('SIGTERM')
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stderr + stdout.replace(/.*\n/, '')).not.toContain(ready.scimToken)
    expect(stderr).not.toContain(ready.adminKey)
  })

  test('says a banner with URL, token, console and a curl line when text is asked for', async () => {
    const port = await findFreePort()
    const server = new Run(['serve', '--port', String(port), '--format', 'text', '--scim-token', 'tok'])
    while (!server.stdout.includes('curl')) await once(server.child.stdout!, 'data')
    const { status, stdout } = await server.end('SIGINT')
    expect(status).toBe(0)
    for (const part of [`http://127.0.0.1:${port}/scim/v2`, 'tok', '/#key=', "curl -H 'Authorization: Bearer tok'"])
      expect(stdout).toContain(part)
  })

  test('takes token, key, seed and profile from flags', async () => {
    const seed = fileOf('seed.json', {
      users: [{ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }],
    })
    const profile = fileOf('profile.json', { patchAnswer: 'no-content' })
    const server = serve('--scim-token', 'my-token', '--admin-key', 'my-key', '--seed', seed, '--profile', profile)
    const ready = await server.ready()
    expect(ready).toMatchObject({ scimToken: 'my-token', adminKey: 'my-key' })
    expect((await scim(ready, 'GET', '/Users')).body.Resources).toMatchObject([{ userName: 'ann@example.com' }])
    expect((await control(ready, 'GET', '/instances/default/settings')).body.behaviours.patchAnswer).toBe('no-content')
    await server.end('SIGTERM')
  })

  test('takes them from the environment, and flags first', async () => {
    const server = new Run(['--admin-key', 'from-flag'], {
      INSIGHTLY_SCIM_PORT: '0',
      INSIGHTLY_SCIM_TOKEN: 'from-environment',
      INSIGHTLY_SCIM_ADMIN_KEY: 'not-this',
      INSIGHTLY_SCIM_PROFILE: 'rfc7644',
      INSIGHTLY_SCIM_LOG_LEVEL: 'silent',
    })
    const ready = await server.ready()
    expect(ready).toMatchObject({ scimToken: 'from-environment', adminKey: 'from-flag' })
    expect((await control(ready, 'GET', '/instances/default/settings')).body.behaviours.filters).toBe('all')
    expect((await server.end('SIGTERM')).stderr).toBe('')
  })

  test('refuses a port in use with one line and status 1', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { status, stdout, stderr } = await run(['--port', String(port)])
    other.close()
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(oneLine)
    expect(stderr).toContain(`Port ${port} is in use`)
  })
})

describe.concurrent('what cannot be used', () => {
  test.for([
    [['--nonsense'], '--nonsense is not known; known are --port'],
    [['serve', '--prot', '1'], '--prot is not known'],
    [['-x'], '-x is not known'],
    [['nonsense'], '"nonsense" is no command; known are serve'],
    [['serve', 'extra'], 'extra'],
    [['--port', 'abc'], '--port is "abc", which is not accepted; expected a number from 0 to 65535'],
    [['--port'], '--port'],
    [['--port', '--host', 'x'], '--port'],
    [['--no-port'], '--no-port is not known'],
    [['--trust-proxy=maybe'], '--trust-proxy'],
    [['--public-url', 'nowhere'], '--public-url is "nowhere"'],
    [
      ['--profile', 'nonsense'],
      '--profile is "nonsense", which is not accepted; expected insightly, rfc7644 or a file',
    ],
    [['--log-level', 'loud'], 'expected fatal, error'],
    [['--tls-cert', 'x'], '--tls-cert and --tls-key go together'],
    [['healthcheck', '--nonsense'], '--nonsense is not known'],
  ] as [string[], string][])('%j ends with status 2 and one line that says what is accepted', async ([args, words]) => {
    const { status, stdout, stderr } = await run(args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(oneLine)
    expect(stderr).toContain(words)
  })

  test('a bad value in the environment ends with status 2 and names it', async () => {
    const { status, stderr } = await run([], { INSIGHTLY_SCIM_PORT: 'x' })
    expect(status).toBe(2)
    expect(stderr).toMatch(oneLine)
    expect(stderr).toContain('INSIGHTLY_SCIM_PORT is "x"')
  })

  test('a bad secret is not repeated', async () => {
    const { status, stderr } = await run(['--scim-token', 'two words'])
    expect(status).toBe(2)
    expect(stderr).not.toContain('two words')
  })

  test('a bad seed, profile or certificate ends with status 1 and one line that names it', async () => {
    const noJson = fileOf('no.json', '{')
    const noSeed = fileOf('no-seed.json', { users: [{ EMAIL_ADDRESS: '' }] })
    const noProfile = fileOf('no-profile.json', { filter: 'all' })
    for (const [args, ...words] of [
      [['--seed', join(folder, 'missing.json')], 'missing.json'],
      [['--seed', noJson], 'no.json'],
      [['--seed', noSeed], 'no-seed.json', 'users[0].EMAIL_ADDRESS'],
      [['--profile', noJson], 'no.json'],
      [['--profile', noProfile], 'no-profile.json', 'did you mean filters'],
      [['--tls-cert', noJson, '--tls-key', noJson], 'TLS'],
      [['--host', '203.0.113.1'], '203.0.113.1'],
    ] as const) {
      const { status, stdout, stderr } = await run(['--port', '0', ...(args as readonly string[])])
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
      expect(stderr).toMatch(oneLine)
      for (const word of words) expect(stderr).toContain(word)
    }
  })
})

describe.concurrent('help', () => {
  test('explains every flag with its default and environment name, on stdout', async () => {
    const { status, stdout, stderr } = await run(['--help'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const { flag, environment, meaning, defaultText, default: fallback } of settings)
      for (const part of [
        `--${flag}`,
        environment,
        meaning,
        `default: ${defaultText ?? (fallback === true ? 'on' : fallback === false ? 'off' : fallback)}`,
      ])
        expect(stdout).toContain(part)
    for (const command of ['serve', 'healthcheck', 'exec', 'calibrate']) expect(stdout).toContain(command)
  })

  test.for(['serve', 'healthcheck', 'exec', 'calibrate'])('explains %s', async command => {
    const { status, stdout } = await run([command, '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain(`insightly-scim ${command}`)
  })

  test('tells the version', async () => {
    expect(await run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe.concurrent('SIGTERM', () => {
  /** A request whose head has arrived at the server, and whose body has not. */
  async function beginRequest({ scimUrl, scimToken }: Ready, body: string): Promise<Socket> {
    const { port } = new URL(scimUrl)
    const socket = connect(Number(port), '127.0.0.1')
    const head = [
      'POST /scim/v2/Users HTTP/1.1',
      'Host: x',
      `Authorization: Bearer ${scimToken}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Expect: 100-continue',
      '',
      '',
    ]
    socket.write(head.join('\r\n'))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('100 Continue')
    return socket
  }

  const isListening = (ready: Ready) =>
    new Promise<boolean>(resolve => {
      const probe = connect(Number(new URL(ready.url).port), '127.0.0.1')
      probe.once('connect', () => resolve(true)).once('error', () => resolve(false))
      probe.once('connect', () => probe.destroy())
    })

  test('in the middle of a request stops accepting, finishes the request and exits 0', async () => {
    const data = join(folder, 'sigterm')
    const server = serve('--data', data)
    const ready = await server.ready()
    const body = JSON.stringify(user('late@example.com'))
    const other = connect(Number(new URL(ready.url).port), '127.0.0.1')
    const unused = connect(Number(new URL(ready.url).port), '127.0.0.1')
    other.write('GET /scim/v2/Users?count=0 HTTP/1.1\r\n')
    const socket = await beginRequest(ready, body)
    server.child.kill('SIGTERM')
    // Half a head and an unused connection are no request; neither is waited for.
    for (const each of [other, unused]) each.on('error', () => {})
    await Promise.all([other, unused].map(each => once(each, 'close')))
    expect(await isListening(ready)).toBe(false)
    socket.write(body)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 201 /)
    expect((await server.ended).status).toBe(0)

    const again = serve('--data', data)
    const { body: list } = await scim(await again.ready(), 'GET', '/Users')
    expect(list.Resources.at(-1).userName).toBe('late@example.com')
    await again.end('SIGTERM')
  })

  test('waits for a request that stalls no longer than it promised', async () => {
    const server = serve()
    const socket = await beginRequest(await server.ready(), '{"userName":')
    socket.on('error', () => {})
    expect((await server.end('SIGTERM')).status).toBe(0)
  })
})

describe.concurrent('--data', () => {
  test('keeps instances, tokens, settings and users over a restart', async () => {
    const data = join(folder, 'kept')
    const first = serve('--data', data, '--admin-key', 'key')
    const ready = await first.ready()
    await scim(ready, 'POST', '/Users', user('ann@example.com'))
    await control(ready, 'PATCH', '/instances/default/settings', { behaviours: { groups: 'empty' } })
    const made = (await control(ready, 'POST', '/instances', { name: 'other', behaviours: { filters: 'all' } })).body
    const { scimToken } = (await control(ready, 'POST', '/instances/other/scim-token/regenerate')).body
    const states = async () => [
      (await control(ready, 'GET', '/instances/default/state')).text,
      (await control(ready, 'GET', '/instances/other/state')).text,
    ]
    const before = await states()
    expect((await first.end('SIGTERM')).status).toBe(0)

    const second = serve('--data', data, '--admin-key', 'key', '--seed', fileOf('unused.json', { users: [] }))
    const again = await second.ready()
    expect(again).toMatchObject({ scimToken: ready.scimToken })
    Object.assign(ready, again)
    expect(await states()).toEqual(before)
    expect((await scim({ ...again, scimToken }, 'GET', '/Users')).status).toBe(200)
    expect((await scim({ ...again, scimToken: made.scimToken }, 'GET', '/Users')).status).toBe(401)
    await second.end('SIGTERM')

    const third = serve('--data', data, '--scim-token', 'chosen')
    expect((await scim({ ...(await third.ready()), scimToken: 'chosen' }, 'GET', '/Users')).status).toBe(200)
    await third.end('SIGTERM')

    const clash = await run(['--port', '0', '--data', data, '--scim-token', scimToken])
    expect(clash).toMatchObject({ status: 1, stdout: '' })
    expect(clash.stderr).toMatch(oneLine)
    expect(clash.stderr).not.toContain(scimToken)
  })

  test('refuses a second process with one line and status 1; the first goes on', async () => {
    const data = join(folder, 'shared')
    const first = serve('--data', data)
    const ready = await first.ready()
    const { status, stdout, stderr } = await run(['--port', '0', '--data', data])
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(oneLine)
    expect(stderr).toContain(data)
    expect((await scim(ready, 'GET', '/Users')).status).toBe(200)
    await first.end('SIGTERM')
  })

  test('loses no acknowledged user to a kill -9 amid a thousand creates', async () => {
    const data = join(folder, 'killed')
    const first = serve('--data', data)
    const ready = await first.ready()
    const acknowledged: string[] = []
    let next = 0
    const write = async () => {
      while (next < 1000) {
        next += 1
        const answer = await scim(ready, 'POST', '/Users', user(`user${next}@example.com`)).catch(() => undefined)
        if (answer?.status !== 201) return
        acknowledged.push(`${answer.body.id} ${answer.body.userName}`)
        if (acknowledged.length === 500) first.child.kill('SIGKILL')
      }
    }
    await Promise.all(Array.from({ length: 8 }, write))
    await first.ended
    expect(acknowledged.length).toBeLessThan(1000)

    const second = serve('--data', data)
    const again = await second.ready()
    const kept = new Set<string>()
    for (let startIndex = 1; ; startIndex += 500) {
      const { body } = await scim(again, 'GET', `/Users?count=500&startIndex=${startIndex}`)
      for (const { id, userName } of body.Resources) kept.add(`${id} ${userName}`)
      if (body.itemsPerPage < 500) break
    }
    expect(acknowledged.filter(each => !kept.has(each))).toEqual([])
    await second.end('SIGTERM')
  })
})

describe.concurrent('healthcheck', () => {
  test('exits 0 when the server of the same settings is ready, else 1 with one line', async () => {
    const server = serve()
    const { url } = await server.ready()
    const { port } = new URL(url)
    expect(await run(['healthcheck', '--port', port])).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(await run(['healthcheck'], { INSIGHTLY_SCIM_PORT: port })).toMatchObject({ status: 0 })
    await server.end('SIGTERM')
    const { status, stdout, stderr } = await run(['healthcheck', '--port', port])
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(oneLine)
  })
})
