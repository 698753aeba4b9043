import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, expect, test, vi } from 'vitest'
import { runCalibrate } from '../../../src/commands/calibrate/command.ts'
import { UsageError } from '../../../src/config.ts'
import { StartError } from '../../../src/errors.ts'
import { start } from '../../../src/index.ts'
import { type TestInstance, useServer } from '../../support.ts'

// Some tests start a Node or two, which takes its time on a busy machine.
// `expect.poll` asks which test runs, and of concurrent ones only their own `expect` knows.
vi.setConfig({ testTimeout: 120_000 })

const servers = useServer()
const folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
afterAll(() => rmSync(folder, { recursive: true }))

const spawnCli = (args: string[], environment: NodeJS.ProcessEnv = {}) =>
  spawn(process.execPath, ['src/cli.ts', ...args], { env: { ...process.env, ...environment } })

function ended(child: ChildProcessWithoutNullStreams) {
  const [stdout, stderr] = [child.stdout, child.stderr].map(stream => {
    const chunks: Buffer[] = []
    stream.on('data', chunk => chunks.push(chunk))
    return () => Buffer.concat(chunks).toString()
  })
  return new Promise<{ status: number | null; stdout: string; stderr: string }>(resolve => {
    child.on('close', status => resolve({ status, stdout: stdout!(), stderr: stderr!() }))
  })
}

const run = (args: string[], environment?: NodeJS.ProcessEnv) => ended(spawnCli(args, environment))

const at = (instance: TestInstance) => ['calibrate', '--url', instance.scimUrl, '--user-name', 'cal@example.com']

const left = async (instance: TestInstance) =>
  ((await instance.control('GET', '/users')).body as { EMAIL_ADDRESS: string; ACTIVE: boolean }[])
    .filter(user => !user.EMAIL_ADDRESS.startsWith('owner@'))
    .map(user => `${user.EMAIL_ADDRESS} ${user.ACTIVE}`)

test('without --yes, calibrate explains what it would do and sends nothing', async () => {
  const instance = await servers.make()
  let shown = ''
  await runCalibrate([...at(instance).slice(1), '--token', instance.scimToken], text => {
    shown += text
  })
  expect(shown).toContain('creates ONE user, cal@example.com')
  expect(shown).toContain(`It speaks to ${new URL(instance.scimUrl).host} as`)
  expect(shown).toContain('--yes')
  expect((await instance.control('GET', '/requests')).body.requests).toEqual([])
})

test('without --url, the plan speaks of the endpoint, and of a user whose name tells when it was made', async () => {
  let shown = ''
  await runCalibrate([], text => {
    shown = text
  })
  expect(shown).toMatch(/It speaks to the endpoint as/)
  expect(shown).toMatch(/creates ONE user, scim-calibration-\d{14}@example\.com/)
})

test('the profile tells by whom, when and where it was made, and compares with this server set the same way', async () => {
  const instance = await servers.make({ behaviours: { patchAnswer: 'no-content' } })
  let shown = ''
  await runCalibrate([...at(instance).slice(1), '--token', instance.scimToken, '--yes', '--json'], text => {
    shown = text
  })
  const { behaviours, calibration } = JSON.parse(shown)
  expect(behaviours.patchAnswer).toBe('no-content')
  expect(calibration).toMatchObject({
    by: expect.stringMatching(/^insightly-scim \d/),
    host: new URL(instance.scimUrl).host,
  })
  expect(Date.parse(calibration.date)).not.toBeNaN()
  const unlike = calibration.shapes.filter((shape: { isSame: boolean }) => !shape.isSame)
  expect(unlike).toEqual([])
})

test.concurrent('with --yes, calibrate prints a table, writes a profile that loads, and shows the token nowhere', async () => {
  const instance = await servers.make({ behaviours: { groups: 'empty', patchAnswer: 'no-content' } })
  const out = join(folder, 'profile.json')
  const token = { INSIGHTLY_TENANT_TOKEN: instance.scimToken }
  const { status, stdout, stderr } = await run([...at(instance), '--yes', '--out', out], token)
  expect(status, stderr).toBe(0)
  expect(stdout).toMatch(/^\* groups +absent +empty +exact +GET \/Groups answers 200, an empty list$/m)
  expect(stdout).toMatch(/^\? disabledScim +forbidden +not determined/m)
  expect(stdout).toContain('Left behind: cal@example.com (id 2) is deactivated.')
  expect(stdout).toMatch(/(\d+) of \1 shapes of answers are the same as here/)
  const text = readFileSync(out, 'utf8')
  expect(stdout + stderr + text).not.toContain(instance.scimToken)
  const { calibration } = JSON.parse(text)
  expect(calibration).toMatchObject({ host: new URL(instance.scimUrl).host, user: { state: 'inactive' } })
  await using started = await start({ profile: out })
  expect((await started.settings.get()).behaviours).toMatchObject({ groups: 'empty', patchAnswer: 'no-content' })
  expect(await left(instance)).toEqual(['cal@example.com false'])
})

test.concurrent('--json prints the profile; --ask-to-disable waits for Enter, and asks once more', async () => {
  const instance = await servers.make({ behaviours: { disabledScim: 'unauthorized' } })
  const args = [...at(instance), '--token', instance.scimToken, '--yes', '--json', '--ask-to-disable']
  const child = spawnCli(args)
  child.stderr.on('data', async data => {
    if (!String(data).includes('press Enter')) return
    await instance.control('PATCH', '/settings', { scimEnabled: false })
    child.stdin.end('\n')
  })
  const { status, stdout, stderr } = await ended(child)
  expect(status, stderr).toBe(0)
  expect(stderr).not.toContain('without TLS')
  expect(JSON.parse(stdout).behaviours.disabledScim).toBe('unauthorized')
})

test('--ask-to-disable with nobody there to press Enter leaves its row open, and ends', async () => {
  const instance = await servers.make()
  let shown = ''
  let told = ''
  await runCalibrate(
    [...at(instance).slice(1), '--token', instance.scimToken, '--yes', '--json', '--ask-to-disable'],
    text => {
      shown = text
    },
    text => {
      told += text
    },
    Readable.from([]),
  )
  expect(told).toContain('Now switch SCIM off')
  const { behaviours, calibration } = JSON.parse(shown)
  expect(behaviours).not.toHaveProperty('disabledScim')
  expect(JSON.stringify(calibration)).toContain('nobody confirmed that SCIM was switched off')
})

test('a second Ctrl-C leaves at once, and says that the user may be active', async () => {
  await using insightly = await start({ port: 0, logLevel: 'silent' })
  await insightly.setFaults([
    { match: { method: 'PATCH' }, do: { hang: true } },
    { match: { method: 'DELETE' }, do: { hang: true } },
  ])
  const firedOnce = async (times: number) => expect((await insightly.faults())[0]!.fired).toBe(times)
  let told = ''
  const running = runCalibrate(
    ['--url', insightly.scimUrl, '--user-name', 'cal@example.com', '--token', insightly.scimToken, '--yes'],
    () => {},
    text => {
      told += text
    },
  )
  await vi.waitFor(() => firedOnce(1), 100_000)
  process.emit('SIGINT')
  expect(told).toContain('Stopping; the user is being deactivated (once more to leave at once).')
  expect(told).not.toContain('Left as it is')
  await vi.waitFor(() => firedOnce(2), 100_000)
  // Vitest makes an error of it when something wants to end its process.
  expect(() => process.emit('SIGINT')).toThrow('"130"')
  expect(told).toContain('Left as it is: cal@example.com may be there and ACTIVE; deactivate it by hand.')
  await insightly.close()
  await running
  process.exitCode = undefined
})

const warning = (host: string) => `${host} is spoken to without TLS: the token travels readable.`
test.each([
  ['0.0.0.0:1', true],
  ['localhost.example.com:1', true],
  ['127.0.0.1.example.com:1', true],
  ['localhost:1', false],
  ['127.9.9.9:1', false],
  ['[::1]:1', false],
])('a token that would travel readable to another host is warned of: %s, %s', async (host, isWarned) => {
  let told = ''
  // To this port nobody connects.
  const running = runCalibrate(
    ['--url', `http://${host}/scim`, '--yes', '--token', 'x'],
    () => {},
    text => {
      told += text
    },
  )
  await expect(running).rejects.toThrow(StartError)
  expect(told).toBe(isWarned ? `insightly-scim: ${warning(host)}\n` : '')
})

test.concurrent('Ctrl-C half-way deactivates the user, says what is left, writes no profile and exits 1', async ({
  expect,
}) => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [{ match: { method: 'PATCH' }, when: { times: 1 }, do: { hang: true } }])
  const out = join(folder, 'half.json')
  const child = spawnCli([...at(instance), '--token', instance.scimToken, '--yes', '--out', out])
  const running = ended(child)
  const fired = async () => (await instance.control('GET', '/faults')).body[0].fired
  await expect.poll(fired, { timeout: 100_000 }).toBe(1)
  child.kill('SIGINT')
  const { status, stdout, stderr } = await running
  expect(stderr).toContain('Stopping')
  expect(stdout).toContain('It ended early: it was stopped.')
  expect(stdout).toContain('Left behind: cal@example.com (id 2) is deactivated.')
  expect(status).toBe(1)
  expect(() => readFileSync(out)).toThrow(/ENOENT/)
  expect(await left(instance)).toEqual(['cal@example.com false'])
})

test.each([
  [['--yes', '--token', 'x'], '--url is missing'],
  [['--yes', '--url', 'ftp://x', '--token', 'x'], '--url is "ftp://x", which is not accepted; expected the SCIM URL'],
  [['--yes', '--url', 'http://127.0.0.1:1'], '--token is missing'],
  [['--user-name', 'ann'], '--user-name is "ann", which is not accepted; expected an e-mail address.'],
  [['--timeout', 'soon'], '--timeout is "soon", which is not accepted; expected 500ms, 2s, 5m, or an ISO 8601'],
  [['--timeout', '30'], '--timeout is "30", which is not accepted; expected 500ms'],
  [['--longest-wait', '0s'], '--longest-wait is "0s", which is not accepted; expected more than nothing'],
  [['--verbose'], '--verbose is not known; known are --url, --token, --yes'],
])('calibrate %j is refused', async (args, line) => {
  await expect(runCalibrate(args)).rejects.toThrow(UsageError)
  await expect(runCalibrate(args)).rejects.toThrow(line)
})

test.concurrent('the tenant is not looked for where a stand-in keeps its own address and token', async () => {
  const instance = await servers.make()
  const ours = { INSIGHTLY_SCIM_URL: instance.scimUrl, INSIGHTLY_SCIM_TOKEN: instance.scimToken }
  const { status, stderr } = await run(['calibrate', '--yes'], ours)
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('INSIGHTLY_TENANT_URL') })
  const tenant = { ...ours, INSIGHTLY_TENANT_URL: instance.scimUrl }
  expect((await run(['calibrate', '--yes'], tenant)).stderr).toContain('INSIGHTLY_TENANT_TOKEN')
})

test('a profile that cannot be written is refused before anything is asked', async () => {
  const instance = await servers.make()
  const args = [...at(instance).slice(1), '--token', instance.scimToken, '--yes', '--out']
  await expect(runCalibrate([...args, join(folder, 'no/such/profile.json')])).rejects.toThrow(
    /--out .*profile\.json cannot be written \(ENOENT/,
  )
  await expect(runCalibrate([...args, folder])).rejects.toThrow(/it is a folder/)
  expect((await instance.control('GET', '/requests')).body.requests).toEqual([])
})

test.concurrent('calibrate --help explains its own flags', async () => {
  const { stdout, status } = await run(['calibrate', '--help'])
  expect(stdout).toContain('--ask-to-disable')
  expect(stdout).not.toContain('--trust-proxy')
  expect(status).toBe(0)
})
