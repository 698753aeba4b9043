// The executables of the other systems, which cannot be started here: that each is a program of its system and processor,
// and brings the program and the library of the database for them.

import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  executableOf,
  findOwnTarget,
  folderOf,
  type TargetName,
  targetNames,
} from '../../scripts/executable/targets.ts'

/** What the head of a file says that it is a program for. */
function toFormat(file: Buffer): string {
  if (file.toString('latin1', 0, 4) === '\x7fELF') return `ELF ${file.readUInt16LE(18)}`
  if (file.readUInt32LE(0) === 0xfeedfacf) return `Mach-O ${file.readUInt32LE(4)}`
  const head = file.readUInt32LE(0x3c)
  return `${file.toString('latin1', head, head + 2)} ${file.readUInt16LE(head + 4)}`
}

/** By the documents of the formats: e_machine of ELF, cputype of Mach-O, Machine of PE. */
const formats: Record<TargetName, string> = {
  'linux-x64': 'ELF 62',
  'linux-arm64': 'ELF 183',
  'macos-x64': `Mach-O ${0x01000007}`,
  'macos-arm64': `Mach-O ${0x0100000c}`,
  'windows-x64': `PE ${0x8664}`,
}

test.each(targetNames)('%s', target => {
  // That of this machine is built for all tests.
  if (target !== findOwnTarget())
    execFileSync(process.execPath, ['scripts/executable/build.ts', '--target', target], { stdio: 'ignore' })
  const file = readFileSync(executableOf(target))
  expect(toFormat(file)).toBe(formats[target])
  // Node's own mark for a program that is inside: a 1 where Node as such has a 0.
  expect(file.includes('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1')).toBe(true)
  expect(file.includes('insightly-scim [command] [flags]')).toBe(true)
  const library = readFileSync(
    `node_modules/better-sqlite3/prebuilds/${target.replace('macos', 'darwin').replace('windows', 'win32')}.node`,
  )
  expect([toFormat(library), file.includes(library)]).toEqual([formats[target], true])
  expect(file.includes(`better-sqlite3-${hash('sha256', library)}.node`)).toBe(true)
  expect(readFileSync(`${folderOf(target)}/LICENSES.md`, 'utf8')).toMatch(/## better-sqlite3 [\s\S]*## Node\.js/)
})
