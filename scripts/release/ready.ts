// npm run release:ready [-- --tag v1.2.3]: whether a release may run. It may not while publishing.json has placeholders,
// and not under a tag that names another version. Says all that is missing, a line each, and ends with 1.

import { readFileSync } from 'node:fs'
import { version } from '../../src/package.ts'
import { toNotes } from './changelog.ts'
import { findPlaceholders, readPublishing } from './publishing.ts'

function findProblems([flag, tag, ...more]: string[]): string[] {
  if ((flag !== undefined && flag !== '--tag') || (flag === '--tag' && tag === undefined) || more.length > 0)
    return ['Expected nothing or --tag and one tag, such as --tag v1.2.3.']
  const problems = findPlaceholders(readPublishing())
  if (tag !== undefined && tag !== `v${version}`)
    problems.push(`The tag is ${tag} and package.json says ${version}; tag what "npm version" made: v${version}.`)
  if (!toNotes(readFileSync('CHANGELOG.md', 'utf8'), version))
    problems.push(`CHANGELOG.md has no section for ${version}; "npm version <number>" makes it.`)
  return problems
}

try {
  const problems = findProblems(process.argv.slice(2))
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
