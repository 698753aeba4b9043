// What the server does on a full and on a read-only disk, tried on small file systems in memory. Mounting needs root;
// where that is not possible the figures say so.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, ask, type ServerProcess, startProcess } from './server-process.ts'
import { Broken, readState } from './writers.ts'

type Figure = readonly [string, string | number]

/** Fills a disk under a running server, then starts it on one that cannot be written. @throws Broken */
export async function checkDisks(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-disk-'))
  const mount = (...options: string[]) => spawnSync('mount', options, { encoding: 'utf8' })
  const mounted = mount('-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', folder)
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true })
    return [['Full and read-only disk', `skipped: a file system could not be mounted (${mounted.stderr?.trim()})`]]
  }
  try {
    const figures = await fillDisk(folder)
    writeFileSync(join(folder, 'rest'), Buffer.alloc(statfsSync(folder).bavail * statfsSync(folder).bsize))
    await expectOneLine(await startProcess(['--data', join(folder, 'new')]), /cannot be used/)
    rmSync(join(folder, 'rest'))
    mount('-o', 'remount,ro', folder)
    await expectOneLine(await startProcess(['--data', folder]), /cannot be used/)
    return [...figures, ['Start on a full or a read-only disk', 'exit 1, one line']]
  } finally {
    spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true })
  }
}

async function fillDisk(folder: string): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true })
  let server = await startProcess(['--data', folder, '--log-level', 'error'])
  const there = new Set<string>()
  try {
    const { ready } = server
    if (!ready) throw new Broken(`no start on a small disk: ${server.stderr()}`)
    const create = async (): Promise<Answer> => {
      const userName = `disk-${there.size}@example.com`
      const body = { userName, displayName: 'x'.repeat(255), name: { givenName: 'Full', familyName: 'Disk' } }
      const answer = await ask(agent, 'POST', `${ready.scimUrl}/Users`, ready.scimToken, body)
      if (answer.status === 201) there.add(userName)
      return answer
    }
    const filler = join(folder, 'filler')
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 200_000)))
    let refused = await create()
    for (let each = 0; refused.status === 201 && each < 10_000; each += 1) refused = await create()
    expectRefusal('a create', refused)
    const control = `${ready.controlUrl}/instances/default`
    const users = Array.from({ length: 2000 }, (_, index) => ({
      EMAIL_ADDRESS: `import-${index}@example.com`,
      FIRST_NAME: 'x'.repeat(200),
      LAST_NAME: null,
    }))
    expectRefusal('an import', await ask(agent, 'PUT', `${control}/state`, ready.adminKey, { users }))
    await expectUsers(agent, server, there)
    rmSync(filler)
    if ((await create()).status !== 201) throw new Broken('writes do not go on once there is room again')
    await server.kill()
    server = await startProcess(['--data', folder, '--log-level', 'error'])
    await expectUsers(agent, server, there)
    return [
      [
        'Full disk',
        `creates and imports refused (${refused.status}), ${there.size} acknowledged users kept, goes on when there is room`,
      ],
    ]
  } finally {
    agent.destroy()
    await server.kill()
  }
}

function expectRefusal(what: string, { status, body }: Answer): void {
  if (status !== 507 && status !== 503) throw new Broken(`${what} on a full disk: ${status} ${JSON.stringify(body)}`)
  if (!/nothing was changed/.test(body.detail)) throw new Broken(`a full disk is told as ${JSON.stringify(body)}`)
}

async function expectUsers(agent: Agent, { ready, stderr }: ServerProcess, wanted: ReadonlySet<string>): Promise<void> {
  if (!ready) throw new Broken(`no start after a full disk: ${stderr()}`)
  const { users } = await readState({ agent, ready }, 'default')
  const found = users.filter(({ EMAIL_ADDRESS }) => wanted.has(EMAIL_ADDRESS))
  if (found.length !== wanted.size || users.length !== wanted.size + 1)
    throw new Broken(`${users.length} users on the full disk, ${wanted.size + 1} acknowledged`)
}

async function expectOneLine(server: ServerProcess, form: RegExp): Promise<void> {
  const isStarted = server.ready !== undefined
  await server.kill()
  const lines = server.stderr().trim().split('\n')
  if (isStarted || server.child.exitCode !== 1 || lines.length !== 1 || !form.test(lines[0]!))
    throw new Broken(`expected exit 1 and one line, got ${server.child.exitCode}: ${server.stderr()}`)
}
