// Getting in and staying in: the key, restarts, other addresses than the server's own, and strangers who frame the page.

import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { TestInstance } from '../support.ts'
import { launch, openPage, toConsoleUrl } from './browser.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const listen = (server: Server): Promise<string> =>
  new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )

test('the key leaves the address bar at once, stays for the tab, and is in no URL that is sent', async () => {
  await using server = await start({ adminKey: 'a-key/with+odd=signs&%23' })
  const { page } = await openPage(browser)
  const sent: string[] = []
  page.on('request', async request => void sent.push(request.url(), (await request.allHeaders()).referer ?? ''))
  await page.goto(toConsoleUrl(server))
  await page.getByText('Live', { exact: true }).waitFor()
  expect(page.url()).toBe(`${server.url}/`)
  await page.goBack({ timeout: 1000 }).catch(() => {})
  expect(page.url()).not.toContain('key')
  await page.goto(`${server.url}/#/default/users`)
  await page.reload()
  await page.getByText('Live', { exact: true }).waitFor()
  expect(sent.length).toBeGreaterThan(10)
  expect(sent.join('\n')).not.toContain('odd')
  await page.context().close()
})

test('without a key the page asks for it, refuses a wrong one and takes the right one', async () => {
  await using server = await start()
  const { page } = await openPage(browser)
  await page.goto(server.url)
  await page.getByLabel('Admin key').fill('wrong')
  await page.getByRole('button', { name: 'Open the console' }).click()
  await page.getByRole('alert').filter({ hasText: 'not the admin key' }).waitFor()
  await page.getByLabel('Admin key').fill(server.adminKey)
  await page.getByRole('button', { name: 'Open the console' }).click()
  await page.getByText('Live', { exact: true }).waitFor()
  await page.context().close()
})

test('the page comes back by itself after a restart, and shows what the new server has', async () => {
  const first = await start({ adminKey: 'the-admin-key', scimToken: 'the-scim-token' })
  const port = Number(new URL(first.url).port)
  const { page } = await openPage(browser)
  await page.goto(toConsoleUrl(first))
  await new TestInstance(first, first).scim('GET', '/Schemas')
  await page.getByRole('listitem').filter({ hasText: 'Discover' }).waitFor()
  await first.close()
  await page.getByText('Connection lost; trying again').waitFor()
  await using second = await start({ port, adminKey: 'the-admin-key', scimToken: 'the-scim-token' })
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByText('Waiting for the first request').waitFor()
  await new TestInstance(second, second).scim('GET', '/Users')
  await page.getByRole('listitem').filter({ hasText: 'Import' }).waitFor()
  await page.context().close()
})

test('a server restarted with another key is not taken for a lost connection', async () => {
  const first = await start({ adminKey: 'the-first-key' })
  const port = Number(new URL(first.url).port)
  const { page } = await openPage(browser)
  await page.goto(toConsoleUrl(first))
  await page.getByText('Live', { exact: true }).waitFor()
  await first.close()
  await using second = await start({ port, adminKey: 'the-second-key' })
  await page.getByRole('heading', { name: 'The key is no longer right' }).waitFor()
  await page.goto(toConsoleUrl(second))
  await page.getByText('Live', { exact: true }).waitFor()
  await page.context().close()
})

test('D-07 behind a tunnel with a path of its own the page works and tells the URL that works there', async () => {
  await using server = await start()
  const proxy = createServer((incoming, outgoing) => {
    const [, path] = /^\/tools\/scim(\/.*)/.exec(incoming.url!) ?? []
    if (path === undefined) return void outgoing.writeHead(404).end()
    const { host: _, ...headers } = incoming.headers
    const passed = forward(`${server.url}${path}`, { method: incoming.method!, headers }, answer => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    outgoing.on('close', () => passed.destroy())
    incoming.pipe(passed)
  })
  const origin = await listen(proxy)
  const { page, complaints, origins } = await openPage(browser)
  await page.goto(`${origin}/tools/scim/#key=${server.adminKey}`)
  await page.getByText('Live', { exact: true }).waitFor()
  const scimUrl = await page.getByLabel('SCIM URL under the address of this page').inputValue()
  expect(scimUrl).toBe(`${origin}/tools/scim/scim/v2`)
  await fetch(`${scimUrl}/Users`, { headers: { authorization: `Bearer ${server.scimToken}` } })
  await page.getByRole('listitem').filter({ hasText: 'Import' }).getByRole('link').click()
  await page.getByRole('button', { name: 'Replay' }).click()
  await page.getByText('Replayed: answered 200.').waitFor()
  expect(complaints).toEqual([])
  expect([...origins]).toEqual([origin])
  await page.context().close()
  proxy.closeAllConnections()
  await new Promise(resolve => proxy.close(resolve))
})

test('over plain HTTP under another name it is quiet too, and copies', async () => {
  await using server = await start()
  const { port } = new URL(server.url)
  const other = await launch('--host-resolver-rules=MAP scim.test 127.0.0.1')
  const { page, complaints } = await openPage(other)
  await page.goto(`http://scim.test:${port}/#key=${server.adminKey}`)
  await page.getByRole('button', { name: 'Copy the SCIM URL' }).first().click()
  await page.getByText('Copied the SCIM URL').waitFor()
  await page.goto(`http://scim.test:${port}/#/default/users`)
  await page.getByLabel('Search users').focus()
  await page.keyboard.press('Control+V')
  expect(await page.getByLabel('Search users').inputValue()).toBe(`http://scim.test:${port}/scim/v2`)
  expect(complaints).toEqual([])
  await other.close()
})

test('a crafted link or request does not send secrets to other paths of the origin', async () => {
  await using server = await start()
  const { page } = await openPage(browser)
  const paths = new Set<string>()
  page.on('request', request => void paths.add(new URL(request.url()).pathname))
  await page.goto(toConsoleUrl(server))
  await page.goto(`${server.url}/#/..%2F..%2Fother/users`)
  await page.getByText('Olivia Owner').waitFor()
  expect([...paths].filter(path => !/^\/(console\/.*|_emulator\/.*)?$/.test(path))).toEqual([])
  await new TestInstance(server, server).scim('GET', '/../../../other')
  const [entry] = await server.requests()
  expect(entry?.path).toContain('/../../../other')
  await page.goto(`${server.url}/#/default/requests/${entry?.id}`)
  await page.getByRole('button', { name: 'Replay' }).click()
  await page.getByText('This URL cannot be replayed').waitFor()
  await page.context().close()
})

test('no other page can frame it', async () => {
  await using server = await start()
  const stranger = createServer((_request, answer) =>
    answer.setHeader('content-type', 'text/html').end(`<iframe src="${toConsoleUrl(server)}"></iframe>`),
  )
  const origin = await listen(stranger)
  const { page, complaints } = await openPage(browser)
  await page.goto(origin)
  await expect.poll(() => complaints.join()).toContain('frame-ancestors')
  expect(await page.frames()[1]?.locator('#app').count()).toBe(0)
  await page.context().close()
  stranger.closeAllConnections()
  await new Promise(resolve => stranger.close(resolve))
})

test('the policy stops injected scripts, styles and markup', async () => {
  await using server = await start()
  const { page, complaints } = await openPage(browser)
  await page.goto(toConsoleUrl(server))
  await page.getByText('Live', { exact: true }).waitFor()
  await page.evaluate(`{
    const script = document.createElement('script')
    try { script.textContent = 'document.title = "owned"' } catch {}
    script.append('document.title = "owned"')
    document.head.append(script)
    try { document.body.innerHTML += '<p id="owned">' } catch {}
    fetch('http://127.0.0.1:9/').catch(() => {})
  }`)
  await expect.poll(() => complaints.join()).toContain('connect-src')
  expect(await page.title()).not.toBe('owned')
  expect(await page.locator('#owned').count()).toBe(0)
  await page.context().close()
})
