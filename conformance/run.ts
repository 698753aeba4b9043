// npm run conformance: installs the third-party suites, runs each against a fresh server under each preset, and judges what
// they found against expected.json. Options: --only NAME (part of a tool's name), --preset NAME, --require-all (a tool that cannot be run
// fails the run), --update (writes the versions and numbers of checks of this run into the register).

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { start } from '../src/index.ts'
import { heyApi, oapiCodegen, openapiGenerators, openapiPythonClient, openapiTypescript } from './clients.ts'
import { installs } from './install.ts'
import { okta } from './okta.ts'
import { prism } from './prism.ts'
import { schemathesis, scim2Tester } from './python.ts'
import { redocly } from './redocly.ts'
import { type Found, judge, readRegister } from './register.ts'
import { scimmy } from './scimmy.ts'
import { thirdPartyClients } from './third-party.ts'
import type { Tool } from './tool.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    preset: { type: 'string' },
    'require-all': { type: 'boolean' },
    update: { type: 'boolean' },
  },
})

const clients = [openapiTypescript, heyApi, openapiPythonClient, oapiCodegen, ...openapiGenerators]
const tools = [redocly, okta, scimmy, prism, scim2Tester, schemathesis, ...thirdPartyClients, ...clients].filter(
  ({ name }) => name.toLowerCase().includes((options.only ?? '').toLowerCase()),
)
const register = readRegister()
let passed = 0
let failed = 0
const found: Found[] = []
const say = (text: string) => void process.stdout.write(`${text}\n`)

const needed = new Set(tools.flatMap(({ needs }) => needs ?? []))
const missing = new Map(await Promise.all([...needed].map(async each => [each, await installs[each]()] as const)))

async function runTool(tool: Tool): Promise<void> {
  const lacking = tool.needs?.map(each => missing.get(each)).find(reason => reason !== undefined)
  if (lacking) {
    say(`not run  ${tool.name}: ${lacking}`)
    if (options['require-all']) failed += 1
    return
  }
  for (const preset of tool.presets) {
    if (options.preset !== undefined && options.preset !== preset) continue
    const began = performance.now()
    const finding: Found = { tool: tool.name, version: tool.version(), preset, outcomes: [] }
    let problems: string[]
    await using server = await start({ profile: preset })
    try {
      finding.outcomes = await tool.run({ preset, server })
      problems = judge(register, finding)
    } catch (error) {
      problems = [`it could not run: ${(error as Error).message}`]
    }
    found.push(finding)
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    const failures = finding.outcomes.filter(({ failure }) => failure !== undefined).length
    const line = `${tool.name} ${finding.version}, ${preset}: ${finding.outcomes.length} checks, ${failures} failed, ${seconds} s`
    say(`${problems.length > 0 ? 'FAILED  ' : 'ok      '} ${line}`)
    for (const problem of problems) say(`         - ${problem.replaceAll('\n', '\n           ')}`)
    failed += problems.length
    passed += Math.max(0, finding.outcomes.length - problems.length)
  }
}

// Two at a time: most of them wait for the server, which is one process.
const queue = [...tools].reverse()
await Promise.all(
  [1, 2].map(async () => {
    for (let tool = queue.shift(); tool; tool = queue.shift()) await runTool(tool)
  }),
)

if (options.update) {
  for (const { tool, version, preset, outcomes } of found) {
    const registered = register.tools.find(({ name }) => name === tool)
    if (registered) Object.assign(registered, { version, checks: { ...registered.checks, [preset]: outcomes.length } })
  }
  writeFileSync(new URL('expected.json', import.meta.url), `${JSON.stringify(register, null, 2)}\n`)
}
if (found.length === 0) {
  say('nothing was run')
  failed += 1
}
say(`conformance: ${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
