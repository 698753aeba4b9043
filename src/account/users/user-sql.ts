// All SQL on users, and how a user is stored: columns and values derive from the tables of fields and attributes.
// EMAIL_KEY is the address with its letter case folded; DOCUMENT is the text that SCIM shows. The check of the columns is
// the only thing that runs here.

import { StartError } from '../../errors.ts'
import { type FieldRow, storedFields, type UserRecord } from '../../insightly/record.ts'
import { scimFields } from '../../scim/attribute.ts'
import { documentEnd } from '../../scim/document-text.ts'
import { listEnd } from '../../scim/schema.ts'
import { foldCase } from '../../scim/text.ts'
import type { ScimRecord } from '../../scim/user.ts'
import type { Database } from '../files/database.ts'

/** What is read for SCIM: the part of a record that SCIM needs, and the stored text of its document. */
export type StoredRecord = ScimRecord & { DOCUMENT: string }

/** A whole record with its document. */
export type WholeRecord = UserRecord & StoredRecord

/** A row as SQLite gives it. */
export type Row = Record<string, unknown>

const names = storedFields.map(({ name }) => name)
const columns = [...names, 'EMAIL_KEY', 'DOCUMENT']
const list = columns.join(', ')

const toInsert = (table: string): string =>
  `INSERT INTO ${table} (${list}) VALUES (${columns.map(() => '?').join(', ')})`
// Columns are named: a migration may have added them to two tables in two orders.
const toCopy = (from: string, to: string): string =>
  `INSERT INTO ${to} (${list}) SELECT ${list} FROM ${from} ORDER BY rowid`

const selectRecords = `SELECT ${names.join(', ')} FROM users`
const scimColumns = [...scimFields, 'DOCUMENT'].join(', ')
const selectScim = `SELECT ${scimColumns} FROM users`
/** A document without its end. The parameter is the start of its location. */
const openDocument = 'DOCUMENT || ? || USER_ID'
const document = `${openDocument} || '${documentEnd}'`
// SQLite prepares a statement again whenever the value of a bare `LIMIT ?` changes. For a sum it does not.
const fromPosition = 'WHERE USER_ID >= ? ORDER BY USER_ID LIMIT ? + 0 OFFSET ? + 0'

/** What a search of the users looks at, besides the USER_ID. */
const searchedFields = ['FIRST_NAME', 'LAST_NAME', 'EMAIL_ADDRESS', 'ACTIVE'] as const

/** A user as a search sees it. */
export type SearchedUser = Pick<UserRecord, 'USER_ID' | (typeof searchedFields)[number]>

const keep = `INSERT OR IGNORE INTO kept_users (SNAPSHOT, ${names.join(', ')})
  SELECT ?, ${names.join(', ')} FROM users`

/** Every statement on users whose text does not depend on a request. */
export const sql = {
  count: `SELECT count(*) AS total, ifnull(min(USER_ID), 0) AS lowest, ifnull(max(USER_ID), 0) AS highest,
    max(ifnull(max(USER_ID), 0), (SELECT USER_ID FROM highest_given)) AS highestGiven FROM users`,
  // Two look-ups: SQLite answers min or max from an index, but both at once by a scan.
  ends: `SELECT ifnull((SELECT min(USER_ID) FROM users), 0) AS lowest,
    ifnull((SELECT max(USER_ID) FROM users), 0) AS highest`,
  idPage: `SELECT USER_ID FROM users ${fromPosition}`,
  keepGiven: 'UPDATE highest_given SET USER_ID = ?',

  record: `${selectRecords} WHERE USER_ID = ?`,
  recordPage: `${selectRecords} ${fromPosition}`,
  searched: `SELECT USER_ID, ${searchedFields.join(', ')} FROM users WHERE USER_ID > ? ORDER BY USER_ID LIMIT ? + 0`,
  owner: `${selectRecords} WHERE ACTIVE = 1 AND ACCOUNT_OWNER = 1 ORDER BY USER_ID LIMIT 1`,
  firstActive: `${selectRecords} WHERE ACTIVE = 1 ORDER BY USER_ID LIMIT 1`,

  documentText: 'SELECT DOCUMENT FROM users WHERE USER_ID = ?',
  documentByUserName: `SELECT ${document} FROM users WHERE EMAIL_KEY = ?`,
  documentPage: `SELECT ${document} FROM users ${fromPosition}`,
  // An aggregate takes the rows of a subquery in their order. As bytes, a page is copied, measured and sent as it is.
  documentList: `SELECT CAST(? || group_concat(text, '${documentEnd},') || '${documentEnd}${listEnd}' AS BLOB)
    FROM (SELECT ${openDocument} AS text FROM users ${fromPosition})`,

  scim: {
    id: `${selectScim} WHERE USER_ID = ?`,
    userName: `${selectScim} WHERE EMAIL_KEY = ?`,
    externalId: `${selectScim} WHERE EXTERNAL_ID = ? ORDER BY USER_ID`,
    /** A batch of all, from a USER_ID on. */
    from: `${selectScim} WHERE USER_ID >= ? ORDER BY USER_ID LIMIT ? + 0`,
  },

  insert: toInsert('users'),
  remove: 'DELETE FROM users WHERE USER_ID = ?',
  removeAll: 'DELETE FROM users',

  /** The users that a reset restores. */
  keepInitial: toCopy('users', 'initial_users'),
  restoreInitial: toCopy('initial_users', 'users'),

  /** The staged users of an import. Their rowid counts them from 1. */
  makeStaged: 'CREATE TEMP TABLE IF NOT EXISTS staged_users AS SELECT * FROM users LIMIT 0',
  indexStagedEmails: 'CREATE UNIQUE INDEX IF NOT EXISTS temp.staged_by_email ON staged_users (EMAIL_KEY)',
  indexStagedIds: 'CREATE UNIQUE INDEX IF NOT EXISTS temp.staged_by_id ON staged_users (USER_ID)',
  insertStaged: toInsert('staged_users'),
  stagedByUserName: 'SELECT rowid FROM staged_users WHERE EMAIL_KEY = ?',
  stagedById: 'SELECT rowid FROM staged_users WHERE USER_ID = ?',
  stagedRecords: `SELECT ${names.join(', ')}, rowid AS place FROM staged_users WHERE rowid > ? ORDER BY rowid LIMIT 1000`,
  takeStaged: toCopy('staged_users', 'users'),
  clearStaged: 'DELETE FROM staged_users',

  /** The users that snapshots keep as they were. A row with the USER_ID 0 marks a snapshot that keeps all of its users. */
  makeKept: `CREATE TEMP TABLE IF NOT EXISTS kept_users AS SELECT 0 AS SNAPSHOT, ${names.join(', ')} FROM users LIMIT 0`,
  indexKept: 'CREATE UNIQUE INDEX IF NOT EXISTS temp.kept_by_id ON kept_users (SNAPSHOT, USER_ID)',
  keep: `${keep} WHERE USER_ID = ?`,
  keepRest: `${keep} WHERE USER_ID > ? AND USER_ID <= ?`,
  markKept: 'INSERT OR IGNORE INTO kept_users (SNAPSHOT, USER_ID) VALUES (?, 0)',
  isKeptWhole: 'SELECT 1 FROM kept_users WHERE SNAPSHOT = ? AND USER_ID = 0',
  keptUntil: `SELECT ${names.join(', ')} FROM kept_users
    WHERE SNAPSHOT = ? AND USER_ID > ? AND USER_ID <= ? ORDER BY USER_ID LIMIT ? + 0`,
  recordsUntil: `${selectRecords} WHERE USER_ID > ? AND USER_ID <= ? ORDER BY USER_ID LIMIT ? + 0`,
  forgetKept: 'DELETE FROM kept_users WHERE SNAPSHOT = ?',
}

/** A SELECT of the records that meet all conditions; without conditions, of all records. */
export const toSelect = (conditions: readonly string[]): string =>
  `${selectRecords} WHERE ${['TRUE', ...conditions].join(' AND ')} ORDER BY USER_ID`

/** An UPDATE of some columns of one user, whose USER_ID is the last parameter. */
export const toUpdate = (changed: readonly string[]): string =>
  `UPDATE users SET ${changed.map(column => `${column} = ?`).join(', ')} WHERE USER_ID = ?`

/** The statements that write documents anew: one reads what SCIM needs from a rowid on, one writes a document. */
export const toRewrite = (table: 'users' | 'initial_users') => ({
  select: `SELECT rowid AS ROW, ${scimColumns} FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ?`,
  update: `UPDATE ${table} SET DOCUMENT = ? WHERE rowid = ?`,
})

/** The values of a whole row, in the order of an INSERT. */
export function toValues(record: WholeRecord): unknown[] {
  const values: unknown[] = []
  for (const name of names) values.push(toColumn(record[name]))
  values.push(foldCase(record.EMAIL_ADDRESS), record.DOCUMENT)
  return values
}

/** The value that a column stores: SQLite has no booleans and no arrays. */
export const toColumn = (value: unknown): unknown =>
  typeof value === 'boolean' ? Number(value) : Array.isArray(value) ? JSON.stringify(value) : value

const namesOf = (type: FieldRow['type']) => storedFields.filter(row => row.type === type).map(({ name }) => name)
const flags = namesOf('flag')
const scimFlags = flags.filter(name => scimFields.some(field => field === name))
const lists = namesOf('licenses')

/** Reads a row of what SCIM reads. It changes the row in place, because every request does this. */
export function fromScimRow(row: Row): StoredRecord {
  for (const name of scimFlags) row[name] = row[name] === 1
  return row as StoredRecord
}

/** Reads a row of a whole record. It changes the row in place. */
export function fromRow(row: Row): UserRecord {
  for (const name of flags) row[name] = row[name] === 1
  for (const name of lists) row[name] = JSON.parse(row[name] as string)
  return row as unknown as UserRecord
}

/** Every column with its type, as a migration writes it. */
const columnTypes = new Map<string, string>([
  ...storedFields.map(row => [row.name, toColumnType(row)] as const),
  ['EMAIL_KEY', 'TEXT NOT NULL'],
  ['DOCUMENT', 'TEXT NOT NULL'],
])

function toColumnType(row: FieldRow): string {
  const type = row.type === 'text' || row.type === 'licenses' ? 'TEXT' : 'INTEGER'
  return 'nullable' in row ? type : `${type} NOT NULL`
}

/**
 * Checks that the migrations have made the columns that the table of fields describes.
 * @throws StartError that names every column that is missing, unknown or of another type
 */
export function checkColumns(database: Database): void {
  const problems = ['users', 'initial_users'].flatMap(table => {
    const infos = database.prepare(`PRAGMA table_info(${table})`).all() as ColumnInfo[]
    const found = new Map(
      infos.map(({ name, type, notnull, pk }) => [name, notnull || pk ? `${type} NOT NULL` : type] as const),
    )
    const missing = [...columnTypes].filter(([name]) => !found.has(name))
    // SQLite keeps no types in a table that it makes from another one, as initial_users is.
    const wrong = table === 'users' ? [...columnTypes].filter(([name, type]) => (found.get(name) ?? type) !== type) : []
    const unknown = [...found.keys()].filter(name => !columnTypes.has(name))
    return [
      ...missing.map(([name, type]) => `${table} has no column ${name} ${type}; add a migration`),
      ...wrong.map(([name, type]) => `${table}.${name} is ${found.get(name)} and should be ${type}`),
      ...unknown.map(name => `${table}.${name} is not in the table of fields; add a row`),
    ]
  })
  if (problems.length > 0)
    throw new StartError(`migrations/ and src/insightly/record.ts do not fit together: ${problems.join('; ')}.`)
}

interface ColumnInfo {
  name: string
  type: string
  notnull: 0 | 1
  pk: 0 | 1
}
