#!/usr/bin/env node
// The first file of the command. A Node that cannot run the others is refused before it reads them.

import { findNodeProblem } from './package.ts'

const problem = findNodeProblem()
if (problem === undefined) {
  // Helps only what is loaded from here on. The next start is faster for it; where nothing can be written, nothing happens.
  process.getBuiltinModule('node:module').enableCompileCache()
  import('./commands/main.ts').then(({ main }) => main(process.argv.slice(2)))
} else {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
}
