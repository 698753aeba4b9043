// The page on CI: each of its files against the checker or the schema of its tool, and what they run, run as a script.

import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { environment } from '../package/project.ts'
import { readBlocks } from '../recipes/page.ts'
import { actionlint as actionlintModule, installFromGo, installFromNpm, installFromPyPi } from '../tools.ts'

const root = mkdtempSync(join(tmpdir(), 'insightly-scim-ci-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const blocks = readBlocks('docs/ci.md')
const blockOf = (name: string): string => blocks.find(({ file }) => file === name)!.text

/** Runs a checker: whether it accepts, and what it says. */
const check = (command: string, args: readonly string[], cwd = root): Promise<{ accepts: boolean; output: string }> =>
  new Promise(resolve =>
    execFile(command, args, { cwd }, (error, stdout, stderr) =>
      resolve({ accepts: error === null, output: stdout + stderr }),
    ),
  )

describe('Each file of the page is accepted by the checker of its tool, which refuses a wrong one:', () => {
  let [actionlint, actionValidator, checkSchema, devcontainer] = ['', '', '', '']
  beforeAll(() => {
    actionlint = join(installFromGo(actionlintModule), 'actionlint')
    const validator = installFromNpm('@action-validator/core@0.6.0', '@action-validator/cli@0.6.0')
    actionValidator = join(validator, 'node_modules/.bin/action-validator')
    checkSchema = join(installFromPyPi('check-jsonschema==0.39.0'), 'bin/check-jsonschema')
    devcontainer = join(installFromNpm('@devcontainers/cli@0.89.0'), 'node_modules/.bin/devcontainer')
  }, 300_000)

  /** Writes a file into a folder of its own. */
  function write(name: string, text: string): string {
    const path = join(mkdtempSync(join(root, 'case-')), name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** A checker must accept a file as it is, and refuse it with a change. */
  async function expectChecked(
    name: string,
    text: string,
    [from, to]: readonly [string, string],
    run: (path: string) => Promise<{ accepts: boolean; output: string }>,
  ): Promise<void> {
    const right = await run(write(name, text))
    expect(right.output).toMatch(right.accepts ? /^/ : /$ was refused/)
    expect(text).toContain(from)
    expect((await run(write(name, text.replace(from, to)))).accepts).toBe(false)
  }

  test('action.yml by action-validator and by its schema', async () => {
    const text = readFileSync('action.yml', 'utf8')
    const wrong = ['using: composite', 'using: compote'] as const
    await expectChecked('action.yml', text, wrong, path => check(actionValidator, [path]))
    await expectChecked('action.yml', text, wrong, path =>
      check(checkSchema, ['--builtin-schema', 'vendor.github-actions', path]),
    )
  })

  test('the workflow with the action by actionlint, which knows the inputs and outputs of action.yml', async () => {
    const text = blockOf('.github/workflows/action.yml').replace('OWNER/insightly-scim@main', './insightly')
    await expectChecked('.github/workflows/tests.yml', text, ['outputs.scim-url', 'outputs.scim_url'], async path => {
      const folder = join(dirname(path), '../..')
      mkdirSync(join(folder, 'insightly'))
      copyFileSync('action.yml', join(folder, 'insightly/action.yml'))
      execFileSync('git', ['init', '--quiet', folder])
      return await check(actionlint, ['-no-color', path], folder)
    })
  })

  test.each(['action', 'service'])('the workflow %s by actionlint and by its schema', async name => {
    const text = blockOf(`.github/workflows/${name}.yml`)
    const wrong = ['runs-on: ubuntu-latest', 'run-on: ubuntu-latest'] as const
    const schema = ['--builtin-schema', 'vendor.github-workflows']
    await expectChecked('tests.yml', text, wrong, path => check(actionlint, ['-no-color', path]))
    await expectChecked('tests.yml', text, wrong, path => check(checkSchema, [...schema, path]))
  })

  test('.gitlab-ci.yml by GitLab’s schema', async () => {
    const text = blockOf('.gitlab-ci.yml')
    await expectChecked('.gitlab-ci.yml', text, ['alias:', 'nickname:'], path =>
      check(checkSchema, ['--builtin-schema', 'vendor.gitlab-ci', path]),
    )
  })

  test('the feature by the Dev Containers CLI, which packs it', async () => {
    const run = async (change: (folder: string) => void) => {
      const folder = mkdtempSync(join(root, 'feature-'))
      cpSync('deploy/devcontainer-feature', folder, { recursive: true })
      change(folder)
      const out = mkdtempSync(join(root, 'packed-'))
      const { accepts, output } = await check(devcontainer, [
        'features',
        'package',
        folder,
        '--output-folder',
        out,
        '-f',
      ])
      return { accepts, output, files: readdirSync(out) }
    }
    const packed = await run(() => {})
    expect(packed, packed.output).toMatchObject({ accepts: true })
    expect(packed.files).toContain('devcontainer-feature-insightly-scim.tgz')
    const without = await run(folder => {
      const path = join(folder, 'devcontainer-feature.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('"id"', '"name-of-it"'))
    })
    expect(without.files).not.toContain('devcontainer-feature-insightly-scim.tgz')
    expect(JSON.parse(blockOf('.devcontainer/devcontainer.json')).features).toHaveProperty(['./insightly-scim'])
  })

  test('and the page has no other file', () => {
    const tested = [
      '.devcontainer/devcontainer.json',
      '.github/workflows/action.yml',
      '.github/workflows/service.yml',
      '.gitlab-ci.yml',
    ]
    expect(blocks.map(({ file }) => file).sort()).toEqual(tested)
  })
})

describe('the action', () => {
  const source = join(root, 'action')
  const job = `github_${process.pid}`
  beforeAll(() => {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
    const needed = /^(src|migrations|deploy|action\.yml|openapi\.yaml|package(-lock)?\.json)\b/
    for (const file of files.split('\n').filter(each => needed.test(each)))
      cpSync(file, join(source, file), { recursive: true })
  })

  /** What a runner does when a job is over: it ends every process that has the mark of the job. */
  function endJob(): void {
    for (const id of readdirSync('/proc').filter(name => /^\d+$/.test(name)))
      try {
        if (readFileSync(`/proc/${id}/environ`, 'utf8').includes(`RUNNER_TRACKING_ID=${job}`)) process.kill(Number(id))
      } catch {}
  }
  afterAll(endJob)

  /** Runs the steps as a runner does: status, what it logs, and the outputs. */
  async function runAction(inputs: Record<string, string> = {}, extra: NodeJS.ProcessEnv = {}) {
    const folder = mkdtempSync(join(root, 'runner-'))
    const { runs, inputs: rows, outputs: told } = parse(readFileSync(join(source, 'action.yml'), 'utf8'))
    const [step] = runs.steps
    const inputsIn = (text: string) =>
      text.replace(/\$\{\{ inputs\.(\w+) \}\}/g, (_, name) => inputs[name] ?? rows[name].default)
    const given = Object.entries<string>(step.env).map(([name, text]) => [name, inputsIn(text)])
    writeFileSync(join(folder, 'step.sh'), step.run)
    writeFileSync(join(folder, 'output'), '')
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', join(folder, 'step.sh')], {
      env: {
        ...environment,
        PATH: [dirname(process.execPath), environment.PATH].join(delimiter),
        GITHUB_ACTION_PATH: source,
        GITHUB_OUTPUT: join(folder, 'output'),
        RUNNER_TEMP: folder,
        RUNNER_TRACKING_ID: job,
        ...Object.fromEntries(given),
        ...extra,
      },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
    const [status] = await once(child, 'exit')
    const lines = readFileSync(join(folder, 'output'), 'utf8').split('\n').filter(Boolean)
    const written = Object.fromEntries(lines.map(line => line.split(/=(.*)/s))) as Record<string, string>
    const outputs = Object.keys(told).map(name => {
      expect(told[name].value).toBe(`\${{ steps.${step.id}.outputs.${name} }}`)
      return [name, written[name]!] as const
    })
    return { status, output, outputs: Object.fromEntries(outputs) as Record<string, string> }
  }

  const isUp = (url: string): Promise<boolean> =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )

  async function expectEnd(url: string): Promise<void> {
    for (let tries = 0; tries < 600 && (await isUp(url)); tries += 1) await sleep(50)
    expect(await isUp(url)).toBe(false)
  }

  test('starts a server, tells where it is, masks its secrets, and leaves nothing when the job ends', async () => {
    const { status, output, outputs } = await runAction({ args: "--profile 'rfc7644' --scim-token a-token" })
    expect(status, output).toBe(0)
    expect(Object.values(outputs).every(value => value !== undefined && value !== '')).toBe(true)
    for (const name of ['scim-token', 'api-key', 'admin-key'])
      expect(output).toContain(`::add-mask::${outputs[name]}\n`)
    expect(outputs['scim-token']).toBe('a-token')
    const headers = { authorization: 'Bearer a-token' }
    const answer = await fetch(`${outputs['scim-url']}/Users?filter=${encodeURIComponent('active eq true')}`, {
      headers,
    })
    expect(answer.status).toBe(200)
    await expect.poll(() => readFileSync(outputs.log!, 'utf8')).toContain('/scim/v2/Users')
    endJob()
    await expectEnd(outputs.url!)
  })

  test('stops by itself where nobody ends the job', async () => {
    const { outputs } = await runAction({ lifetime: '3s' })
    await expectEnd(outputs.url!)
  })

  test.each([
    [
      { lifetime: 'forever' },
      "The input lifetime is 'forever', which is not accepted; expected a time such as 30m or 6h.",
    ],
    [{ args: '--prot 80' }, 'The server did not start. insightly-scim: --prot is not known; did you mean --port.'],
    [{ args: '--profile $(touch evil)' }, 'The server did not start. insightly-scim: evil) is not known'],
  ])('says in one line what is wrong with %j', async (inputs, line) => {
    const { status, output } = await runAction(inputs)
    expect(status).toBe(1)
    expect(output).toContain('::error title=insightly-scim::')
    if (!line.includes('evil')) expect(output).toContain(line)
    expect(readdirSync(source)).not.toContain('evil')
  })

  test('asks for another Node where there is an old one', async () => {
    const old = mkdtempSync(join(root, 'old-'))
    writeFileSync(join(old, 'node'), '#!/bin/sh\necho false\n')
    chmodSync(join(old, 'node'), 0o755)
    const { status, output } = await runAction({}, { PATH: [old, process.env.PATH].join(delimiter) })
    expect(status).toBe(1)
    expect(output).toBe(
      '::error title=insightly-scim::This action needs Node 24: let actions/setup-node with node-version 24 come before it.\n',
    )
  })
})

describe('the feature for development containers', () => {
  const install = (folder: string, environment: NodeJS.ProcessEnv) =>
    new Promise<{ status: number; output: string }>(resolve => {
      const child = execFile(join(folder, 'install.sh'), { env: environment }, (_, stdout, stderr) =>
        resolve({ status: child.exitCode!, output: stdout + stderr }),
      )
    })
  const copy = (): string => {
    const folder = mkdtempSync(join(root, 'feature-'))
    cpSync('deploy/devcontainer-feature', folder, { recursive: true })
    return folder
  }
  test('installs the command from the packed file beside it', async () => {
    const folder = copy()
    copyFileSync(inject('tarball'), join(folder, basename(inject('tarball'))))
    const prefix = mkdtempSync(join(root, 'prefix-'))
    const PATH = [join(prefix, 'bin'), dirname(process.execPath), environment.PATH].join(delimiter)
    const { status, output } = await install(folder, { ...environment, PATH, npm_config_prefix: prefix })
    expect(status, output).toBe(0)
    expect(
      execFileSync(join(prefix, 'bin/insightly-scim'), ['--version'], { env: { PATH }, encoding: 'utf8' }),
    ).toMatch(/^\d/)
  })

  test('asks for Node where there is none', async () => {
    const empty = mkdtempSync(join(root, 'bin-'))
    for (const name of ['sh', 'dirname', 'find', 'head'])
      execFileSync('ln', ['-s', `/usr/bin/${name}`, join(empty, name)])
    const { status, output } = await install(copy(), { PATH: empty })
    expect(status).toBe(1)
    expect(output).toMatch(/^insightly-scim: This feature needs Node 24 with npm: .*\n$/)
  })
})
