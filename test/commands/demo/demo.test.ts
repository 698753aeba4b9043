// The command as its user runs it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connect } from '../../../src/client/connect.ts'

test('demo shows a company that two providers call, goes on, and ends with Ctrl-C', { timeout: 120_000 }, async () => {
  const child = spawn(process.execPath, ['src/cli.ts', 'demo', '--port', '0', '--pace', '0ms'])
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  await expect.poll(() => out, { timeout: 100_000 }).toContain('That was all')
  const [, url = '', key = ''] = /(http:\S+)\/#key=(\S+)/.exec(out)!
  const insightly = await connect({ controlUrl: `${url}/_emulator`, adminKey: decodeURIComponent(key) })
  const users = (await insightly.users()).map(user => [user.EMAIL_ADDRESS, user.ACTIVE])
  expect(users).toContainEqual(['helen.moreau@harbour-lane.example', true])
  expect(users).toContainEqual(['augusta.fischer@harbour-lane.example', true])
  expect(users).toContainEqual(['joan.doyle@harbour-lane.example', false])
  const requests = await insightly.requests()
  expect(new Set(requests.map(({ client }) => client))).toContain('Okta')
  expect(out).toContain('pushing groups is refused (D-03).')
  expect(out).toContain('PATCH with Add is refused (U-14).')
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([0, null])
})

test.each([
  ['--pace', '2', '--pace is "2", which is not accepted; expected '],
  ['--pace', '2m', '--pace is "2m"; expected at most a minute.'],
  ['--port', 'x', '--port is "x", which is not accepted; expected '],
])('demo %s %s is refused in one line', async (flag, value, line) => {
  const child = spawn(process.execPath, ['src/cli.ts', 'demo', flag, value])
  let err = ''
  child.stderr.on('data', chunk => {
    err += chunk
  })
  expect(await once(child, 'close')).toEqual([2, null])
  expect(err).toContain(`insightly-scim: ${line}`)
})
