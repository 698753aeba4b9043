// A tool that is a library or a generator, judged by a short program on it (tools/clients). The program prints a line for
// each step that went well, and says on its standard error what did not.

import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PresetName } from '../src/scim/behaviour.ts'
import { type Ecosystem, execute, type Tool, toolsFolder } from './tool.ts'

type Command = [command: string, ...args: string[]]

interface Program {
  name: string
  needs: readonly Ecosystem[]
  presets: readonly PresetName[]
  version(): string
  /** What its folder begins with: each file, and where in tools/ it comes from. */
  files: Record<string, string>
  /** Run one after the other in the folder; each but the last, which runs the program, is a check of its own. */
  commands: { generates?: Command; compiles?: Command; runs: Command }
  /** What a generator prints when it left something out. */
  complaint?: RegExp
  steps: readonly string[]
}

/** The tool that a program makes. */
export function toProgram({ name, needs, presets, version, files, commands, complaint, steps }: Program): Tool {
  return {
    name,
    needs,
    presets,
    version,
    async run({ server, preset }) {
      const folder = `${toolsFolder}runs/clients/${name.replaceAll(/\W+/g, '-')}-${preset}/`
      rmSync(folder, { recursive: true, force: true })
      for (const [file, source] of Object.entries(files)) {
        mkdirSync(dirname(folder + file), { recursive: true })
        copyFileSync(toolsFolder + source, folder + file)
      }
      const environment = {
        SERVER_URL: server.url,
        SCIM_URL: server.scimUrl,
        SCIM_TOKEN: String(server.scimToken),
        API_KEY: String(server.apiKey),
      }
      const run = ([command, ...args]: Command) => execute(command, args, environment, folder)
      const outcomes = []
      for (const check of ['generates', 'compiles'] as const) {
        const command = commands[check]
        if (!command) continue
        const { status, output, errors } = await run(command)
        const told = `${output}${errors}`
        outcomes.push({ check, failure: status === 0 && !complaint?.test(told) ? undefined : told })
      }
      const { output, errors } = await run(commands.runs)
      const done = output.trim().split('\n')
      return [
        ...outcomes,
        ...steps.map(check => ({ check, failure: done.includes(check) ? undefined : toReason(check, errors) })),
      ]
    },
  }
}

/** What the program said about a step, or else its last words. */
const toReason = (step: string, errors: string): string =>
  errors.split('\n').find(line => line.startsWith(`${step}: `)) ?? `it did not. ${errors.trim().slice(-500)}`

/** What the folder of a program in Go begins with. */
export const inGo = (program: string) => ({
  'program.go': `clients/${program}`,
  'go.mod': 'go/go.mod',
  'go.sum': 'go/go.sum',
})

/** How a program in Java is compiled and run: against the libraries of which tool, where its files are, and its name. */
export function inJava(tool: string, folder: string, name: string): { compiles: Command; runs: Command } {
  const libraries = `${toolsFolder}java/jars/${tool}/*`
  return {
    compiles: ['sh', '-c', `javac -nowarn -d out -cp '${libraries}' $(find ${folder} -name '*.java')`],
    runs: ['java', '-cp', `out:${libraries}`, name],
  }
}
