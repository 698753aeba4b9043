// Tools that only some tests need: each is installed from its registry once for a version, into the user's cache.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'

/** What reads workflows of GitHub as GitHub does. */
export const actionlint = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'insightly-scim-tools')

/** Makes a folder of the cache, whole or not at all. */
function install(name: string, fill: (folder: string) => void): string {
  const folder = join(cache, name)
  if (existsSync(join(folder, 'complete'))) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  fill(folder)
  writeFileSync(join(folder, 'complete'), '')
  return folder
}

const run = (command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void =>
  void execFileSync(command, args, { ...options, stdio: ['ignore', 'ignore', 'inherit'] })

/** The folder of a program such as `example.com/tool/cmd/tool@v1.2.3`, built from the Go module proxy. */
export function installFromGo(module: string): string {
  const [path = '', version = ''] = module.split('@')
  return install(`${basename(path)}-${version}`, folder =>
    run('go', ['install', module], { env: { ...process.env, GOBIN: folder } }),
  )
}

/** A folder with packages of npm. */
export function installFromNpm(...packages: readonly string[]): string {
  return install(toName(packages), folder => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...packages], {
      cwd: folder,
    })
  })
}

/** A virtual environment of Python with packages of PyPI. */
export function installFromPyPi(...packages: readonly string[]): string {
  return install(toName(packages), folder => {
    run('python3', ['-m', 'venv', folder])
    run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages])
  })
}

const toName = (packages: readonly string[]): string => packages.join('+').replace(/[^\w.+-]/g, '_')
