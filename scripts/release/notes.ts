// npm run release:notes: what the changelog says of this version, for the release on GitHub.

import { readFileSync } from 'node:fs'
import { version } from '../../src/package.ts'
import { toNotes } from './changelog.ts'

const notes = toNotes(readFileSync('CHANGELOG.md', 'utf8'), version)
if (!notes) throw new Error(`CHANGELOG.md has no section for ${version}; "npm version <number>" makes it.`)
process.stdout.write(`${notes}\n`)
