// A stranger's project: an empty folder with the packed package installed, and programs run in it.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** What is found in the environment of a project: nothing of this repository. */
export const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/i.test(name),
    ),
  ),
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter(entry => !entry.includes('node_modules'))
    .join(delimiter),
}

/** How a program ended. */
export interface Ended {
  status: number | null
  /** stdout and stderr as they came. */
  output: string
}

/** The ready message of a server. */
export type Ready = Record<'url' | 'scimUrl' | 'scimToken' | 'controlUrl' | 'adminKey' | 'version', string> & {
  pid: number
}

/** A folder with packages installed in it; gone when disposed of. Its programs find the Node that runs the tests, or another. */
export class Project implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'insightly-scim-project-'))
  readonly #environment: NodeJS.ProcessEnv

  /** @param first the path of the program whose folder comes first: a Node, or a Python with what it installed */
  constructor(first: string = process.execPath) {
    this.#environment = { ...environment, PATH: dirname(first) + delimiter + environment.PATH }
  }

  /** Installs packages, tarballs included, with plain npm. */
  async install(...packages: string[]): Promise<void> {
    this.write('package.json', JSON.stringify({ private: true, type: 'module' }))
    const { status, output } = await this.run('npm', ['install', '--no-audit', '--no-fund', '--no-save', ...packages])
    if (status !== 0) throw new Error(output)
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  /** Runs a program to its end. */
  run(command: string, args: string[], extra: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return new Promise(resolve => {
      const options = { cwd: this.folder, env: { ...this.#environment, ...extra }, maxBuffer: 64 * 1024 * 1024 }
      const child = execFile(command, args, options, (error, stdout, stderr) =>
        resolve({ status: error ? (child.exitCode ?? 1) : 0, output: stdout + stderr + (error?.message ?? '') }),
      )
    })
  }

  /** Starts a server and waits for its ready message. */
  async serve(
    command: string,
    args: string[],
    extra: NodeJS.ProcessEnv = {},
  ): Promise<{ child: ChildProcess; ready: Ready }> {
    const env = { ...this.#environment, ...extra }
    const child = spawn(command, [...args, '--exit-with-stdin'], { cwd: this.folder, env, stdio: 'pipe' })
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    for await (const line of createInterface({ input: child.stdout })) return { child, ready: JSON.parse(line) }
    throw new Error(`The server printed no ready message: ${errors}`)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Stops a server as an orchestrator does, and tells its exit status. */
export function stop(child: ChildProcess): Promise<number | null> {
  const status = new Promise<number | null>(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  return status
}
