// What a third-party tool is to the runner, and how child processes are run. What the tools found is judged in register.ts.

import { spawn } from 'node:child_process'
import type { Insightly } from '../src/index.ts'
import type { PresetName } from '../src/scim/behaviour.ts'

/** One check of a tool: its name, unique within the tool and the same in every run, and why it failed, if it did. */
export interface Outcome {
  check: string
  failure?: string | undefined
}

/** What a tool is run against: a server that nobody used before. */
export interface Target {
  preset: PresetName
  server: Insightly
}

/** Where tools come from; those of each are installed together. */
export type Ecosystem = 'python' | 'node' | 'go' | 'java'

export interface Tool {
  name: string
  /** What must be installed before it runs; a missing one is why a tool is not run. */
  needs?: readonly Ecosystem[]
  /** The version that is installed. */
  version(): string
  /** Presets where its answers can differ. */
  presets: readonly PresetName[]
  run(target: Target): Promise<Outcome[]>
}

export const toolsFolder = new URL('tools/', import.meta.url).pathname

/** Runs a command to its end and gives what it printed; a status other than 0 is told, not thrown. */
export function execute(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  cwd = toolsFolder,
): Promise<{ status: number; output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (errors += chunk))
    child.on('error', reject)
    child.on('close', status => resolve({ status: status ?? 1, output, errors }))
  })
}
