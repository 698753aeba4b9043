// npm run release:ready [-- --tag v1.2.3]: whether a release may run. It may not while publishing.json has placeholders,
// and not under a tag that names another version. Says all that is missing, a line each, and ends with 1.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { toNotes } from './changelog.ts'
import { findPlaceholders, parsePublishing } from './publishing.ts'

const { tag } = parseArgs({ options: { tag: { type: 'string' } } }).values
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const problems = findPlaceholders(parsePublishing(readFileSync('publishing.json', 'utf8')))
if (tag !== undefined && tag !== `v${version}`)
  problems.push(`The tag is ${tag} and package.json says ${version}; tag what "npm version" made: v${version}.`)
if (!toNotes(readFileSync('CHANGELOG.md', 'utf8'), version))
  problems.push(`CHANGELOG.md has no section for ${version}; "npm version <number>" makes it.`)
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0
