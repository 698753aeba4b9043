// Builds dist/ for the published package and the image.

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
// The console has no build step: its modules go as they are.
cpSync('src/console', 'dist/console', { recursive: true })
chmodSync('dist/cli.js', 0o755)
