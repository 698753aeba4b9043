// The executable in an empty folder, on a machine without Node: what of the package's files it serves, and what it does
// with the one file that it must write. What it says and how it ends is tested in test/doors.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command } from '../command.ts'

const [executable] = command

let folder: string
const children = new Set<ChildProcess>()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'insightly-scim-executable-'))
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A new home, and the environment of a machine that has nothing else. */
function makeHome(): { cache: string; temporary: string; env: NodeJS.ProcessEnv } {
  const home = mkdtempSync(join(folder, 'home-'))
  const temporary = join(home, 'temporary')
  mkdirSync(temporary)
  const env = { HOME: home, XDG_CACHE_HOME: home, TMPDIR: temporary, PATH: '' }
  return { cache: join(home, process.platform === 'darwin' ? 'Library/Caches' : '', 'insightly-scim'), temporary, env }
}

interface Server {
  child: ChildProcess
  url: string
  scimUrl: string
  scimToken: string
}

async function serve(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Server> {
  const child = spawn(executable, ['--port', '0', '--exit-with-stdin', ...args], { cwd: folder, env, stdio: 'pipe' })
  children.add(child)
  let errors = ''
  child.stderr.on('data', chunk => {
    errors += chunk
  })
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) }
  throw new Error(`The server printed no ready message: ${errors}`)
}

function stop({ child }: Server): Promise<number | null> {
  child.stdin!.end()
  children.delete(child)
  return new Promise(resolve => child.once('exit', resolve))
}

/** Runs the command to its end. */
const run = (env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise(resolve => {
    const child = execFile(executable, args, { cwd: folder, env }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    )
  })

const scim = ({ scimUrl, scimToken }: Server, path: string, init: RequestInit = {}) =>
  fetch(scimUrl + path, {
    ...init,
    headers: { authorization: `Bearer ${scimToken}`, 'content-type': 'application/scim+json' },
  })

describe('The executable', () => {
  test('provisions a user, and keeps it in a data folder', async () => {
    const { env } = makeHome()
    const data = ['--data', join(folder, 'data')]
    const server = await serve(env, ...data)
    const name = { givenName: 'Ann', familyName: 'Lee' }
    const made = await scim(server, '/Users', {
      method: 'POST',
      body: JSON.stringify({ userName: 'ann@example.com', name }),
    })
    const { id } = (await made.json()) as { id: string }
    expect(made.status).toBe(201)
    expect(await stop(server)).toBe(0)
    const again = await serve(env, ...data)
    expect(await (await scim(again, `/Users/${id}`)).json()).toMatchObject({ userName: 'ann@example.com' })
    await stop(again)
  })

  test('serves the console with all that its page names, openapi.yaml and metrics', async () => {
    const server = await serve(makeHome().env)
    const get = async (path: string) => {
      const answer = await fetch(server.url + path)
      return { status: answer.status, text: await answer.text() }
    }
    const page = (await get('/')).text
    const own = readdirSync('src/console').filter(file => /\.(js|css|svg)$/.test(file))
    const lent = [...page.matchAll(/"\.?\/console\/([^"]+)"/g)].map(([, file]) => file!)
    expect(lent).toEqual(expect.arrayContaining(['preact.js', 'hooks.js', 'htm.js']))
    for (const file of new Set([...own, ...lent]))
      expect([file, (await get(`/console/${file}`)).status]).toEqual([file, 200])
    expect((await get('/openapi.yaml')).text).toContain('/scim/v2/Users')
    expect((await get('/metrics')).text).toContain('insightly_scim_instances 1')
    await stop(server)
  })

  test('heeds no NODE_OPTIONS, which are for the Node of those who test', async () => {
    const { env } = makeHome()
    expect(await run({ ...env, NODE_OPTIONS: '--require ./absent.js' }, '--version')).toMatchObject({ status: 0 })
  })

  test.runIf(process.platform === 'linux')('writes readable lines on a terminal', async () => {
    const { env } = makeHome()
    const args = ['-qec', `"${executable}" exec --log-level info -- /bin/true`, '/dev/null']
    const shown = await new Promise<string>(resolve =>
      execFile('/usr/bin/script', args, { env: { ...env, INSIGHTLY_SCIM_UNKNOWN: '1' } }, (_, stdout) =>
        resolve(stdout),
      ),
    )
    expect(shown).toMatch(/^\[\d\d:\d\d:\d\d\] .*WARN.*INSIGHTLY_SCIM_UNKNOWN/)
  })
})

describe('The library of the database', () => {
  const form = /^better-sqlite3-[0-9a-f]{64}\.node$/

  test('is written once into a folder of the user, for that user alone', async () => {
    const { cache, env } = makeHome()
    for (let start = 0; start < 2; start += 1)
      expect(await run(env, 'exec', '--', executable, '--version')).toMatchObject({ status: 0 })
    expect(readdirSync(cache)).toEqual([expect.stringMatching(form)])
    for (const path of [cache, join(cache, readdirSync(cache)[0]!)]) expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('is whole after many first starts at once', async () => {
    const { cache, env } = makeHome()
    const servers = await Promise.all(Array.from({ length: 6 }, () => serve(env)))
    expect((await Promise.all(servers.map(server => scim(server, '/Users')))).map(({ status }) => status)).toEqual(
      Array(6).fill(200),
    )
    expect(readdirSync(cache)).toEqual([expect.stringMatching(form)])
    await Promise.all(servers.map(stop))
  })

  test('is written anew where something else lies under its name', async () => {
    const { cache, env } = makeHome()
    const start = () => run(env, 'exec', '--', executable, '--version')
    await start()
    const file = join(cache, readdirSync(cache)[0]!)
    const { size } = statSync(file)
    const damages: (() => void)[] = [
      () => writeFileSync(file, 'half'),
      () => writeFileSync(file, Buffer.alloc(size)),
      () => chmodSync(file, 0o666),
      () => {
        rmSync(file)
        symlinkSync('/dev/null', file)
      },
    ]
    for (const damage of damages) {
      damage()
      expect(await start()).toMatchObject({ status: 0, stderr: '' })
      expect([lstatSync(file).size, lstatSync(file).mode & 0o777]).toEqual([size, 0o600])
    }
  })

  test('goes to the folder of temporary files where the cache will not do', async () => {
    const { cache, temporary, env } = makeHome()
    mkdirSync(cache, { recursive: true })
    chmodSync(cache, 0o777)
    expect(await run(env, 'exec', '--', executable, '--version')).toMatchObject({ status: 0 })
    const [name] = readdirSync(temporary)
    expect(name).toBe(`insightly-scim-${process.getuid!()}`)
    expect(readdirSync(join(temporary, name!))).toEqual([expect.stringMatching(form)])
    expect(readdirSync(cache)).toEqual([])
  })

  test('is missed in one line that says what to do where no folder will do', async () => {
    const { env } = makeHome()
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const { status, stdout, stderr } = await run(
      { ...env, HOME: file, XDG_CACHE_HOME: file, TMPDIR: file },
      '--port',
      '0',
    )
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(
      /^insightly-scim: The database's library needs a folder .*ENOTDIR.* Name such a folder as TMPDIR\.\n$/,
    )
  })
})
