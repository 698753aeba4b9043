import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFile, openFile } from '../../src/account/database.ts'

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
