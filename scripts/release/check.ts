// npm run release:check: the steps of .github/workflows/release.yml that can run without an account, as far as they can.
// Nothing leaves the machine. What is missing of Python, Go, Maven and GnuPG is installed, which needs root on Debian.

import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actionlint, installFromGo, installFromPyPi } from '../../test/tools.ts'

const scratch = mkdtempSync(join(tmpdir(), 'insightly-scim-release-'))
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

interface Step {
  name: string
  /** Says what is wrong. */
  run(): string | undefined
}

interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

function run(command: string, args: string[], cwd = '.', env: NodeJS.ProcessEnv = {}): Ended {
  const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const
  const { error, status, stdout, stderr } = spawnSync(command, args, options)
  return error
    ? { status: null, stdout: '', stderr: `${command} cannot be run: ${error.message}` }
    : { status, stdout, stderr }
}

/** What a command said that failed. */
const toProblem = ({ status, stdout, stderr }: Ended): string | undefined =>
  status === 0 ? undefined : `status ${status}\n${stdout}${stderr}`

/** Runs commands up to the first that fails. */
function runAll(...commands: (() => Ended)[]): string | undefined {
  for (const command of commands) {
    const problem = toProblem(command())
    if (problem !== undefined) return problem
  }
  return undefined
}

execFileSync(join(import.meta.dirname, '../../test/recipes/prepare.sh'), { stdio: 'inherit' })
const steps: Step[] = [
  {
    name: 'npm publish --dry-run, without a warning',
    run() {
      // npm complains of a command that is not there yet, although it builds it itself.
      const built = run('npm', ['run', 'build'])
      const ended = built.status === 0 ? run('npm', ['publish', '--dry-run']) : built
      // A dry run only warns of what ends a real one: that nobody is logged in.
      const warnings = ended.stderr
        .split('\n')
        .filter(line => /^npm (warn|error)/i.test(line) && !/logged in/.test(line))
      return toProblem(ended) ?? (warnings.length > 0 ? warnings.join('\n') : undefined)
    },
  },
  {
    name: 'npm sbom names what is installed with the server',
    run() {
      const ended = run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--omit', 'peer'])
      if (ended.status !== 0) return toProblem(ended)
      const { components } = JSON.parse(ended.stdout) as { components: { name: string }[] }
      const names = components.map(({ name }) => name)
      return names.includes('better-sqlite3') && !names.includes('vitest') ? undefined : `It names ${names.join(', ')}.`
    },
  },
  {
    name: 'the workflows are as GitHub reads them (actionlint)',
    run: () => toProblem(run(join(installFromGo(actionlint), 'actionlint'), ['-no-color'])),
  },
  { name: 'twine check of the wheel and the source archive', run: checkPython },
  { name: 'mvn verify, signed and with what Maven Central asks for', run: checkJava },
  ...findGoModules().map(folder => ({
    name: `go vet ${folder}`,
    run: () => toProblem(run('go', ['vet', './...'], folder)),
  })),
]

function checkPython(): string | undefined {
  const tools = installFromPyPi(...readFileSync('scripts/release/requirements.txt', 'utf8').trim().split('\n'))
  const python = join(tools, 'bin/python')
  const out = join(scratch, 'python')
  return runAll(
    () => run(python, ['clients/python/pack.py', '--sdist', '--out', out]),
    () => run(python, ['-m', 'twine', 'check', '--strict', ...readdirSync(out).map(name => join(out, name))]),
  )
}

/** Builds and signs, with a key that is gone afterwards. The tests of the packages are another suite: test:clients. */
function checkJava(): string | undefined {
  const home = join(scratch, 'gpg')
  mkdirSync(home, { mode: 0o700 })
  const passphrase = randomUUID()
  const gpg = (...args: string[]) =>
    run('gpg', ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase, ...args])
  const made = gpg('--quick-generate-key', 'Nobody <nobody@example.com>', 'ed25519', 'sign', '1d')
  const key = gpg('--armor', '--export-secret-keys')
  run('gpgconf', ['--homedir', home, '--kill', 'all'])
  const env = { MAVEN_GPG_KEY: key.stdout, MAVEN_GPG_PASSPHRASE: passphrase }
  const flags = ['--batch-mode', '--quiet', '-Prelease', '-Dgpg.signer=bc', '-DskipTests']
  return runAll(
    () => made,
    () => key,
    () => run('mvn', [...flags, 'clean', 'verify'], 'clients/java', env),
    () => run('sh', ['-c', 'for jar in */target/*.jar; do test -s "$jar.asc" || exit 1; done'], 'clients/java'),
  )
}

function findGoModules(): string[] {
  return readdirSync('clients/go', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('go.mod'))
    .map(name => join('clients/go', name, '..'))
}

let failed = 0
for (const step of steps) {
  const problem = step.run()
  process.stdout.write(
    `${problem === undefined ? 'ok    ' : 'FAILED'}  ${step.name}\n${problem === undefined ? '' : `${problem}\n`}`,
  )
  if (problem !== undefined) failed += 1
}
process.stdout.write(`\nrelease: ${steps.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
