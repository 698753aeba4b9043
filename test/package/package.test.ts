// The package as npm would publish it: what is in it, how a stranger's project imports and runs it, and on which Node.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { Project, type Ready, stop } from './project.ts'

const tarball = inject('tarball')
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

/** Creates a user, finds it, deactivates it; tells what the server said. */
async function provision({ scimUrl, scimToken }: Pick<Ready, 'scimUrl' | 'scimToken'>): Promise<unknown[]> {
  const scim = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${scimToken}`, ...(body && { 'content-type': 'application/scim+json' }) }
    const answer = await fetch(scimUrl + path, { method, headers, body: body ? JSON.stringify(body) : null })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
  }
  const name = { givenName: 'Ann', familyName: 'Lee' }
  const made = await scim('POST', '/Users', { userName: 'ann@example.com', name })
  const found = await scim('GET', '/Users?filter=userName%20eq%20%22ann@example.com%22')
  const gone = await scim('DELETE', `/Users/${made.body.id}`)
  const left = await scim('GET', `/Users/${made.body.id}`)
  return [made.status, found.body.totalResults, gone.status, left.body.active]
}

const provisioned = [201, 1, 204, false]

describe('The package', () => {
  test('carries the program, its types, migrations, console and openapi.yaml, and nothing else', () => {
    const files = inject('packedFiles')
    const kinds = [
      /^dist\/(cli|vitest)\.js$/,
      /^dist\/types\/(.*\.d\.m?ts|package\.json)$/,
      /^dist\/bundle\/([\w-]+\.cjs(\.map)?|LICENSES\.md)$/,
      /^src\/console\/.*\.(html|css|js|svg)$/,
      /^migrations\/\d{4}-[\w-]+\.sql$/,
      /^(package\.json|README\.md|LICENSE|openapi\.yaml)$/,
    ]
    expect(files.filter(file => !kinds.some(kind => kind.test(file)))).toEqual([])
    for (const file of [
      'dist/bundle/LICENSES.md',
      'dist/bundle/index.cjs',
      'dist/cli.js',
      'dist/types/index.d.ts',
      'dist/types/vitest.d.mts',
      'dist/vitest.js',
      'migrations/0001-users.sql',
      'openapi.yaml',
    ])
      expect(files).toContain(file)
  })

  test('has no fault that publint knows', async () => {
    const file = readFileSync(tarball)
    const { messages } = await publint({
      pack: { tarball: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) },
      strict: true,
    })
    expect(messages).toEqual([])
  })

  test('has types that resolve for import and require alike, and in the old way that ts-jest looks', async () => {
    using project = new Project()
    const attw = (...args: string[]) => project.run(join(process.cwd(), 'node_modules/.bin/attw'), [tarball, ...args])
    // The fixtures are an ES module, as Vitest is; nobody requires them.
    const checks = await Promise.all([
      attw('--profile', 'strict', '--entrypoints', '.'),
      attw('--profile', 'esm-only', '--entrypoints', 'vitest'),
    ])
    for (const { status, output } of checks) expect(status, output).toBe(0)
  })
})

describe('A project with the package installed', () => {
  let project: Project
  beforeAll(async () => {
    project = new Project()
    await project.install(
      tarball,
      `typescript@${manifest.devDependencies.typescript}`,
      `@types/node@${manifest.devDependencies['@types/node']}`,
    )
  })
  afterAll(() => project[Symbol.dispose]())

  test('imports it, with exact types that need nothing else installed', async () => {
    project.write(
      'embed.ts',
      `import { type ControlError, connect, type Insightly, type InsightlyUser, start } from 'insightly-scim'
      await using insightly: Insightly = await start({ profile: { groups: 'empty' } })
      const user: InsightlyUser = await insightly.addUser({ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' })
      const active: boolean = (await (await connect(insightly)).user(user.USER_ID)).ACTIVE
      // @ts-expect-error: no such switch
      await insightly.settings.change({ behaviours: { grups: 'empty' } }).catch((error: ControlError) => console.log(error.message))
      // @ts-expect-error: no such value
      await insightly.settings.change({ behaviours: { groups: 'full' } }).catch((error: ControlError) => console.log(error.status))
      console.log(active)`,
    )
    project.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          module: 'nodenext',
          target: 'es2022',
          lib: ['es2024', 'esnext.disposable'],
          types: ['node'],
        },
        files: ['embed.ts'],
      }),
    )
    const compiled = await project.run('node_modules/.bin/tsc', ['-p', '.'])
    expect(compiled.status, compiled.output).toBe(0)
    const { output } = await project.run(process.execPath, ['embed.js'])
    expect(output.split('\n')).toEqual([expect.stringContaining('did you mean groups'), '422', 'true', ''])
  })

  test('runs it with npx, which prints a ready message and serves', async () => {
    const { child, ready } = await project.serve('npx', ['insightly-scim', '--port', '0'])
    expect(ready.version).toBe(manifest.version)
    expect(await provision(ready)).toEqual(provisioned)
    expect((await fetch(`${ready.url}/openapi.yaml`)).status).toBe(200)
    // npx does not pass signals on, so the server itself is told.
    const ended = new Promise(resolve => child.once('exit', resolve))
    process.kill(ready.pid, 'SIGTERM')
    expect(await ended).toBe(0)
  })

  test('keeps its data in the folder it is given', async () => {
    const serve = () => project.serve('node_modules/.bin/insightly-scim', ['--port', '0', '--data', 'data'])
    const first = await serve()
    expect(await provision(first.ready)).toEqual(provisioned)
    expect(await stop(first.child)).toBe(0)
    const second = await serve()
    expect(second.ready.scimToken).toBe(first.ready.scimToken)
    const headers = { authorization: `Bearer ${second.ready.scimToken}` }
    expect(await (await fetch(`${second.ready.scimUrl}/Users`, { headers })).json()).toMatchObject({ totalResults: 2 })
    expect(await stop(second.child)).toBe(0)
  })
})

describe('The bundle of the command', () => {
  let project: Project
  let folder: string
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const cli = 'node_modules/insightly-scim/dist/cli.js'
  beforeAll(async () => {
    project = new Project()
    await project.install(tarball)
    folder = join(project.folder, 'node_modules/insightly-scim/dist/bundle')
  })
  afterAll(() => project[Symbol.dispose]())

  test('asks for nothing but Node and direct dependencies, so that every package manager can install it', () => {
    const code = readdirSync(folder).flatMap(name => (name.endsWith('.cjs') ? read(name) : []))
    const asked = code.flatMap(each =>
      [...each.matchAll(/(?<!["'`])\brequire\("([^."][^"]*)"\)/g)].map(([, name]) => name!),
    )
    expect(asked).toContain('better-sqlite3')
    const dependencies = Object.keys(manifest.dependencies)
    expect(asked.filter(name => !isBuiltin(name) && !dependencies.includes(name))).toEqual([])
  })

  test('brings the licence of every package that is in it', () => {
    const sources = readdirSync(folder).flatMap(name => (name.endsWith('.map') ? JSON.parse(read(name)).sources : []))
    const names = new Set(
      sources.flatMap(source => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source as string)?.[1] ?? []),
    )
    expect(names).toContain('fastify')
    const sections = read('LICENSES.md').split(/^## /m)
    const told = sections.filter(text => /^\S+ \d+\.\d+\.\d+\n\n[\w.-]+\n\n[\s\S]{400}/.test(text))
    expect([...names].filter(name => !told.some(text => text.startsWith(`${name} `)))).toEqual([])
  })

  test('names the files of src/ in a stack trace', async () => {
    project.write('break.cjs', `require('net').Server.prototype.listen = () => { throw new Error('broken') }`)
    const { output } = await project.run(process.execPath, ['--require', './break.cjs', cli, '--port', '0'])
    const [, line] = /at .*startServer \(.*\/insightly-scim\/src\/start\.ts:(\d+):\d+\)/.exec(output) ?? []
    expect(output).toContain('Error: broken')
    expect(readFileSync('src/start.ts', 'utf8').split('\n')[Number(line) - 1]).toContain('.listen(')
  })

  test('serves TLS, though Node is asked for it only then', async () => {
    const pem = (name: string): string => join(process.cwd(), 'test/doors', name)
    const tls = ['--tls-cert', pem('localhost-cert.pem'), '--tls-key', pem('localhost-key.pem')]
    const { child, ready } = await project.serve(process.execPath, [cli, '--port', '0', ...tls])
    const { port } = new URL(ready.url)
    const healthcheck = [cli, 'healthcheck', '--port', port, ...tls]
    expect(await project.run(process.execPath, healthcheck)).toEqual({ status: 0, output: '' })
    expect(await stop(child)).toBe(0)
  })

  test('is compiled once, also where a server is only ever killed', async () => {
    const cache = join(project.folder, 'compiled')
    const { child } = await project.serve(process.execPath, [cli, '--port', '0'], { NODE_COMPILE_CACHE: cache })
    await expect
      .poll(() => existsSync(cache) && readdirSync(cache, { recursive: true }).length, { timeout: 10_000 })
      .toBeGreaterThan(3)
    child.kill('SIGKILL')
  })
})

describe.concurrent('engines', () => {
  // What is claimed is what is tried: the first release of each line that is named, and its newest.
  const lines = (manifest.engines.node as string).split(' || ').map(range => range.replace('^', ''))
  const versions = lines.flatMap(first => [first, first.split('.')[0]!])
  let project: Project
  beforeAll(async () => {
    project = new Project()
    await project.install(tarball)
  })
  afterAll(() => project[Symbol.dispose]())

  test('names whole lines of Node by their first release', ({ expect }) => {
    expect(manifest.engines.node).toMatch(/^\^\d+\.\d+\.\d+( \|\| \^\d+\.\d+\.\d+)*$/)
  })

  test.for(versions)('are kept on Node %s', async (version, { expect }) => {
    using runtime = new Project()
    await runtime.install(`node@${version}`)
    const node = join(runtime.folder, 'node_modules/node/bin/node')
    expect((await project.run(node, ['--version'])).output).toMatch(
      new RegExp(`^v${version.replaceAll('.', '\\.')}\\b`),
    )
    const cli = 'node_modules/insightly-scim/dist/cli.js'
    const { child, ready } = await project.serve(node, [cli, '--port', '0', '--data', `data-${version}`])
    expect(await provision(ready)).toEqual(provisioned)
    expect(await stop(child)).toBe(0)
    // Each command is in a file of its own, which is read when it is asked for.
    for (const command of ['exec', 'calibrate', 'compare', 'healthcheck'])
      expect(await project.run(node, [cli, command, '--help'])).toMatchObject({ status: 0 })
    const program = `
      import { start } from 'insightly-scim'
      const insightly = await start()
      const instance = await insightly.createInstance({ state: { users: [] } })
      console.log((await instance.users()).length)
      await insightly.close()`
    expect(await project.run(node, ['--input-type=module', '-e', program])).toEqual({ status: 0, output: '0\n' })
  })

  test.for(['16', '20', '22.12.0', '25'])('refuse Node %s in one line', async (version, { expect }) => {
    using runtime = new Project()
    await runtime.install(`node@${version}`)
    const node = join(runtime.folder, 'node_modules/node/bin/node')
    const { output: running } = await runtime.run(node, ['-p', 'process.versions.node'])
    const line = `insightly-scim needs Node 22.14 or newer (22, 24 or 26); this is ${running.trim()}.\n`
    const refused = await project.run(node, ['node_modules/insightly-scim/dist/cli.js', '--port', '0'])
    expect(refused.status).toBe(1)
    expect(refused.output.split('Command failed')[0]).toBe(line)
    const program = `
      import { StartError, start } from 'insightly-scim'
      start().catch(error => console.log(error instanceof StartError ? error.message : error))`
    expect(await project.run(node, ['--input-type=module', '-e', program])).toEqual({ status: 0, output: line })
  })
})

describe('A test file that Jest runs', () => {
  const seed = `{ users: [{ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }] }`
  const body = `
    test('runs', async () => {
      const insightly = await start({ seed: ${seed} })
      try {
        const [ann] = await insightly.users()
        expect(ann.FIRST_NAME).toBe('Ann')
        await insightly.reset()
      } finally {
        await insightly.close()
      }
    })`
  let project: Project
  beforeAll(async () => {
    project = new Project()
    // TypeScript 7 is newer than what ts-jest accepts.
    await project.install(tarball, 'jest@30', 'ts-jest@29', 'typescript@5', '@types/jest@30')
    // What npm init says.
    project.write('package.json', JSON.stringify({ type: 'commonjs' }))
    project.write('required.test.js', `const { start } = require('insightly-scim')\n${body}`)
    project.write('imported.test.mjs', `import { start } from 'insightly-scim'\n${body}`)
    project.write('typed.test.ts', `import { start, type Insightly } from 'insightly-scim'\n${body}`)
    project.write('faulty.test.ts', `import { start } from 'insightly-scim'\nstart({ profil: 'rfc7644' })`)
  })
  afterAll(() => project[Symbol.dispose]())

  test.for([
    ['as CommonJS', 'required.test.js', {}],
    ['as an ES module', 'imported.test.mjs', { NODE_OPTIONS: '--experimental-vm-modules' }],
    ['with ts-jest and no settings', 'typed.test.ts', {}],
  ] as const)('%s', async ([, file, environment]) => {
    const preset = file.endsWith('.ts') ? ['--preset', 'ts-jest'] : ['--testMatch=**/*.test.*js']
    const { status, output } = await project.run('node_modules/.bin/jest', [file, ...preset], environment)
    expect(status, output).toBe(0)
    expect(output).toContain('1 passed')
  })

  test('and ts-jest checks what it passes', async () => {
    const { status, output } = await project.run('node_modules/.bin/jest', ['--preset', 'ts-jest', 'faulty'])
    expect(status).toBe(1)
    expect(output).toContain("'profil' does not exist in type 'StartOptions'")
  })
})

describe.concurrent('insightly-scim/vitest', () => {
  // The peer dependency's oldest release and the lines up to the one that this repository is tested with.
  test.for(['3.2.0', '4'])('works with Vitest %s', async (version, { expect }) => {
    using project = new Project()
    await project.install(tarball, `vitest@${version}`)
    project.write(
      'leaver.test.js',
      `import { expect } from 'vitest'
      import { test } from 'insightly-scim/vitest'
      for (const turn of [1, 2])
        test('run ' + turn, async ({ insightly }) => {
          expect(await insightly.users()).toHaveLength(1)
          await insightly.addUser({ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' })
        })`,
    )
    const { status, output } = await project.run('node_modules/.bin/vitest', ['run'])
    expect(status, output).toBe(0)
    expect(output).toMatch(/2 passed/)
  })

  test('says on a Node that is too old which one it needs', async ({ expect }) => {
    using project = new Project()
    await project.install(tarball, 'vitest@3.2.0', 'node@20')
    project.write(
      'leaver.test.js',
      `import { test } from 'insightly-scim/vitest'
      test('run', ({ insightly }) => insightly)`,
    )
    const node = join(project.folder, 'node_modules/node/bin/node')
    const { status, output } = await project.run(node, ['node_modules/vitest/vitest.mjs', 'run'])
    expect(status, output).toBe(1)
    expect(output).toMatch(/insightly-scim needs Node 22\.14 or newer \(22, 24 or 26\); this is 20\./)
  })
})
