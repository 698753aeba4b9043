// The exec command as a child process: what the command sees, and how its end becomes ours.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command } from '../command.ts'

const [program, ...first] = command

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const spawnExec = (args: string[], environment: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(program, [...first, 'exec', ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

function ended(
  child: ChildProcess,
): Promise<{ status: number | null; signal: string | null; stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', chunk => (stdout += chunk))
  child.stderr!.on('data', chunk => (stderr += chunk))
  return new Promise(resolve => child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr })))
}

const exec = (args: string[], environment?: NodeJS.ProcessEnv) => ended(spawnExec(args, environment))

/** A command that runs a program of Node. */
const node = (program: string): string[] => ['--', process.execPath, '--input-type=module', '-e', program]

describe.concurrent('exec', () => {
  test('tells the command where the server is and prints nothing of its own', async () => {
    const program = `
      const { INSIGHTLY_SCIM_URL, INSIGHTLY_SCIM_TOKEN, INSIGHTLY_SCIM_CONTROL_URL, INSIGHTLY_SCIM_ADMIN_KEY } = process.env
      const ask = async (url, key) => (await fetch(url, { headers: { authorization: 'Bearer ' + key } })).status
      console.log(await ask(INSIGHTLY_SCIM_URL + '/Users', INSIGHTLY_SCIM_TOKEN), await ask(INSIGHTLY_SCIM_CONTROL_URL, INSIGHTLY_SCIM_ADMIN_KEY))`
    expect(await exec(node(program))).toEqual({ status: 0, signal: null, stdout: '200 200\n', stderr: '' })
  })

  test('passes the exit status on', async () => {
    expect((await exec(node('process.exit(7)'))).status).toBe(7)
  })

  test('ends by the signal that ended the command', async () => {
    expect((await exec(node("process.kill(process.pid, 'SIGKILL')"))).signal).toBe('SIGKILL')
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'passes %s on and waits for what the command makes of it',
    async signal => {
      const child = spawnExec(
        node(`process.on('${signal}', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up')`),
      )
      child.stdout!.once('data', () => child.kill(signal))
      expect(await ended(child)).toMatchObject({ status: 3, signal: null })
    },
  )

  test('takes --seed and --profile', async () => {
    const seed = join(folder, 'seed.json')
    const profile = join(folder, 'profile.json')
    writeFileSync(
      seed,
      JSON.stringify({ users: [{ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }] }),
    )
    writeFileSync(profile, JSON.stringify({ groups: 'empty' }))
    const program = `
      const { INSIGHTLY_SCIM_URL: url, INSIGHTLY_SCIM_TOKEN: token } = process.env
      const ask = path => fetch(url + path, { headers: { authorization: 'Bearer ' + token } })
      console.log((await (await ask('/Users')).json()).Resources[0].userName, (await ask('/Groups')).status)`
    const { stdout } = await exec(['--seed', seed, '--profile', profile, ...node(program)])
    expect(stdout).toBe('ann@example.com 200\n')
  })

  test('heeds no port and no folder that the environment means for a server that stays', async () => {
    const environment = { INSIGHTLY_SCIM_PORT: '1', INSIGHTLY_SCIM_DATA: join(folder, 'absent', 'data') }
    expect(await exec(node('console.log(1)'), environment)).toMatchObject({ status: 0, stdout: '1\n', stderr: '' })
  })

  test('exits 127 for a command that does not exist, and 2 without one', async () => {
    expect(await exec(['--', join(folder, 'absent')])).toMatchObject({
      status: 127,
      stderr: expect.stringContaining('cannot be run'),
    })
    expect(await exec([])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('exec needs a command after --'),
    })
    expect(await exec(['absent', '--', 'true'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"absent" is too much'),
    })
  })
})
