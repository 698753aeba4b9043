#!/usr/bin/env node
// The first file of the command. A Node that cannot run the others is refused before it reads them.

import { keepCompiled } from './own-files/folder.ts'
import { findNodeProblem } from './package.ts'

const problem = findNodeProblem()
if (problem === undefined) {
  keepCompiled()
  import('./commands/main.ts').then(({ main }) => main(process.argv.slice(2)))
} else {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
}
