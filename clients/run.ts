// npm run test:clients: packs the server, installs it as a stranger does, and runs the suite of each language's package
// against it. A language is a folder with a test.sh, which leaves JUnit's XML, in one or more files, in the folder that
// CLIENTS_REPORT names. Every language keeps every promise of promises.json, in a test whose name has the promise's id.
// Option: --only NAME (one language).

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Found, findUnkept, type Promised, readReport } from './report.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)
const here = import.meta.dirname
const { values: options } = parseArgs({ options: { only: { type: 'string' } } })
const languages = readdirSync(here).filter(name => existsSync(join(here, name, 'test.sh')))
const chosen = languages.filter(name => options.only === undefined || name === options.only)
if (chosen.length === 0) {
  process.stderr.write(`--only is ${options.only}; expected one of ${languages.join(', ')}.\n`)
  process.exit(2)
}

execFileSync(join(here, '../test/recipes/prepare.sh'), { stdio: 'inherit' })
const scratch = mkdtempSync(join(tmpdir(), 'insightly-scim-clients-'))
try {
  const environment = installServer()
  let passed = 0
  let failed = 0
  for (const language of chosen) {
    say(`\n== ${language}`)
    const { status, found } = await runSuite(language, environment)
    const problems = findProblems(status, found)
    for (const problem of problems) say(`FAILED   ${language}: ${problem}`)
    failed += problems.length
    passed += found.filter(({ outcome }) => outcome === 'passed').length
  }
  say(`\nclients: ${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Packs and installs the server; says what the suites find in their environment. */
function installServer(): NodeJS.ProcessEnv {
  const server = join(scratch, 'server')
  mkdirSync(server)
  const npm = (folder: string, ...args: string[]) =>
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const [{ filename }] = JSON.parse(npm(join(here, '..'), 'pack', '--json', '--pack-destination', scratch)) as [
    { filename: string },
  ]
  writeFileSync(join(server, 'package.json'), '{ "private": true }')
  npm(server, 'install', '--no-audit', '--no-fund', '--no-save', join(scratch, filename))
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INSIGHTLY_SCIM_|NODE_OPTIONS$)/i.test(name))
  return {
    ...Object.fromEntries(kept),
    // This Node for the server, and none of this repository's commands.
    PATH: [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)]
      .filter((entry, index) => index === 0 || !entry.includes('node_modules'))
      .join(delimiter),
    INSIGHTLY_SCIM_COMMAND: join(server, 'node_modules/.bin/insightly-scim'),
    CLIENTS_TARBALL: join(scratch, filename),
  }
}

async function runSuite(language: string, environment: NodeJS.ProcessEnv) {
  const report = join(scratch, `report-${language}`)
  mkdirSync(report)
  const env = { ...environment, CLIENTS_REPORT: report }
  const child = spawn('bash', ['test.sh'], { cwd: join(here, language), env, stdio: ['ignore', 'inherit', 'inherit'] })
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
  const files = readdirSync(report).filter(file => file.endsWith('.xml'))
  return { status, found: files.flatMap(file => readReport(readFileSync(join(report, file), 'utf8'))) }
}

/** What is wrong with a run: tests that failed, promises that no test keeps, or a suite that broke off. */
function findProblems(status: number | null, found: readonly Found[]): string[] {
  if (found.length === 0) return [`its suite ended with status ${status} and no report`]
  const promises = JSON.parse(readFileSync(join(here, 'promises.json'), 'utf8')) as Promised[]
  const failures = found.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
  const unkept = findUnkept(promises, found).map(({ id, promise }) => `no test passed for ${id}: ${promise}`)
  const problems = [...failures, ...unkept]
  return status !== 0 && problems.length === 0 ? [`its suite ended with status ${status}`] : problems
}
