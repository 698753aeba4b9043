// The library of better-sqlite3 in the single executable. The system loads libraries from files alone, so it is written
// into a private folder, once for each content, and loaded from there.

import { randomUUID } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs'
import { homedir, constants as system, tmpdir } from 'node:os'
import { join } from 'node:path'
import { getAssetKeys, getRawAsset } from 'node:sea'
import { StartError } from '../../errors.ts'

/** How the assets call it: the hash of its content is part of the name, so that versions do not meet. */
const form = /^better-sqlite3-[0-9a-f]{64}\.node$/

let library: unknown

/**
 * The library, in place of what better-sqlite3 finds in its own folder.
 * @throws StartError where no folder can hold it
 */
export function getBinding(): unknown {
  if (library) return library
  const name = getAssetKeys().find(key => form.test(key))!
  const content = Buffer.from(getRawAsset(name))
  const problems: string[] = []
  for (const folder of toFolders()) {
    try {
      library = loadFile(keepFile(folder, name, content))
      return library
    } catch (error) {
      problems.push(`${folder} (${(error as Error).message})`)
    }
  }
  throw new StartError(
    `The database's library needs a folder that only you can write and that programs may run from. Tried ${problems.join('; ')}. Name such a folder as ${process.platform === 'win32' ? 'TEMP' : 'TMPDIR'}.`,
  )
}

/** Where it may lie: the user's cache, where systems keep one, else a folder of temporary files. */
function toFolders(): string[] {
  const user = process.getuid?.() ?? ''
  const caches =
    process.platform === 'win32'
      ? process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local')
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : // Only an absolute path counts, says the XDG Base Directory Specification.
          process.env.XDG_CACHE_HOME?.startsWith('/')
          ? process.env.XDG_CACHE_HOME
          : join(homedir(), '.cache')
  return [join(caches, 'insightly-scim'), join(tmpdir(), `insightly-scim-${user}`)]
}

/** Makes sure that the file is there and whole, and that nobody else can have written it. */
function keepFile(folder: string, name: string, content: Buffer): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory()) throw new Error('it is no folder')
  if (!isPrivate(found)) throw new Error('others can write it')
  const path = join(folder, name)
  if (holds(path, content)) return path
  // Another start may write it at the same time: each writes a draft of its own, and what is renamed is whole.
  const draft = `${path}.${randomUUID()}`
  try {
    writeFileSync(draft, content, { flag: 'wx', mode: 0o600 })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    // Windows does not replace a file that another start has loaded meanwhile.
    if (!holds(path, content)) throw error
  }
  return path
}

function holds(path: string, content: Buffer): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && isPrivate(found) && readFileSync(path).equals(content)
}

/** Whether nobody but this user can change it. Windows keeps the folders of a user, and what lies in them, to that user. */
const isPrivate = ({ uid, mode }: Stats): boolean =>
  process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)

function loadFile(path: string): unknown {
  const module = { exports: {} as unknown }
  process.dlopen(module, path, system.dlopen.RTLD_LAZY)
  return module.exports
}
