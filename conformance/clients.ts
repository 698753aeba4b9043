// Generators of clients: each makes one from openapi.yaml, and a short program on it (tools/clients) that creates, finds,
// changes and deactivates a user. The program prints a line for each step that went well.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { pinned, python } from './python.ts'
import { versionOf } from './redocly.ts'
import { execute, type Tool, toolsFolder } from './tool.ts'

const document = new URL('../openapi.yaml', import.meta.url).pathname
const steps = ['creates', 'finds', 'patches', 'deactivates', 'deletes', 'reads a refusal']

interface Generator {
  name: string
  needs: 'node' | 'python'
  version(): string
  /** The file of tools/clients, and its name beside the generated client. */
  program: [source: string, name: string]
  /** The commands that make the client and compile both, then the one that runs the program; all in a folder of their own. */
  commands: Record<'generates' | 'compiles' | 'runs', [command: string, ...args: string[]]>
  /** What a generator prints when it left something out. */
  complaint?: RegExp
}

function toTool({ name, needs, version, program, commands, complaint }: Generator): Tool {
  const folder = `${toolsFolder}runs/clients/${name.replaceAll(/\W+/g, '-')}/`
  const source = (file: string): string => `${toolsFolder}clients/${file}`
  return {
    name,
    needs,
    presets: ['insightly'],
    version,
    async run({ server }) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      writeFileSync(`${folder}package.json`, '{ "type": "module" }\n')
      copyFileSync(source('tsconfig.json'), `${folder}tsconfig.json`)
      copyFileSync(source(program[0]), folder + program[1])
      const environment = { SERVER_URL: server.url, SCIM_TOKEN: String(server.scimToken) }
      const run = ([command, ...args]: [string, ...string[]]) => execute(command, args, environment, folder)
      const generated = await run(commands.generates)
      const told = `${generated.output}${generated.errors}`
      const compiled = await run(commands.compiles)
      const ran = await run(commands.runs)
      const done = ran.output.trim().split('\n')
      return [
        { check: 'generates', failure: generated.status === 0 && !complaint?.test(told) ? undefined : told },
        { check: 'compiles', failure: compiled.status === 0 ? undefined : `${compiled.output}${compiled.errors}` },
        ...steps.map(check => ({ check, failure: done.includes(check) ? undefined : `it did not. ${ran.errors}` })),
      ]
    },
  }
}

const bin = (name: string): string => `${toolsFolder}node_modules/.bin/${name}`

/** Types alone, here with openapi-fetch. */
export const openapiTypescript: Tool = toTool({
  name: 'openapi-typescript',
  needs: 'node',
  version: () => versionOf('openapi-typescript'),
  program: ['openapi-typescript.ts', 'program.ts'],
  commands: {
    generates: [bin('openapi-typescript'), document, '--output', 'generated/types.ts'],
    compiles: [bin('tsc'), '--project', '.'],
    runs: ['node', 'out/program.js'],
  },
})

/** A client in TypeScript that needs no library. */
export const heyApi: Tool = toTool({
  name: '@hey-api/openapi-ts',
  needs: 'node',
  version: () => versionOf('@hey-api/openapi-ts'),
  program: ['hey-api.ts', 'program.ts'],
  commands: {
    generates: [bin('openapi-ts'), '--file', `${toolsFolder}clients/hey-api.config.mjs`],
    compiles: [bin('tsc'), '--project', '.'],
    runs: ['node', 'out/program.js'],
  },
})

/** A client in Python. */
export const openapiPythonClient: Tool = toTool({
  name: 'openapi-python-client',
  needs: 'python',
  version: () => pinned('openapi-python-client'),
  program: ['openapi-python-client.py', 'program.py'],
  commands: {
    generates: [
      `${toolsFolder}venv/bin/openapi-python-client`,
      ...['generate', '--path', document, '--output-path', 'generated', '--meta', 'none'],
    ],
    compiles: [python, '-m', 'compileall', '-q', '.'],
    runs: [python, 'program.py'],
  },
  complaint: /Endpoint will not be generated|Unable to process schema/,
})
