// The page on backups, followed as it stands: the two commands under a working server, and Litestream, whose server is
// killed under load and whose disk is lost.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { type Ready, stop } from '../package/project.ts'
import { makeFolder, readBlocks, readCommands, runCommands, writeFiles } from '../recipes/page.ts'
import { installFromGo } from '../tools.ts'

const page = 'docs/backup.md'
const commandWith = (words: string): string => readCommands(page).find(text => text.includes(words))!

const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** A user of an instance, by SCIM. */
async function create({ scimUrl }: Ready, token: string, userName: string): Promise<void> {
  const answer = await fetch(`${scimUrl}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ userName, name: { givenName: 'Ann', familyName: 'Lee' } }),
  })
  if (answer.status !== 201) throw new Error(await answer.text())
}

const control = (ready: Ready, method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${ready.controlUrl}/instances${path}`, {
    method,
    headers: { authorization: `Bearer ${ready.adminKey}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })

/** The userNames of an instance, in the order in which they were made. */
async function readNames(ready: Ready, instance: string): Promise<string[]> {
  const users = (await (await control(ready, 'GET', `/${instance}/users`)).json()) as { EMAIL_ADDRESS: string }[]
  return users.map(user => user.EMAIL_ADDRESS)
}

test('backup and restore do what the page says', async () => {
  using project = makeFolder()
  await runCommands(project, commandWith('npm install'))
  const serve = () => project.serve('npx', ['insightly-scim', '--data', './data', '--port', '0', '--log-level', 'warn'])
  const first = await serve()
  await create(first.ready, first.ready.scimToken, 'ann@example.com')
  await runCommands(project, commandWith('scim backup'))
  process.kill(first.ready.pid, 'SIGKILL')
  await once(first.child, 'exit')
  rmSync(join(project.folder, 'data'), { recursive: true })
  await runCommands(project, commandWith('scim restore'))
  const second = await serve()
  expect(second.ready).toMatchObject({ scimToken: first.ready.scimToken, adminKey: first.ready.adminKey })
  expect(await readNames(second.ready, 'default')).toContain('ann@example.com')
  await stop(second.child)
})

test('with Litestream, a lost disk costs the last seconds and nothing older', async () => {
  const litestream = installFromGo(/go install (\S+)/.exec(commandWith('go install'))![1]!)
  using project = makeFolder()
  writeFiles(project, page)
  await runCommands(project, commandWith('npm install'))
  const environment = {
    INSIGHTLY_SCIM_DATA: join(project.folder, 'data'),
    REPLICA: join(project.folder, 'replica'),
    INSIGHTLY_SCIM_ADMIN_KEY: 'the-admin-key',
    PATH: [litestream, process.env.PATH].join(delimiter),
  }
  const serve = () => project.serve('npx', ['insightly-scim', '--port', '0', '--log-level', 'warn'], environment)
  const { child, ready } = await serve()
  const replicate = readBlocks(page).find(({ text }) => text.startsWith('litestream replicate'))!.text
  const replication = spawn('bash', ['-c', `exec ${replicate}`], {
    cwd: project.folder,
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  })
  children.add(replication)
  const moment = await makePointInTime(ready)

  // An instance that is made while both run, one that is deleted, and one that takes the name of a deleted one.
  for (const name of ['late', 'gone', 'again']) await control(ready, 'POST', '', { name, scimToken: `${name}-token` })
  await create(ready, 'again-token', 'old@example.com')
  await sleep(3000)
  for (const name of ['gone', 'again']) await control(ready, 'DELETE', `/${name}`)
  await control(ready, 'POST', '', { name: 'again', scimToken: 'new-token' })
  const writers = [new Writer(ready, 'default', ready.scimToken), new Writer(ready, 'late', 'late-token')]
  await sleep(8000)
  const killedAt = performance.now()
  process.kill(ready.pid, 'SIGKILL')
  replication.kill('SIGKILL')
  await Promise.all([once(child, 'exit'), once(replication, 'exit'), ...writers.map(writer => writer.ended)])
  expect(readdirSync(environment.INSIGHTLY_SCIM_DATA)).not.toContain('gone.sqlite')
  rmSync(environment.INSIGHTLY_SCIM_DATA, { recursive: true })

  const restored = await project.run('bash', ['-euo', 'pipefail', 'restore.sh'], environment)
  expect(restored.status, restored.output).toBe(0)
  const again = await serve()
  for (const writer of writers) {
    const lost = writer.lostOf(await readNames(again.ready, writer.instance))
    const age = lost === undefined ? 0 : killedAt - lost
    process.stdout.write(
      `${writer.instance}: ${writer.count} users acknowledged, the oldest that is lost ${age} ms old\n`,
    )
    // The page says two seconds; the machine that runs this may be busy.
    expect(age).toBeLessThan(20_000)
  }
  expect(await readNames(again.ready, 'again')).toEqual(['owner@again.example.com'])
  await stop(again.child)

  rmSync(environment.INSIGHTLY_SCIM_DATA, { recursive: true })
  const script = readBlocks(page).find(({ file }) => file === 'restore.sh')!.text
  project.write('moment.sh', script.replace(' -o ', ` -timestamp ${moment} -o `).replace('*.sqlite', 'default.sqlite'))
  const atMoment = await project.run('bash', ['-euo', 'pipefail', 'moment.sh'], environment)
  expect(atMoment.status, atMoment.output).toBe(0)
  const then = await serve()
  expect(await readNames(then.ready, 'default')).toEqual(['owner@default.example.com', 'before@example.com'])
  await stop(then.child)
})

/** A moment between two users, far enough from both to be told from them. */
async function makePointInTime(ready: Ready): Promise<string> {
  await create(ready, ready.scimToken, 'before@example.com')
  await sleep(4000)
  const moment = new Date().toISOString()
  await sleep(1500)
  await create(ready, ready.scimToken, 'after@example.com')
  return moment
}

/** Makes users one after another until the server is gone, and knows when each was acknowledged. */
class Writer {
  readonly instance: string
  readonly ended: Promise<void>
  readonly #when = new Map<string, number>()

  constructor(ready: Ready, instance: string, token: string) {
    this.instance = instance
    this.ended = this.#write(ready, token)
  }

  get count(): number {
    return this.#when.size
  }

  async #write(ready: Ready, token: string): Promise<void> {
    for (let serial = 1; ; serial += 1) {
      const userName = `${this.instance}-${serial}@example.com`
      try {
        await create(ready, token, userName)
      } catch {
        return
      }
      this.#when.set(userName, performance.now())
    }
  }

  /** When the first of those that are lost was acknowledged; none of those that are there may be later. */
  lostOf(found: readonly string[]): number | undefined {
    const names = [...this.#when.keys()]
    const there = names.filter(name => found.includes(name))
    expect(there.length).toBeGreaterThan(0)
    expect(there).toEqual(names.slice(0, there.length))
    return there.length === names.length ? undefined : this.#when.get(names[there.length]!)
  }
}
