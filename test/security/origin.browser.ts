// What a page of a stranger, open in the same browser as the console, can do to the server: nothing.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Insightly, start } from '../../src/index.ts'
import { launch, toConsoleUrl } from '../console/browser.ts'

let browser: Browser
let context: BrowserContext
let server: Insightly
const stranger = createServer((_request, response) =>
  response.setHeader('content-type', 'text/html').end('<title>x</title>'),
)

beforeAll(async () => {
  browser = await launch('--host-resolver-rules=MAP stranger.test 127.0.0.1')
  server = await start()
  await new Promise<void>(resolve => stranger.listen(0, '127.0.0.1', resolve))
  context = await browser.newContext()
  const console = await context.newPage()
  await console.goto(toConsoleUrl(server))
  await console.getByText('Live', { exact: true }).waitFor()
})
afterAll(async () => {
  await browser.close()
  await server.close()
  stranger.close()
})

interface Init {
  method?: 'POST'
  mode?: 'no-cors'
  credentials?: 'include'
  headers?: Record<string, string>
  body?: string
}

/** What happens to requests that a page sends: the status, or "blocked". */
async function tryFrom(url: string, requests: readonly [path: string, init: Init][]): Promise<unknown[]> {
  const page = await context.newPage()
  await page.goto(url)
  const seen: unknown[] = []
  for (const [path, init] of requests)
    seen.push(
      await page.evaluate(
        ([target, options]) =>
          fetch(target, options).then(
            async answer => (answer.type === 'opaque' ? 'opaque' : answer.status),
            () => 'blocked',
          ),
        [
          new URL(path, server.url).href.replace(server.url, url.includes('stranger.test') ? '' : server.url),
          init,
        ] as const,
      ),
    )
  const stored = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))
  expect(stored).not.toContain(server.adminKey)
  expect(await context.cookies()).toEqual([])
  await page.close()
  return seen
}

const control = '/_emulator/instances/default'

test('a page of another origin reads nothing, and what it sends blindly changes nothing (CSRF)', async () => {
  const before = JSON.stringify(await server.exportState())
  const origin = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
  const seen = await tryFrom(`${origin}/`, [
    [control, {}],
    [control, { credentials: 'include' }],
    ['/metrics', {}],
    [`${control}/users`, { headers: { authorization: `Bearer ${server.adminKey}` } }],
    ['/scim/v2/Users', { headers: { authorization: `Bearer ${server.scimToken}` } }],
    [`${control}/reset`, { method: 'POST', headers: { authorization: `Bearer ${server.adminKey}` } }],
    [`${control}/reset`, { method: 'POST', mode: 'no-cors', credentials: 'include' }],
    ['/scim/v2/Users', { method: 'POST', mode: 'no-cors', body: '{"userName":"x"}' }],
  ])
  // Even with the right key in hand: the preflight that a browser asks first is refused.
  expect(seen.slice(0, 6)).toEqual(Array(6).fill('blocked'))
  expect(seen.slice(6).filter(each => each !== 'opaque' && each !== 'blocked')).toEqual([])
  expect(JSON.stringify(await server.exportState())).toBe(before)
})

test('a name that is rebound to this server gets its public page, and no key with it (DNS rebinding)', async () => {
  const { port } = new URL(server.url)
  const seen = await tryFrom(`http://stranger.test:${port}/`, [
    [control, { credentials: 'include' }],
    [`${control}/users`, {}],
    [`${control}/reset`, { method: 'POST' }],
    ['/scim/v2/Users', {}],
  ])
  expect(seen).toEqual(Array(4).fill(401))
})
