// Getting in and staying in: the key, restarts, other addresses than the server's own, and strangers who frame the page.

import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Insightly, start } from '../../src/index.ts'
import { findFreePort, TestInstance } from '../support.ts'
import { launch, openPage, toConsoleUrl } from './browser.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const exchanges = (page: Page) => page.getByRole('list', { name: 'Exchanges' }).getByRole('listitem')

const listen = (server: Server): Promise<string> =>
  new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )

test('the key leaves the address bar at once, stays for the tab, and is in no URL that is sent', async () => {
  await using server = await start({ adminKey: 'a-key/with+odd=signs&%23' })
  const { page } = await openPage(browser)
  const sent: string[] = []
  const referers: Promise<string>[] = []
  page.on('request', request => {
    sent.push(request.url())
    // A request that its page gives up has no headers any more.
    referers.push(
      request.allHeaders().then(
        ({ referer = '' }) => referer,
        () => '',
      ),
    )
  })
  await page.goto(toConsoleUrl(server))
  await page.getByText('Live', { exact: true }).waitFor()
  expect(page.url()).toBe(`${server.url}/`)
  await page.goBack({ timeout: 1000 }).catch(() => {})
  expect(page.url()).not.toContain('key')
  await page.goto(`${server.url}/#/default/users`)
  await page.reload()
  await page.getByText('Live', { exact: true }).waitFor()
  expect(sent.length).toBeGreaterThan(10)
  expect([...sent, ...(await Promise.all(referers))].join('\n')).not.toContain('odd')
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

test('a link carries its destination through the door, however the key comes', async () => {
  await using server = await start()
  const arrive = async (come: (page: Page) => Promise<unknown>) => {
    const { page } = await openPage(browser)
    await come(page)
    await page.getByRole('heading', { level: 1, name: 'Clock' }).waitFor()
    expect(page.url()).toBe(`${server.url}/#/default/clock`)
    await page.context().close()
  }
  const link = `${server.url}/#/default/clock`
  const enter = async (page: Page, text: string) => {
    await page.getByLabel('Admin key').fill(text)
    await page.getByRole('button', { name: 'Open the console' }).click()
  }
  await arrive(async page => {
    await page.goto(link)
    await enter(page, server.adminKey)
  })
  await arrive(async page => {
    await page.goto(link)
    await enter(page, toConsoleUrl(server))
  })
  await arrive(async page => {
    await page.goto(link)
    await page.getByLabel('Admin key').waitFor()
    await page.goto(toConsoleUrl(server))
  })
  await arrive(page => page.goto(`${toConsoleUrl(server)}/default/clock`))
  await arrive(async page => {
    await page.goto(server.url)
    await enter(page, `${toConsoleUrl(server)}/default/clock`)
  })
})

test('a link that is opened in another tab does not ask for the key again', async () => {
  await using server = await start()
  const { page } = await openPage(browser)
  await page.goto(toConsoleUrl(server))
  await page.getByText('Live', { exact: true }).waitFor()
  for (const how of [{ modifiers: ['Control' as const] }, { button: 'middle' as const }]) {
    const link = page.getByRole('link', { name: 'Clock' })
    const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click(how)])
    await tab.getByRole('heading', { level: 1, name: 'Clock' }).waitFor()
    await tab.getByText('Live', { exact: true }).waitFor()
  }
  await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor()
  await page.context().close()
})

test('the page comes back by itself after a restart, and shows what the new server has', async () => {
  const first = await start({ adminKey: 'the-admin-key', scimToken: 'the-scim-token' })
  const port = Number(new URL(first.url).port)
  const { page } = await openPage(browser)
  await page.goto(toConsoleUrl(first))
  await new TestInstance(first, first).scim('GET', '/Schemas')
  await exchanges(page).filter({ hasText: 'Discover' }).waitFor()
  await first.close()
  await page.getByText('Connection lost; trying again').waitFor()
  await using second = await start({ port, adminKey: 'the-admin-key', scimToken: 'the-scim-token' })
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByText('From before the server was started anew').waitFor()
  await new TestInstance(second, second).scim('GET', '/Users')
  await exchanges(page).filter({ hasText: 'Import' }).waitFor()
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

/** A proxy that takes a path prefix away, as a tunnel or an ingress does; `slash` stands between the two in its own way. */
async function openProxy(server: Insightly, toPath: (rest: string) => string) {
  const proxy = createServer((incoming, outgoing) => {
    const [, rest] = /^\/tools\/scim(.*)/.exec(incoming.url!) ?? []
    if (rest === undefined) return void outgoing.writeHead(404).end()
    const { host: _, ...headers } = incoming.headers
    const passed = forward(`${server.url}${toPath(rest)}`, { method: incoming.method!, headers }, answer => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    outgoing.on('close', () => passed.destroy())
    incoming.pipe(passed)
  })
  const origin = await listen(proxy)
  return {
    origin,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections()
      await new Promise(resolve => proxy.close(resolve))
    },
  }
}

test.each([
  ['with a slash at its end', (rest: string) => rest || '/'],
  ['without a slash at its end', (rest: string) => `/${rest}`],
])(
  'D-07 behind a path prefix that is taken away %s the page works, and so does every URL that it shows',
  async (_, toPath) => {
    await using server = await start()
    await using proxy = await openProxy(server, toPath)
    const { origin } = proxy
    const { page, complaints, origins } = await openPage(browser, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.goto(`${origin}/tools/scim/#key=${server.adminKey}`)
    await page.getByText('Live', { exact: true }).waitFor()
    const shown = new Set<string>()
    for (const view of ['requests', 'connect', 'security', 'instances', 'users']) {
      await page.goto(`${origin}/tools/scim/#/default/${view}`)
      await page.locator('.waiting').waitFor({ state: 'detached' })
      const inputs = await page.locator('input[readonly]').all()
      const values = await Promise.all(inputs.map(each => each.inputValue()))
      for (const text of [await page.locator('main').innerText(), ...values])
        for (const [url] of text.matchAll(/https?:\/\/127[^\s'"]*/g)) shown.add(url)
    }
    expect([...shown].sort()).toEqual([`${origin}/tools/scim/scim/v2`, `${origin}/tools/scim/v3.1`])
    const basic = `Basic ${Buffer.from(`${server.apiKey}:`).toString('base64')}`
    for (const url of shown)
      for (const users of [`${url}/Users`, `${url}//Users`, `${url}/Users/`]) {
        const authorization = url.endsWith('/v3.1') ? basic : `Bearer ${server.scimToken}`
        expect([users, (await fetch(users, { headers: { authorization } })).status]).toEqual([users, 200])
      }
    await page.goto(`${origin}/tools/scim/#/default/connect`)
    await page.getByRole('button', { name: 'curl' }).click()
    await page.getByRole('button', { name: 'Copy the command' }).click()
    await page.getByText('Copied the curl command').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain(`'${origin}/tools/scim/scim/v2/Users'`)
    await page.goto(`${origin}/tools/scim/#/default/requests`)
    await exchanges(page).filter({ hasText: 'Import' }).first().waitFor()
    expect(complaints).toEqual([])
    expect([...origins]).toEqual([origin])
    await page.context().close()
  },
)

test('D-07 a public URL that the server was told of comes first, and without the slash at its end', async () => {
  const port = await findFreePort()
  await using server = await start({ port, publicUrl: 'https://scim.example.com/tools/' })
  const { page } = await openPage(browser)
  await page.goto(`http://127.0.0.1:${port}/#key=${server.adminKey}`)
  await page.goto(`http://127.0.0.1:${port}/#/default/security`)
  const read = (label: string) => page.getByLabel(label, { exact: true }).inputValue()
  expect(await read('SCIM URL')).toBe('https://scim.example.com/tools/scim/v2')
  expect(await read('SCIM URL under the address of this page')).toBe(`http://127.0.0.1:${port}/scim/v2`)
  await page.context().close()
})

test('behind a path prefix it is found without the slash at its end, too, and keeps key and place', async () => {
  await using server = await start()
  await using proxy = await openProxy(server, rest => rest || '/')
  const { page } = await openPage(browser)
  await page.goto(`${proxy.origin}/tools/scim#key=${server.adminKey}/default/clock`)
  await page.getByRole('heading', { level: 1, name: 'Clock' }).waitFor()
  expect(page.url()).toBe(`${proxy.origin}/tools/scim/#/default/clock`)
  // What looks like another host stays a path of this one.
  await page.goto(`${proxy.origin}/tools/scim//other.test`)
  expect(new URL(page.url()).origin).toBe(proxy.origin)
  await page.context().close()
})

test('where no file of the page can be found, it says so', async () => {
  await using server = await start()
  await using proxy = await openProxy(server, () => '/')
  const { page } = await openPage(browser)
  await page.goto(`${proxy.origin}/tools/scim/`)
  await page.getByText('files were not found below this address').waitFor()
  await page.context().close()
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
  await page.getByText('with the present SCIM token: answered 404.').waitFor()
  expect([...paths].filter(path => !/^\/(console\/.*|_emulator\/.*)?$/.test(path))).toEqual([])
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
