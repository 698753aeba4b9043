// The table of users against the table of fields: what migrations must have made, and what their order must not matter to.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openInMemory } from '../../src/account/files/database.ts'
import { Instance } from '../../src/account/instance.ts'
import { Journal } from '../../src/account/journal.ts'
import { JournalMemory } from '../../src/account/journal-memory.ts'
import { toInitialState } from '../../src/account/settings.ts'
import { checkColumns } from '../../src/account/users/user-sql.ts'
import { UserTable } from '../../src/account/users/user-table.ts'
import { presets } from '../../src/scim/behaviour.ts'

let database: Database
beforeEach(() => {
  database = openInMemory()
})
afterEach(() => database.close())

const run = (...statements: string[]) => {
  for (const statement of statements) database.prepare(statement).run()
}

describe('the columns are those of the table of fields', () => {
  test('as the migrations make them', () => {
    expect(() => checkColumns(database)).not.toThrow()
  })

  test.for([
    ['ALTER TABLE users DROP COLUMN ROLE_ID', 'users has no column ROLE_ID INTEGER; add a migration'],
    ['ALTER TABLE initial_users DROP COLUMN TIMEZONE_ID', 'initial_users has no column TIMEZONE_ID TEXT NOT NULL'],
    ['ALTER TABLE users ADD COLUMN NICKNAME TEXT', 'users.NICKNAME is not in the table of fields; add a row'],
    ['ALTER TABLE initial_users ADD COLUMN NICKNAME', 'initial_users.NICKNAME is not in the table of fields'],
  ] as const)('after %s they are not', ([statement, words]) => {
    run(statement)
    expect(() => checkColumns(database)).toThrow(words)
  })

  test('with a column of another type they are not', () => {
    run('ALTER TABLE users DROP COLUMN ROLE_ID', 'ALTER TABLE users ADD COLUMN ROLE_ID TEXT')
    expect(() => checkColumns(database)).toThrow('users.ROLE_ID is TEXT and should be INTEGER')
  })
})

test('a reset brings every value back to its column, in whatever order migrations made those', () => {
  const table = new UserTable(database)
  const user = { EMAIL_ADDRESS: 'ann@example.com', LAST_NAME: 'Lee', EXTERNAL_ID: 'x', LICENSES: ['CRM'] as const }
  table.add(user, 1000)
  const before = [...table.all()]
  const names = database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all('users') as string[]
  run('DROP TABLE initial_users', `CREATE TABLE initial_users AS SELECT ${names.toReversed().join(', ')} FROM users`)
  table.remove(1)
  expect(table.replaceAll('initial_users', 5, 2000)).toBe(5)
  expect([...table.all()]).toEqual(before)
  expect(before[0]).toMatchObject(user)
})

test('an import that fails at its very end leaves users and counts as they were', () => {
  const state = toInitialState(presets.insightly)
  const options = { instanceId: 1, scimToken: undefined, journal: new Journal(0, new JournalMemory(1024)) }
  const instance = Instance.create('one', database, options, state)
  run("CREATE TRIGGER full BEFORE UPDATE ON instance BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
  const users = ['a', 'b', 'c'].map(EMAIL_ADDRESS => ({ EMAIL_ADDRESS }))
  expect(() => instance.importState({ ...state, users })).toThrow('the disk is full')
  expect(instance.records.total).toBe(1)
  expect(instance.records.page(1, 10).map(record => record.EMAIL_ADDRESS)).toEqual(['owner@one.example.com'])
})

test('no id is given twice, whether a user had it or an import named it', () => {
  const table = new UserTable(database)
  for (const name of ['a', 'b']) table.add({ EMAIL_ADDRESS: name }, 0)
  table.remove(2)
  // A table that is opened later has seen none of this.
  expect(new UserTable(database).add({ EMAIL_ADDRESS: 'c' }, 0).USER_ID).toBe(3)
  table.forgetCounts()
  table.replaceAll([{ EMAIL_ADDRESS: 'd', USER_ID: 4 }], 9, 0)
  expect(table.add({ EMAIL_ADDRESS: 'e' }, 0).USER_ID).toBe(10)
})

describe.each([999, 1000, 1001, 2000, 2500])('of %i users', count => {
  let table: UserTable
  beforeEach(() => {
    table = new UserTable(database)
    table.replaceAll(
      Array.from({ length: count }, (_, index) => ({ EMAIL_ADDRESS: `user${index}@example.com` })),
      0,
      0,
    )
  })
  const all = Array.from({ length: count }, (_, index) => index + 1)
  const idsOf = (users: Iterable<{ USER_ID: number }>) => Array.from(users, ({ USER_ID }) => USER_ID)

  test('each is met once by whatever reads all of them', () => {
    expect(idsOf(table.all())).toEqual(all)
    expect(idsOf([...table.searched()].flat())).toEqual(all)
    expect(idsOf(table.findCandidates(undefined))).toEqual(all)
  })

  test('each has its document written anew, and so has each that a reset brings back', () => {
    const documents = (name: string) => database.prepare(`SELECT DOCUMENT FROM ${name} ORDER BY USER_ID`).pluck().all()
    table.keepInitial()
    const before = documents('users')
    run("UPDATE users SET DOCUMENT = ''", "UPDATE initial_users SET DOCUMENT = ''")
    table.rewriteDocuments()
    expect([documents('users'), documents('initial_users')]).toEqual([before, before])
  })

  test('each has its place, also when some before it are gone', () => {
    const left = all.filter(id => id % 7 !== 0)
    for (const id of all.filter(each => each % 7 === 0).toReversed()) {
      table.page(count, 1)
      table.remove(id)
    }
    for (let start = 1; start <= left.length; start += 333)
      expect(idsOf(table.page(start, 2))).toEqual(left.slice(start - 1, start + 1))
    expect(table.page(left.length + 1, 1)).toEqual([])
  })
})

test('R-02 the owner, else the first active user is whom the API key stands for', () => {
  const table = new UserTable(database)
  expect(table.findActor()).toBeUndefined()
  table.replaceAll([{ EMAIL_ADDRESS: 'a', ACTIVE: false }, { EMAIL_ADDRESS: 'b' }, { EMAIL_ADDRESS: 'c' }], 0, 0)
  expect(table.findActor()?.EMAIL_ADDRESS).toBe('b')
  const [, , third] = table.all()
  table.change(third!, { ACCOUNT_OWNER: true }, 0)
  expect(table.findActor()?.EMAIL_ADDRESS).toBe('c')
})
