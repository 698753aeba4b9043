// The image as an orchestrator runs it: the real Dockerfile, built with buildah and run with podman, since both need no
// Docker engine. Its base is a stand-in (prepare.sh); arm64 is not tried here.

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/index.ts'
import { Project } from '../package/project.ts'
import { copyFolder, makeFolder, readBlocks, readCommands, runCommands, writeFiles } from '../recipes/page.ts'
import { send } from '../support.ts'

const image = 'localhost/insightly-scim'
const run = promisify(execFile)
let folder: string
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'insightly-scim-image-'))
  environment = {
    ...process.env,
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
  }
  await run(join(import.meta.dirname, 'prepare.sh'), [folder, image])
}, 600_000)

afterAll(async () => {
  if (environment) await podman('rm', '--force', '--all').catch(() => {})
  rmSync(folder, { recursive: true, force: true })
})

const podman = async (...args: string[]): Promise<string> =>
  (await run('podman', args, { env: environment, maxBuffer: 64 * 1024 * 1024 })).stdout.trim()

/** A port of the host that is free now. */
const findPort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** Repeats a question until it is answered. */
async function poll<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('It did not happen in time.')
}

/** The ready message in a container's log. */
const readReady = (name: string) =>
  poll(async () => {
    const line = (await podman('logs', name)).split('\n').find(each => each.startsWith('{"ready"'))
    return line === undefined ? undefined : JSON.parse(line)
  })

/** Runs the image as a careful operator does: nothing writable but /data, no rights, no new ones. */
async function serve(name: string, volume: string, ...args: string[]) {
  const port = await findPort()
  const hardening = [
    '--read-only',
    '--read-only-tmpfs=false',
    '--cap-drop',
    'all',
    '--security-opt',
    'no-new-privileges',
  ]
  await podman(
    'run',
    '--detach',
    '--name',
    name,
    '--pull',
    'never',
    ...hardening,
    '--volume',
    `${volume}:/data`,
    '--publish',
    `${port}:8080`,
    ...args,
    image,
  )
  return { origin: `http://localhost:${port}`, ready: await readReady(name) }
}

/** The container's own URL, as its host reaches it. */
const throughPort = (url: string, origin: string): string => url.replace('http://localhost:8080', origin)

describe('The image', () => {
  test('says how it is run, looked after and stopped', async () => {
    const [{ Config: config, Healthcheck, Architecture }] = JSON.parse(await podman('image', 'inspect', image))
    expect(config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['/usr/local/bin/node', 'dist/cli.js'],
      StopSignal: 'SIGTERM',
      Volumes: { '/data': {} },
      ExposedPorts: { '8080/tcp': {} },
    })
    expect(Healthcheck.Test).toEqual(['CMD', '/usr/local/bin/node', 'dist/cli.js', 'healthcheck'])
    expect(config.Env).toEqual(expect.arrayContaining(['INSIGHTLY_SCIM_HOST=0.0.0.0', 'INSIGHTLY_SCIM_DATA=/data']))
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'insightly-scim',
      'org.opencontainers.image.version': version,
    })
    expect(Architecture).toBe(process.arch === 'x64' ? 'amd64' : process.arch)
  })

  test('is small and holds Node, the program and nothing to break in with', async () => {
    const size = Number(await podman('image', 'inspect', image, '--format', '{{.Size}}'))
    const root = await podman('image', 'mount', image)
    const list = execFileSync('find', [root, '-type', 'f', '-not', '-path', `${root}/app/*`, '-printf', '%P\n'], {
      encoding: 'utf8',
    })
    await podman('image', 'unmount', image)
    const files = list.trim().split('\n')
    expect(
      files.filter(file => !/^(usr\/local\/bin\/node|etc\/(passwd|group)|lib(64)?\/.*\.so(\.\d+)*)$/.test(file)),
    ).toEqual([])
    console.log(`The image has ${Math.round(size / 1e6)} MB.`)
    expect(size).toBeLessThan(200e6)
  })

  test('serves from a read-only root as a user without rights, is healthy, and comes back with its data', async () => {
    const { origin, ready } = await serve('first', 'kept')
    expect(ready.url).toBe('http://localhost:8080')
    expect(await podman('top', 'first', 'huser', 'capeff')).toMatch(/65532\s+none/)
    await podman('healthcheck', 'run', 'first')

    const headers = { authorization: `Bearer ${ready.scimToken}`, 'content-type': 'application/scim+json' }
    const body = { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
    const scimUrl = throughPort(ready.scimUrl, origin)
    const made = await send(`${scimUrl}/Users`, { method: 'POST', headers, body })
    expect(made).toMatchObject({ status: 201, headers: { location: `${scimUrl}/Users/${made.body.id}` } })
    const insightly = await connect({ controlUrl: throughPort(ready.controlUrl, origin), adminKey: ready.adminKey })
    expect(await insightly.users({ userName: 'ann@example.com' })).toHaveLength(1)

    await podman('stop', '--time', '10', 'first')
    expect(await podman('inspect', 'first', '--format', '{{.State.ExitCode}}')).toBe('0')

    const again = await serve('second', 'kept')
    expect(again.ready.scimToken).toBe(ready.scimToken)
    const found = await send(`${throughPort(ready.scimUrl, again.origin)}/Users/${made.body.id}`, { headers })
    expect(found).toMatchObject({ status: 200, body: { userName: 'ann@example.com', active: true } })
    await podman('stop', 'second')
  })

  test('is unhealthy while it does not serve', async () => {
    const { ready } = await serve('third', 'other')
    expect(ready.ready).toBe(true)
    // The health check asks the server of the same settings, and there is none on this port.
    await expect(
      podman('exec', '--env', 'INSIGHTLY_SCIM_PORT=9', 'third', '/usr/local/bin/node', 'dist/cli.js', 'healthcheck'),
    ).rejects.toThrow('No ready server at 127.0.0.1:9')
  })

  test('prints the URL that it is told to', async () => {
    const { ready } = await serve(
      'fourth',
      'told',
      '--env',
      'INSIGHTLY_SCIM_PUBLIC_URL=https://scim.example.com/insightly',
    )
    expect(ready.scimUrl).toBe('https://scim.example.com/insightly/scim/v2')
  })
})

describe('The page on Testcontainers can be followed, with podman for its engine,', () => {
  const page = 'docs/testcontainers.md'
  const engine = { DOCKER_HOST: '', TESTCONTAINERS_RYUK_DISABLED: 'true' }
  let service: ChildProcess

  beforeAll(async () => {
    await run('test/recipes/prepare.sh')
    const socket = `unix://${join(folder, 'podman.sock')}`
    service = spawn('podman', ['system', 'service', '--time=0', socket], { env: environment, stdio: 'ignore' })
    await poll(() => podman('--url', socket, 'version'))
    engine.DOCKER_HOST = socket
  }, 600_000)
  afterAll(() => service?.kill())

  /** Runs those of the page's commands that begin so, in a project with its files. */
  async function follow(project: Project, ...programs: string[]): Promise<void> {
    writeFiles(project, page)
    const commands = readCommands(page).filter(text => programs.includes(text.split(' ')[0]!))
    expect(commands).not.toEqual([])
    for (const command of commands) await runCommands(project, command, engine)
  }

  test('in Node', async () => {
    using project = makeFolder()
    await runCommands(project, 'npm init -y')
    await follow(project, 'npm', 'npx')
  })

  test('in Go', async () => {
    using project = new Project()
    copyFolder(project, 'clients/go')
    await runCommands(project, 'go mod init example.com/provisioning')
    await follow(project, 'go')
  })

  test('in Java', async () => {
    using project = new Project()
    copyFolder(project, 'clients/java')
    await follow(project, 'mvn')
    const read = (of: string, name: string) => readBlocks(of).find(({ file }) => file === name)!.text
    const dependencies = `<dependencies>${read(page, 'dependencies.xml')}`
    project.write('pom.xml', read('docs/junit5.md', 'pom.xml').replace('<dependencies>', dependencies))
    await runCommands(project, 'mvn --quiet --batch-mode test', engine)
  })
})

describe('compose.yaml', () => {
  test('serves the users of its seed file', async () => {
    const port = await findPort()
    const chosen = { INSIGHTLY_SCIM_TOKEN: 'a-token-for-my-tests', INSIGHTLY_SCIM_ADMIN_KEY: 'a-key-for-my-tests' }
    const env = { ...environment, ...chosen, PORT: String(port) }
    const compose = (...args: string[]) => run('podman-compose', ['--project-name', 'insightly', ...args], { env })
    await compose('up', '--detach', '--no-build')
    const insightly = await poll(() =>
      connect({ controlUrl: `http://localhost:${port}/_emulator`, adminKey: 'a-key-for-my-tests' }),
    )
    expect((await insightly.users()).map(user => user.EMAIL_ADDRESS)).toEqual(['owner@example.com', 'ann@example.com'])
    expect(insightly.scimToken).toBe('a-token-for-my-tests')
    await compose('down', '--volumes')
  })
})
