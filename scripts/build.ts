// Builds dist/ for the published package and the image: the command and the package's doors, bundled into few files, which
// Node loads in half the time, and the types of the doors as the compiler writes them.

import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { OutputChunk, OutputOptions } from 'rolldown'
import { bundle, toLicences } from './bundle.ts'

const folder = 'dist/bundle'

/** What stays outside: what has a binary of its own, what starts a worker thread from a file of its own, the reader's Vitest. */
const external = ['better-sqlite3', 'pino', 'pino-pretty', 'vitest']

const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
const oldestNode = /\d+\.\d+/.exec(engines.node)![0]

/** What Fastify requires only when it needs it. Each becomes a file of its own, so that a start does not read it. */
const later = {
  'validator-compiler': '@fastify/ajv-compiler',
  'serializer-compiler': '@fastify/fast-json-stringify-compiler',
  inject: 'light-my-request',
}

/** The router has this check the regular expressions of paths. We have none, and to load it takes 2 % of a start. */
const replaced = { '/safe-regex2/index.js': 'module.exports = () => true' }

rmSync('dist', { recursive: true, force: true })
writeTypes()
const chunks = [...(await bundleCode()), ...(await bundleEntry()), ...(await bundleFixtures())]
chmodSync('dist/cli.js', 0o755)
writeFileSync(join(folder, 'LICENSES.md'), toLicences(chunks))

/** The types say of each door what it is: that of the package CommonJS, that of the fixtures an ES module. */
function writeTypes(): void {
  execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  writeFileSync('dist/types/package.json', '{ "type": "commonjs" }\n')
  renameSync('dist/types/vitest.d.ts', 'dist/types/vitest.d.mts')
}

/**
 * The command itself and what the package exports, as CommonJS. An ES module that imports node:http has Node read all that
 * node:http could give, fetch and WebSocket too, and that takes longer than the whole of Fastify. And Jest, which can
 * neither require an ES module nor load a package that does, takes this as it is.
 */
function bundleCode(): Promise<OutputChunk[]> {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('fastify'))
  const entries = Object.entries(later)
  return bundleParts(
    {
      main: 'src/commands/main.ts',
      index: 'src/index.ts',
      ...Object.fromEntries(entries.map(([name, each]) => [name, resolve(each)])),
    },
    new Map(entries.map(([name, each]) => [each, `./${name}.cjs`])),
    { dir: folder, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs', sourcemap: true },
  )
}

/** The file that npm links to. Even the Nodes that it refuses must understand it. */
function bundleEntry(): Promise<OutputChunk[]> {
  return bundleParts({ cli: 'src/cli.ts' }, new Map([['./commands/main.ts', './bundle/main.cjs']]), { dir: 'dist' })
}

/** The fixtures, which are an ES module because Vitest is nothing else. */
function bundleFixtures(): Promise<OutputChunk[]> {
  return bundleParts({ vitest: 'src/vitest.ts' }, new Map([['./index.ts', './bundle/index.cjs']]), { dir: 'dist' })
}

/** Bundles what the entries need; imports of `elsewhere` stay imports, of the files that are named there. */
function bundleParts(
  input: Record<string, string>,
  elsewhere: ReadonlyMap<string, string>,
  output: OutputOptions,
): Promise<OutputChunk[]> {
  // The oldest Node that the package promises; what it lacks of the language is written in other words.
  return bundle(input, output, { target: `node${oldestNode}`, external, elsewhere, replaced })
}
