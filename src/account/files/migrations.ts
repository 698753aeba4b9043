// The tables of a database, as the files of migrations/ make them: in a new one, in one of an earlier version, and whether
// a file has just these.

import Sqlite from 'better-sqlite3'
import { StartError } from '../../errors.ts'
import { listOwnFiles, readOwnFile } from '../../own-files/folder.ts'

/** Marks a file as ours: "INSC". */
const applicationId = 0x494e5343

let migrations: readonly string[] | undefined

/** The SQL of each migration, oldest first. */
function readMigrations(): readonly string[] {
  migrations ??= listOwnFiles('migrations')
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(name => readOwnFile(`migrations/${name}`).toString())
  return migrations
}

/** A new database with all tables. A copy of a prepared one would open faster, but read and write more slowly. */
export function makeNew(name: ':memory:' | ''): Sqlite.Database {
  const sqlite = new Sqlite(name)
  for (const sql of readMigrations()) sqlite.exec(sql)
  return sqlite
}

/** Checks that a database is empty or ours, and of no newer version. @throws StartError otherwise */
export function checkOwnership(sqlite: Sqlite.Database, path: string): void {
  const isEmpty = sqlite.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (!isEmpty && sqlite.pragma('application_id', { simple: true }) !== applicationId)
    throw new StartError(`${path} is not a database of insightly-scim; move it away.`)
  const version = sqlite.pragma('user_version', { simple: true }) as number
  const known = readMigrations().length
  if (version > known)
    throw new StartError(
      `${path} was written by a newer insightly-scim (database version ${version}; this one knows ${known}); install that version or use another data folder.`,
    )
}

/** Applies the migrations that a database lacks, each in one transaction. */
export function migrate(sqlite: Sqlite.Database): void {
  const version = sqlite.pragma('user_version', { simple: true }) as number
  for (const [index, sql] of readMigrations().entries()) {
    if (index < version) continue
    sqlite.transaction(() => {
      sqlite.exec(sql)
      sqlite.pragma(`application_id = ${applicationId}`)
      sqlite.pragma(`user_version = ${index + 1}`)
    })()
  }
}

/** What a database consists of, without the two tables that Litestream adds to one that it replicates. */
const readSchema = (sqlite: Sqlite.Database): string =>
  JSON.stringify(
    sqlite
      .prepare(`SELECT type, name, sql FROM sqlite_schema WHERE name NOT GLOB '_litestream_*' ORDER BY type, name`)
      .raw()
      .all(),
  )

/** Checks that a database has just the tables of this version. @throws StartError otherwise */
export function checkSchema(sqlite: Sqlite.Database, path: string): void {
  const expected = makeNew(':memory:')
  const isAsExpected = readSchema(sqlite) === readSchema(expected)
  expected.close()
  if (!isAsExpected) throw new StartError(`${path} does not have the tables of insightly-scim; move it away.`)
}
