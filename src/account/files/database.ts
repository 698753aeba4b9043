// SQLite databases: opens them in memory or as a file, and copies and checks files. Knows nothing about users; which tables
// there are is in migrations.ts.

import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { StartError } from '../../errors.ts'
import { checkOwnership, checkSchema, makeNew, migrate } from './migrations.ts'

/** A database whose statements are prepared once. */
export class Database {
  readonly #sqlite: Sqlite.Database
  readonly #statements = new Map<string, Sqlite.Statement>()
  readonly #plucked = new Map<string, Sqlite.Statement>()

  /** @internal */
  constructor(sqlite: Sqlite.Database) {
    this.#sqlite = sqlite
  }

  /**
   * The prepared statement for an SQL text. It is kept until the database is closed, so there may only be a few texts.
   * @internal
   */
  prepare(sql: string): Sqlite.Statement {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#sqlite.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /**
   * The prepared statement for an SQL text that reads one column. It gives the bare value instead of a row.
   * @internal
   */
  pluck(sql: string): Sqlite.Statement {
    let statement = this.#plucked.get(sql)
    if (!statement) {
      statement = this.prepare(sql).pluck()
      this.#plucked.set(sql, statement)
    }
    return statement
  }

  /** Runs `work` in a transaction: everything that it does is stored, or nothing. */
  transaction<T>(work: () => T): T {
    return this.#sqlite.transaction(work).immediate()
  }

  get isOpen(): boolean {
    return this.#sqlite.open
  }

  close(): void {
    this.#statements.clear()
    this.#plucked.clear()
    this.#sqlite.close()
  }
}

/** Opens a new, empty database in memory. */
export const openInMemory = (): Database => new Database(makeNew(':memory:'))

/** Opens a new, empty database. SQLite moves it to a temporary file when it outgrows memory, and removes that file. */
export const openTemporary = (): Database => new Database(makeNew(''))

/**
 * Makes a database file that only its owner can read. It is filled under another name and renamed when everything is
 * stored, so an interruption leaves no file under `path`.
 * @throws errors of SQLite or the system, for example when the disk is full
 */
export function makeFile(path: string, fill: (database: Database) => void): void {
  const draft = path + draftEnd
  removeFile(draft)
  try {
    createPrivately(draft)
    const sqlite = new Sqlite(draft)
    try {
      migrate(sqlite)
      fill(new Database(sqlite))
    } finally {
      sqlite.close()
    }
    renameSync(draft, path)
  } catch (error) {
    removeFile(draft)
    throw error
  }
}

/** The suffix of files that are not complete yet. */
const draftEnd = '.new'

/** Removes a database file and the files that SQLite keeps beside it. */
export function removeFile(path: string): void {
  for (const suffix of fileEnds) rmSync(path + suffix, { force: true })
}

/** Removes incomplete files that an interruption left in a folder. */
export function removeDrafts(folder: string): void {
  for (const file of readdirSync(folder)) {
    const end = file.indexOf(`.sqlite${draftEnd}`)
    if (end > 0) rmSync(join(folder, file), { force: true })
  }
}

/**
 * Opens a database file and migrates it.
 * @throws StartError for a file that is not ours, is damaged, comes from a newer version, or cannot be used
 */
export function openFile(path: string): Database {
  let sqlite: Sqlite.Database | undefined
  try {
    createPrivately(path)
    if (statSync(path).size === 0) throw new StartError(`The database ${path} is empty; restore it or move it away.`)
    sqlite = new Sqlite(path, { timeout: 5000 })
    checkOwnership(sqlite, path)
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = NORMAL')
    migrate(sqlite)
    checkSchema(sqlite, path)
    return new Database(sqlite)
  } catch (error) {
    sqlite?.close()
    if (error instanceof StartError) throw error
    throw new StartError(
      `The database ${path} cannot be used (${(error as Error).message}); check its permissions and the disk, or move it away.`,
    )
  }
}

/** The suffixes of the files that SQLite keeps for one database. */
const fileEnds = ['', '-wal', '-shm', '-journal']

/**
 * Makes sure that a file of SQLite's exists, is a regular file and is writable. SQLite itself would follow a link, and would open
 * a file that is not writable for reading only.
 * @throws StartError for what is no regular file; errors of the system
 */
export function createPrivately(path: string): void {
  for (const suffix of fileEnds) {
    const found = lstatSync(path + suffix, { throwIfNoEntry: false })
    if (found && !found.isFile()) throw new StartError(`${path}${suffix} is not a regular file; move it away.`)
    if (found) accessSync(path + suffix, constants.R_OK | constants.W_OK)
    else if (suffix === '') closeSync(openSync(path, 'wx', 0o600))
  }
}

/** How many pages a copy takes at a time; between two steps the process does other work. */
const pagesAtOnce = 1000

/**
 * Copies a database while others may write to it, by SQLite's online backup: the copy shows one instant, and is checked.
 * @param isInUse whether another process may have it open; its files are then only read
 * @returns false when there is no such database, or when it was removed meanwhile
 * @throws StartError for a file that is not ours, is damaged, or comes from a newer version
 */
export async function copyDatabase(path: string, copy: string, isInUse: boolean): Promise<boolean> {
  const find = () => lstatSync(path, { throwIfNoEntry: false })
  const found = find()
  if (found && !found.isFile()) throw new StartError(`${path} is not a regular file; move it away.`)
  const isThere = () => found !== undefined && find()?.ino === found.ino
  let sqlite: Sqlite.Database | undefined
  try {
    sqlite = new Sqlite(path, { readonly: isInUse, fileMustExist: true, timeout: 5000 })
    checkOwnership(sqlite, path)
    // Within a transaction that reads, all steps see one instant. Without one, each write of another process would make
    // the copy begin anew, and under load it would never end.
    sqlite.exec('BEGIN')
    sqlite.pragma('schema_version')
    if (!isThere()) return false
    createPrivately(copy)
    await sqlite.backup(copy, { progress: () => pagesAtOnce })
    if (isWhole(copy)) return true
  } catch (error) {
    if (!isThere()) return false
    const { code } = error as { code?: unknown }
    if (code !== 'SQLITE_CORRUPT' && code !== 'SQLITE_NOTADB') throw error
  } finally {
    sqlite?.close()
  }
  throw new StartError(`The database ${path} is damaged; restore it or move it away.`)
}

/** Reads all of a copy, and makes it one file, without a log beside it. */
function isWhole(copy: string): boolean {
  const sqlite = new Sqlite(copy)
  try {
    sqlite.pragma('journal_mode = DELETE')
    return sqlite.pragma('integrity_check', { simple: true }) === 'ok'
  } finally {
    sqlite.close()
  }
}

/** Checks that a whole database file is ours and not of a newer version. @throws StartError otherwise */
export function checkFile(path: string): void {
  const sqlite = new Sqlite(path, { readonly: true })
  try {
    checkOwnership(sqlite, path)
  } finally {
    sqlite.close()
  }
}

/** Whether an error says that a UNIQUE index refused a value. */
export const isUniqueViolation = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'SQLITE_CONSTRAINT_UNIQUE'
