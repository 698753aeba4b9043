// The version, which is one number everywhere. "npm version <number>" sets it in package.json and then runs this, which
// sets it in every other file and begins a section of the changelog. With --check, before that, it changes nothing and
// only says whether there is something to release, and under a number that a release may have.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { toNotes, toReleased } from './changelog.ts'
import { versionPlaces, withVersion } from './places.ts'

const changelog = readFileSync('CHANGELOG.md', 'utf8')
if (process.argv.includes('--check')) {
  const refuse = (line: string): void => {
    process.stderr.write(`${line}\n`)
    process.exitCode = 1
  }
  // npm says so which number it is about to set.
  const wanted = process.env.npm_new_version ?? ''
  if (wanted.includes('-'))
    refuse(`${wanted} is a pre-release, which release.yml does not publish; expected a number such as 1.2.3.`)
  if (!toNotes(changelog, 'Unreleased'))
    refuse('CHANGELOG.md says nothing under [Unreleased]; a release needs a line there.')
} else {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  for (const [file, form] of versionPlaces) writeFileSync(file, withVersion(readFileSync(file, 'utf8'), form, version))
  writeFileSync('CHANGELOG.md', toReleased(changelog, version, new Date().toISOString().slice(0, 10)))
  execFileSync(process.execPath, ['scripts/generate.ts'], { stdio: ['ignore', 'inherit', 'ignore'] })
}
