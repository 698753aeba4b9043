// Generators of clients: each makes one from openapi.yaml, and a short program on it (tools/clients) that creates, finds,
// changes and deactivates a user.

import { goVersion, javaVersion, npmVersion, pythonVersion } from './pins.ts'
import { inGo, inJava, toProgram } from './program.ts'
import { python } from './python.ts'
import { toolsFolder } from './tool.ts'

const document = new URL('../openapi.yaml', import.meta.url).pathname
const steps = ['creates', 'finds', 'patches', 'deactivates', 'deletes', 'reads a refusal']
const common = { presets: ['insightly'], steps } as const

const bin = (name: string): string => `${toolsFolder}node_modules/.bin/${name}`
const inTypeScript = (program: string) => ({
  'program.ts': `clients/${program}`,
  'tsconfig.json': 'clients/tsconfig.json',
  'package.json': 'clients/package.json',
})

/** Types alone, here with openapi-fetch. */
export const openapiTypescript = toProgram({
  ...common,
  name: 'openapi-typescript',
  needs: ['node'],
  version: () => npmVersion('openapi-typescript'),
  files: inTypeScript('openapi-typescript.ts'),
  commands: {
    generates: [bin('openapi-typescript'), document, '--output', 'generated/types.ts'],
    compiles: [bin('tsc'), '--project', '.'],
    runs: ['node', 'out/program.js'],
  },
})

/** A client in TypeScript that needs no library. */
export const heyApi = toProgram({
  ...common,
  name: '@hey-api/openapi-ts',
  needs: ['node'],
  version: () => npmVersion('@hey-api/openapi-ts'),
  files: inTypeScript('hey-api.ts'),
  commands: {
    generates: [bin('openapi-ts'), '--file', `${toolsFolder}clients/hey-api.config.mjs`],
    compiles: [bin('tsc'), '--project', '.'],
    runs: ['node', 'out/program.js'],
  },
})

/** A client in Python. */
export const openapiPythonClient = toProgram({
  ...common,
  name: 'openapi-python-client',
  needs: ['python'],
  version: () => pythonVersion('openapi-python-client'),
  files: { 'program.py': 'clients/openapi-python-client.py' },
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

/** A client in Go in one file. */
export const oapiCodegen = toProgram({
  ...common,
  name: 'oapi-codegen',
  needs: ['go'],
  version: () => goVersion('github.com/oapi-codegen/oapi-codegen/v2'),
  files: { ...inGo('oapi-codegen.go'), 'generated/config.yaml': 'clients/oapi-codegen.yaml' },
  commands: {
    generates: [`${toolsFolder}go/bin/oapi-codegen`, '--config', 'generated/config.yaml', document],
    compiles: ['go', 'build', '-o', 'program', '.'],
    runs: ['./program'],
  },
})

/** The command that makes a client in a language with openapi-generator; its pages and its empty tests are left out. */
const generate = (language: string, ...options: string[]): [string, ...string[]] => [
  'java',
  ...['-jar', `${toolsFolder}java/jars/openapi-generator-cli.jar`, 'generate', '-i', document],
  ...['-g', language, '-o', 'generated', ...options, '--global-property'],
  'apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,modelTests=false',
]
const openapiGenerator = { ...common, version: () => javaVersion('openapi-generator-cli') }

/** Clients in Go, Python and Java, of one generator. */
export const openapiGenerators = [
  toProgram({
    ...openapiGenerator,
    name: 'openapi-generator for Go',
    needs: ['go', 'java'],
    files: inGo('openapi-generator.go'),
    commands: {
      generates: generate('go', '--additional-properties=withGoMod=false'),
      compiles: ['go', 'build', '-o', 'program', '.'],
      runs: ['./program'],
    },
  }),
  toProgram({
    ...openapiGenerator,
    name: 'openapi-generator for Python',
    steps: [...steps, 'reads its record by REST'],
    needs: ['python', 'java'],
    files: { 'generated/program.py': 'clients/openapi-generator.py' },
    commands: {
      generates: generate('python', '--package-name', 'insightly'),
      compiles: [python, '-m', 'compileall', '-q', '.'],
      runs: [python, 'generated/program.py'],
    },
  }),
  toProgram({
    ...openapiGenerator,
    name: 'openapi-generator for Java',
    needs: ['java'],
    files: { 'generated/src/main/java/OpenApiGenerator.java': 'clients/OpenApiGenerator.java' },
    commands: {
      generates: generate('java', '--library', 'native', '--additional-properties=hideGenerationTimestamp=true'),
      ...inJava('openapi-generator', 'generated/src/main/java', 'OpenApiGenerator'),
    },
  }),
]
