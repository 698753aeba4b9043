// Results as Markdown: the tables of a run, and README.md with the versions and the machine in words.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { InstanceCosts } from './instances.ts'
import type { LargeResults } from './large.ts'
import { median, type Results, ratio, type Scenario } from './measure.ts'
import type { Peaks } from './peak.ts'
import type { Contender } from './servers.ts'
import type { Starter, Starts } from './start.ts'

const titles: Record<Contender, string> = {
  ours: 'insightly-scim',
  practical: 'practical limit',
  physical: 'physical limit',
  scimmy: 'scimmy',
  'better-auth': 'better-auth',
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n')

/** Requests a second of each contender, and what ours are of the practical limit's and of the best peer's. */
export function toTable({ users, isFile }: Scenario, results: Results): string {
  const who = [...[...results.values()][0]!.keys()]
  const peers = who.filter(each => each === 'scimmy' || each === 'better-auth')
  const compares = who.includes('ours') && who.includes('practical')
  const head = ['', ...who.map(each => titles[each])]
  if (compares) head.push('of the practical limit', 'of its processor time')
  if (compares && peers.length > 0) head.push('times the best peer')
  const rows = [...results].map(([name, by]) => {
    const cells = [name, ...who.map(each => whole(median(by.get(each)!.rates)))]
    const [ours, limit] = [by.get('ours'), by.get('practical')]
    if (ours && limit) {
      cells.push(ratio(ours.rates, limit.rates).toFixed(2), ratio(limit.costs, ours.costs).toFixed(2))
      const times = peers.map(peer => ratio(ours.rates, by.get(peer)!.rates))
      if (times.length > 0) cells.push(Math.min(...times).toFixed(1))
    }
    return cells
  })
  return `## ${whole(users)} users${isFile ? ' in a database file' : ' in memory'}, requests a second\n\n${table(head, rows)}\n`
}

/** The highest memory by operation. */
export function toPeaks(users: number, requests: number, peaks: Peaks): string {
  const who = [...[...peaks.values()][0]!.keys()]
  const compares = who.includes('ours') && who.includes('practical')
  const rows = [...peaks].map(([name, by]) => [
    name,
    ...who.map(each => `${whole(by.get(each)!)} MiB`),
    ...(compares ? [(by.get('ours')! / by.get('practical')!).toFixed(2)] : []),
  ])
  const head = ['', ...who.map(each => titles[each]), ...(compares ? ['of the practical limit'] : [])]
  return `## Highest memory\n\nOf a server with ${whole(users)} users that is asked ${whole(requests)} times for one operation.\n\n${table(head, rows)}\n`
}

/** Starting. */
export function toStart(results: ReadonlyMap<Starter, Starts>): string {
  const limit = [...results].find(([{ contender }]) => contender === 'practical')?.[1]
  const compared = (of: readonly number[], to: readonly number[] | undefined): string =>
    to ? ratio(of, to).toFixed(2) : ''
  const rows = [...results].map(([{ contender, isFirstRun }, { milliseconds, processorMilliseconds, mebibytes }]) => [
    `${titles[contender]}${isFirstRun ? ', first run ever' : ''}`,
    `${whole(median(milliseconds))} ms`,
    compared(milliseconds, limit?.milliseconds),
    compared(processorMilliseconds, limit?.processorMilliseconds),
    `${whole(median(mebibytes))} MiB`,
    compared(mebibytes, limit?.mebibytes),
  ])
  const head = [
    '',
    'first authenticated 200',
    'of the practical limit',
    'of its processor time',
    'memory then',
    'of the practical limit',
  ]
  return `## Cold start\n\n${table(head, rows)}\n`
}

/** Instances. */
export const toInstances = ({ byControlApi, inProcess, alive, kibibytesEach }: InstanceCosts): string =>
  `## Instances\n\n${table(
    ['', ''],
    [
      ['a fresh instance through the control API, median', `${byControlApi.toFixed(2)} ms`],
      ['a fresh instance in process (`createInstance()`), median', `${inProcess.toFixed(2)} ms`],
      [`memory of each of ${whole(alive)} alive at once`, `${whole(kibibytesEach)} KiB`],
    ],
  )}\n`

/** A million users in a file. */
export function toLarge({ users, works, mebibytes, operations }: LargeResults): string {
  const work = works.map(({ name, atFirst, overall, peak }) => [
    name,
    whole(atFirst),
    whole(overall),
    (atFirst / overall).toFixed(2),
    `${whole(peak)} MiB`,
  ])
  const rows = [...operations].map(([name, { few, many }]) => [
    name,
    whole(median(few.rates)),
    whole(median(many.rates)),
    ratio(few.rates, many.rates).toFixed(2),
    ratio(many.costs, few.costs).toFixed(2),
  ])
  return `## ${whole(users)} users in a database file

Memory after a restart and the load below: ${whole(mebibytes.few)} MiB with 1,000 users, ${whole(mebibytes.many)} MiB with ${whole(users)}.

${table(['users a second', 'first tenth', 'all', 'slowdown', 'highest memory'], work)}

${table(['requests a second', '1,000 users', `${whole(users)} users`, 'slowdown', 'in processor time'], rows)}
`
}

const versionOf = (name: string): string | undefined => {
  try {
    const path = createRequire(join(import.meta.dirname, 'run.ts')).resolve.paths(name)!
    for (const folder of path) {
      try {
        return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version
      } catch {
        // Not in this folder.
      }
    }
  } catch {
    return undefined
  }
  return undefined
}

/** The whole README of this folder. */
export function toReadme(sections: readonly string[], isPinned: boolean): string {
  const packages = [
    'fastify',
    'better-sqlite3',
    'scimmy',
    'scimmy-routers',
    'express',
    'better-auth',
    '@better-auth/scim',
  ]
  const versions = packages.flatMap(name => {
    const version = versionOf(name)
    return version ? [`${name} ${version}`] : []
  })
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  return `<!-- Written by \`npm run bench\`; do not edit. -->

# Benchmarks

\`npm run bench\` measures this server beside two limits and the peers that can be installed, and writes this page.
Numbers of different machines, runs or columns of time cannot be compared; **ratios within one run can**: every round
measures all contenders in turn, and a ratio is the median of the rounds' ratios. "Of its processor time" is the same
ratio in processor time instead of by the clock, which other work on the machine disturbs less.

- **practical limit**: [\`targets/practical.js\`](targets/practical.js), one file on the same foundations (Fastify,
  better-sqlite3, same pragmas) that keeps users as ready-made JSON and checks nothing but the token.
- **physical limit**: [\`targets/physical.js\`](targets/physical.js), bare \`node:http\` with constant bodies.
- **peers**: \`scimmy\` with \`scimmy-routers\` and the best store in memory that one can give it, and \`better-auth\` with
  its SCIM plugin on SQLite in memory (at 1,000 users only: filling it takes long). \`npm ci --prefix bench\` installs them.

Ours runs as \`node dist/cli.js\`, with its journal on, a line of its log for each request (as JSON, to where nobody reads
it) and all its defaults; the others log nothing. The mix is a provider's sync: 40 %
filters that hit, 10 % that miss, 20 % reads, 15 % PATCHes of \`active\`, 10 % POSTs, 5 % pages of 100. Before an operation is
measured, each server is asked for it up to 20,000 times, since V8 compiles until some 15,000 were answered. POST comes
last, because the peers are slower with a longer list. The client keeps 16 connections busy${isPinned ? ', on a core of its own; the server has the other' : ''}. It does not sleep meanwhile: a client that sleeps has to be woken
for every answer, which costs the server processor time, and the client of a slower server sleeps more often. In the
"first run ever", Node has compiled nothing yet; it keeps what it compiles for the next run.

What is left between ours and the practical limit, by profile:

- Of a POST, SQLite takes 24 columns instead of three (more than a third of the difference), and the table of attributes
  checks and reads the body.
- Of a PATCH, the fields that SCIM needs are read, and the document is written anew.
- Of every request, the journal keeps an exchange. Its long texts lie outside V8's heap, but its objects live for a
  thousand requests, so that the collector moves them twice.
- Every request is told to the log, which is about a third of the difference of a read; \`--log-level warn\` saves it.

Among a million users, a look-up by userName reads two more pages of 4 KiB from the file. No cache that stays small
holds them.

Last run: insightly-scim ${version}, Node.js ${process.versions.node}, ${versions.join(', ')};
${cpus().length} cores (${cpus()[0]!.model}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${process.platform}.

${sections.join('\n')}`
}
