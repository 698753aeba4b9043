// The crash harness (npm run test:crash [-- --kills N --seed S]): kills the server at random moments while clients write,
// starts it again on the same folder and compares what is there with what was acknowledged.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { checkDisks } from './disks.ts'
import { report } from './figures.ts'
import { Random } from './random.ts'
import { launch, startProcess, warmUp } from './server-process.ts'
import {
  Broken,
  BulkWriter,
  checkUsers,
  InstanceWriter,
  RemovingWriter,
  readState,
  type Target,
  TokenWriter,
  UserWriter,
  type Writer,
} from './writers.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    write: { type: 'boolean', default: false },
  },
})
const wanted = Number(values.kills)
const seed = Number(values.seed)
const startedAt = performance.now()
const counted = { writing: 0, importing: 0, starting: 0, notYetReady: 0, acknowledged: 0 }
const kills = () => counted.writing + counted.importing + counted.starting

const isBroken = (error: unknown): boolean =>
  error instanceof Broken || !/ECONN|EPIPE|aborted|hang up|socket/i.test(String(error))

/** Lets writers work until the server is killed under them. */
async function writeUntilKilled(
  target: Target,
  writers: readonly Writer[],
  milliseconds: number,
  kill: () => Promise<void>,
) {
  let isOver = false
  const work = writers.map(async writer => {
    while (!isOver)
      try {
        await writer.step(target)
      } catch (error) {
        if (isBroken(error)) throw error
        return
      }
  })
  await sleep(milliseconds)
  await kill()
  isOver = true
  await Promise.all(work)
}

/** One data folder, one server at a time, killed again and again. */
async function runLane(number: number): Promise<void> {
  const random = new Random(seed + number * 7919)
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-crash-'))
  const users = Array.from({ length: 4 }, (_, index) => new UserWriter(`w${index}`, random))
  const removing = new RemovingWriter()
  const tokens = new TokenWriter(random)
  const bulk = new BulkWriter(random)
  const instances = new InstanceWriter()
  let isFirst = true
  try {
    for (;;) {
      const launchedAt = performance.now()
      const server = await startProcess(['--data', folder, '--log-level', 'warn'])
      const startup = performance.now() - launchedAt
      if (!server.ready) throw new Broken(`the server did not start again: ${server.stderr()}`)
      const agent = new Agent({ keepAlive: true })
      const target = { agent, ready: server.ready }
      try {
        if (isFirst) for (const each of [removing, tokens, bulk]) await each.prepare(target)
        isFirst = false
        await checkUsers(target, users, 1)
        for (const each of [removing, tokens, bulk, instances]) await each.check(target)
        if (kills() >= wanted) break
        const isBulk = random.next() < 0.3
        await writeUntilKilled(
          target,
          isBulk ? [bulk, instances] : [...users, removing, tokens],
          random.below(isBulk ? 60 : 200),
          () => server.kill(),
        )
        if (server.complaints() !== '') throw new Broken(`the server complained: ${server.complaints()}`)
        counted[isBulk ? 'importing' : 'writing'] += 1
      } finally {
        agent.destroy()
        await server.kill()
      }
      if (random.next() < 0.25) await killWhileStarting(random, startup)
    }
    for (const writer of [...users, removing, tokens, bulk, instances]) counted.acknowledged += writer.acknowledged
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const seedSize = 300

/** Kills a server that makes its database, migrates and seeds it; the next one must have all of the seed. */
async function killWhileStarting(random: Random, startup: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-start-'))
  const file = join(folder, 'seed.json')
  const people = Array.from({ length: seedSize }, (_, index) => ({
    EMAIL_ADDRESS: `seed-${index}@example.com`,
    FIRST_NAME: 'Seed',
    LAST_NAME: String(index),
  }))
  writeFileSync(file, JSON.stringify({ users: people }))
  const args = ['--data', join(folder, 'data'), '--seed', file, '--log-level', 'error']
  try {
    for (let each = 0; each < 2; each += 1) {
      const { child } = launch(args)
      const gone = new Promise(resolve => child.once('close', resolve))
      let isReady = false
      child.stdout!.once('data', () => {
        isReady = true
      })
      // Most of a start is loading modules; what matters happens towards its end.
      await sleep(startup * (0.6 + 0.6 * random.next()))
      child.kill('SIGKILL')
      await gone
      counted.starting += 1
      if (!isReady) counted.notYetReady += 1
    }
    const server = await startProcess(args)
    try {
      if (!server.ready) throw new Broken(`killed while starting, it never starts again: ${server.stderr()}`)
      const { users } = await readState({ agent: new Agent(), ready: server.ready }, 'default')
      if (users.length !== seedSize) throw new Broken(`${users.length} of ${seedSize} seeded users are there`)
    } finally {
      await server.kill()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.stdout.write(`seed ${seed}\n`)
process.setMaxListeners(0)
await warmUp()
try {
  await Promise.all([runLane(1), runLane(2)])
} catch (error) {
  process.stderr.write(`BROKEN (--seed ${seed}): ${(error as Error).stack}\n`)
  process.exit(1)
}
const disks = await checkDisks()
report('crash', values.write, [
  ['Kills survived', kills()],
  ['… of them under concurrent writes', counted.writing],
  ['… during state imports, resets, instances made and deleted', counted.importing],
  ['… while starting (migration, seed); not ready yet', `${counted.starting}; ${counted.notYetReady}`],
  ['Acknowledged effects, all found again', counted.acknowledged],
  ['Effects lost, half-done or revived', 0],
  ...disks,
  ['Duration', `${Math.round((performance.now() - startedAt) / 1000)} s`],
])
