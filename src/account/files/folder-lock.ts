// The lock of a data folder: one process at a time uses it. The lock is a database of SQLite's, whose locks end with the
// process, and keeps the number of the last instance.

import { lstatSync, readFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { StartError } from '../../errors.ts'
import { createPrivately } from './database.ts'

/** A data folder that this process alone uses. */
export interface FolderLock {
  /** The number that was stored last. */
  highest(): number
  /** Stores a number, so that a later process can read it. */
  keepHighest(number: number): void
  close(): void
}

/** Another process uses a data folder. */
export class FolderInUse extends StartError {
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another insightly-scim; stop it or choose another folder.`)
  }
}

const toLockPath = (folder: string): string => `${folder}/.lock`

/** Whether a folder was ever locked, as every data folder was. */
export const isDataFolder = (folder: string): boolean =>
  lstatSync(toLockPath(folder), { throwIfNoEntry: false })?.isFile() ?? false

/**
 * The number that a folder's lock keeps, while another process holds it: SQLite would not read the file then. Not for a
 * folder that this process has locked, since closing the file would end that lock.
 */
export const readHighest = (folder: string): number => {
  // The user_version in the header of a database.
  const header = readFileSync(toLockPath(folder))
  return header.length < 64 ? 0 : header.readUInt32BE(60)
}

/**
 * Locks a data folder for this process until it is closed. The lock also ends with the process, even when that is killed.
 * @throws StartError when another process holds the lock; errors of SQLite when the folder cannot be written
 */
export function lockFolder(folder: string): FolderLock {
  const path = toLockPath(folder)
  createPrivately(path)
  const sqlite = new Sqlite(path, { timeout: 0 })
  try {
    // In this mode SQLite keeps a lock until the database is closed.
    sqlite.pragma('locking_mode = EXCLUSIVE')
    sqlite.exec('BEGIN EXCLUSIVE; COMMIT')
  } catch (error) {
    sqlite.close()
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error
    throw new FolderInUse(folder)
  }
  return {
    highest: () => sqlite.pragma('user_version', { simple: true }) as number,
    keepHighest: number => void sqlite.pragma(`user_version = ${number}`),
    close: () => void sqlite.close(),
  }
}
