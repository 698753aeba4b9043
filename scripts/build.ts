// Builds dist/ for the published package and the image: the command and the package's doors, bundled into few files, which
// Node loads in half the time, and the types of the doors as the compiler writes them.

import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type OutputChunk, type OutputOptions, type Plugin, rolldown } from 'rolldown'

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

/** The modules of Node that Fastify always requires, although most starts do not use TLS. */
const lateBuiltins = ['node:http2', 'node:https']
const lateMark = '\0late:'

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
  return bundle(
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
  return bundle({ cli: 'src/cli.ts' }, new Map([['./commands/main.ts', './bundle/main.cjs']]), { dir: 'dist' })
}

/** The fixtures, which are an ES module because Vitest is nothing else. */
function bundleFixtures(): Promise<OutputChunk[]> {
  return bundle({ vitest: 'src/vitest.ts' }, new Map([['./index.ts', './bundle/index.cjs']]), { dir: 'dist' })
}

/** Bundles what the entries need; imports of `elsewhere` stay imports, of the files that are named there. */
async function bundle(
  input: Record<string, string>,
  elsewhere: ReadonlyMap<string, string>,
  output: OutputOptions,
): Promise<OutputChunk[]> {
  const resolver: Plugin = {
    name: 'elsewhere',
    resolveId(source, importer, { isEntry, kind }) {
      const id = isEntry ? undefined : elsewhere.get(source)
      if (id !== undefined) return { id, external: true }
      const isLate = kind === 'require-call' && lateBuiltins.includes(source) && !importer?.startsWith(lateMark)
      return isLate ? lateMark + source : undefined
    },
    load(id) {
      if (!id.startsWith(lateMark)) return
      const source = JSON.stringify(id.slice(lateMark.length))
      return `module.exports = new Proxy({}, { get: (_, name) => require(${source})[name] })`
    },
  }
  const build = await rolldown({
    input,
    external,
    platform: 'node',
    // The oldest Node that the package promises; what it lacks of the language is written in other words.
    transform: { target: `node${oldestNode}` },
    plugins: [resolver],
    // A file that one place imports later and another at once is no fault of the bundle.
    checks: { bundlerTimings: false, ineffectiveDynamicImport: false },
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(`The bundle is not as it should be: ${message}`)
    },
  })
  // The maps hold no sources, which a stack trace does not need.
  const written = await build.write({ ...output, comments: false, sourcemapExcludeSources: true })
  await build.close()
  return written.output.filter(each => each.type === 'chunk')
}

/** The licences of all packages that have code in the bundle. */
function toLicences(chunks: readonly OutputChunk[]): string {
  const folders = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap(id => findPackage(id) ?? [])))
  const sections = [...folders].sort().map(each => {
    const manifest = JSON.parse(readFileSync(join(each, 'package.json'), 'utf8'))
    return `## ${manifest.name} ${manifest.version}\n\n${manifest.license}\n\n${readLicence(each, manifest)}\n`
  })
  return `# Licences of what is bundled into the command\n\n${sections.join('\n')}`
}

function readLicence(packageFolder: string, { name, license, author }: Record<string, string>): string {
  const file = readdirSync(packageFolder).find(each => /^(licen[cs]e|copying)/i.test(each))
  if (file) return readFileSync(join(packageFolder, file), 'utf8').trim()
  if (license !== 'MIT' || !author) throw new Error(`${name} brings no text of its licence.`)
  // Some packages only name the MIT licence and their author. Its text is the same as in our own LICENSE.
  return readFileSync('LICENSE', 'utf8')
    .replace(/^Copyright.*$/m, `Copyright (c) ${author}`)
    .trim()
}

/** The folder of the package that a bundled module is from; undefined for our own. */
function findPackage(id: string): string | undefined {
  // The functions that tie the modules together, and those that stand for what old Nodes lack; rolldown brings both.
  if (/^\0(?:rolldown\/|@oxc-project\+runtime@)/.test(id)) return 'node_modules/rolldown'
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0]
}
