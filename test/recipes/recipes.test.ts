// The pages for readers of many kinds do what they say. Each needs its own language, which prepare.sh installs.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Project } from '../package/project.ts'
import { copyFolder, followPage, makeFolder, readBlocks, readCommands, runCommands, writeFiles } from './page.ts'

const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
/** The lines of Node that `engines` names, in their newest release. */
const nodeLines = Array.from(engines.node.matchAll(/\^(\d+)/g), ([, major]) => major!)

beforeAll(() => execFileSync(join(import.meta.dirname, 'prepare.sh'), { stdio: 'inherit' }), 600_000)

describe.concurrent('A reader can follow the page on', () => {
  test('pytest', async () => {
    using python = new Project()
    await runCommands(python, 'python3 -m venv .')
    using project = makeFolder(join(python.folder, 'bin/python'))
    await runCommands(project, `python3 ${resolve('clients/python/pack.py')} --server insightly-scim-*.tgz`)
    await followPage(project, 'docs/pytest.md')
  })

  test('Go', async () => {
    using project = makeFolder()
    copyFolder(project, 'clients/go')
    await followPage(project, 'docs/go.md')
  })

  test('JUnit 5', async () => {
    using project = makeFolder()
    copyFolder(project, 'clients/java')
    await followPage(project, 'docs/junit5.md')
  })

  test.for(nodeLines)('Vitest, node:test and Jest with Node %s, in a folder that npm init made', async line => {
    using runtime = new Project()
    await runtime.install(`node@${line}`)
    using project = makeFolder(join(runtime.folder, 'node_modules/node/bin/node'))
    await runCommands(project, 'npm init -y')
    expect(JSON.parse(readFileSync(join(project.folder, 'package.json'), 'utf8'))).toMatchObject({ type: 'commonjs' })
    expect((await project.run('node', ['--version'])).output).toMatch(new RegExp(`^v${line}\\.`))
    await followPage(project, 'docs/node.md')
  })

  test('the README’s Vitest test', async () => {
    using project = makeFolder()
    await runCommands(project, 'npm init -y')
    writeFiles(project, 'README.md')
    await runCommands(project, readCommands('README.md').find(text => text.includes('vitest'))!)
  })
})

test.each([
  ['README.md', /^npx /],
  ['docs/identity-providers.md', /^npx /],
])('The server that %s starts prints a ready message', async (page, form) => {
  using project = makeFolder()
  const command = readCommands(page).find(text => form.test(text))!
  const { ready } = await project.serve('bash', ['-c', command], { INSIGHTLY_SCIM_PORT: '0' })
  expect(ready.scimUrl).toMatch(/\/scim\/v2$/)
  process.kill(ready.pid, 'SIGTERM')
})

test('calibrate explains itself as its page says, once it is installed as its page says', async () => {
  using project = makeFolder()
  const [install, explain] = readCommands('docs/calibrate.md')
  await runCommands(project, install!)
  // The two things that the reader fills in.
  const filled = explain!.replace("'https://…'", "'https://crm.example.com/scim/v2'").replace("'…'", "'the-token'")
  expect(filled).not.toContain('…')
  await runCommands(project, filled)
})

test('shadow passes requests on and tells what it learned, as its page says', async () => {
  using project = makeFolder()
  const [install, begin, learn] = readCommands('docs/shadow.md')
  await runCommands(project, install!)
  const free = { INSIGHTLY_SCIM_PORT: '0' }
  const { ready: real } = await project.serve('npx', ['insightly-scim', '--profile', 'rfc7644'], free)
  // The two things that the reader fills in.
  const filled = begin!.replace("'https://…'", `'${real.scimUrl}'`).replace("'…'", `'${real.scimToken}'`)
  expect(filled).not.toContain('…')
  const { ready } = await project.serve('bash', ['-c', filled], free)
  const headers = { authorization: `Bearer ${ready.scimToken}` }
  expect((await fetch(`${ready.scimUrl}/Groups`, { headers })).status).toBe(200)
  const asked = learn!.replace('http://127.0.0.1:8080', ready.url)
  const extra = { ...free, INSIGHTLY_SCIM_ADMIN_KEY: ready.adminKey }
  const { ready: alike } = await project.serve('bash', ['-c', asked], extra)
  const authorization = `Bearer ${alike.scimToken}`
  expect((await fetch(`${alike.scimUrl}/Groups`, { headers: { authorization } })).status).toBe(200)
  for (const { pid } of [ready, real, alike]) process.kill(pid, 'SIGTERM')
})

test('rehearse plays as its page says, once it is installed as its page says', async () => {
  using project = makeFolder()
  const [install, play, explain] = readCommands('docs/rehearse.md')
  await runCommands(project, install!)
  await runCommands(project, play!)
  // The two things that the reader fills in.
  const filled = explain!.replace("'https://…'", "'https://crm.example.com/scim/v2'").replace("'…'", "'the-token'")
  expect(filled).not.toContain('…')
  await runCommands(project, filled)
})

test('No page holds code that is not tried here or elsewhere', () => {
  // The rest of calibrate.md speaks to a real Insightly. Other tests follow the other pages: test/backup, test/deploy
  // (ci.md and kubernetes.md), test/control (remote-control.md), test/scaling, test/image (testcontainers.md).
  const elsewhere = [
    'backup.md',
    'calibrate.md',
    'ci.md',
    'kubernetes.md',
    'remote-control.md',
    'scaling.md',
    'testcontainers.md',
  ]
  const here = ['go.md', 'identity-providers.md', 'junit5.md', 'node.md', 'pytest.md', 'rehearse.md', 'shadow.md']
  const pages = readdirSync('docs').filter(name => name.endsWith('.md') && !elsewhere.includes(name))
  // A console block is for reading: what a server prints, or commands of a program that tests cannot run.
  const withCode = pages.filter(page => readBlocks(`docs/${page}`).some(({ language }) => language !== 'console'))
  expect(withCode.sort()).toEqual(here)
})
