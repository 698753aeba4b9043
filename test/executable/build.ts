// Builds the executable of this machine once for all its tests, and names it to those of the command line.

import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { executableOf, findOwnTarget } from '../../scripts/executable/targets.ts'

/** Vitest's global setup. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/executable/build.ts'], { stdio: ['ignore', 'ignore', 'inherit'] })
  process.env.EXECUTABLE = resolve(executableOf(findOwnTarget()!))
}
