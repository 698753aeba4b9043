// The request inspector, from end to end: each exchange as it came, what it takes to find it, and what to do with it.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { makeInstance, type NewInstance, send, type TestInstance } from '../support.ts'
import { openPage, provision, toConsoleUrl } from './browser.ts'
import { useConsole, withClipboard } from './shown.ts'

const here = useConsole({ journal: 5000 }, withClipboard)

const show = (instance: TestInstance, place: string) => here.show(instance, place)
const make = (options?: NewInstance) => makeInstance(here.server, options)
const requestsOf = async (instance: TestInstance): Promise<{ status: number }[]> =>
  (await instance.control('GET', '/requests')).body.requests
const clipboard = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()')
const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
const exchanges = (page: Page) => page.getByRole('list', { name: 'Exchanges' }).getByRole('listitem')
const group = (page: Page, name: string) => page.getByRole('group', { name, exact: true })
const narrow = (page: Page, name: RegExp) =>
  page.getByRole('navigation', { name: 'Narrow by' }).getByRole('link', { name })
const searchFor = (page: Page, text: string) => page.getByLabel('Search requests').fill(text)

test('a malformed body is shown as it came, with a mark where it stops being JSON', async () => {
  const instance = await make()
  const body = '{"userName":"ann@example.com",\n "name":{"givenName":"Ann",}}'
  await instance.scim('POST', '/Users', body)
  const page = await show(instance, 'requests/1')
  await page.getByText('No JSON from line 2, column 28: a name in double quotes is expected here.').waitFor()
  expect(await group(page, 'Body of the request, as it came').textContent()).toBe(body)
  expect(await group(page, 'Body of the request, as it came').locator('mark').textContent()).toBe('}')
  await group(page, 'Body of the request, laid out').getByText('"Ann"').waitFor()
})

test('big integers and duplicate names are not rewritten, and remarked upon', async () => {
  const instance = await make()
  await instance.scim('POST', '/Users', '{"id":12345678901234567890,"id":1.0,"userName":"a\\u0062"}')
  const page = await show(instance, 'requests/1')
  const text = await group(page, 'Body of the request, laid out').textContent()
  expect(text?.replace(/\s/g, '')).toBe('{"id":12345678901234567890,"id":1.0,"userName":"a\\u0062"}')
  await page.getByText('12345678901234567890 is beyond what JavaScript and many other programs hold exactly.').waitFor()
  await page.getByText('The name "id" stands twice in one object.').waitFor()
})

test('a replay says why it cannot be', async () => {
  const instance = await make()
  await instance.scim('POST', '/Users', ' '.repeat(70_000))
  const page = await show(instance, 'requests/1')
  await page.getByText('It cannot be replayed: Its body had 70,000 bytes').waitFor()
  expect(await button(page, 'Replay').isDisabled()).toBe(true)
})

test('A-05 the 401 of a replaced token is where its owner looks, and is repeated as one when asked to', async () => {
  const instance = await make()
  await instance.control('POST', '/scim-token/regenerate')
  await instance.scim('GET', '/Users')
  const page = await show(instance, 'requests/1')
  await page.getByLabel('Credentials of the replay').selectOption('with the credentials it had')
  await button(page, 'Replay').click()
  await page.getByText('Sent again as no. 2, with the credentials it had: answered 401.').waitFor()
  await page.getByText('Sent again from no. 1').waitFor()
  await page.getByLabel('Credentials of the replay').selectOption('with the present SCIM token')
  await button(page, 'Replay').click()
  await page.getByText('Sent again as no. 3, with the present SCIM token: answered 200.').waitFor()
  await page.getByLabel('Credentials of the replay').selectOption('without credentials')
  await button(page, 'Replay').click()
  await page.getByText(/^Sent again as no. \d+, without credentials: answered 401.$/).waitFor()
  await page.getByText(`Sent again from ${instance.name}, no. 3`).waitFor()
  expect(new URL(page.url()).hash).toMatch(/^#\/default\/requests\/\d+$/)
})

test('the copied curl command runs: with the token in a shell variable, or with the token itself', async () => {
  const instance = await make()
  await instance.create("o'neil@example.com")
  const page = await show(instance, 'requests/1')
  await button(page, 'Copy as curl').click()
  await page.getByText('it takes the credentials from a shell variable').waitFor()
  const command = await clipboard(page)
  expect(command).not.toContain(instance.scimToken)
  const run = (line: string, env = {}) =>
    promisify(execFile)('sh', ['-c', `${line} --silent`], { env: { PATH: process.env.PATH, ...env } })
  expect((await run(command, { INSIGHTLY_SCIM_TOKEN: instance.scimToken })).stdout).toContain('"uniqueness"')
  await button(page, '… with the secret').click()
  await page.getByText('with the present secret in it').waitFor()
  expect((await run(await clipboard(page))).stdout).toContain('"uniqueness"')
  expect((await requestsOf(instance)).map(({ status }) => status)).toEqual([201, 409, 409])
})

test('the headers of the answer are shown, and every part is copied by itself', async () => {
  const instance = await make()
  const { id } = await instance.create()
  await instance.patch(id, { op: 'replace', path: 'displayName', value: 'A' })
  const page = await show(instance, 'requests/2')
  await page.getByText(/headers of the answer/).click()
  await page.getByRole('definition').filter({ hasText: 'application/scim+json; charset=utf-8' }).waitFor()
  for (const [part, text] of [
    ['the request line', `PATCH /scim/v2/Users/${id}`],
    ['the body of the request', '"op":"replace"'],
    ['the status', '200'],
    ['the headers of the answer', 'content-type: application/scim+json'],
    ['the body of the answer', '"displayName":"A"'],
    ['the changes', 'DISPLAY_NAME\tempty\tA'],
  ] as const) {
    await page
      .getByRole('button', { name: part === 'the headers of the answer' ? 'Copy the headers' : `Copy ${part}` })
      .last()
      .click()
    await page.getByText(`Copied ${part}.`).waitFor()
    expect(await clipboard(page)).toContain(text)
  }
})

test('an exported HAR holds what the search finds, as its button says', async () => {
  const instance = await make()
  await instance.create()
  await instance.scim('GET', '/Users/99')
  await instance.scim('GET', '/Users/98')
  const page = await show(instance, 'requests')
  await narrow(page, /^404 2/).click()
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Export HAR (2)').click()])
  const { entries } = JSON.parse(await readFile(await download.path(), 'utf8')).log
  expect(entries.map(({ request }: { request: { url: string } }) => request.url.slice(-2))).toEqual(['99', '98'])
})

test('what is missing is named, ids are whole, and the date is told where the day changes', async () => {
  const instance = await make()
  await instance.control('PUT', '/clock', { mode: 'frozen', now: '2031-05-06T23:59:00Z' })
  await instance.scim('GET', '/Users/05c4d2d3-1f0e')
  await instance.control('POST', '/clock/advance', { by: 'PT2M' })
  await instance.scim('POST', '/Users', { userName: '', name: { givenName: 'A', familyName: 'B' } })
  const page = await show(instance, 'requests')
  await expect.poll(() => page.locator('.day').allTextContents()).toEqual(['2031-05-07', '2031-05-06'])
  await exchanges(page).filter({ hasText: 'userName is empty' }).getByRole('link').click()
  await page.getByRole('heading', { name: 'userName (empty)' }).waitFor()
  await button(page, 'Older').click()
  await page.getByRole('heading', { name: 'GET /scim/v2/Users/05c4d2d3-1f0e' }).waitFor()
  expect(await page.getByText(/^USER_ID/).count()).toBe(0)
})

test('values of 255 characters stay in their table, and names show the controls that they hide', async () => {
  const instance = await make()
  const { id } = await instance.create('ann@example.com')
  await instance.patch(id, { op: 'replace', path: 'displayName', value: 'C'.repeat(255) })
  await instance.create('a\u202egro.elpmaxe@b', { displayName: 'D'.repeat(255) })
  const page = await show(instance, 'requests/2')
  const [table, view] = [page.locator('.changes table'), page.locator('.exchangeView')]
  const width = async (place: typeof table) => (await place.boundingBox())!.width
  expect(await width(table)).toBeLessThan(await width(view))
  await page.locator('.hiddenCharacter', { hasText: 'U+202E' }).first().waitFor()
  await page.goto(`${here.server.url}/#/${instance.name}/requests/3`)
  await page.getByRole('heading', { name: 'a‹U+202E›gro.elpmaxe@b' }).waitFor()
})

test('arrivals take nobody from their place: focus, selection and the open exchange stay', async () => {
  const instance = await make()
  for (let count = 0; count < 40; count += 1) await instance.scim('GET', '/Users')
  const page = await show(instance, 'requests')
  await exchanges(page).nth(3).getByRole('link').focus()
  const focused = () => page.evaluate<string>("document.activeElement.closest('li')?.dataset.name")
  const top = () => page.evaluate<number>('document.activeElement.getBoundingClientRect().top')
  const [name, place] = [await focused(), await top()]
  for (let count = 0; count < 30; count += 1) await instance.scim('GET', '/Schemas')
  await page.getByText('70 exchanges').waitFor()
  await expect.poll(top).toBe(place)
  expect(await focused()).toBe(name)
  await page.keyboard.press('Enter')
  await page.getByText(`no. ${name}`, { exact: true }).waitFor()
  await page.evaluate("getSelection().selectAllChildren(document.querySelector('.exchangeView .facts'))")
  const selected = await page.evaluate('String(getSelection())')
  for (let count = 0; count < 10; count += 1) await instance.scim('GET', '/Schemas')
  await page.getByText('80 exchanges').waitFor()
  expect(await page.evaluate('String(getSelection())')).toBe(selected)
  await page.getByText(`no. ${name}`, { exact: true }).waitFor()
})

test.each([
  ['the list', 'requests', '.exchange a', 3],
  ['the conversation', 'requests?as=picture', '.conversation a', 6],
])('however many exchanges arrive, %s asks the control API a few times a second', async (_, place, row, most) => {
  const instance = await make()
  await instance.scim('GET', '/Users')
  const page = await show(instance, place)
  await page.locator(row).first().waitFor()
  let calls = 0
  const count = () => {
    calls += 1
  }
  page.on('request', count)
  const began = performance.now()
  for (let sent = 0; sent < 600; sent += 20) {
    await Promise.all(Array.from({ length: 20 }, () => instance.scim('GET', '/Users/1')))
    await page.waitForTimeout(100)
  }
  await page.getByText('601 exchanges with').waitFor()
  page.off('request', count)
  const seconds = (performance.now() - began) / 1000
  expect(calls).toBeLessThan(most * seconds + 8)
})

test('of five thousand exchanges only those in sight are loaded', async () => {
  const instance = await make()
  for (let sent = 0; sent < 5000; sent += 50)
    await Promise.all(
      Array.from({ length: 50 }, () =>
        send(`${instance.scimUrl}/Users/1`, { headers: { authorization: `Bearer ${instance.scimToken}` } }),
      ),
    )
  const { page } = here
  await page.goto(`${here.server.url}/#/default/clock`)
  const answers: Promise<string>[] = []
  const count = (answer: { url(): string; text(): Promise<string> }) => {
    if (answer.url().includes('/requests?')) answers.push(answer.text())
  }
  page.on('response', count)
  await page.goto(`${here.server.url}/#/${instance.name}/requests`)
  await page.getByText('5,000 exchanges').waitFor()
  await exchanges(page).getByText('Read').first().waitFor()
  await page.locator('.list').evaluate(list => list.scrollTo(0, list.scrollHeight))
  await page.locator('[data-name="1"]').waitFor()
  page.off('response', count)
  expect(await exchanges(page).count()).toBeLessThan(80)
  const loaded = (await Promise.all(answers)).flatMap(text => JSON.parse(text).requests).length
  expect(loaded).toBeGreaterThan(20)
  expect(loaded).toBeLessThan(300)
  await page.locator('[data-name="1"] a').click()
  await page.getByText('no. 1', { exact: true }).waitFor()
})

test('the search finds by key and text, stays in the URL, and each count is a click', async () => {
  const instance = await make()
  await provision(instance)
  const page = await show(instance, 'requests')
  await searchFor(page, 'client:okta status:400 rule:U-14 "supports only"')
  await page.getByText('1 of 21', { exact: true }).waitFor()
  expect(new URL(page.url()).hash).toContain('q=client%3Aokta+status%3A400+rule%3AU-14')
  await page.reload()
  expect(await page.getByLabel('Search requests').inputValue()).toBe('client:okta status:400 rule:U-14 "supports only"')
  await page.getByText('1 of 21', { exact: true }).waitFor()
  await searchFor(page, '')
  await narrow(page, /^Microsoft Entra ID 7/).click()
  await narrow(page, /^409 1/).click()
  await expect
    .poll(() => page.getByLabel('Search requests').inputValue())
    .toBe('client:"Microsoft Entra ID" status:409')
  await exchanges(page).first().getByRole('link').click()
  await page.getByText('U-10', { exact: true }).first().waitFor()
  await page.goBack()
  await page.goBack()
  await page.getByText('7 of 21', { exact: true }).waitFor()
})

test('the inspector is worked by the keyboard', async () => {
  const instance = await make()
  await provision(instance)
  const page = await show(instance, 'requests')
  await exchanges(page).first().waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('op:create')
  await page.getByText('6 of 21', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  for (const key of ['j', 'j', 'k']) await page.keyboard.press(key)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'farah.haddad@example.com' }).waitFor()
  await page.keyboard.press('j')
  await page.getByRole('heading', { name: 'elif.yılmaz@example.com' }).waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.exchangeView').waitFor({ state: 'detached' })
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys and search' }).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('p')
  await page.getByText('Paused; 0 more came').waitFor()
  await page.keyboard.press('p')
})

test('a key pressed the moment an exchange opens means the exchange that is open', async () => {
  const instance = await make()
  await provision(instance)
  const page = await show(instance, 'requests?q=op:create')
  // Until then, the list is that of no search.
  await page.getByText('6 of 21', { exact: true }).waitFor()
  await exchanges(page).first().getByRole('link').focus()
  await page.evaluate(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('.exchangeView')) return
      observer.disconnect()
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }))
    })
    observer.observe(document.body, { childList: true, subtree: true })
  })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'elif.yılmaz@example.com' }).waitFor()
})

test('a click with Ctrl opens a second exchange beside the first, and what differs is set off', async () => {
  const instance = await make()
  await instance.create('ann@example.com')
  await instance.control('PATCH', '/settings', { behaviours: { createActive: 'as-sent' } })
  await instance.create('bob@example.com')
  const page = await show(instance, 'requests')
  await exchanges(page).filter({ hasText: 'ann@' }).getByRole('link').click()
  await exchanges(page)
    .filter({ hasText: 'bob@' })
    .getByRole('link')
    .click({ modifiers: ['Control'] })
  await page.getByRole('heading', { name: 'No. 1 and no. 2' }).waitFor()
  const row = page.getByRole('row', { name: /"userName": "ann@example.com", "userName": "bob@example.com",/ })
  expect(await row.first().getAttribute('class')).toBe('differs')
  await page.getByRole('row', { name: 'createActive: as-sent' }).waitFor()
  await page.getByText('The same in both: request line,').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'ann@example.com' }).waitFor()
  expect(page.context().pages()).toHaveLength(1)
})

test('a refusal names the switch that may accept it: one click sets it, one takes it back', async () => {
  const instance = await make()
  const { id } = await instance.create()
  await instance.patch(id, { op: 'add', path: 'displayName', value: 'A' })
  const page = await show(instance, 'requests/2')
  await page.getByText('With patchOperations: all it may be accepted').waitFor()
  await button(page, 'Set patchOperations to all').click()
  await button(page, 'Replay').click()
  await page.getByText('Sent again as no. 3, with the present SCIM token: answered 200.').waitFor()
  await page.goBack()
  await button(page, 'Take it back to replace-only').click()
  await page.getByText('patchOperations is replace-only now').waitFor()
  expect((await instance.control('GET', '/settings')).body.behaviours.patchOperations).toBe('replace-only')
  await button(page, 'Set patchOperations to all').waitFor()
})

test('a request is edited and sent again, and its result leads back to it', async () => {
  const instance = await make()
  const { id } = await instance.create()
  await instance.patch(id, { op: 'add', path: 'displayName', value: 'A' })
  const page = await show(instance, 'requests/2')
  await button(page, 'Edit and send again').click()
  const body = page.getByLabel('Body', { exact: true })
  await page.getByLabel('Path and query').fill('/other')
  await button(page, 'Send').click()
  await page.getByRole('alert').filter({ hasText: 'a path below /scim/v2 or /v3.1' }).waitFor()
  // The browser itself reports the 422.
  here.complaints.splice(0)
  await page.getByLabel('Path and query').fill(`/scim/v2/Users/${id}`)
  await body.fill((await body.inputValue()).replace('"add"', '"replace"'))
  await button(page, 'Send').click()
  await page.getByText('Sent again as no. 3, with the present SCIM token: answered 200.').waitFor()
  await page.getByRole('link', { name: 'Compare the two' }).click()
  await page.getByRole('row', { name: /"op": "replace", "op": "add",/ }).waitFor()
})

test("a user's history tells each change with its exchange, from creation to reactivation, and leads there and back", async () => {
  const instance = await make()
  const { id } = await instance.create()
  await instance.patch(id, { op: 'replace', path: 'name.familyName', value: 'Baker' })
  await instance.control('PATCH', `/users/${id}`, { LAST_NAME: 'Cook' })
  await instance.patch(id, { op: 'replace', path: 'name.familyName', value: 'Dean' })
  await instance.scim('DELETE', `/Users/${id}`)
  await instance.patch(id, { op: 'replace', value: { active: true } })
  const page = await show(instance, 'users')
  await button(page, `Menu of Ann Dean, user ${id}`).click()
  await page.getByRole('menuitem', { name: 'History' }).click()
  const moments = page.getByRole('list', { name: 'Changes' }).locator('> li')
  await moments.filter({ hasText: 'Reactivate' }).waitFor()
  const texts = (await moments.allTextContents()).map(text => text.replace(/\s+/g, ' '))
  expect(texts.map(text => /(Create|Update|Delete|Reactivate|by no request)/.exec(text)?.[1])).toEqual([
    'Create',
    'Update',
    'by no request',
    'Update',
    'Delete',
    'Reactivate',
  ])
  expect(texts[2]).toContain('LAST_NAMEBaker → Cook')
  await page.getByLabel('Field').selectOption('ACTIVE')
  await expect.poll(() => moments.count()).toBe(3)
  await page.getByRole('link', { name: 'Exchange no. 4' }).click()
  await page.getByRole('heading', { name: 'ann@example.com' }).waitFor()
  await page.getByRole('link', { name: id, exact: true }).click()
  await page.getByRole('heading', { name: 'History' }).waitFor()
})

test('a conversation is a picture, of which each arrow leads to its exchange, and a file for a report', async () => {
  const instance = await make()
  await provision(instance)
  const page = await show(instance, 'requests/21')
  await page.getByRole('link', { name: 'Conversation', exact: true }).click()
  const arrows = group(page, 'Conversation').getByRole('link')
  await expect.poll(() => arrows.count()).toBe(5)
  await expect
    .poll(() => arrows.evaluateAll(all => all.map(each => each.getAttribute('class'))))
    .toEqual(['good', 'good', 'good', 'bad', 'bad'])
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Export SVG').click()])
  const svg = await readFile(await download.path(), 'utf8')
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg".*400 U-14/s)
  // A file has the colours with it, and no links: those of the page lead nowhere from there.
  expect(svg).toMatch(/<line class="back"[^>]*stroke="rgb\(\d+, \d+, \d+\)"/)
  expect(svg).not.toContain('href')
  await button(page, 'Copy as Mermaid').click()
  await page.getByText('Copied the conversation as Mermaid').waitFor()
  expect(await clipboard(page)).toMatch(/^sequenceDiagram\n {2}participant C as .*I--xC: 400 U-14\n$/s)
  await arrows.last().click()
  await page.getByText('Why it was refused').waitFor()
})

test('on a phone a conversation is seen whole, and a label too long for it ends between the lines', async () => {
  const instance = await make()
  await instance.create(`${'w'.repeat(60)}@example.com`)
  const { page } = await openPage(here.browser, { viewport: { width: 390, height: 844 } })
  await page.goto(`${toConsoleUrl(here.server)}/${instance.name}/requests?as=picture`)
  await page.locator('.conversation a').first().waitFor()
  const { x, width } = (await page.locator('.conversation svg').boundingBox())!
  expect(x + width).toBeLessThanOrEqual(390)
  expect(await page.locator('.conversation a text[clip-path]').count()).toBe(1)
  await page.context().close()
})

test('title and icon count the refusals that came while nobody looked', async () => {
  const instance = await make()
  const page = await show(instance, 'users')
  await instance.scim('GET', '/Users/98')
  await instance.scim('GET', '/Users/99')
  await expect.poll(() => page.title()).toBe('(2 refused) User List · insightly-scim')
  const icon = await page.evaluate<string>("document.querySelector('link[rel=icon]').href")
  expect(icon).toBe(`${here.server.url}/console/mark-2.svg`)
  expect(await (await fetch(icon)).text()).toMatch(/>2<\/text><\/svg>\s*$/)
  await page.getByRole('link', { name: 'Requests', exact: true }).click()
  await expect.poll(() => page.title()).toBe('Requests · insightly-scim')
})

test('exchanges from before a restart stay behind a divider until they are dismissed', async () => {
  const first = await start({ adminKey: 'the-admin-key', scimToken: 'the-scim-token' })
  const { page } = await openPage(here.browser)
  const schemas = (url: string) =>
    fetch(`${url}/scim/v2/Schemas`, { headers: { authorization: 'Bearer the-scim-token' } })
  await schemas(first.url)
  await page.goto(toConsoleUrl(first))
  await exchanges(page).filter({ hasText: 'Discover' }).getByRole('link').click()
  await page.getByRole('heading', { name: 'Discover' }).waitFor()
  await first.close()
  await page.getByText('Connection lost; trying again').waitFor()
  await using second = await start({
    port: Number(new URL(first.url).port),
    adminKey: 'the-admin-key',
    scimToken: 'the-scim-token',
  })
  await page.getByText('From before the server was started anew').waitFor()
  await schemas(second.url)
  await expect.poll(() => exchanges(page).count()).toBe(3)
  await page.getByText('The server was started anew since').waitFor()
  expect(page.url()).toContain('/requests/before-1.1')
  await group(page, 'Body of the answer').waitFor()
  await button(page, 'Dismiss').click()
  await expect.poll(() => exchanges(page).count()).toBe(1)
  await page.context().close()
})
