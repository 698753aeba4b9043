// The backup harness (npm run test:backup [-- --seed S]): copies a data folder while clients write to its server, puts each
// copy back and compares it with what had been acknowledged; kills both commands on their way.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Sqlite from 'better-sqlite3'
import { start } from '../../src/index.ts'
import { report } from './figures.ts'
import { Random } from './random.ts'
import { ask, cli, startProcess, warmUp } from './server-process.ts'
import { Broken, type Target } from './writers.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    write: { type: 'boolean', default: false },
  },
})
const random = new Random(Number(values.seed))
/** The first name of all users. */
const firstName = 'x'.repeat(200)
const counted = { backups: 0, users: 0, requests: 0, killedBackups: 0, whole: 0, killedRestores: 0, finished: 0 }
const root = mkdtempSync(join(tmpdir(), 'insightly-scim-backup-'))

/** Clients that write to one server until they are told to stop. */
class Load {
  /** The userName and the id of each user whose creation was acknowledged, in that order. */
  readonly acknowledged: { userName: string; id: string }[] = []
  readonly #target: Target
  readonly #work: Promise<unknown>
  #isOver = false

  constructor(target: Target) {
    this.#target = target
    this.#work = Promise.all([this.#repeat('a'), this.#repeat('b'), this.#churn()])
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#work
  }

  async #repeat(name: string): Promise<void> {
    const { agent, ready } = this.#target
    for (let serial = 1; !this.#isOver; serial += 1) {
      const userName = `${name}-${serial}@example.com`
      const body = { userName, name: { givenName: firstName, familyName: name } }
      const { status, body: user } = await ask(agent, 'POST', `${ready.scimUrl}/Users`, ready.scimToken, body)
      if (status !== 201) throw new Broken(`a user was refused with ${status}`)
      this.acknowledged.push({ userName, id: user.id })
      counted.requests += 1
    }
  }

  /** Makes and deletes instances, one name again and again. */
  async #churn(): Promise<void> {
    const { agent, ready } = this.#target
    const control = (method: string, path: string, body?: unknown) =>
      ask(agent, method, `${ready.controlUrl}/instances${path}`, ready.adminKey, body)
    while (!this.#isOver) {
      const made = await control('POST', '', { name: 'churn' })
      if (made.status !== 201) throw new Broken(`an instance was refused with ${made.status}`)
      const gone = await control('DELETE', '/churn')
      if (gone.status !== 204) throw new Broken(`an instance could not be deleted: ${gone.status}`)
      counted.requests += 2
    }
  }
}

/** Runs a command to its end, or until it is killed. */
async function run(args: readonly string[], killAfter?: number): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, [cli, ...args], { env: { PATH: process.env.PATH } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
  const ended = once(child, 'close')
  if (killAfter !== undefined) {
    await Promise.race([sleep(killAfter), ended])
    child.kill('SIGKILL')
  }
  const [status] = await ended
  return { status, output }
}

/** Runs a command to its end; how long it took in milliseconds. @throws Broken with what it said, when it failed */
async function succeed(...args: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  const { status, output } = await run(args)
  if (status !== 0) throw new Broken(`${args[0]} ended with ${status}: ${output}`)
  return performance.now() - startedAt
}

/** Runs a command and kills it when it is at work; false when it was faster. */
async function wasKilled(args: readonly string[], duration: number): Promise<boolean> {
  // The first part of it is the start of Node.
  const { status } = await run(args, duration * (0.4 + 0.6 * random.next()))
  return status === null
}

/** Checks every database of a folder with SQLite's own means. */
function checkDatabases(folder: string): void {
  for (const name of readdirSync(folder).filter(each => each.endsWith('.sqlite'))) {
    const sqlite = new Sqlite(join(folder, name))
    const problems = [sqlite.pragma('integrity_check', { simple: true }), ...(sqlite.pragma('foreign_key_check') as [])]
    sqlite.close()
    if (problems.length > 1 || problems[0] !== 'ok') throw new Broken(`${name} is damaged: ${problems}`)
  }
}

/** Checks that a folder has each of the users, and nobody that is half-made. */
async function checkFolder(folder: string, expected: readonly { userName: string; id: string }[]): Promise<void> {
  checkDatabases(folder)
  await using server = await start({ data: folder })
  const found = new Map((await server.users()).map(user => [String(user.USER_ID), user]))
  for (const { userName, id } of expected)
    if (found.get(id)?.EMAIL_ADDRESS !== userName) throw new Broken(`${userName} was acknowledged and is not there`)
  if (found.size < expected.length + 10_000) throw new Broken(`only ${found.size} users are there`)
  for (const { FIRST_NAME } of found.values()) if (FIRST_NAME !== firstName) throw new Broken('a user is half-made')
  counted.users += expected.length
}

/** How long a backup took, in milliseconds. */
async function copyUnderLoad(data: string, load: Load): Promise<number> {
  let duration = 0
  for (let each = 0; each < 6; each += 1) {
    const [backup, again] = [join(root, `backup-${each}`), join(root, `again-${each}`)]
    const before = [...load.acknowledged]
    duration = await succeed('backup', backup, '--data', data)
    if (load.acknowledged.length === before.length) throw new Broken('nobody wrote during the backup')
    checkDatabases(backup)
    await succeed('restore', backup, '--data', again)
    await checkFolder(again, before)
    counted.backups += 1
  }
  return duration
}

async function killBackups(data: string, load: Load, duration: number): Promise<void> {
  for (let each = 0; counted.killedBackups < 12; each += 1) {
    if (each === 100) throw new Broken('no backup could be killed in time')
    const [backup, again] = [join(root, `killed-${each}`), join(root, `killed-again-${each}`)]
    const before = [...load.acknowledged]
    const killed = await wasKilled(['backup', backup, '--data', data], duration)
    if (killed) counted.killedBackups += 1
    if (!existsSync(backup)) continue
    if (killed) counted.whole += 1
    await succeed('restore', backup, '--data', again)
    await checkFolder(again, before)
  }
}

/** Kills restores over a folder that holds something else: afterwards it holds the one or the other, whole. */
async function killRestores(old: string, backup: string, users: Load['acknowledged']): Promise<void> {
  const duration = await succeed('restore', backup, '--data', join(root, 'timed'))
  for (let each = 0; counted.killedRestores < 12; each += 1) {
    if (each === 100) throw new Broken('no restore could be killed in time')
    const folder = join(root, `restored-${each}`)
    cpSync(old, folder, { recursive: true })
    const killed = await wasKilled(['restore', backup, '--data', folder, '--overwrite'], duration)
    if (killed) counted.killedRestores += 1
    if (await holdsOld(folder)) {
      if (!killed) throw new Broken('a restore that ended well had no effect')
      continue
    }
    if (killed) counted.finished += 1
    await checkFolder(folder, users)
  }
}

async function holdsOld(folder: string): Promise<boolean> {
  await using server = await start({ data: folder })
  return (await server.users()).some(({ EMAIL_ADDRESS }) => EMAIL_ADDRESS === 'old@example.com')
}

/** So many that a copy takes several steps, between which others write. */
const toSeedUser = (index: number) => ({
  EMAIL_ADDRESS: `seed-${index}@example.com`,
  FIRST_NAME: firstName,
  LAST_NAME: null,
  ACCOUNT_OWNER: index === 0,
})

process.stdout.write(`seed ${values.seed}\n`)
await warmUp()
try {
  const data = join(root, 'data')
  const seed = join(root, 'seed.json')
  writeFileSync(seed, JSON.stringify({ users: Array.from({ length: 10_000 }, (_, index) => toSeedUser(index)) }))
  const server = await startProcess(['--data', data, '--seed', seed, '--log-level', 'warn'])
  if (!server.ready) throw new Broken(`the server did not start: ${server.stderr()}`)
  const agent = new Agent({ keepAlive: true })
  const load = new Load({ agent, ready: server.ready })
  try {
    await sleep(1000)
    await killBackups(data, load, await copyUnderLoad(data, load))
  } finally {
    await load.stop()
    agent.destroy()
    await server.kill()
  }
  if (server.complaints() !== '') throw new Broken(`the server complained: ${server.complaints()}`)
  await checkFolder(data, load.acknowledged)
  const old = join(root, 'old')
  const user = { EMAIL_ADDRESS: 'old@example.com', FIRST_NAME: 'Old', LAST_NAME: 'User' }
  await (await start({ data: old, seed: { users: [user] } })).close()
  await succeed('backup', join(root, 'last'), '--data', data)
  await killRestores(old, join(root, 'last'), load.acknowledged)
} catch (error) {
  process.stderr.write(`BROKEN (--seed ${values.seed}): ${(error as Error).stack}\n`)
  process.exit(1)
} finally {
  rmSync(root, { recursive: true, force: true })
}
report('backup', values.write, [
  ['Backups while clients wrote, each put back and compared', counted.backups],
  ['Requests that were answered meanwhile', counted.requests],
  ['Users acknowledged before a backup began, all found in it', counted.users],
  ['Backups killed on their way; of them whole, the others not there', `${counted.killedBackups}; ${counted.whole}`],
  [
    'Restores killed on their way; of them done, the others without effect',
    `${counted.killedRestores}; ${counted.finished}`,
  ],
])
process.stdout.write(`backup: ${counted.backups + counted.killedBackups + counted.killedRestores} passed, 0 failed\n`)
