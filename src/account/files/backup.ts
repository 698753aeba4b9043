// Copies a data folder, also while a server works on it: completely or not at all.

import { existsSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StartError } from '../../errors.ts'
import { version } from '../../package.ts'
import { withProgress } from '../progress.ts'
import { copyPrivately, flush, inWords, isBackup, type Manifest, sumOf, writeManifest } from './backup-files.ts'
import { findInstanceNames, keepsKey, makeFolder, toDatabasePath, toKeyPath } from './data-folder.ts'
import { copyDatabase, removeFile } from './database.ts'
import { FolderInUse, type FolderLock, isDataFolder, lockFolder, readHighest } from './folder-lock.ts'
import { finishRestore } from './restore.ts'

/** What was copied. */
export interface Copied {
  instances: number
  bytes: number
}

/**
 * Writes a copy of a data folder, which a running server may be using. Each instance is copied as it is at one instant.
 * @param target a folder that does not exist or is empty; with `overwrite` it may be a backup, which is replaced
 * @throws StartError when the target holds anything else, or when something cannot be read or written
 */
export async function backUp(folder: string, target: string, overwrite: boolean): Promise<Copied> {
  if (!isDataFolder(folder))
    throw new StartError(`${folder} is no data folder; expected the one that the server was given as --data.`)
  const isReplaced = checkTarget(target, overwrite)
  return await inWords(`The backup cannot be written to ${target}`, async () => {
    makeFolder(dirname(resolve(target)))
    const draft = mkdtempSync(`${resolve(target)}.new-`)
    try {
      const copied = await copyFolder(folder, draft)
      if (isReplaced) {
        const old = `${draft}.old`
        renameSync(target, old)
        renameSync(draft, target)
        rmSync(old, { recursive: true })
      } else {
        renameSync(draft, target)
      }
      flush(dirname(resolve(target)))
      return copied
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  })
}

/** Whether a target exists and is to be replaced. @throws StartError when it may not be */
function checkTarget(target: string, overwrite: boolean): boolean {
  const found = lstatSync(target, { throwIfNoEntry: false })
  if (!found) return false
  if (!found.isDirectory()) throw new StartError(`${target} is no folder; name one that is new or empty.`)
  if (readdirSync(target).length === 0) return false
  if (!isBackup(target))
    throw new StartError(`${target} holds something else than a backup; name a folder that is new or empty.`)
  if (overwrite) return true
  throw new StartError(`${target} is a backup already; name another folder, or replace this one with --overwrite.`)
}

async function copyFolder(folder: string, draft: string): Promise<Copied> {
  const lock = findLock(folder)
  try {
    if (lock) finishRestore(folder, lock)
    const copied: string[] = []
    for (const name of withProgress('copying instances', findInstanceNames(folder)))
      if (await copyDatabase(toDatabasePath(folder, name), toDatabasePath(draft, name), lock === undefined))
        copied.push(name)
    // An instance that was deleted meanwhile is left out: a later one may have been given its token.
    const instances = copied.filter(name => existsSync(toDatabasePath(folder, name)))
    for (const name of copied) if (!instances.includes(name)) removeFile(toDatabasePath(draft, name))
    if (keepsKey(folder)) copyPrivately(toKeyPath(folder), toKeyPath(draft))
    const names = readdirSync(draft).sort()
    const manifest: Manifest = {
      product: 'insightly-scim',
      form: 1,
      version,
      madeAt: new Date().toISOString(),
      highestInstanceId: lock ? lock.highest() : readHighest(folder),
      instances,
      keepsKey: keepsKey(draft),
      files: Object.fromEntries(await Promise.all(names.map(async name => [name, await sumOf(join(draft, name))]))),
    }
    writeManifest(draft, manifest)
    const bytes = names.reduce((sum, name) => sum + statSync(join(draft, name)).size, 0)
    for (const name of names) flush(join(draft, name))
    flush(draft)
    return { instances: instances.length, bytes }
  } finally {
    lock?.close()
  }
}

/** The lock of a folder; undefined while a server has it. */
function findLock(folder: string): FolderLock | undefined {
  try {
    return lockFolder(folder)
  } catch (error) {
    if (error instanceof FolderInUse) return undefined
    throw error
  }
}
