// Redocly's linter over openapi.yaml.

import { npmVersion } from './pins.ts'
import { execute, type Tool } from './tool.ts'

interface Problem {
  ruleId: string
  severity: string
  message: string
  location: { pointer?: string }[]
}

export const redocly: Tool = {
  name: 'Redocly lint',
  needs: ['node'],
  presets: ['insightly'],
  version: () => npmVersion('@redocly/cli'),
  async run() {
    const file = new URL('../openapi.yaml', import.meta.url).pathname
    const { output, errors } = await execute(
      'node',
      [
        ...['node_modules/@redocly/cli/bin/cli.js', 'lint', file, '--format', 'json', '--max-problems', '1000'],
        ...['--extends', 'recommended', '--config', 'redocly.yaml'],
      ],
      { REDOCLY_TELEMETRY: 'off', CI: 'true' },
    )
    let report: { problems: Problem[] }
    try {
      report = JSON.parse(output.slice(output.indexOf('{')))
    } catch {
      throw new Error(`${output}\n${errors}`)
    }
    return [
      { check: 'reads openapi.yaml' },
      ...report.problems.map(({ ruleId, message, location }) => ({
        check: `${ruleId} at ${location[0]?.pointer ?? ''}`,
        failure: message,
      })),
    ]
  },
}
