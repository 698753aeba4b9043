// Installs the pinned tools into conformance/tools, once for each state of what pins them.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Ecosystem, execute, toolsFolder } from './tool.ts'

/** Why the tools of an ecosystem cannot be run; undefined when they can. */
type Missing = string | undefined

/** Installs the Python tools into a virtual environment of their own. */
async function installPython(): Promise<Missing> {
  const python = await tryCommand('python3', '-c', 'import sys, venv; print(sys.version_info >= (3, 11))')
  if (python?.trim() !== 'True') return 'Python 3.11 or newer with venv is missing'
  return install('venv', ['requirements.txt'], async () => {
    const made = await execute('python3', ['-m', 'venv', 'venv'])
    if (made.status !== 0) return made
    return execute('venv/bin/pip', ['install', '--quiet', '--no-deps', '--requirement', 'requirements.txt'])
  })
}

/** Installs the npm tools; none of their install scripts is run. */
const installNode = (): Promise<Missing> =>
  install('node_modules', ['package-lock.json'], () =>
    execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
  )

/** Builds the Go tools; the libraries come with the programs that need them. */
async function installGo(): Promise<Missing> {
  const go = await tryCommand('go', 'env', 'GOVERSION')
  if (!go) return 'Go is missing'
  return install('go/bin', ['go/go.mod', 'go/go.sum'], () =>
    execute('go', ['install', 'tool'], { GOBIN: `${toolsFolder}go/bin` }, `${toolsFolder}go`),
  )
}

/** Brings the jars. */
async function installJava(): Promise<Missing> {
  const [java, maven] = [await tryCommand('javac', '-version'), await tryCommand('mvn', '-v')]
  if (!(Number(java?.match(/\d+/)?.[0]) >= 17 && maven)) return 'a JDK, 17 or newer, or Maven is missing'
  const pins = readdirSync(`${toolsFolder}java`).filter(name => name.endsWith('.xml'))
  const paths = pins.sort().map(name => `java/${name}`)
  return install('java/jars', paths, () => execute('mvn', ['-q', '-B', '-f', 'java', 'package']))
}

/** Brings the tools of an ecosystem, unless they are there. */
export const installs: Record<Ecosystem, () => Promise<Missing>> = {
  python: installPython,
  node: installNode,
  go: installGo,
  java: installJava,
}

/** What a command prints; undefined where there is no such command. */
const tryCommand = (command: string, ...args: string[]): Promise<string | undefined> =>
  execute(command, args).then(
    ({ status, output }) => (status === 0 ? output : undefined),
    () => undefined,
  )

async function install(
  folder: string,
  pins: readonly string[],
  command: () => Promise<{ status: number; output: string; errors: string }>,
): Promise<Missing> {
  const mark = `${toolsFolder}${folder}/.installed`
  const hash = createHash('sha256')
  for (const path of pins) hash.update(readFileSync(toolsFolder + path))
  const wanted = hash.digest('hex')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return undefined
  rmSync(`${toolsFolder}${folder}`, { recursive: true, force: true })
  const { status, output, errors } = await command()
  if (status !== 0) return `installing ${pins.join(', ')} failed: ${`${errors}${output}`.trim().slice(-500)}`
  writeFileSync(mark, wanted)
  return undefined
}
