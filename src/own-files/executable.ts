// The files that the program brings, where it is a single executable: they are its assets, by the same names. Stands in
// for folder.ts there; scripts/executable/build.ts says which files they are.

import { getAssetKeys, getRawAsset } from 'node:sea'
import type { pino } from 'pino'
import type { prettyFactory } from 'pino-pretty'
import type * as folder from './folder.ts'

const readAsset = (key: string): Buffer => Buffer.from(getRawAsset(key))

export const readOwnFile: typeof folder.readOwnFile = readAsset

export const listOwnFiles: typeof folder.listOwnFiles = path =>
  getAssetKeys().flatMap(key => (key.startsWith(`${path}/`) ? key.slice(path.length + 1) : []))

export const readLibraryFile: typeof folder.readLibraryFile = (specifier, name) =>
  readAsset(`libraries/${specifier}/${name}`)

/** The code is compiled already where the executable was built on its own system. */
export const keepCompiled: typeof folder.keepCompiled = () => {}

/** All code is one script, whose name ends so. Its map leads from where it was built to src/. */
export const findSourceMap: typeof folder.findSourceMap = file =>
  file.endsWith('program.cjs') ? readAsset('program.cjs.map') : undefined

// The bundler puts in what these two name, and runs it when they are called.
export const loadPino: typeof folder.loadPino = () => (require('pino') as { pino: typeof pino }).pino

export const loadPrettyFactory: typeof folder.loadPrettyFactory = () =>
  (require('pino-pretty') as { prettyFactory: typeof prettyFactory }).prettyFactory
