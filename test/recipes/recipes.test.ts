// The pages for readers of many kinds do what they say. Each needs its own language, which prepare.sh installs.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { Project } from '../package/project.ts'
import { followPage, readBlocks, writeFiles } from './page.ts'

const versions = JSON.parse(readFileSync('package.json', 'utf8')).devDependencies as Record<string, string>
const mavenFolder = ['-Dstyle.color=never', '--quiet', '--batch-mode']

beforeAll(() => execFileSync(join(import.meta.dirname, 'prepare.sh'), { stdio: 'inherit' }), 600_000)

describe.concurrent('A reader can follow the page on', () => {
  test('pytest', async () => {
    using project = new Project()
    await followPage(project, 'docs/pytest.md')
  })

  test('Go', async () => {
    using project = new Project()
    await followPage(project, 'docs/go.md')
  })

  test('JUnit 5', async () => {
    using project = new Project()
    await followPage(project, 'docs/junit5.md')
  })

  test('Vitest, node:test and Jest', async () => {
    using project = new Project()
    const devDependencies = { vitest: versions.vitest, jest: '^30' }
    project.write('package.json', JSON.stringify({ private: true, type: 'module', devDependencies }))
    await followPage(project, 'docs/node.md')
  })
})

test('The README’s npx prints a ready message and its Vitest test passes', async () => {
  using project = new Project()
  await project.install(inject('tarball'), `vitest@${versions.vitest}`)
  const npx = readBlocks('README.md')
    .find(({ text }) => text.startsWith('npx '))!
    .text.trim()
  const { ready } = await project.serve('npx', [...npx.split(' ').slice(1), '--port', '0'])
  process.kill(ready.pid, 'SIGTERM')
  writeFiles(project, 'README.md')
  const { status, output } = await project.run('npx', ['vitest', 'run'])
  expect(status, output).toBe(0)
})

test('The page on Testcontainers compiles, which is all that can be tried without a Docker engine', async () => {
  using project = new Project()
  await project.install(
    inject('tarball'),
    'testcontainers@12',
    `typescript@${versions.typescript}`,
    `@types/node@${versions['@types/node']}`,
  )
  writeFiles(project, 'docs/testcontainers.md')
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2024,esnext.disposable',
    '--types',
    'node',
  ]
  const typescript = await project.run('node_modules/.bin/tsc', [...options, 'insightly.ts'])
  expect(typescript.status, typescript.output).toBe(0)

  const pom = readBlocks('docs/junit5.md').find(({ file }) => file === 'pom.xml')!.text
  const dependency =
    '<dependency><groupId>org.testcontainers</groupId><artifactId>testcontainers</artifactId><version>1.20.4</version></dependency>'
  project.write('pom.xml', pom.replace('<dependencies>', `<dependencies>${dependency}`))
  const [java] = readBlocks('docs/testcontainers.md').filter(({ language }) => language === 'java')
  project.write(join('src/main/java', java!.file!), java!.text)
  const compiled = await project.run('mvn', [...mavenFolder, 'compile'])
  expect(compiled.status, compiled.output).toBe(0)
})

test('No page holds code that is not tried here or elsewhere', () => {
  // That of calibrate.md speaks to a real Insightly; that of remote-control.md is run in test/control.
  const elsewhere = ['calibrate.md', 'remote-control.md']
  const here = ['go.md', 'junit5.md', 'node.md', 'pytest.md', 'testcontainers.md']
  const pages = readdirSync('docs').filter(name => name.endsWith('.md') && !elsewhere.includes(name))
  // A console block is for reading: what a server prints, or commands of a program that tests cannot run.
  const withCode = pages.filter(page => readBlocks(`docs/${page}`).some(({ language }) => language !== 'console'))
  expect(withCode.sort()).toEqual(here)
})
