// Changes the code at random, one change at a time, and sees whether the tests notice
// (npm run test:mutation [-- --size N --seed S --module NAME --write]).

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { MutantResult, PartialStrykerOptions, Position } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { findFigures, report } from '../reliability/figures.ts'
import { equivalents } from './equivalents.ts'
import { type Module, modules } from './modules.ts'
import { type Change, drawSample, filesOf, leftOut, toKey } from './sample.ts'

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    module: { type: 'string', multiple: true, default: modules.map(({ name }) => name) },
    write: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const chosen = modules.filter(({ name }) => values.module.includes(name))
process.stdout.write(`--seed ${seed} --size ${values.size}\n`)

// The tests, too, are to do the same at every run.
process.env.PROPERTY_SEED = String(seed)

/** Lines and columns of a result count from 1, those of a sample from 0. */
function counting0({ location: { start, end }, ...others }: MutantResult): MutantResult {
  const earlier = ({ line, column }: Position) => ({ line: line - 1, column: column - 1 })
  return { ...others, location: { start: earlier(start), end: earlier(end) } }
}

/**
 * Makes each change of a sample, runs the tests, and tells how each ended.
 * @param judges the tests that run the changed code themselves, or all
 */
async function tryEach(
  module: Module,
  sample: readonly Change[],
  judges: 'those that run it' | 'all',
): Promise<MutantResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'))
  process.env.MUTATION_SAMPLE = join(folder, 'sample.json')
  writeFileSync(process.env.MUTATION_SAMPLE, JSON.stringify(sample.map(toKey)))
  process.env.MUTATION_TESTS = JSON.stringify(module.tests ?? ['test/*.test.ts', 'test/!(commands)/**/*.test.ts'])
  const options = {
    mutate: filesOf(module).map(file => relative('.', file)),
    mutator: { plugins: null, excludedMutations: leftOut },
    testRunner: 'vitest',
    testRunnerNodeArgs: ['--max-old-space-size=4096'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    coverageAnalysis: judges === 'all' ? 'off' : 'perTest',
    ignoreStatic: judges !== 'all',
    checkers: ['only-sample'],
    plugins: ['@stryker-mutator/vitest-runner', './test/mutation/only-sample.ts'],
    reporters: ['progress-append-only'],
    ignorePatterns: ['dist', 'data', 'conformance/tools'],
    tempDirName: join(folder, 'sandbox'),
    // Rewriting it needs a TypeScript that has an API; the tests do not read it.
    tsconfigFile: 'none',
    dryRunTimeoutMinutes: 30,
    timeoutMS: 10_000,
    // The machine may have more to do than when the time was taken that tests need.
    timeoutFactor: 3,
    concurrency: 3,
  } satisfies PartialStrykerOptions & { vitest: object }
  try {
    return (await new Stryker(options).runMutationTest()).map(counting0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const isUnnoticed = ({ status }: MutantResult): boolean => status === 'Survived' || status === 'NoCoverage'

/** Tells how each change of a sample ended. What runs only while a module loads would take all tests: it is left out. */
async function tryAll(module: Module, sample: readonly Change[]): Promise<MutantResult[]> {
  const isOneOf = (changes: readonly Change[]) => {
    const keys = new Set(changes.map(toKey))
    return (each: MutantResult) => keys.has(toKey(each))
  }
  const results = (await tryEach(module, sample, 'those that run it')).filter(isOneOf(sample))
  // Of what is done once and kept, as when a server starts or first answers, only the first test of a file is known to
  // run it, but all rely on it.
  const left = results
    .filter(each => each.status === 'Survived' || (each.static && isUnnoticed(each)))
    .filter(each => !isEquivalent(each))
  if (left.length === 0) return results
  const again = (await tryEach(module, left, 'all')).filter(isOneOf(left))
  return [...results.filter(each => !left.includes(each)), ...again]
}

const sources = new Map<string, string>()
function toPlace({ fileName, location: { start, end }, replacement }: MutantResult) {
  const source = sources.get(fileName) ?? readFileSync(fileName, 'utf8')
  sources.set(fileName, source)
  const lines = source.split('\n')
  const offsetOf = ({ line, column }: Position) =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, column)
  return {
    file: relative('.', fileName),
    line: start.line + 1,
    was: source.slice(offsetOf(start), offsetOf(end)),
    became: replacement ?? '',
  }
}

function isEquivalent(result: MutantResult): boolean {
  const { file, was, became } = toPlace(result)
  return equivalents.some(known => known.file === file && known.was === was && known.became === became)
}

const toName = ({ name, goal }: Module): string => (goal === undefined ? name : `${name} (wanted: ${goal})`)
const toRow = (module: Module, figures: ReadonlyMap<string, string>): [string, string] => [
  toName(module),
  figures.get(toName(module)) ?? 'not measured',
]

/** Tells what the tests did not notice, and gives the line of figures. */
function judge(module: Module, results: readonly MutantResult[]): [string, string] {
  const late = results.filter(({ status }) => status === 'Timeout')
  const noticed = late.length + results.filter(({ status }) => status === 'Killed').length
  const unnoticed = results.filter(isUnnoticed)
  const missed = unnoticed.filter(each => !isEquivalent(each))
  // A busy machine, too, can make a change take too long.
  for (const each of [...late, ...missed]) {
    const { file, line, was, became } = toPlace(each)
    process.stdout.write(
      `${module.name}  ${file}:${line}  ${each.status}  ${each.mutatorName}\n  - ${was}\n  + ${became}\n`,
    )
  }
  const count = noticed + missed.length
  const equal = unnoticed.length - missed.length
  const score = count === 0 ? '-' : `${Math.floor((100 * noticed) / count)} of 100`
  const details = `${noticed} of ${count}${equal ? ` and ${equal} equivalent` : ''}, --seed ${seed} --size ${values.size}`
  return [toName(module), `${score} (${details})`]
}

// Each module is written when it is done; of those that were not chosen the figures stay.
const figures = findFigures('mutation')
for (const module of chosen) {
  const sample = await drawSample(module, Number(values.size), seed)
  const [name, score] = judge(module, await tryAll(module, sample))
  figures.set(name, score)
  process.stdout.write(`${name}: ${score}\n`)
  if (values.write)
    report(
      'mutation',
      true,
      modules.map(each => toRow(each, figures)),
    )
}
