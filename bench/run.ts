// npm run bench: compares the speed of this server with its peers, and with limits of what could be reached at all.
// A full run (some ten minutes) writes README.md; --quick only shows, in half a minute, that everything still answers.
// For work on the code: --users 1000 --operations "get by id,POST" --contenders ours,practical --rounds 9 [--file].

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureInstances } from './instances.ts'
import { measureLarge } from './large.ts'
import { type OperationName, operations } from './load.ts'
import { measure, type Scenario } from './measure.ts'
import { measurePeaks } from './peak.ts'
import { toInstances, toLarge, toPeaks, toReadme, toStart, toTable } from './report.ts'
import { type Contender, contenders, pinClient } from './servers.ts'
import { measureStart } from './start.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    users: { type: 'string' },
    file: { type: 'boolean', default: false },
    operations: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string' },
    large: { type: 'string' },
  },
})

const all = Object.keys(operations) as OperationName[]
const chosenOperations = (values.operations?.split(',') as OperationName[]) ?? all
const chosenContenders = (values.contenders?.split(',') as Contender[]) ?? contenders
const rounds = Number(values.rounds ?? (values.quick ? 1 : 7))
const patience = { rounds, seconds: values.quick ? 0.1 : 0.5 }
const isPinned = pinClient()

const scenario = (users: number, isFile: boolean, who: readonly Contender[], what = chosenOperations): Scenario => ({
  users,
  isFile,
  contenders: who.filter(each => chosenContenders.includes(each)),
  operations: what,
})
const withoutSlowest = contenders.filter(each => each !== 'better-auth')
const scenarios: Scenario[] = values.users
  ? [scenario(Number(values.users), values.file, chosenContenders)]
  : values.quick
    ? [scenario(1000, false, withoutSlowest)]
    : [
        scenario(1000, false, contenders),
        // better-auth makes about a hundred users a second, so that it would take minutes to fill.
        scenario(50_000, false, withoutSlowest),
        scenario(50_000, true, ['ours', 'practical']),
      ]

const parts: Record<string, () => Promise<string[]>> = {
  async requests() {
    const tables: string[] = []
    for (const each of scenarios) tables.push(toTable(each, await measure(each, patience)))
    return tables
  },
  async memory() {
    const [users, requests] = values.quick ? [100, 500] : [1000, 20_000]
    const who = chosenContenders.filter(each => each === 'ours' || each === 'practical')
    return [toPeaks(users, requests, await measurePeaks(who, chosenOperations, users, requests))]
  },
  start: async () => [toStart(await measureStart(chosenContenders, values.quick ? 1 : 2 * rounds))],
  instances: async () => [toInstances(await measureInstances(values.quick ? 200 : 10_000))],
  large: async () => [
    toLarge(
      await measureLarge(Number(values.large ?? (values.quick ? 10_000 : 1_000_000)), chosenOperations, patience),
    ),
  ],
}
const chosenParts = values.only?.split(',') ?? (values.users ? ['requests'] : Object.keys(parts))

const isWhole = chosenParts.length === Object.keys(parts).length && !values.quick
const sections: string[] = []
for (const part of chosenParts) {
  for (const section of await parts[part]!()) {
    sections.push(section)
    process.stdout.write(`${section}\n`)
    if (isWhole) writeFileSync(join(import.meta.dirname, 'README.md'), toReadme(sections, isPinned))
  }
}
