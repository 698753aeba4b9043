// Data folders in which something is wrong: each ends in one line that names the file, and leaves it as it was.

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
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
import { StartError } from '../../src/errors.ts'
import { type StartOptions, start } from '../../src/index.ts'
import { control, makeInstance, send } from '../support.ts'
import { startProcess } from './server-process.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'insightly-scim-')), 'data')
  file = join(folder, 'default.sqlite')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

/** Makes the folder and its default instance with a hundred users. */
async function fill(): Promise<void> {
  const users = Array.from({ length: 100 }, (_, index) => ({
    EMAIL_ADDRESS: `user-${index}@example.com`,
    FIRST_NAME: 'x'.repeat(200),
    LAST_NAME: null,
  }))
  await (await start({ data: folder, seed: { users } })).close()
}

const edit = (sql: string) => {
  const database = new Sqlite(file)
  database.exec(sql)
  database.close()
}

/** The one line with which a start fails. */
async function refusal(options: StartOptions = {}): Promise<string> {
  const outcome = await start({ data: folder, ...options }).then(
    server => server.close().then(() => new Error('it started')),
    error => error,
  )
  expect(outcome).toBeInstanceOf(StartError)
  expect(outcome.message).not.toContain('\n')
  return outcome.message
}

const damages: Record<string, () => void> = {
  'cut in the middle': () => truncateSync(file, statSync(file).size / 2),
  'cut by a page': () => truncateSync(file, statSync(file).size - 4096),
  'cut inside its header': () => truncateSync(file, 60),
  'noise from its header on': () => writeFileSync(file, Buffer.alloc(20_000, 'noise')),
  'a text file': () => writeFileSync(file, 'EMAIL_ADDRESS,FIRST_NAME\n'),
  "another program's database": () => {
    rmSync(file)
    edit('CREATE TABLE notes (text TEXT)')
  },
  empty: () => truncateSync(file, 0),
  'of a newer version': () => edit('PRAGMA user_version = 99'),
  'without one of its tables': () => edit('DROP TABLE initial_users'),
  'with an instance that is no JSON': () => edit("UPDATE instance SET document = 'x'"),
  'with an instance that is another JSON': () => edit("UPDATE instance SET document = '[]'"),
  'without an instance': () => edit('DELETE FROM instance'),
  'with an instance without settings': () => edit("UPDATE instance SET document = json_remove(document, '$.settings')"),
  'with an instance without the settings to go back to': () =>
    edit("UPDATE instance SET document = json_remove(document, '$.initial')"),
}

describe('a database file that cannot be used', () => {
  test.each(Object.entries(damages))('%s is told in one line that names it, and left as it is', async (_, damage) => {
    await fill()
    damage()
    const before = readFileSync(file)
    expect(await refusal()).toContain(file)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('that is a folder is told', async () => {
    mkdirSync(file, { recursive: true })
    expect(await refusal()).toBe(`${file} is not a regular file; move it away.`)
  })

  test.each(['default.sqlite', 'default.sqlite-wal', 'default.sqlite-shm', 'other.sqlite', '.lock'])(
    'is a symlink in place of %s, which is not followed',
    async name => {
      await fill()
      const target = join(folder, '..', 'elsewhere')
      writeFileSync(target, 'precious')
      rmSync(join(folder, name), { force: true })
      symlinkSync(target, join(folder, name))
      expect(await refusal()).toBe(`${join(folder, name)} is not a regular file; move it away.`)
      expect(readFileSync(target, 'utf8')).toBe('precious')
    },
  )

  test('other than the default one stops the start as well', async () => {
    await fill()
    writeFileSync(join(folder, 'other.sqlite'), 'noise')
    expect(await refusal()).toContain('other.sqlite')
  })
})

describe('a data folder', () => {
  test('that is a file is told', async () => {
    writeFileSync(folder, '')
    expect(await refusal()).toContain(folder)
  })

  test.runIf(process.platform === 'linux')('that another process has costs no open file', async () => {
    const other = await startProcess(['--data', folder])
    const isOfFolder = (fd: string) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
      } catch {
        return false
      }
    }
    expect(await refusal()).toContain('is in use by another insightly-scim')
    expect(readdirSync('/proc/self/fd').filter(isOfFolder)).toEqual([])
    await other.kill()
  })

  test('belongs to one server at a time, and the first goes on', async () => {
    await using first = await start({ data: folder })
    expect(await refusal()).toBe(
      `The data folder ${folder} is in use by another insightly-scim; stop it or choose another folder.`,
    )
    const { status } = await send(`${first.scimUrl}/Users`, { headers: { authorization: `Bearer ${first.scimToken}` } })
    expect(status).toBe(200)
  })

  test('is given back when a start fails after it was locked', async () => {
    await fill()
    copyFileSync(file, join(folder, '..', 'kept'))
    truncateSync(file, 60)
    await refusal()
    copyFileSync(join(folder, '..', 'kept'), file)
    await (await start({ data: folder })).close()
  })

  test('and all that is in it can be read by its owner alone', async () => {
    await using server = await start({ data: folder })
    await makeInstance(server, { name: 'other' })
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const names = readdirSync(folder)
    expect(names).toEqual(expect.arrayContaining(['default.sqlite', 'default.sqlite-wal', 'other.sqlite', '.lock']))
    for (const name of names) expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600])
  })

  test('that was readable by others keeps its files readable by their owner alone', async () => {
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    await using _server = await start({ data: folder })
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0)
  })

  test('may hold files that are none of ours', async () => {
    mkdirSync(folder)
    for (const name of ['Notes.sqlite', 'a b.sqlite', 'readme.txt', '.sqlite']) writeFileSync(join(folder, name), 'x')
    await using server = await start({ data: folder })
    expect((await control(server, 'GET', '')).body.instances).toEqual(['default'])
  })

  test('in which making an instance was interrupted gets it whole', async () => {
    await fill()
    renameSync(file, `${file}.new`)
    writeFileSync(`${file}.new-journal`, 'rest')
    await using server = await start({ data: folder, seed: { users: [] } })
    expect((await control(server, 'GET', '/instances/default/users')).body).toEqual([])
    expect(readdirSync(folder).filter(name => name.includes('.new'))).toEqual([])
  })

  test('gives the id of an instance to no other one, also after a restart', async () => {
    const first = await start({ data: folder })
    const { instanceId } = (await control(first, 'POST', '/instances', { name: 'gone' })).body
    await control(first, 'DELETE', '/instances/gone')
    await first.close()
    await using again = await start({ data: folder })
    expect((await control(again, 'POST', '/instances')).body.instanceId).toBe(instanceId + 1)
  })

  test('A-07 whose secrets include the admin key is refused, whenever that is given', async () => {
    const first = await start({ data: folder, scimToken: 'token-1' })
    const { apiKey } = first
    await first.close()
    for (const adminKey of ['token-1', apiKey])
      expect(await refusal({ adminKey })).toBe(
        'The admin key is also the SCIM token or the API key of an instance; choose another with --admin-key.',
      )
  })

  test('of an older version gets the switches that it does not know', async () => {
    await fill()
    edit("UPDATE instance SET document = json_remove(document, '$.settings.behaviours.groups')")
    await using server = await start({ data: folder })
    expect((await server.settings.get()).behaviours.groups).toBe('absent')
  })

  test('whose files Litestream has replicated opens, with the tables that it adds', async () => {
    await fill()
    edit(
      'CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER); CREATE TABLE _litestream_lock (id INTEGER)',
    )
    await using server = await start({ data: folder })
    expect(await server.users()).toHaveLength(100)
    await server.close()
    edit('CREATE TABLE litestream (id INTEGER)')
    expect(await refusal()).toContain('does not have the tables of insightly-scim')
  })

  test.each(['../evil', '..', '.', 'a/b', 'a\\b', 'A', 'a\0', 'ä', '-'.repeat(64)])(
    'holds no instance named %j',
    async name => {
      await using server = await start({ data: folder })
      expect((await control(server, 'POST', '/instances', { name })).status).toBe(422)
      const path = `/instances/${encodeURIComponent(name)}`
      expect((await control(server, 'GET', path)).status).toBe(404)
      expect((await control(server, 'DELETE', path)).status).not.toBe(204)
      expect(readdirSync(join(folder, '..'))).toEqual(['data'])
    },
  )
})
