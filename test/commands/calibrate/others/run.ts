// Calibrates SCIM servers that are not ours (npm run test:calibrate): it must not crash on them, must find what they
// are known to do, and must not guess where they fit no alternative. Installs them where they are missing.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { type Calibration, calibrate } from '../../../../src/commands/calibrate/calibrate.ts'
import type { Differences } from '../../../../src/control/types.ts'
import { start } from '../../../../src/index.ts'
import type { BehaviourKey, Behaviours } from '../../../../src/scim/behaviour.ts'

interface Other {
  name: string
  install(): void
  /** The command that serves it at a port, or at one of its own that it prints. */
  command(port: number): [string, ...string[]]
  path: string
  /** What it is known to do; about the other switches nothing may be claimed. */
  known: Partial<Behaviours>
  left: 'inactive' | 'removed'
}

/** What calibrate found through a shadow, and what the shadow learned. */
interface Through extends Differences {
  calibrated: Partial<Behaviours>
}

const requirements = new URL('requirements.txt', import.meta.url).pathname
const venv = 'node_modules/.cache/scim2-server'

const installPeers = (): void => {
  if (existsSync('bench/node_modules/scimmy-routers')) return
  execFileSync('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: 'inherit' })
}

// Each was read in its source or tried by hand.
const others: Other[] = [
  {
    // Its store here ignores filters but for userName, ignores DELETE and active on POST, and takes emails.
    name: 'scimmy-routers',
    install: installPeers,
    command: () => [process.execPath, 'bench/targets/scimmy.js', '--users', '3'],
    path: '/scim/v2',
    known: {
      patchOperations: 'all',
      createActive: 'always-true',
      requiredAttributes: 'userName',
      discovery: 'served',
      groups: 'absent',
      userNameChange: 'allowed',
      userNameFormat: 'any',
      inactiveDuplicate: 'conflict',
      patchAnswer: 'resource',
    },
    left: 'inactive',
  },
  {
    // Takes emails, refuses meta: neither alternative of readOnlyPatch.
    name: 'better-auth',
    install: installPeers,
    command: () => [process.execPath, 'bench/targets/better-auth.js', '--users', '3'],
    path: '/scim/v2',
    known: {
      patchOperations: 'all',
      filters: 'userName-eq',
      delete: 'remove',
      createActive: 'as-sent',
      requiredAttributes: 'userName',
      discovery: 'served',
      groups: 'empty',
      userNameChange: 'allowed',
      userNameFormat: 'any',
      inactiveDuplicate: 'conflict',
      unmappedPath: 'refused',
      patchAnswer: 'resource',
    },
    left: 'removed',
  },
  {
    // Stores every attribute of RFC 7643, so that no path is unmapped.
    name: 'scim2-server',
    install() {
      if (existsSync(`${venv}/bin/scim2-server`)) return
      execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' })
      execFileSync(`${venv}/bin/pip`, ['install', '--quiet', '--no-deps', '--requirement', requirements], {
        stdio: 'inherit',
      })
    },
    command: port => [`${venv}/bin/scim2-server`, '--bearer-token', 'bench', '--port', String(port)],
    path: '/v2',
    known: {
      patchOperations: 'all',
      filters: 'all',
      delete: 'remove',
      createActive: 'as-sent',
      requiredAttributes: 'userName',
      discovery: 'served',
      groups: 'empty',
      userNameChange: 'allowed',
      userNameFormat: 'any',
      inactiveDuplicate: 'conflict',
      readOnlyPatch: 'refused',
      patchAnswer: 'no-content',
    },
    left: 'removed',
  },
]

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Calibrates it directly, and then once more through a shadow, which learns from that. */
async function calibrateOther({ name, command, path }: Other): Promise<Calibration & { through: Through }> {
  const port = await freePort()
  const [program, ...args] = command(port)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    let url = `http://127.0.0.1:${port}${path}`
    child.stdout.on('data', data => {
      url = /"url":"([^"]+)"/.exec(String(data))?.[1] ?? url
    })
    await untilReady(name, () => url)
    const options = { userAgent: 'test', timeout: 30_000, longestWait: 0 }
    const direct = await calibrate({ ...options, url, token: 'bench', userName: 'calibration@example.com' })
    await using server = await start({ upstream: url, upstreamToken: 'bench' })
    const { scimUrl, scimToken } = server
    const again = await calibrate({ ...options, url: scimUrl, token: scimToken, userName: 'through@example.com' })
    const learned = await fetch(`${server.controlUrl}/instances/default/differences`, {
      headers: { authorization: `Bearer ${server.adminKey}` },
    })
    return { ...direct, through: { calibrated: again.behaviours, ...((await learned.json()) as Differences) } }
  } finally {
    child.kill()
  }
}

async function untilReady(name: string, urlNow: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const isUp = await fetch(`${urlNow()}/Users`).then(
      () => true,
      () => false,
    )
    if (isUp) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`${name} does not start`)
}

let failed = 0
for (const other of others) {
  try {
    other.install()
    const { behaviours, left, rows, through } = await calibrateOther(other)
    const guessed = Object.entries(through.behaviours).filter(
      ([key, value]) => other.known[key as BehaviourKey] !== value,
    )
    const isRight =
      isDeepStrictEqual({ ...behaviours }, { ...other.known }) &&
      isDeepStrictEqual({ ...through.calibrated }, { ...other.known }) &&
      guessed.length === 0
    if (isRight && left.state === other.left) {
      const [found, learned] = [behaviours, through.behaviours].map(each => Object.keys(each).length)
      process.stdout.write(`${other.name}: ${found} switches found, ${learned} learned from traffic, none guessed\n`)
      continue
    }
    for (const [key, value] of guessed)
      process.stdout.write(
        `${other.name}: from traffic ${key} is ${value}, not ${other.known[key as BehaviourKey] ?? 'open'}\n`,
      )
    process.stdout.write(`${other.name}: through a shadow calibrate finds ${JSON.stringify(through.calibrated)}\n`)
    const wrong = rows.filter(({ key, seen }) => seen !== (other.known[key] ?? null))
    for (const { key, seen, reading } of wrong)
      process.stdout.write(`${other.name}: ${key} is ${seen}, not ${other.known[key] ?? 'open'} (${reading})\n`)
    if (left.state !== other.left) process.stdout.write(`${other.name}: the user is left ${left.state}\n`)
  } catch (error) {
    process.stdout.write(`${other.name}: ${(error as Error).stack}\n`)
  }
  failed += 1
}
process.stdout.write(`others: ${others.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
