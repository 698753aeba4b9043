// Installs the pinned tools into conformance/tools, once for each state of what pins them.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execute, toolsFolder } from './tool.ts'

/** Why the tools of an ecosystem cannot be run; undefined when they can. */
export type Missing = string | undefined

/** Installs the Python tools into a virtual environment of their own. */
export async function installPython(): Promise<Missing> {
  const python = await execute('python3', ['-c', 'import sys, venv; print(sys.version_info >= (3, 11))']).catch(
    () => undefined,
  )
  if (python?.output.trim() !== 'True') return 'Python 3.11 or newer with venv is missing'
  return install('venv', 'requirements.txt', async () => {
    const made = await execute('python3', ['-m', 'venv', 'venv'])
    if (made.status !== 0) return made
    return execute('venv/bin/pip', ['install', '--quiet', '--no-deps', '--requirement', 'requirements.txt'])
  })
}

/** Installs the npm tools; none of their install scripts is run. */
export const installNode = (): Promise<Missing> =>
  install('node_modules', 'package-lock.json', () =>
    execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
  )

async function install(
  folder: string,
  pins: string,
  command: () => Promise<{ status: number; output: string; errors: string }>,
): Promise<Missing> {
  const mark = `${toolsFolder}${folder}/.installed`
  const wanted = createHash('sha256')
    .update(readFileSync(`${toolsFolder}${pins}`))
    .digest('hex')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return undefined
  rmSync(`${toolsFolder}${folder}`, { recursive: true, force: true })
  const { status, output, errors } = await command()
  if (status !== 0) return `installing ${pins} failed: ${`${errors}${output}`.trim().slice(-500)}`
  writeFileSync(mark, wanted)
  return undefined
}
