// Puts a backup back as a data folder: completely or not at all, also when the process is killed on the way.

import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { StartError } from '../../errors.ts'
import { withProgress } from '../progress.ts'
import { copyPrivately, flush, inWords, type Manifest, readManifest, sumOf, writeManifest } from './backup-files.ts'
import { findInstanceNames, keepsKey, makeFolder, toDatabasePath, toKeyPath } from './data-folder.ts'
import { checkFile, removeFile } from './database.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'

/** New instances of a restore, while they are copied, and when they are whole. */
const [incoming, whole] = ['.restore', '.restored']

/**
 * Puts a backup back as a data folder.
 * @param overwrite whether instances that the folder holds may be replaced; it then holds those of the backup alone
 * @throws StartError when the folder is in use or holds instances, or when the folder `backup` holds no backup, a
 * damaged one, or one of a newer version
 */
export async function restore(backup: string, folder: string, overwrite: boolean): Promise<{ instances: number }> {
  const manifest = readManifest(backup)
  if (existsSync(folder) && realpathSync(folder) === realpathSync(backup))
    throw new StartError(`${folder} is the backup itself; name another folder as --data.`)
  return await inWords(`The data folder ${folder} cannot be written`, async () => {
    makeFolder(folder)
    const lock = lockFolder(folder)
    try {
      finishRestore(folder, lock)
      const { length } = findInstanceNames(folder)
      if (length > 0 && !overwrite)
        throw new StartError(
          `${folder} holds ${length} instance${length === 1 ? '' : 's'} already; name another folder, or replace what it holds with --overwrite.`,
        )
      const staged = join(folder, incoming)
      try {
        await copyBackup(backup, manifest, staged)
        renameSync(staged, join(folder, whole))
      } finally {
        rmSync(staged, { recursive: true, force: true })
      }
      flush(folder)
      finishRestore(folder, lock)
      return { instances: manifest.instances.length }
    } finally {
      lock.close()
    }
  })
}

async function copyBackup(backup: string, manifest: Manifest, staged: string): Promise<void> {
  mkdirSync(staged, { mode: 0o700 })
  for (const [name, sum] of withProgress('copying files', Object.entries(manifest.files))) {
    const [from, to] = [join(backup, name), join(staged, name)]
    if (!statSync(from, { throwIfNoEntry: false })?.isFile())
      throw new StartError(`The backup ${backup} lacks its file ${name}; use another one.`)
    copyPrivately(from, to)
    if ((await sumOf(to)) !== sum)
      throw new StartError(`The backup ${backup} is damaged (${name} is not what was written); use another one.`)
    if (name !== basename(toKeyPath(''))) checkFile(to)
    flush(to)
  }
  writeManifest(staged, manifest)
  flush(staged)
}

/**
 * Finishes a restore that was interrupted when all of its files were there, and forgets one that was interrupted before.
 * @throws StartError when what is left of it cannot be read
 */
export function finishRestore(folder: string, lock: FolderLock): void {
  rmSync(join(folder, incoming), { recursive: true, force: true })
  const source = join(folder, whole)
  if (!existsSync(source)) return
  const manifest = readManifest(source)
  for (const name of findInstanceNames(folder))
    if (!manifest.instances.includes(name)) removeFile(toDatabasePath(folder, name))
  for (const name of manifest.instances) {
    if (!existsSync(toDatabasePath(source, name))) continue
    // With its log: SQLite would take that for the log of the new file.
    removeFile(toDatabasePath(folder, name))
    renameSync(toDatabasePath(source, name), toDatabasePath(folder, name))
  }
  if (keepsKey(source)) renameSync(toKeyPath(source), toKeyPath(folder))
  else if (!manifest.keepsKey) rmSync(toKeyPath(folder), { force: true })
  lock.keepHighest(Math.max(manifest.highestInstanceId, lock.highest()))
  flush(folder)
  rmSync(source, { recursive: true })
}
