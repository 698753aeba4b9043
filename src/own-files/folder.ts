// The files that the program brings, where it is installed as a package: they lie in its folder. The single executable
// has executable.ts in place of this file. Nodes that are too old for everything else read it, so it only uses what they
// understand.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { pino } from 'pino'
import type { prettyFactory } from 'pino-pretty'

const folder = findFolder(new URL('.', import.meta.url))
const require = createRequire(import.meta.url)

/** The content of a file of the package, by its path: migrations/0001-users.sql. */
export const readOwnFile = (path: string): Buffer => readFileSync(new URL(path, folder))

/** The names of the files in a folder of the package. */
export const listOwnFiles = (path: string): string[] => readdirSync(new URL(`${path}/`, folder))

/** The content of a file that another package has for browsers: the one of that name beside what Node loads for `specifier`. */
export const readLibraryFile = (specifier: string, name: string): Buffer =>
  readFileSync(join(dirname(require.resolve(specifier)), name))

/** Has Node keep what it compiles from here on, so that the next start is faster. Where nothing can be written, nothing happens. */
export function keepCompiled(): void {
  process.getBuiltinModule('node:module').enableCompileCache()
}

/** The source map of a file that runs; undefined where it has none. */
export function findSourceMap(file: string): Buffer | undefined {
  return existsSync(`${file}.map`) ? readFileSync(`${file}.map`) : undefined
}

/** Loads pino, which most runs never need. */
export const loadPino = (): typeof pino => require('pino').pino

/** Loads what makes pino's lines readable. */
export const loadPrettyFactory = (): typeof prettyFactory => require('pino-pretty').prettyFactory

function findFolder(from: URL): URL {
  return existsSync(new URL('package.json', from)) ? from : findFolder(new URL('..', from))
}
