// The statements behind every request are few and find their rows by an index: no scan of all users, no sorting, no
// counting.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openInMemory } from '../../src/account/files/database.ts'
import { Documents } from '../../src/account/users/documents.ts'
import { UserTable } from '../../src/account/users/user-table.ts'
import { Users } from '../../src/account/users/users.ts'
import { presets } from '../../src/scim/behaviour.ts'

let database: Database
let prepare: Database['prepare']
let table: UserTable
let users: Users
let documents: Documents
/** The SQL that the database was asked for. */
let asked: string[]

beforeEach(() => {
  database = openInMemory()
  prepare = database.prepare.bind(database)
  database.prepare = sql => {
    asked.push(sql)
    return prepare(sql)
  }
  asked = []
  table = new UserTable(database)
  documents = new Documents(database, table, () => presets.rfc7644)
  users = new Users(
    table,
    () => 0,
    () => presets.rfc7644,
    () => {},
  )
  for (let number = 1; number <= 30; number += 1)
    users.insert({
      EMAIL_ADDRESS: `user${number}@example.com`,
      EXTERNAL_ID: `e${number}`,
      ACCOUNT_OWNER: number === 1,
    })
  asked = []
})
afterEach(() => database.close())

const planOf = (sql: string): string[] => {
  const values = Array(sql.split('?').length - 1).fill(1)
  return (prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]).map(({ detail }) => detail)
}

const firstPage = { startIndex: 1, count: 10, usersUrl: '' }
const find = (filter: string) => [...documents.search(filter, firstPage)]
const page = (startIndex: number) => {
  documents.list({ startIndex, count: 10, usersUrl: '' })
  documents.listBytes({ startIndex, count: 10, usersUrl: '' }, startIndex)
}
const document = (userName: string) => ({ userName, name: { givenName: 'A', familyName: 'B' } })

const operations: Record<string, () => void> = {
  'a user by id': () => void users.find('7'),
  'a whole record by id': () => void table.get('7'),
  'the first page': () => void page(1),
  'a page near the end': () => void page(25),
  'userName eq': () => void documents.findByUserName('user7@example.com', firstPage),
  'userName eq and more': () => void find('userName eq "user7@example.com" and active eq true'),
  'externalId eq': () => void find('externalId eq "e7" and active eq true'),
  'id eq': () => void find('id eq "7"'),
  create: () => void users.create(document('new@example.com')),
  replace: () => void users.replace('7', document('renamed@example.com')),
  patch: () =>
    void users.patch('7', [{ op: 'replace', target: { kind: 'resource' }, path: '', value: { displayName: 'X' } }]),
  deactivate: () => void users.deactivate('7'),
  'remove, then pages over the gap': () => {
    users.remove('7')
    page(1)
    page(25)
  },
  'records by userName': () => void table.match({ userName: 'user7@example.com', active: true }),
  'records page by page': () => void table.page(11, 10),
  'every record': () => void [...table.all()],
  'the account owner': () => void table.findActor(),
}

test.for(Object.keys(operations))('%s reads by an index, and neither sorts nor counts', name => {
  operations[name]!()
  expect(asked).not.toEqual([])
  for (const sql of asked) {
    const plan = planOf(sql).join('\n')
    expect(sql).not.toMatch(/count\(/i)
    // It would be prepared anew for every page.
    expect(sql).not.toMatch(/(LIMIT|OFFSET) \?(?! \+)/)
    expect(plan).not.toMatch(/TEMP B-TREE/)
    // A list is walked along its key, from a place that was sought; an index of owners holds one.
    expect(plan).not.toMatch(/SCAN users(?! USING INDEX users_by_owner)/)
  }
})

// What SQLite is asked for most often, and how many times: each more is felt by everyone who waits.
test.for([
  ['userName eq', 1],
  ['create', 1],
  ['replace', 2],
  ['patch', 2],
  ['deactivate', 2],
] as const)('%s takes %i statements', ([name, count]) => {
  operations[name]!()
  expect(asked).toHaveLength(count)
})

test('a page and a document are read whole by one statement', () => {
  documents.listBytes({ startIndex: 1, count: 10, usersUrl: '' }, 1)
  expect(asked).toHaveLength(1)
  documents.get('7', '')
  expect(asked).toHaveLength(2)
})
