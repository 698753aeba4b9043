import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyDatabase, makeFile, openFile } from '../../src/account/files/database.ts'

test('a file is written ahead and synced at checkpoints, so that the death of the process loses nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  const path = join(folder, 'default.sqlite')
  makeFile(path, () => {})
  const database = openFile(path)
  const pragma = (name: string) => database.prepare(`PRAGMA ${name}`).pluck().get()
  expect({ journal: pragma('journal_mode'), synchronous: pragma('synchronous'), wait: pragma('busy_timeout') }).toEqual(
    {
      journal: 'wal',
      synchronous: 1,
      wait: 5000,
    },
  )
  database.close()
  rmSync(folder, { recursive: true })
})

test('a transaction that fails stores nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  const path = join(folder, 'default.sqlite')
  makeFile(path, () => {})
  const database = openFile(path)
  const insert = database.prepare('INSERT INTO instance (document) VALUES (?)')
  expect(() =>
    database.transaction(() => {
      insert.run('x')
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(database.prepare('SELECT count(*) FROM instance').pluck().get()).toBe(0)
  database.close()
  rmSync(folder, { recursive: true })
})

test('a file whose making fails leaves nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  const fail = () => {
    throw new Error('no')
  }
  expect(() => makeFile(join(folder, 'default.sqlite'), fail)).toThrow('no')
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

test('a copy shows the instant at which it began, however much is written before it is done', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  const [path, copy] = [join(folder, 'default.sqlite'), join(folder, 'copy.sqlite')]
  makeFile(path, database =>
    database.transaction(() => {
      for (let row = 0; row < 4000; row += 1)
        database.prepare('INSERT INTO instance (document) VALUES (?)').run('x'.repeat(4000))
    }),
  )
  const database = openFile(path)
  let writes = 0
  let isDone = false
  const write = (): void => {
    if (isDone || writes === 1000) return
    database.prepare('UPDATE highest_given SET USER_ID = USER_ID + 1').run()
    writes += 1
    setImmediate(write)
  }
  setImmediate(write)
  expect(await copyDatabase(path, copy, true)).toBe(true)
  isDone = true
  expect(writes).toBeGreaterThan(1)
  database.close()
  const copied = openFile(copy)
  expect(copied.prepare('SELECT USER_ID FROM highest_given').pluck().get()).toBe(0)
  copied.close()
  rmSync(folder, { recursive: true })
})

test('of a database that is not there, no copy is made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  for (const isInUse of [true, false])
    expect(await copyDatabase(join(folder, 'none.sqlite'), join(folder, 'copy.sqlite'), isInUse)).toBe(false)
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})
