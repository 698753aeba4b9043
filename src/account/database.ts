// SQLite: opening a database in memory or as a file, its migrations, and what can be wrong with a file. Knows no users.

import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { StartError } from '../errors.ts'
import { packageFolder } from '../package.ts'

const migrationsFolder = new URL('migrations/', packageFolder)
/** Marks a file as ours: "INSC". */
const applicationId = 0x494e5343

interface Migration {
  name: string
  sql: string
}

let migrations: readonly Migration[] | undefined

function readMigrations(): readonly Migration[] {
  migrations ??= readdirSync(migrationsFolder)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(name => ({ name, sql: readFileSync(new URL(name, migrationsFolder), 'utf8') }))
  return migrations
}

/** A new database that has all tables: a copy of a ready one would open sooner, but write and read slower. */
function makeNew(name: ':memory:' | ''): Sqlite.Database {
  const sqlite = new Sqlite(name)
  for (const { sql } of readMigrations()) sqlite.exec(sql)
  return sqlite
}

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
   * The prepared statement of an SQL text, which must be one of few.
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
   * The prepared statement of an SQL text that is asked for one column, which it gives without a row around it.
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

  /** Runs `work` so that all of it is stored or none. */
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

/** Opens a new, empty database that goes to a file of its own, gone with it, as far as it outgrows memory. */
export const openTemporary = (): Database => new Database(makeNew(''))

/**
 * Makes a database file that only its owner can read, fills it and puts it in its place when all of it is stored:
 * whatever interrupts this leaves nothing under the name.
 * @throws what SQLite and the system say of a disk that is full or cannot be written
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

/** The end of the names of files that are not complete yet. */
const draftEnd = '.new'

/** Removes a database file, with what SQLite keeps beside it. */
export function removeFile(path: string): void {
  for (const suffix of fileEnds) rmSync(path + suffix, { force: true })
}

/** Removes what making files of a folder left when it was interrupted. */
export function removeDrafts(folder: string): void {
  for (const file of readdirSync(folder)) {
    const end = file.indexOf(`.sqlite${draftEnd}`)
    if (end > 0) rmSync(join(folder, file), { force: true })
  }
}

/**
 * Opens a database file and migrates it.
 * @throws StartError for a file that is not ours, damaged, of a newer version, or cannot be used
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

/** The ends of the names of the files that SQLite keeps of one database. */
const fileEnds = ['', '-wal', '-shm', '-journal']

/** Makes sure that a file is there which is ours to write; SQLite would follow links and fall back to reading only. */
function createPrivately(path: string): void {
  for (const suffix of fileEnds) {
    const found = lstatSync(path + suffix, { throwIfNoEntry: false })
    if (found && !found.isFile()) throw new StartError(`${path}${suffix} is not a regular file; move it away.`)
    if (found) accessSync(path + suffix, constants.R_OK | constants.W_OK)
    else if (suffix === '') closeSync(openSync(path, 'wx', 0o600))
  }
}

function checkOwnership(sqlite: Sqlite.Database, path: string): void {
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

/** Applies the migrations a database lacks, each whole or not at all. */
function migrate(sqlite: Sqlite.Database): void {
  const version = sqlite.pragma('user_version', { simple: true }) as number
  for (const [index, { sql }] of readMigrations().entries()) {
    if (index < version) continue
    sqlite.transaction(() => {
      sqlite.exec(sql)
      sqlite.pragma(`application_id = ${applicationId}`)
      sqlite.pragma(`user_version = ${index + 1}`)
    })()
  }
}

const readSchema = (sqlite: Sqlite.Database): string =>
  JSON.stringify(sqlite.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').raw().all())

function checkSchema(sqlite: Sqlite.Database, path: string): void {
  const expected = makeNew(':memory:')
  const isAsExpected = readSchema(sqlite) === readSchema(expected)
  expected.close()
  if (!isAsExpected) throw new StartError(`${path} does not have the tables of insightly-scim; move it away.`)
}

/** A data folder that this process alone uses. */
export interface FolderLock {
  /** The highest number that was ever kept in it. */
  highest(): number
  /** Keeps a number, so that a later process knows it. */
  keepHighest(number: number): void
  close(): void
}

/**
 * Keeps a data folder for this process until closed; the lock ends with the process, however it ends.
 * @throws StartError when another process holds it, and whatever SQLite says about a folder that cannot be written
 */
export function lockFolder(folder: string): FolderLock {
  const path = `${folder}/.lock`
  createPrivately(path)
  const sqlite = new Sqlite(path, { timeout: 0 })
  try {
    // In this mode a lock that was taken once is kept until the end.
    sqlite.pragma('locking_mode = EXCLUSIVE')
    sqlite.exec('BEGIN EXCLUSIVE; COMMIT')
  } catch (error) {
    sqlite.close()
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error
    throw new StartError(
      `The data folder ${folder} is in use by another insightly-scim; stop it or choose another folder.`,
    )
  }
  return {
    highest: () => sqlite.pragma('user_version', { simple: true }) as number,
    keepHighest: number => void sqlite.pragma(`user_version = ${number}`),
    close: () => void sqlite.close(),
  }
}

/** Whether an error says that a UNIQUE index refused a value. */
export const isUniqueViolation = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'SQLITE_CONSTRAINT_UNIQUE'
