// The README's commands do what it says; those that need the packed package are followed in test/recipes.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { readCommands } from '../recipes/page.ts'
import { send } from '../support.ts'

const commands = readCommands('README.md')

test('The README’s curl lines create, find, deactivate and reactivate a user', async () => {
  await using insightly = await start()
  const text = commands.find(each => each.includes('curl'))!
  const child = spawn('bash', ['-euc', text], {
    env: { ...process.env, SCIM_URL: insightly.scimUrl, SCIM_TOKEN: insightly.scimToken },
  })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  expect(await new Promise(resolve => child.once('close', resolve))).toBe(0)
  const [created, found, deactivated, reactivated] = output
    .split('\n')
    .map(line => (line === '' ? undefined : JSON.parse(line)))
  expect(created).toMatchObject({ id: '2', userName: 'ann@example.com', active: true })
  expect(found).toMatchObject({ totalResults: 1, Resources: [{ id: '2' }] })
  expect(deactivated).toBeUndefined()
  expect(reactivated).toEqual({ ...created, meta: expect.anything() })
  const operations = (await insightly.requests()).map(({ operation, status }) => [operation, status])
  expect(operations).toEqual([
    ['create', 201],
    ['lookup', 200],
    ['delete', 204],
    ['reactivate', 200],
  ])
})

test('The README’s npm start prints a SCIM URL and a token that work, and npm ci comes before it', async () => {
  expect(commands[0]).toBe('npm ci\nnpm start\n')
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  const [, ...args] = scripts.start.replace('src/cli.ts', join(process.cwd(), 'src/cli.ts')).split(' ')
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, INSIGHTLY_SCIM_PORT: '0', INSIGHTLY_SCIM_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
    const { scimUrl, scimToken } = JSON.parse(value!)
    expect((await send(`${scimUrl}/Users`, { headers: { authorization: `Bearer ${scimToken}` } })).status).toBe(200)
  } finally {
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill()
    await ended
    rmSync(folder, { recursive: true })
  }
})
