// What a backup consists of: copies of files, and a manifest that describes them. Also what writing it and putting it
// back share.

import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { StartError } from '../../errors.ts'
import { instanceName, toDatabasePath, toKeyPath } from './data-folder.ts'
import { isDataFolder } from './folder-lock.ts'

/** The file that makes a folder a backup. It is written last. */
const manifestName = 'backup.json'

/** What a backup says of itself. */
export interface Manifest {
  product: 'insightly-scim'
  /** The form of backups, should it ever change. */
  form: 1
  version: string
  madeAt: string
  /** The INSTANCE_ID that was given last. */
  highestInstanceId: number
  instances: string[]
  keepsKey: boolean
  /** The SHA-256 of each file by its name. */
  files: Record<string, string>
}

/** Whether a folder is a whole backup. */
export const isBackup = (folder: string): boolean => existsSync(join(folder, manifestName))

/** What a backup says of itself. @throws StartError for a folder that is no backup */
export function readManifest(backup: string): Manifest {
  const path = join(backup, manifestName)
  if (!existsSync(path))
    throw new StartError(
      isDataFolder(backup)
        ? `${backup} is a data folder, no backup; the server takes it as it is, as --data.`
        : `${backup} is no backup; expected a folder that the command backup has written.`,
    )
  const manifest = parseManifest(readFileSync(path, 'utf8'))
  if (!manifest) throw new StartError(`${path} does not describe a backup that this version knows; use another one.`)
  return manifest
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const { product, form, highestInstanceId, instances, files, ...rest }: Manifest = JSON.parse(text)
    const isKnown = product === 'insightly-scim' && form === 1 && Number.isInteger(highestInstanceId)
    const expected = instances.map(name => basename(toDatabasePath('', name)))
    if (rest.keepsKey) expected.unshift(basename(toKeyPath('')))
    const isWhole =
      instances.every(name => instanceName.test(name)) && expected.every(file => Object.hasOwn(files, file))
    if (!isKnown || !isWhole || Object.keys(files).length !== expected.length) return undefined
    return { ...rest, product, form, highestInstanceId, instances, files }
  } catch {
    return undefined
  }
}

/** Writes what a backup says of itself, which makes the folder one. */
export const writeManifest = (folder: string, manifest: Manifest): void =>
  writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true })

/** Copies a file to a new one that its owner alone can read. */
export function copyPrivately(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  chmodSync(to, 0o600)
}

/** The SHA-256 of a file. */
export async function sumOf(path: string): Promise<string> {
  const sum = createHash('sha256')
  await pipeline(createReadStream(path), sum)
  return sum.digest('hex')
}

/** Has the system write a file, or the names in a folder, to the disk. */
export function flush(path: string): void {
  // Windows opens no folder.
  if (process.platform === 'win32' && statSync(path).isDirectory()) return
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Runs work, and turns errors of the system and of SQLite into one line. @throws StartError */
export async function inWords<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`${what} (${(error as Error).message}); check the disk and its permissions.`)
  }
}
