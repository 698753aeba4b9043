// A data folder: what lies in it and under which names. What the files hold is not known here.

import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The form of an instance's name. It also makes the name safe as a file name. */
export const instanceName = /^[a-z0-9][a-z0-9-]{0,62}$/

const databaseEnd = '.sqlite'

/** The database file of an instance. */
export const toDatabasePath = (folder: string, name: string): string => join(folder, name + databaseEnd)

/** The file of the admin key that was made up for the folder. */
export const toKeyPath = (folder: string): string => join(folder, 'admin-key')

/** The names of all instances that a folder holds. */
export const findInstanceNames = (folder: string): string[] =>
  readdirSync(folder)
    .filter(file => file.endsWith(databaseEnd))
    .map(file => file.slice(0, -databaseEnd.length))
    .filter(name => instanceName.test(name))
    .sort()

/** Whether a data folder keeps an admin key. */
export const keepsKey = (folder: string): boolean =>
  lstatSync(toKeyPath(folder), { throwIfNoEntry: false })?.isFile() ?? false

/** Makes a folder and its parents one by one. With `recursive`, Node never returns when it cannot make one, as in /proc. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(resolve(folder)))
  mkdirSync(folder, { mode: 0o700 })
}
