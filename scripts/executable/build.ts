// npm run build:executable: the command as one file that needs no Node, for this machine or for another target. All code
// is bundled into one script, which Node puts into a copy of itself together with the files that the program brings.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { libraries } from '../../src/http/console.ts'
import { bundle, toLicences } from '../bundle.ts'
import { executableOf, findOwnTarget, folderOf, installNode, type TargetName, targetNames, targets } from './targets.ts'

const { resolve: find } = createRequire(import.meta.url)
const own = findOwnTarget()
const wanted = readTarget(process.argv.slice(2))
const folder = folderOf(wanted)
/** What is put into the executable. Its path stands in stack traces, from where the map leads to src/. */
const program = join(folder, 'program.cjs')
await build().catch(error => fail((error as Error).message))

function readTarget(args: string[]): TargetName {
  const [flag, target = own] = args
  if (args.length > 0 && (flag !== '--target' || args.length !== 2))
    fail(
      `${JSON.stringify(args.join(' '))} is not accepted; expected nothing or --target and one of ${targetNames.join(', ')}.`,
    )
  if (own === undefined)
    fail(`Executables are built on ${targetNames.join(', ')}; this is ${process.platform}-${process.arch}.`)
  const name = targetNames.find(each => each === target)
  return name ?? fail(`--target is ${JSON.stringify(target)}; expected ${targetNames.join(', ')}.`)
}

function fail(line: string): never {
  process.stderr.write(`${line}\n`)
  process.exit(2)
}

async function build(): Promise<void> {
  const node = installNode(wanted)
  // A Node only prepares what its very own release reads.
  const builder = wanted === own ? node : installNode(own!)
  rmSync(folder, { recursive: true, force: true })
  const chunks = await bundle(
    { program: 'src/cli.ts' },
    { dir: folder, format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false, sourcemap: true },
    {
      target: 'node26',
      replaced: {
        '/src/own-files/folder.ts': "export * from './executable.ts'",
        '/better-sqlite3/lib/binding.js': `module.exports = require(${JSON.stringify(resolve('src/account/files/sqlite-library.ts'))})`,
      },
    },
  )
  const output = executableOf(wanted)
  const config = {
    main: program,
    mainFormat: 'commonjs',
    executable: node.binary,
    output,
    disableExperimentalSEAWarning: true,
    // Compiled code is of use to the processor and the release that compiled it.
    useCodeCache: wanted === own,
    // NODE_OPTIONS is for the Node of those who test, whose modules this one could not find.
    execArgvExtension: 'none',
    assets: toAssets(),
  }
  const configFile = join(folder, 'config.json')
  writeFileSync(configFile, JSON.stringify(config))
  execFileSync(builder.binary, ['--build-sea', configFile], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (const file of [program, `${program}.map`, configFile]) rmSync(file)
  copyFileSync('LICENSE', join(folder, 'LICENSE'))
  writeFileSync(join(folder, 'LICENSES.md'), toLicences(chunks) + readNodeLicence(node.folder))
  sign(output)
  process.stdout.write(`${output}\n`)
}

/** The files that the program brings, by the names that src/own-files/executable.ts reads. */
function toAssets(): Record<string, string> {
  const { os, cpu } = targets[wanted]
  const library = join(dirname(find('better-sqlite3/package.json')), 'prebuilds', `${os}-${cpu}.node`)
  const content = createHash('sha256').update(readFileSync(library)).digest('hex')
  const folders = ['migrations', 'src/console'].flatMap(folder => readdirSync(folder).map(name => `${folder}/${name}`))
  const lent = Object.values(libraries).map(([specifier, name]) => [
    `libraries/${specifier}/${name}`,
    join(dirname(find(specifier)), name),
  ])
  return {
    ...Object.fromEntries(['package.json', 'openapi.yaml', ...folders].map(path => [path, path])),
    ...Object.fromEntries(lent),
    'program.cjs.map': `${program}.map`,
    [`better-sqlite3-${content}.node`]: library,
  }
}

/** The package for Windows brings no licence; that of the same release for Linux does. */
function readNodeLicence(folder: string): string {
  const file = join(existsSync(join(folder, 'LICENSE')) ? folder : installNode('linux-x64').folder, 'LICENSE')
  return `\n## Node.js and what it brings\n\n${readFileSync(file, 'utf8')}`
}

/** Apple's processors run no program without a signature; one "by nobody" will do where it was not downloaded. */
function sign(output: string): void {
  if (targets[wanted].os !== 'darwin') return
  if (process.platform === 'darwin') execFileSync('codesign', ['--force', '--sign', '-', output], { stdio: 'inherit' })
  else process.stderr.write(`${output} runs once it is signed, on a Mac: codesign --force --sign - ${output}\n`)
}
