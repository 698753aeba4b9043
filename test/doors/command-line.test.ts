// The command line as a child process: what it says, where it says it, how it ends, and what outlives it.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { settings } from '../../src/config.ts'
import { command } from '../command.ts'
import { findFreePort, send } from '../support.ts'

const [program, ...first] = command
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
  apiUrl: string
  apiKey: string
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

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}, stdin: 'ignore' | 'pipe' = 'ignore') {
    this.child = spawn(program, [...first, ...args], {
      // Dozens of starts: compiled modules are kept between them.
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(tmpdir(), 'insightly-scim-compiled'), ...environment },
      stdio: [stdin, 'pipe', 'pipe'],
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
const serve = (...args: string[]) =>
  new Run(['serve', '--port', '0', '--log-level', 'warn', '--exit-with-stdin', ...args], {}, 'pipe')

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
      scimToken: expect.stringMatching(/^default\.[\w-]{43}$/),
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
    [['serve', '--prot', '1'], '--prot is not known; did you mean --port.'],
    [['--no-jurnal'], '--no-jurnal is not known; did you mean --journal.'],
    [['healthchek'], '"healthchek" is no command; did you mean healthcheck.'],
    [['exec', '--format', 'json', '--', 'true'], '--format is not known'],
    [
      ['healthcheck', '--wait', 'soon'],
      '--wait is "soon", which is not accepted; expected 500ms, 2s, 5m, or an ISO 8601',
    ],
    [['-x'], '-x is not known'],
    [['nonsense'], '"nonsense" is no command; known are serve'],
    [['serve', 'extra'], '"extra" is too much: only flags are accepted here; --help lists them.'],
    [['serve', '--host', '127.0.0.1', 'extra'], '"extra" is too much: only flags'],
    [['--any-token', 'yes'], '"yes" is too much: --any-token takes no value; use --any-token or --no-any-token.'],
    [['exec', 'npm', 'test'], 'exec needs a command after --, as in: exec -- npm test.'],
    [
      ['rehearse', 'okta', '--profile', 'nonsense'],
      '--profile is "nonsense", which is not accepted; expected insightly',
    ],
    [['--port', 'abc'], '--port is "abc", which is not accepted; expected a number from 0 to 65535'],
    [['--port', '-1'], '--port is "-1", which is not accepted; expected a number from 0 to 65535'],
    [['--journal', '-5'], '--journal is "-5", which is not accepted; expected a number from 0 to 1000000'],
    [['healthcheck', '--wait', '-1s'], '--wait is "-1s", which is not accepted; expected 500ms'],
    [['demo', '--pace', '-1s'], '--pace is "-1s", which is not accepted; expected 500ms'],
    [['--any-token', '-1'], '-1 is not known'],
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

  test('a variable that looks like a setting and is none is named in one line, and so is the nearest', async () => {
    const server = new Run(['--port', '0'], { INSIGHTLY_SCIM_PROT: '1', INSIGHTLY_SCIM_URL: 'what exec tells' })
    await server.ready()
    const { stderr } = await server.end('SIGTERM')
    expect(stderr.split('\n')).toHaveLength(2)
    expect(JSON.parse(stderr)).toMatchObject({
      level: 40,
      msg: 'INSIGHTLY_SCIM_PROT is not known; did you mean INSIGHTLY_SCIM_PORT.',
    })
  })

  test('with --upstream it says at the end what the traffic showed, and never the token of the real endpoint', async () => {
    const real = serve('--profile', 'rfc7644', '--scim-token', 'the-real-token')
    const { scimUrl } = await real.ready()
    const upstream = { INSIGHTLY_SCIM_UPSTREAM: scimUrl, INSIGHTLY_SCIM_UPSTREAM_TOKEN: 'the-real-token' }
    const server = new Run(['--port', '0'], upstream)
    const ready = await server.ready()
    expect((await scim(ready, 'GET', '/Groups')).status).toBe(200)
    const { status, stdout, stderr } = await server.end('SIGTERM')
    await real.end('SIGTERM')
    expect(status).toBe(0)
    expect(stdout + stderr).not.toContain('the-real-token')
    const [, { msg }] = stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(msg).toBe(
      `passed on from the instance "default" to ${scimUrl}: 1, compared: 1, answered differently: 1; \`groups\` is \`empty\` there, not \`absent\`: to GET /Groups it answers 200, where another value gives 404; 13 of 14 switches are not determined`,
    )
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

test.concurrent.for(['--help', 'rehearse okta', 'demo --port 0 --pace 50ms'])(
  'a reader that closes the pipe ends %s without a complaint',
  async args => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    execFile('bash', ['-c', `set -o pipefail; node src/cli.ts ${args} | head -n 1`], (error, _, stderr) =>
      resolve({ error, stderr }),
    )
    expect(await promise).toEqual({ error: null, stderr: '' })
  },
)

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
        expect(stdout.replace(/\s+/g, ' ')).toContain(part)
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(100)
    for (const command of ['serve', 'healthcheck', 'exec', 'calibrate']) expect(stdout).toContain(command)
  })

  const listed = (help: string) => Array.from(help.matchAll(/^ {2}--([\w-]+)/gm), ([, flag]) => flag)
  const flags = settings.map(({ flag }) => flag)

  test.for([
    ['serve', flags],
    ['exec', flags.filter(flag => flag !== 'format' && flag !== 'exit-with-stdin')],
    ['healthcheck', ['port', 'host', 'wait']],
    ['calibrate', ['url', 'token', 'yes', 'user-name', 'out', 'json', 'ask-to-disable', 'timeout', 'longest-wait']],
    ['compare', ['har', 'journal', 'base', 'profile', 'seed', 'json']],
  ] as const)('explains %s and lists what it heeds, and nothing else', async ([command, heeded]) => {
    const { status, stdout } = await run([command, '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain(`insightly-scim ${command}`)
    expect(listed(stdout)).toEqual(heeded)
  })

  test('says of exec where its command stands, and that its port is a free one, whatever the environment says', async () => {
    const { stdout } = await run(['exec', '--help'])
    expect(stdout).toContain('insightly-scim exec [flags] -- <command>')
    expect(stdout).toContain('(default: a free one)')
    expect(stdout).not.toContain('INSIGHTLY_SCIM_PORT')
  })

  test('is what help asks for, too', async () => {
    expect(await run(['help', 'compare'])).toEqual(await run(['compare', '--help']))
    expect(await run(['help'])).toEqual(await run(['--help']))
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

  test('keeps the generated admin key, readable by its owner alone and told in no log', async () => {
    const data = join(folder, 'key')
    const first = new Run(['--port', '0', '--data', data])
    const { adminKey } = await first.ready()
    expect((await first.end('SIGTERM')).stderr).not.toContain(adminKey)
    const kept = join(data, 'admin-key')
    expect(readFileSync(kept, 'utf8')).toBe(`${adminKey}\n`)
    expect(statSync(kept).mode & 0o777).toBe(0o600)

    chmodSync(kept, 0o644)
    const second = new Run(['--port', '0', '--data', data])
    expect((await second.ready()).adminKey).toBe(adminKey)
    expect((await second.end('SIGTERM')).stderr).not.toContain(adminKey)
    expect(statSync(kept).mode & 0o777).toBe(0o600)

    const given = serve('--data', data, '--admin-key', 'chosen')
    expect((await given.ready()).adminKey).toBe('chosen')
    await given.end('SIGTERM')
    expect(readFileSync(kept, 'utf8')).toBe(`${adminKey}\n`)

    writeFileSync(kept, 'two words')
    const damaged = await run(['--port', '0', '--data', data])
    expect(damaged.status).toBe(1)
    expect(damaged.stderr).toMatch(oneLine)
    expect(damaged.stderr).toContain('admin-key holds no key; remove it')
    expect(damaged.stderr).not.toContain('two words')
  })

  test('says in one line that a seed and a profile come too late for an instance that exists', async () => {
    const data = join(folder, 'late')
    const seed = fileOf('late.json', { users: [] })
    const warnings = async (...args: string[]) => {
      const server = serve('--data', data, ...args)
      await server.ready()
      const { stderr } = await server.end('SIGTERM')
      return stderr
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line).msg)
    }
    expect(await warnings('--seed', seed, '--profile', 'rfc7644')).toEqual([])
    // The behaviour that it has anyway is not ignored, and what nobody gave is not either.
    expect(await warnings('--profile', 'rfc7644')).toEqual([])
    expect(await warnings()).toEqual([])
    expect(await warnings('--seed', seed)).toEqual([expect.stringMatching(/"default" exists already.* the seed given/)])
    expect(await warnings('--seed', seed, '--profile', 'insightly')).toEqual([
      expect.stringContaining('the seed and the profile given for it had no effect'),
    ])
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

describe.concurrent('the log', () => {
  /** What a server of a level tells of six requests, in JSON lines. */
  async function tell(level: string, ...args: string[]) {
    const server = new Run(['--port', '0', '--log-level', level, ...args])
    const ready = await server.ready()
    await scim(ready, 'POST', '/Users', user('ann@example.com'))
    await scim(ready, 'GET', `/Users?filter=userName%20eq%20%22${ready.scimToken}%22&key=${ready.adminKey}`)
    await scim(ready, 'PATCH', '/Users/2', { schemas: [], Operations: [] })
    await scim(ready, 'GET', `/Users/${ready.scimToken}`)
    await scim(ready, 'GET', '/Users/2')
    await send(`${ready.apiUrl}/Instance`, { headers: { authorization: `Basic ${btoa(`${ready.apiKey}:`)}` } })
    await control(ready, 'GET', '')
    const { stderr } = await server.end('SIGTERM')
    expect(stderr).not.toContain(ready.scimToken)
    expect(stderr).not.toContain(ready.adminKey)
    return stderr
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
  }
  const told = { time: expect.any(Number), durationMs: expect.any(Number), msg: 'request' }
  const read = [{ path: '/scim/v2/Users/2', userName: 'ann@example.com' }, { path: '/v3.1/Instance' }].map(line => ({
    ...told,
    level: 30,
    method: 'GET',
    status: 200,
    operation: 'read',
    ...line,
  }))
  const [created, lookedUp, ...refused] = [
    {
      level: 30,
      method: 'POST',
      path: '/scim/v2/Users',
      status: 201,
      operation: 'create',
      userName: 'ann@example.com',
    },
    {
      level: 30,
      method: 'GET',
      path: '/scim/v2/Users',
      status: 200,
      operation: 'test-connection',
      userName: 'default.***',
    },
    {
      level: 40,
      method: 'PATCH',
      path: '/scim/v2/Users/2',
      status: 400,
      operation: 'refused',
      userName: 'ann@example.com',
      rule: 'U-17',
    },
    { level: 40, method: 'GET', path: '/scim/v2/Users/default.***', status: 404, operation: 'refused', rule: 'U-06' },
  ].map(line => ({ ...told, ...line }))

  test('tells each SCIM request in a line, whole when the server ends, and no secret', async () => {
    expect(await tell('info')).toEqual([created, lookedUp, ...refused, ...read])
  })

  test('tells no secret that someone chose either', async () => {
    expect(await tell('info', '--scim-token', 'chosen-token', '--admin-key', 'chosen-key')).toHaveLength(6)
  })

  test('tells of refused requests alone at warn, and of none at error', async () => {
    expect(await tell('warn')).toEqual(refused)
    expect(await tell('error')).toEqual([])
  })

  test('shows at debug what was received and answered, without a secret or a password', async () => {
    const server = new Run(['--port', '0', '--log-level', 'debug'])
    const ready = await server.ready()
    const body = { ...user('ann@example.com'), password: 'Hunter2-correct', title: ready.scimToken }
    await scim(ready, 'POST', '/Users', body)
    await scim(ready, 'GET', '/Users/99')
    const { stderr } = await server.end('SIGTERM')
    const [created, read] = stderr.split('\n').map(line => line && JSON.parse(line))
    expect(JSON.parse(created.body)).toEqual({ ...body, password: '***', title: 'default.***' })
    expect(JSON.parse(created.answer)).toMatchObject({ userName: 'ann@example.com' })
    expect([read.body, JSON.parse(read.answer)]).toMatchObject([undefined, { status: '404' }])
    expect(stderr).not.toMatch(/Hunter2/)
  })

  test('that nobody reads neither stops the server nor keeps it from ending', async () => {
    const server = new Run(['--port', '0'])
    const ready = await server.ready()
    server.child.stderr!.pause()
    const path = `/Users/${'x'.repeat(180)}`
    for (let count = 0; count < 100; count += 1)
      await Promise.all(Array.from({ length: 30 }, () => scim(ready, 'GET', path)))
    server.child.kill('SIGTERM')
    const [status] = await once(server.child, 'exit')
    expect(status).toBe(0)
    server.child.stderr!.resume()
  })

  test('whose reader goes away does not end the server', async () => {
    const server = new Run(['--port', '0'])
    const ready = await server.ready()
    server.child.stderr!.destroy()
    for (let count = 0; count < 200; count += 1)
      expect((await scim(ready, 'GET', `/Users/${'x'.repeat(180)}`)).status).toBe(404)
    server.child.kill('SIGTERM')
    expect(await once(server.child, 'exit')).toEqual([0, null])
  })
})

describe.concurrent('--exit-with-stdin', () => {
  test('ends the server, which takes leave as ever, when its standard input ends', async () => {
    const server = new Run(['--port', '0', '--exit-with-stdin'], {}, 'pipe')
    await server.ready()
    server.child.stdin!.end()
    expect((await server.ended).status).toBe(0)
  })

  test('ends it when the process that started it is killed', async () => {
    const starter = `
      const { spawn } = require('node:child_process')
      const [program, ...args] = ${JSON.stringify([...command, '--port', '0', '--exit-with-stdin'])}
      spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'] })
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['-e', starter], { stdio: ['ignore', 'pipe', 'pipe'] })
    children.add(parent)
    await once(parent.stdout, 'data')
    parent.kill('SIGKILL')
    // The pipe is the server's too: it ends when both are gone.
    await once(parent.stdout.resume(), 'close')
    children.delete(parent)
  })
})

describe.concurrent('healthcheck', () => {
  test('needs no certificate, nor to be told of one, to ask a server that has one', async () => {
    const pem = (name: string) => new URL(name, import.meta.url).pathname
    const tls = ['--tls-cert', pem('localhost-cert.pem'), '--tls-key', pem('localhost-key.pem')]
    const server = serve(...tls)
    const { port } = new URL((await server.ready()).url)
    for (const args of [[], ['--data', '/absent', '--seed', 'absent', ...tls.slice(0, 2)]])
      expect(await run(['healthcheck', '--port', port, ...args])).toEqual({ status: 0, stdout: '', stderr: '' })
    await server.end('SIGTERM')
  })

  test('waits as long as it is told for a server to come', async () => {
    const port = String(await findFreePort())
    const waiting = run(['healthcheck', '--port', port, '--wait', 'PT1M'])
    const server = new Run(['--port', port, '--log-level', 'warn'])
    await server.ready()
    expect(await waiting).toEqual({ status: 0, stdout: '', stderr: '' })
    await server.end('SIGTERM')
    expect(await run(['healthcheck', '--port', port, '--wait', '300ms'])).toMatchObject({ status: 1, stdout: '' })
  })

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
