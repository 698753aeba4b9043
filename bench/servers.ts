// The servers that are compared: starts and stops each on its own core, and reads its processor time and memory.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Aim } from './load.ts'

const here = import.meta.dirname
const canPin = spawnSync('taskset', ['-c', '1', 'true']).status === 0

/** Where databases and seeds of a benchmark are, until it ends. */
export const scratch = mkdtempSync(join(tmpdir(), 'insightly-scim-bench-'))
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

/** Puts this process, the client, on the second core; servers run on the first. Tells whether that can be done here. */
export function pinClient(): boolean {
  // A thread that ends meanwhile makes taskset fail, but the other threads have moved.
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)])
  return canPin
}

export const contenders = ['ours', 'practical', 'physical', 'scimmy', 'better-auth'] as const
export type Contender = (typeof contenders)[number]

/** Which contenders can run: the peers must have been installed in this folder. */
export const isInstalled = (contender: Contender): boolean =>
  contender === 'ours' || contender === 'practical' || contender === 'physical'
    ? true
    : existsSync(join(here, 'node_modules', contender))

export interface Running {
  contender: Contender
  process: ChildProcess
  /** What it printed when it was ready. */
  ready: Record<string, string>
  aim: Aim
  stop(): Promise<void>
}

/** How a contender is started: with its database in a file, and variables of its own. */
export interface StartOptions {
  isFile?: boolean
  environment?: NodeJS.ProcessEnv
}

/** Starts a contender with a number of users; resolves when it is ready. */
export async function startServer(
  contender: Contender,
  users: number,
  { isFile = false, environment = {} }: StartOptions = {},
): Promise<Running> {
  const folder = mkdtempSync(join(scratch, `${contender}-`))
  const args =
    contender === 'ours'
      ? [
          join(here, '../dist/cli.js'),
          ...['--port', '0', '--format', 'json', '--exit-with-stdin'],
          ...['--scim-token', 'bench', '--admin-key', 'bench-admin'],
          ...(users > 0 ? ['--seed', writeSeed(users)] : []),
          ...(isFile ? ['--data', folder] : []),
        ]
      : [
          join(here, 'targets', `${contender}.js`),
          ...['--users', String(users)],
          ...(isFile ? ['--file', join(folder, 'users.sqlite')] : []),
        ]
  return launch(contender, users, args, environment)
}

/** Starts a contender with arguments of its own, on this Node or by another program. */
export async function launch(
  contender: Contender,
  users: number,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
  program: string = process.execPath,
): Promise<Running> {
  const command = [...(canPin ? ['taskset', '-c', '0'] : []), program, ...args]
  const child = spawn(command[0]!, command.slice(1), {
    // The end of the benchmark, however it comes, is the end of ours, whose log has a line for each request.
    stdio: ['pipe', 'pipe', contender === 'ours' ? 'ignore' : 'inherit'],
    env: { ...process.env, ...environment },
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const line = await Promise.race([
    once(createInterface(child.stdout!), 'line').then(([text]) => text as string),
    ended.then(() => {
      throw new Error(`${contender} ended before it was ready.`)
    }),
  ])
  return {
    contender,
    process: child,
    ready: JSON.parse(line),
    aim: { token: 'bench', users, made: 0, wantsEmail: contender === 'better-auth', seed: 1 },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** The URL that the SCIM requests of a server go to. */
export const scimUrlOf = ({ ready }: Running): string => ready.scimUrl ?? ready.url!

/** The fields that an import needs of the nth user. The other contenders make the same users themselves. */
export const toSeedUser = (n: number): string =>
  `{"EMAIL_ADDRESS":"user${n}@example.com","FIRST_NAME":"Given${n}","LAST_NAME":"Family${n}"}`

function writeSeed(users: number): string {
  const path = join(scratch, `seed-${users}.json`)
  if (!existsSync(path)) {
    const list = Array.from({ length: users }, (_, index) => toSeedUser(index + 1))
    writeFileSync(path, `{"users":[${list.join(',\n')}]}`)
  }
  return path
}

/** The seconds of processor time that a server has used, all its threads together; undefined where it cannot be known. */
export function cpuSeconds({ process: { pid } }: Running): number | undefined {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const times = tasks.map(task => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
    return times.reduce((sum, each) => sum + each, 0) / 1e9
  } catch {
    return undefined
  }
}

/** The memory of a server in MiB: now (`VmRSS`) or at its highest (`VmHWM`). */
export function memory({ process: { pid } }: Running, which: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const [, kibibytes] = new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}
