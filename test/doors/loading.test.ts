// What a server loads before its first answer: modules are most of what a start costs, and what comes in unnoticed stays.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = `
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  const { start } = await import('./src/index.ts')
  const server = await start()
  const { status } = await fetch(server.scimUrl + '/Users', { headers: { authorization: 'Bearer ' + server.scimToken } })
  await server.close()
  console.log(JSON.stringify({ status, loaded: loaded.filter(url => url.startsWith('file:')) }))`

test('a start loads no second validator, no logger and no metrics', async () => {
  const child = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  const { status, loaded } = JSON.parse(child.stdout) as { status: number; loaded: string[] }
  expect(status).toBe(200)
  expect(loaded.filter(url => /node_modules\/(ajv|pino|prom-client|fast-json-stringify\/index)/.test(url))).toEqual([])
  expect(loaded.some(url => url.includes('/node_modules/better-sqlite3/'))).toBe(true)
})
