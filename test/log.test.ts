// The lines on stderr.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = `
  import { KnownSecrets } from './src/account/known-secrets.ts'
  import { Mask } from './src/control/mask.ts'
  import { toLog } from './src/log.ts'
  const secrets = new KnownSecrets()
  secrets.add('secret-token-1')
  const mask = new Mask(secrets)
  const log = toLog('info', line => mask.answer(line))
  log.warn('a token: secret-token-1')
  log.error({ err: new TypeError("Cannot read properties of undefined (reading '\\nsecret%2Dtoken-1')") }, 'it failed')`

test('A-02 no line of the log holds a secret, not even in the stack of an error', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines).toMatchObject([
    { msg: 'a token: ***' },
    { msg: 'it failed', err: { message: "Cannot read properties of undefined (reading '\n***')" } },
  ])
  expect(stderr).not.toMatch(/secret(-|%2D)token-1/)
})
