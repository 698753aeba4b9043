// scim2-tester and schemathesis: suites from PyPI that talk to the server over HTTP.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { toOpenApi } from '../src/openapi/document.ts'
import { presetNames, presets } from '../src/scim/behaviour.ts'
import { pythonVersion } from './pins.ts'
import { execute, type Outcome, type Target, type Tool, toolsFolder } from './tool.ts'

/** The Python that sees the installed tools. */
export const python = `${toolsFolder}venv/bin/python`

/** Checks what RFC 7643 and 7644 demand, along what the server says of itself. */
export const scim2Tester: Tool = {
  name: 'scim2-tester',
  needs: ['python'],
  presets: presetNames,
  version: () => pythonVersion('scim2-tester'),
  async run({ server }) {
    const { status, output, errors } = await execute(python, [
      'scim2_tester_run.py',
      server.scimUrl,
      String(server.scimToken),
    ])
    if (status !== 0) throw new Error(errors)
    return output
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Outcome)
  },
}

interface Report {
  complete: boolean
  operations: { tested: number }
  phases: Record<string, { status: string }>
  failures: { title: string; operations: string[] }[]
  errors: { title?: string }[]
}

/** How many cases schemathesis makes up for an operation, beside those that cover the schema. */
const maxExamples = 10

const surfaces = { SCIM: '^/scim/', REST: '^/v3[.]1/', control: '^/(_emulator|healthz|readyz|metrics|openapi)' }

/** Makes requests up from openapi.yaml, right ones and wrong ones, and holds the answers against it. */
export const schemathesis: Tool = {
  name: 'schemathesis',
  needs: ['python'],
  presets: presetNames,
  version: () => pythonVersion('schemathesis'),
  async run(target) {
    const outcomes: Outcome[] = []
    // What the other surfaces answer does not depend on the preset, and takes the longest to try.
    const names = target.preset === 'insightly' ? (['SCIM', 'REST', 'control'] as const) : (['SCIM', 'REST'] as const)
    for (const name of names) outcomes.push(...(await explore(target, surfaces[name])))
    return outcomes
  },
}

async function explore({ preset, server }: Target, paths: string): Promise<Outcome[]> {
  mkdirSync(`${toolsFolder}runs`, { recursive: true })
  const folder = mkdtempSync(`${toolsFolder}runs/`)
  try {
    // What the SCIM surface accepts depends on the preset; the committed file is the document for `insightly`.
    const document = await toOpenApi(presets[preset], 'as built')
    writeFileSync(`${folder}/openapi.json`, JSON.stringify(document))
    const { output, errors } = await execute(
      `${toolsFolder}venv/bin/schemathesis`,
      [
        ...['--config-file', `${toolsFolder}schemathesis.toml`, 'run', 'openapi.json', '--url', server.url],
        ...['--include-path-regex', paths, '--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful'],
        ...['--seed', '1', '--generation-deterministic', '--max-examples', String(maxExamples), '--no-shrink'],
        ...['--suppress-health-check', 'all', '--report', 'json', '--report-json-path', 'report.json'],
      ],
      {
        SCIM_TOKEN: String(server.scimToken),
        API_KEY: String(server.apiKey),
        ADMIN_KEY: server.adminKey,
      },
      folder,
    )
    let report: Report
    try {
      report = JSON.parse(readFileSync(`${folder}/report.json`, 'utf8'))
    } catch {
      throw new Error(`${output}\n${errors}`)
    }
    if (!report.complete || report.errors.length > 0) throw new Error(output)
    const failures = report.failures.flatMap(({ title, operations }) =>
      operations.map(operation => ({ check: `${operation}: ${title}`, failure: findCase(output, operation) })),
    )
    const tested = Object.entries(document.paths as Record<string, object>)
      .filter(([path]) => new RegExp(paths).test(path))
      .flatMap(([path, item]) => Object.keys(item).map(method => `${method.toUpperCase()} ${path}`))
      .filter(operation => /^[A-Z]+ /.test(operation) && !/^PARAMETERS |\/events$/.test(operation))
    if (report.operations.tested < tested.length)
      throw new Error(`only ${report.operations.tested} of ${tested.length} operations were tested\n${output}`)
    return [...tested.map(check => ({ check })), ...failures]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The part of the report that shows how an operation failed. */
function findCase(output: string, operation: string): string {
  const start = output.indexOf(` ${operation} _`)
  const text = start < 0 ? '' : output.slice(start, start + 3000)
  return text.replace(/\n(____|====).*/s, '').trim()
}
