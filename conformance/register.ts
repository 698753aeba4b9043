// The register of what may fail: reads expected.json, judges what a run found against it, and prints both as tables.

import { readFileSync } from 'node:fs'
import { behaviourRows, type PresetName, presetNames } from '../src/scim/behaviour.ts'
import { rules } from '../src/scim/rules.ts'
import type { Outcome } from './tool.ts'

/** A failure that is as it should be, by a rule of the contract. */
interface Expectation {
  check: string
  presets: PresetName[]
  /** The rules, such as U-14, or the switch, that make it fail. */
  rule: string
  /** Why that is right, in a sentence. */
  why: string
}

interface RegisteredTool {
  name: string
  version: string
  from: string
  judges: string
  /** How many checks it makes under each preset; fewer mean that it no longer looks at everything. */
  checks: Partial<Record<PresetName, number>>
  failures: Expectation[]
}

export interface Register {
  tools: RegisteredTool[]
}

export const readRegister = (): Register =>
  JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8')) as Register

/** What one tool found under one preset. */
export interface Found {
  tool: string
  version: string
  preset: PresetName
  outcomes: readonly Outcome[]
}

/** Everything about a finding that the register does not foresee; nothing when the run is as expected. */
export function judge(register: Register, { tool, version, preset, outcomes }: Found): string[] {
  const registered = register.tools.find(({ name }) => name === tool)
  if (!registered) return [`${tool} is not in the register`]
  if (registered.version !== version)
    return [`${tool} ${version} is not in the register, which knows ${registered.version}`]
  const problems: string[] = []
  const expected = new Map(
    registered.failures.filter(({ presets }) => presets.includes(preset)).map(each => [each.check, each]),
  )
  const known = new Set<string>()
  for (const { check, failure } of outcomes) {
    known.add(check)
    const expectation = expected.get(check)
    if (failure !== undefined && !expectation) problems.push(`unexpected failure of "${check}": ${failure}`)
    if (failure === undefined && expectation)
      problems.push(`unexpected pass of "${check}", which ${expectation.rule} was to make fail`)
  }
  for (const check of expected.keys())
    if (!known.has(check)) problems.push(`stale entry: there is no failure "${check}"`)
  const least = registered.checks[preset] ?? 0
  const passed = outcomes.length - outcomes.filter(({ failure }) => failure !== undefined).length
  if (passed + expected.size < least)
    problems.push(`only ${passed + expected.size} checks were made; the register knows ${least}`)
  return problems
}

const toCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const toTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(toCell).join(' | ')} |`).join('\n')

/** The tables of conformance/README.md. */
export function toTables({ tools }: Register): string {
  const overview = toTable(
    ['Tool', 'Version', 'From', 'What it judges', ...presetNames.map(name => `\`${name}\``)],
    tools.map(({ name, version, from, judges, checks, failures }) => [
      name,
      version,
      from,
      judges,
      ...presetNames.map(preset => {
        const expected = failures.filter(({ presets }) => presets.includes(preset)).length
        const made = checks[preset]
        return made === undefined ? 'not run' : `${made} checks, ${expected} fail as expected`
      }),
    ]),
  )
  const failing = tools.flatMap(tool => tool.failures.map(each => ({ tool: tool.name, ...each })))
  const expectations = toTable(
    ['Tool', 'Check', 'Presets', 'Rule', 'Why it fails'],
    failing.map(({ tool, check, presets, rule, why }) => [tool, `\`${check}\``, presets.join(', '), rule, why]),
  )
  return `${overview}\n\nWhat fails, and why that is right:\n\n${expectations}`
}

/** What a failure can be expected by: a rule or a switch. */
const known = new Set<string>([...rules.map(({ id }) => id), ...behaviourRows.map(({ key }) => key)])

/** What is wrong with the register itself. */
export function findFlaws({ tools }: Register): string[] {
  return tools.flatMap(tool =>
    tool.failures.flatMap(({ check, rule, why, presets }) => [
      ...rule.split(', ').flatMap(each => (known.has(each) ? [] : [`${check}: no rule ${each}`])),
      ...(why.endsWith('.') ? [] : [`${check}: why is no sentence`]),
      ...(presets.length > 0 ? [] : [`${check}: no preset`]),
    ]),
  )
}
