// The script of docs/remote-control.md does what the page says.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { useServer } from '../support.ts'

const suite = useServer()

test('arranges, breaks, waits, verifies and reads with curl alone', async () => {
  const page = readFileSync(new URL('../../docs/remote-control.md', import.meta.url), 'utf8')
  const [, script] = /```sh script.sh\n([\s\S]*?)```/.exec(page)!
  const { stdout } = await promisify(execFile)('sh', ['-c', script!], {
    env: {
      ...process.env,
      INSIGHTLY_SCIM_CONTROL_URL: suite.server.controlUrl,
      INSIGHTLY_SCIM_ADMIN_KEY: suite.server.adminKey,
    },
  })
  const [first, second, third, fourth, ...rest] = stdout.split('\n')
  expect([first, second, third, fourth]).toEqual(['200', '200', '429', '200'])
  const [verified, refused, user] = rest
    .join('')
    .split(/(?<=\})(?=\{)/)
    .map(text => JSON.parse(text))
  expect([verified, refused]).toEqual([{ matched: 1 }, { matched: 1 }])
  expect(user).toMatchObject({ USER_ID: 2, EMAIL_ADDRESS: 'ann@example.com', ACTIVE: false })
})
