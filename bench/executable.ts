// npm run bench:executable: what the single executable weighs and how fast it starts, beside the package that npm
// installs. Writes the figures into docs/executable.md.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { executableOf, findOwnTarget, installNode } from '../scripts/executable/targets.ts'
import { version } from '../src/package.ts'
import { Client } from './client.ts'
import { operations } from './load.ts'
import { median } from './measure.ts'
import { cpuSeconds, launch, memory, pinClient, scimUrlOf, scratch } from './servers.ts'

const rounds = 15
const page = 'docs/executable.md'
const own = findOwnTarget()!
const executable = resolve(executableOf(own))
const sameNode = resolve(installNode(own).binary)
const cli = resolve('dist/cli.js')

interface Form {
  name: string
  program: string
  args: string[]
  /** What it keeps from its first start to the next, in a folder. */
  environment(kept: string): NodeJS.ProcessEnv
}

const nodeVersion = (program: string): string => execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()
const byNode = (program: string): Form => ({
  name: `npm package on Node ${nodeVersion(program)}`,
  program,
  args: [cli],
  environment: kept => ({ NODE_COMPILE_CACHE: kept }),
})
const forms: Form[] = [
  {
    name: `executable, which is Node ${nodeVersion(sameNode)}`,
    program: executable,
    args: [],
    environment: kept => ({ XDG_CACHE_HOME: kept }),
  },
  byNode(sameNode),
  byNode(process.execPath),
]

interface Costs {
  milliseconds: number[]
  processorMilliseconds: number[]
  mebibytes: number[]
}

/** One start up to the first authenticated answer. */
async function start({ program, args, environment }: Form, kept: string, costs: Costs): Promise<void> {
  const startedAt = performance.now()
  const flags = ['--port', '0', '--format', 'json', '--exit-with-stdin', '--scim-token', 'bench']
  const server = await launch('ours', 0, [...args, ...flags], environment(kept), program)
  const client = await Client.open(scimUrlOf(server), 1)
  await client.send(operations['first page of 100'](server.aim))
  costs.milliseconds.push(performance.now() - startedAt)
  costs.processorMilliseconds.push((cpuSeconds(server) ?? Number.NaN) * 1000)
  costs.mebibytes.push(memory(server))
  client.close()
  await server.stop()
}

async function measureStarts(): Promise<string[][]> {
  const kinds = forms.flatMap(form => [true, false].map(isFirst => ({ form, isFirst, kept: makeFolder() })))
  const costs = kinds.map((): Costs => ({ milliseconds: [], processorMilliseconds: [], mebibytes: [] }))
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < kinds.length; turn += 1) {
      const at = (turn + round) % kinds.length
      const { form, isFirst, kept } = kinds[at]!
      // In the first round, the system has not cached the files yet.
      const none: Costs = { milliseconds: [], processorMilliseconds: [], mebibytes: [] }
      await start(form, isFirst ? makeFolder() : kept, round === 0 ? none : costs[at]!)
    }
  }
  return kinds.map(({ form, isFirst }, at) => [
    `${form.name}${isFirst ? ', first run ever' : ''}`,
    `${Math.round(median(costs[at]!.milliseconds))} ms`,
    `${Math.round(median(costs[at]!.processorMilliseconds))} ms`,
    `${Math.round(median(costs[at]!.mebibytes))} MiB`,
  ])
}

const makeFolder = (): string => mkdtempSync(join(scratch, 'kept-'))
const toMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** What is downloaded, and what lies on the disk then. */
function weigh(): string[][] {
  const project = makeFolder()
  const quiet = { cwd: project, stdio: 'ignore' } as const
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { stdio: 'ignore' })
  const tarball = join(project, `insightly-scim-${version}.tgz`)
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', tarball], quiet)
  const files = readdirSync(join(project, 'node_modules'), { recursive: true, withFileTypes: true })
  const installed = files
    .filter(file => file.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  const compress = (file: string): string => toMegabytes(gzipSync(readFileSync(file)).length)
  return [
    ['executable', compress(executable), toMegabytes(statSync(executable).size)],
    ['npm package, without what it depends on', toMegabytes(statSync(tarball).size), ''],
    ['npm package, with what it depends on', '', toMegabytes(installed)],
    [`Node ${process.version} by itself`, compress(process.execPath), toMegabytes(statSync(process.execPath).size)],
  ]
}

const toTable = (head: string[], rows: string[][]): string =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')

pinClient()
const figures = `Last run: insightly-scim ${version}, ${own}, ${cpus().length} cores (${cpus()[0]!.model.trim()}); medians of ${rounds} starts.

${toTable(['', 'compressed', 'on the disk'], weigh())}

${toTable(['', 'first authenticated 200', 'processor time', 'memory then'], await measureStarts())}`
const marks = /(<!-- measured -->\n)[\s\S]*(<!-- \/measured -->)/
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(marks, (_, open, end) => `${open}\n${figures}\n\n${end}`),
)
process.stdout.write(`${figures}\n`)
