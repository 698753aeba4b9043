// The command as its user runs it.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { clients } from '../../../src/rehearse/conversations.ts'
import { findFreePort, useServer } from '../../support.ts'

// Each test starts a Node, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const { make } = useServer()
const folder = mkdtempSync(join(tmpdir(), 'rehearse-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What the command prints, and its exit status. */
function run(args: string[], token = 'some-token-of-a-tenant'): Promise<{ out: string; err: string; status: unknown }> {
  return new Promise(resolve => {
    const env = { ...process.env, INSIGHTLY_REHEARSE_TOKEN: token }
    execFile(process.execPath, ['src/cli.ts', 'rehearse', ...args], { env }, (error, out, err) =>
      resolve({ out, err, status: error?.code ?? 0 }),
    )
  })
}

/** A server that answers as told, for as long as the test takes. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.concurrent('rehearse', () => {
  test('without a client lists them, those of Insightly’s own pages first', async () => {
    const { out, status } = await run([])
    expect(status).toBe(0)
    expect(out.split('\n').map(line => line.trim().split(' ')[0])).toEqual([...clients.map(({ id }) => id), ''])
  })

  test('plays against a stand-in of its own, with a line a step and a sentence to quote', async () => {
    const { out, status } = await run(['okta'])
    expect(out).toMatch(/^A stand-in of its own: http:\/\/127\.0\.0\.1:\d+\/scim\/v2\n/)
    expect(out).toContain('The administrator takes the assignment away from the user.\n')
    expect(out).toMatch(
      /creates the group +POST \/Groups {2}404 {2}refused: Insightly's SCIM has no groups\. \(D-03\)\n/,
    )
    expect(out).toMatch(
      /\nThe stand-in is stopped\.\n\nOkta: (\d+) of (\d+) steps work; pushing groups is refused \(D-03\)\.\n$/,
    )
    // Groups are what Okta can do without.
    expect(status).toBe(0)
  })

  test('plays several clients, one scenario of them, and tells it as JSON and to build servers', async () => {
    const file = join(folder, 'report.xml')
    const { out, err, status } = await run(['entra', 'miniorange', '--only', 'delete', '--json', '--junit', file])
    expect(status).toBe(0)
    expect(err).toContain('deletes the user')
    const { clients: found, host } = JSON.parse(out)
    expect(host).toBeNull()
    expect(found.map(({ sentence }: { sentence: string }) => sentence)).toEqual([
      'Microsoft Entra ID: all 2 steps work.',
      'miniOrange: all 4 steps work.',
    ])
    expect(found[0].conversations.map(({ id }: { id: string }) => id)).toEqual(['entra-hard-delete'])
    expect(readFileSync(file, 'utf8')).toContain('<testsuite name="miniOrange" tests="1" failures="0" skipped="0">')
  })

  test('exits 1 when a step fails that the provider needs', async () => {
    const { instance, url } = await makeAt({ userNameChange: 'refused' })
    const { out, status } = await run(['entra', '--only', 'rename', '--url', url], instance.scimToken)
    expect(out).toContain('Microsoft Entra ID: 0 of 1 steps work; changing the userName is refused.')
    expect(status).toBe(1)
  })

  test('at another endpoint says what comes to be, leaves it deactivated, and never shows the token', async () => {
    const { instance, url } = await makeAt({})
    const { out, err, status } = await run(
      ['onelogin', 'okta', '--only', 'create', '--url', `${url}/?aadOptscim062020`],
      instance.scimToken,
    )
    expect(status).toBe(0)
    expect(err).toMatch(/^At 127\.0\.0\.1:\d+: \d+ requests\. They create 2 users at example\.com/)
    expect(out.match(/^Left behind: .* is deactivated\.$/gm)).toHaveLength(2)
    expect(out + err).not.toContain(instance.scimToken)
    const { body } = await instance.control('GET', '/users?active=true')
    expect(body.filter(({ ACCOUNT_OWNER }: { ACCOUNT_OWNER: boolean }) => !ACCOUNT_OWNER)).toEqual([])
    expect((await instance.control('GET', '/users')).body).toHaveLength(3)
  })

  test('takes it for done when who was deleted is gone, as at other servers than Insightly', async () => {
    const { instance, url } = await makeAt({ delete: 'remove' })
    const { out, status } = await run(['onelogin', '--only', 'delete', '--url', url], instance.scimToken)
    expect(out).toMatch(/is gone for good\.\n\nOneLogin: the one step works\.\n$/)
    expect(status).toBe(0)
  })

  test('finds and deactivates a user whose creation was not answered', async () => {
    const { instance, url } = await makeAt({})
    await instance.control('PUT', '/faults', [
      { match: { method: 'POST' }, when: { times: 1 }, do: { commitThenReset: true } },
    ])
    const { out, status } = await run(['miniorange', '--only', 'create', '--url', url], instance.scimToken)
    expect(out).toMatch(/creates the user +POST \/Users {2}no answer {2}fails: no answer \(ECONNRESET\)\n/)
    expect(out).toMatch(/\nLeft behind: ada\.\S+ \(id \d+\) is deactivated\.\n/)
    expect(status).toBe(1)
    expect((await instance.control('GET', '/users?active=true')).body).toHaveLength(1)
  })

  test('says so when it cannot deactivate a user', async () => {
    const { instance, url } = await makeAt({})
    await instance.control('PUT', '/faults', [
      { match: { method: 'PATCH' }, do: { status: 503 } },
      { match: { method: 'DELETE' }, do: { status: 503 } },
    ])
    const { out } = await run(['miniorange', '--only', 'create', '--url', url], instance.scimToken)
    expect(out).toMatch(/\nLeft behind: ada\.\S+ \(id \d+\) is STILL ACTIVE: deactivate it by hand\.\n/)
  })

  test('at another machine only explains, until it is told --yes', async () => {
    const { out, status } = await run(['miniorange', '--url', 'https://scim.example.invalid/scim/v2'])
    expect(status).toBe(0)
    expect(out).toContain('They create one user at example.com')
    expect(out).toContain('Nothing was sent.')
  })

  test.for<[string, RequestListener, RegExp]>([
    [
      'HTML',
      (_, answer) => void answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /^insightly-scim: 127\.0\.0\.1:\d+\/ answers 200 with an HTML page; expected the SCIM URL/,
    ],
    ['other JSON', (_, answer) => void answer.end('{"users":[]}'), /^insightly-scim: .* answers 200 with no SCIM/],
    [
      '401',
      (_, answer) => void answer.writeHead(401).end('{}'),
      /^insightly-scim: .* refuses the token \(401\); check INSIGHTLY_REHEARSE_TOKEN\.\n$/,
    ],
    [
      'an error that has the token',
      (request, answer) =>
        void answer
          .writeHead(403, { 'content-type': 'application/scim+json' })
          .end(JSON.stringify({ schemas: ['e'], detail: request.headers.authorization })),
      /^insightly-scim: .* refuses to list users \(403\): Bearer \*\*\*\n$/,
    ],
  ])('an endpoint that answers %s gets one clear line', async ([, listener, form]) => {
    const { err, out, status } = await run(['okta', '--url', await serve(listener)])
    expect(err).toMatch(form)
    expect(err.split('\n')).toHaveLength(2)
    expect({ out, status }).toEqual({ out: '', status: 1 })
  })

  test('bad input gets one clear line', async () => {
    const nowhere = `http://127.0.0.1:${await findFreePort()}`
    const lines: [string[], string, number][] = [
      [['oktaa'], '"oktaa" is no client whose conversations are known; did you mean okta.', 2],
      [['okta', '--only', 'renam'], '--only is "renam", which is no scenario; did you mean rename.', 2],
      [
        ['okta', '--url', 'ftp://x'],
        '--url is "ftp://x", which is not accepted; expected the SCIM URL, such as https://crm.example.com/scim/v2.',
        2,
      ],
      [
        ['okta', '--url', nowhere],
        `Nothing answers at ${new URL(nowhere).host}: no answer (ECONNREFUSED); check --url.`,
        1,
      ],
    ]
    for (const [args, line, status] of lines)
      expect(await run(args)).toEqual({ out: '', err: `insightly-scim: ${line}\n`, status })
  })

  test('stopped half-way, prints what was done and deactivates what it made', async () => {
    const { instance, url } = await makeAt({})
    await instance.control('PUT', '/faults', [
      { match: { method: 'PATCH' }, when: { times: 1 }, do: { delayMs: 1500 } },
    ])
    const env = { ...process.env, INSIGHTLY_REHEARSE_TOKEN: instance.scimToken }
    const child = spawn(process.execPath, ['src/cli.ts', 'rehearse', 'entra', '--only', 'change', '--url', url], {
      env,
    })
    let out = ''
    child.stdout.on('data', chunk => {
      out += chunk
      if (out.includes('reads the user') && !child.killed) child.kill('SIGINT')
    })
    const [status] = await once(child, 'close')
    expect(status).toBe(130)
    expect(out).toMatch(
      /Left behind: .* is deactivated\.\n\nMicrosoft Entra ID: \d+ of \d+ steps work; it was stopped\.\n$/,
    )
    expect((await instance.control('GET', '/users?active=true')).body).toHaveLength(1)
  })
})

async function makeAt(behaviours: object) {
  const instance = await make({ behaviours })
  return { instance, url: instance.scimUrl }
}
