// How code is bundled, for the published package and for the single executable, and whose licences come with it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OutputChunk, type OutputOptions, type Plugin, rolldown } from 'rolldown'

/** The modules of Node that Fastify always requires, although most starts do not use TLS. */
const lateBuiltins = ['node:http2', 'node:https']
const lateMark = '\0late:'

/** What differs between the bundles. */
interface BundleOptions {
  /** The oldest Node that they run on: node22.14. */
  target: string
  /** Packages that stay outside. */
  external?: readonly string[]
  /** Imports that stay imports, and the files that they are of then. */
  elsewhere?: ReadonlyMap<string, string>
  /** Files that others stand in for, by the ends of their paths, with the code that stands there. */
  replaced?: Readonly<Record<string, string>>
}

/**
 * Bundles what the entries need and writes it.
 * @throws Error for whatever the bundler warns of
 */
export async function bundle(
  input: Record<string, string>,
  output: OutputOptions,
  { target, external = [], elsewhere = new Map(), replaced = {} }: BundleOptions,
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
      const code = Object.entries(replaced).find(([end]) => id.replaceAll('\\', '/').endsWith(end))?.[1]
      if (code !== undefined || !id.startsWith(lateMark)) return code
      const source = JSON.stringify(id.slice(lateMark.length))
      return `module.exports = new Proxy({}, { get: (_, name) => require(${source})[name] })`
    },
  }
  const build = await rolldown({
    input,
    external: [...external],
    platform: 'node',
    transform: { target },
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
export function toLicences(chunks: readonly OutputChunk[]): string {
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
