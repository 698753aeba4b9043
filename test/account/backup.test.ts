// Backups: what they hold, what they refuse, and that each is whole or not there. That they can be made while a server
// writes is tried with processes, in test/reliability/backup.ts.

import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { backUp } from '../../src/account/files/backup.ts'
import { lockFolder } from '../../src/account/files/folder-lock.ts'
import { restore } from '../../src/account/files/restore.ts'
import { StartError } from '../../src/errors.ts'
import { type Insightly, start } from '../../src/index.ts'
import { control, makeInstance } from '../support.ts'

let root: string
let data: string
let backup: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  data = join(root, 'data')
  backup = join(root, 'backup')
})
afterEach(() => rmSync(root, { recursive: true }))

/** Runs a server on a folder for a while. */
async function serve<T>(folder: string, work: (server: Insightly) => Promise<T>): Promise<T> {
  await using server = await start({ data: folder })
  return await work(server)
}

/** A data folder of two instances, one of them gone, and its admin key. */
const fill = (): Promise<{ adminKey: string; highest: number }> =>
  serve(data, async server => {
    const ann = { EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }
    await makeInstance(server, { name: 'team', state: { users: [ann] }, scimToken: 'team-token' })
    const { instanceId: highest } = (await control(server, 'POST', '/instances', { name: 'gone' })).body
    await control(server, 'DELETE', '/instances/gone')
    return { adminKey: server.adminKey, highest }
  })

/** The one line in which something is refused. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const outcome = await work.then(
    () => new Error('it was not refused'),
    error => error,
  )
  expect(outcome).toBeInstanceOf(StartError)
  expect(outcome.message).not.toContain('\n')
  return outcome.message
}

const namesIn = (folder: string) => readdirSync(folder).sort()

describe('a backup', () => {
  test('holds every instance and the admin key, for its owner alone, and is put back with them', async () => {
    const { adminKey, highest } = await fill()
    const { instances, bytes } = await backUp(data, backup, false)
    const kept = ['admin-key', 'default.sqlite', 'team.sqlite'].map(name => statSync(join(backup, name)).size)
    expect({ instances, bytes }).toEqual({ instances: 2, bytes: kept.reduce((sum, size) => sum + size) })
    expect(namesIn(backup)).toEqual(['admin-key', 'backup.json', 'default.sqlite', 'team.sqlite'])
    for (const name of ['.', ...namesIn(backup)]) expect(statSync(join(backup, name)).mode & 0o077).toBe(0)
    const again = join(root, 'deep', 'again')
    expect(await restore(backup, again, false)).toEqual({ instances: 2 })
    await serve(again, async server => {
      expect(server.adminKey).toBe(adminKey)
      const { body } = await control(server, 'GET', '/instances/team/state')
      expect(body.users).toMatchObject([{ EMAIL_ADDRESS: 'ann@example.com' }])
      expect((await control(server, 'GET', '/instances/team')).body.scimToken).toBe('team-token')
      expect((await control(server, 'POST', '/instances')).body.instanceId).toBe(highest + 1)
    })
    for (const name of namesIn(again)) expect(statSync(join(again, name)).mode & 0o077).toBe(0)
  })

  test('is one file an instance, to be read from a disk that cannot be written', async () => {
    await fill()
    await backUp(data, backup, false)
    const sqlite = new Sqlite(join(backup, 'team.sqlite'), { readonly: true })
    expect(sqlite.pragma('journal_mode', { simple: true })).toBe('delete')
    expect(sqlite.prepare('SELECT count(*) FROM users').pluck().get()).toBe(1)
    sqlite.close()
    expect(namesIn(backup)).toHaveLength(4)
  })

  test('of a folder whose server was killed holds what is in the log alone', async () => {
    await fill()
    const open = new Sqlite(join(data, 'team.sqlite'))
    open.pragma('wal_autocheckpoint = 0')
    open.exec("UPDATE users SET FIRST_NAME = 'Logged'")
    const killed = join(root, 'killed')
    cpSync(data, killed, { recursive: true })
    open.close()
    expect(statSync(join(killed, 'team.sqlite-wal')).size).toBeGreaterThan(0)
    await backUp(killed, backup, false)
    const copy = new Sqlite(join(backup, 'team.sqlite'), { readonly: true })
    expect(copy.prepare('SELECT FIRST_NAME FROM users').pluck().get()).toBe('Logged')
    copy.close()
  })

  test.runIf(process.platform === 'linux')('has no instance that was deleted while it was made', async () => {
    await fill()
    const made = backUp(data, backup, false)
    // The first one is being copied already: its file is open, and can be removed all the same.
    rmSync(join(data, 'default.sqlite'))
    expect((await made).instances).toBe(1)
    expect(namesIn(backup)).toEqual(['admin-key', 'backup.json', 'team.sqlite'])
  })

  test('goes into a folder that is made with those above it', async () => {
    await fill()
    const deep = join(root, 'deep', 'down', 'backup')
    await backUp(data, deep, false)
    expect(existsSync(join(deep, 'backup.json'))).toBe(true)
  })

  test('goes into an empty folder', async () => {
    await fill()
    mkdirSync(backup)
    await backUp(data, backup, false)
    expect(existsSync(join(backup, 'backup.json'))).toBe(true)
  })

  test('replaces another one only when that is said', async () => {
    await fill()
    await backUp(data, backup, false)
    const before = readFileSync(join(backup, 'backup.json'), 'utf8')
    expect(await refusal(backUp(data, backup, false))).toBe(
      `${backup} is a backup already; name another folder, or replace this one with --overwrite.`,
    )
    expect(readFileSync(join(backup, 'backup.json'), 'utf8')).toBe(before)
    await backUp(data, backup, true)
    expect(readFileSync(join(backup, 'backup.json'), 'utf8')).not.toBe(before)
    expect(namesIn(root)).toEqual(['backup', 'data'])
  })

  test('never replaces anything else', async () => {
    await fill()
    mkdirSync(backup)
    writeFileSync(join(backup, 'thesis.txt'), 'precious')
    const message = `${backup} holds something else than a backup; name a folder that is new or empty.`
    expect(await refusal(backUp(data, backup, true))).toBe(message)
    writeFileSync(join(root, 'file'), 'precious')
    expect(await refusal(backUp(data, join(root, 'file'), true))).toContain('is no folder')
    symlinkSync(backup, join(root, 'link'))
    expect(await refusal(backUp(data, join(root, 'link'), true))).toContain('is no folder')
    expect(namesIn(backup)).toEqual(['thesis.txt'])
  })

  test('is made of a data folder alone', async () => {
    const message = `${root} is no data folder; expected the one that the server was given as --data.`
    expect(await refusal(backUp(root, backup, false))).toBe(message)
    expect(await refusal(backUp(join(root, 'none'), backup, false))).toContain('is no data folder')
  })

  test.each(['noise', 'cut', 'foreign'])('of a database that is damaged (%s) leaves nothing', async damage => {
    await fill()
    const file = join(data, 'team.sqlite')
    if (damage === 'noise') writeFileSync(file, Buffer.alloc(20_000, 'noise'))
    if (damage === 'cut') truncateSync(file, statSync(file).size - 4096)
    if (damage === 'foreign') new Sqlite(file).exec('PRAGMA application_id = 1').close()
    expect(await refusal(backUp(data, backup, false))).toMatch(
      damage === 'foreign' ? `${file} is not a database of insightly-scim` : `The database ${file} is damaged`,
    )
    expect(namesIn(root)).toEqual(['data'])
  })
})

describe('a restore', () => {
  test('onto a folder in use is refused', async () => {
    await fill()
    await backUp(data, backup, false)
    await serve(data, async () => {
      expect(await refusal(restore(backup, data, true))).toBe(
        `The data folder ${data} is in use by another insightly-scim; stop it or choose another folder.`,
      )
    })
  })

  test('replaces what a folder holds only when that is said; then nothing of it is left', async () => {
    const { adminKey } = await fill()
    await backUp(data, backup, false)
    const other = join(root, 'other')
    await serve(other, server => makeInstance(server, { name: 'later' }))
    expect(await refusal(restore(backup, other, false))).toBe(
      `${other} holds 2 instances already; name another folder, or replace what it holds with --overwrite.`,
    )
    expect(namesIn(other)).toContain('later.sqlite')
    await restore(backup, other, true)
    expect(namesIn(other)).toEqual(['.lock', 'admin-key', 'default.sqlite', 'team.sqlite'])
    await serve(other, async server => expect(server.adminKey).toBe(adminKey))
  })

  test('takes a log away that belongs to the file it replaces', async () => {
    await fill()
    await backUp(data, backup, false)
    const open = new Sqlite(join(data, 'team.sqlite'))
    open.pragma('wal_autocheckpoint = 0')
    open.exec("UPDATE users SET FIRST_NAME = 'Later'")
    const killed = join(root, 'killed')
    cpSync(data, killed, { recursive: true })
    open.close()
    await restore(backup, killed, true)
    await serve(killed, async server => {
      expect((await control(server, 'GET', '/instances/team/users')).body).toMatchObject([{ FIRST_NAME: 'Ann' }])
    })
  })

  test('takes away a key that was not kept where the backup was made', async () => {
    await (await start({ data, adminKey: 'given' })).close()
    await backUp(data, backup, false)
    const other = join(root, 'other')
    await serve(other, async () => {})
    await restore(backup, other, true)
    expect(existsSync(join(other, 'admin-key'))).toBe(false)
  })

  test.each([
    ['that is empty', () => {}, 'is no backup; expected a folder that the command backup has written.'],
    ['that is a data folder', () => lockFolder(backup).close(), 'is a data folder, no backup'],
    [
      'whose description is no JSON',
      () => writeFileSync(join(backup, 'backup.json'), '{'),
      'does not describe a backup',
    ],
    ['with another JSON', () => writeFileSync(join(backup, 'backup.json'), '[1]'), 'does not describe a backup'],
  ])('of a folder %s is refused', async (_, make, words) => {
    mkdirSync(backup)
    make()
    const message = await refusal(restore(backup, data, false))
    expect(message).toContain(backup)
    expect(message).toContain(words)
    expect(existsSync(data)).toBe(false)
  })

  const damages: Record<string, () => void> = {
    'lacks a file': () => rmSync(join(backup, 'team.sqlite')),
    'was cut': () => truncateSync(join(backup, 'team.sqlite'), 4096),
    'was changed': () => appendFileSync(join(backup, 'admin-key'), 'x'),
    'names a file elsewhere': () => edit(manifest => ({ ...manifest, instances: ['../team'] })),
    'has a form of later': () => edit(manifest => ({ ...manifest, form: 2 })),
    'names a file that is none of an instance': () =>
      edit(manifest => ({ ...manifest, files: { ...(manifest.files as object), 'x.txt': '' } })),
  }
  const edit = (change: (manifest: Record<string, unknown>) => object): void => {
    const path = join(backup, 'backup.json')
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))))
  }

  test.each(Object.entries(damages))(
    'of a backup that %s is refused, and the folder stays as it is',
    async (_, damage) => {
      await fill()
      await backUp(data, backup, false)
      damage()
      const before = namesIn(data)
      expect(await refusal(restore(backup, data, true))).toContain(backup)
      expect(namesIn(data)).toEqual(before)
      await serve(data, async server => expect((await control(server, 'GET', '')).body.instances).toContain('team'))
    },
  )

  test('of a backup that has a folder in place of a file says so', async () => {
    await fill()
    await backUp(data, backup, false)
    rmSync(join(backup, 'team.sqlite'))
    mkdirSync(join(backup, 'team.sqlite'))
    expect(await refusal(restore(backup, data, true))).toBe(
      `The backup ${backup} lacks its file team.sqlite; use another one.`,
    )
  })

  test('into the backup itself is refused, since a server would then change it', async () => {
    await fill()
    await backUp(data, backup, false)
    symlinkSync(backup, join(root, 'link'))
    for (const folder of [backup, `${backup}/.`, join(root, 'link')])
      expect(await refusal(restore(backup, folder, true))).toBe(
        `${folder} is the backup itself; name another folder as --data.`,
      )
    expect(namesIn(backup)).toEqual(['admin-key', 'backup.json', 'default.sqlite', 'team.sqlite'])
  })

  test('of a backup by a newer version is refused', async () => {
    await fill()
    await backUp(data, backup, false)
    const file = join(backup, 'team.sqlite')
    new Sqlite(file).exec('PRAGMA user_version = 99').close()
    const sum = hash('sha256', readFileSync(file))
    edit(manifest => ({ ...manifest, files: { ...(manifest.files as object), 'team.sqlite': sum } }))
    expect(await refusal(restore(backup, data, true))).toContain('was written by a newer insightly-scim')
  })

  test('that was interrupted before all was there leaves the folder as it was', async () => {
    await fill()
    mkdirSync(join(data, '.restore'))
    writeFileSync(join(data, '.restore', 'default.sqlite'), 'half')
    await serve(data, async server => expect((await control(server, 'GET', '')).body.instances).toContain('team'))
    expect(existsSync(join(data, '.restore'))).toBe(false)
  })

  test.each([0, 1, 2])(
    'that was interrupted with %i of its files in place is finished by the next start',
    async moved => {
      await fill()
      await backUp(data, backup, false)
      const other = join(root, 'other')
      const adminKey = await serve(other, async server => {
        await makeInstance(server, { name: 'later' })
        return server.adminKey
      })
      cpSync(backup, join(other, '.restored'), { recursive: true })
      for (const name of ['default.sqlite', 'team.sqlite'].slice(0, moved))
        renameSync(join(other, '.restored', name), join(other, name))
      await serve(other, async server => {
        expect((await control(server, 'GET', '')).body.instances).toEqual(['default', 'team'])
        expect(server.adminKey).not.toBe(adminKey)
      })
      expect(namesIn(other).filter(name => name.startsWith('.restore'))).toEqual([])
    },
  )
})

describe('the commands', () => {
  const cli = new URL('../../src/cli.ts', import.meta.url).pathname
  async function run(...args: string[]) {
    const child = spawn(process.execPath, [cli, ...args], { env: { PATH: process.env.PATH } })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', text => (stdout += text))
    child.stderr.on('data', text => (stderr += text))
    const [status] = await once(child, 'close')
    return { status, stdout, stderr }
  }

  test('backup and restore say what they did', { timeout: 60_000 }, async () => {
    await fill()
    const made = await run('backup', backup, '--data', data)
    expect(made).toMatchObject({ status: 0, stderr: '' })
    expect(made.stdout).toMatch(/^2 instances of .* copied to .*: 0\.\d MB\.\n$/)
    const again = join(root, 'again')
    expect(await run('restore', backup, '--data', again)).toEqual({
      status: 0,
      stdout: `2 instances of ${backup} put back in ${again}.\n`,
      stderr: '',
    })
    const refused = await run('restore', backup, '--data', again)
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^insightly-scim: .*--overwrite\.\n$/)
  })

  test.each([
    [['backup'], 'backup needs one folder, as in: backup ./backups/monday --data ./data.'],
    [['restore', 'one', 'two'], 'restore needs one folder, as in: restore ./backups/monday --data ./data.'],
    [['backup', 'one'], 'backup needs the data folder: --data <folder>, or INSIGHTLY_SCIM_DATA.'],
    [['restore', 'one', '--overwite'], '--overwite is not known; did you mean --overwrite.'],
  ])('%j exits 2 with one line', { timeout: 60_000 }, async (args, line) => {
    expect(await run(...args)).toEqual({ status: 2, stdout: '', stderr: `insightly-scim: ${line}\n` })
  })
})
