// A reader who is faster than the page, or a machine that is slow: the next click or key comes before the page has drawn
// what the one before did, and answers come late.

import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { provision } from './browser.ts'
import { useConsole } from './shown.ts'

const here = useConsole()
let page: Page
beforeAll(() => {
  page = here.page
})

/** Shows a view of a fresh instance after a morning's provisioning. */
const open = (view: string) => here.open(view, {}, provision)

const exchanges = () => page.getByRole('list', { name: 'Exchanges' }).getByRole('listitem')
const heading = (name: string) => page.getByRole('heading', { level: 1, name })
/** Longer than the page waits for the next key before it searches. */
const longer = () => page.waitForTimeout(500)

/** Types a search and does something else in the same moment, before the search begins. */
const typeAnd = (place: string) =>
  page.evaluate(
    `{
      const field = document.getElementById('search')
      field.value = 'op:create'
      field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      location.hash = '${place}'
    }`,
  )

/** Runs a line in the page the moment that something appears in it, before anything is drawn. */
const when = (selector: string, line: string) =>
  page.evaluate(`{
    const observer = new MutationObserver(() => {
      if (!document.querySelector('${selector}')) return
      observer.disconnect()
      ${line}
    })
    observer.observe(document.body, { childList: true, subtree: true })
  }`)
const press = (key: string) => `document.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' }))`

test('a search that was typed does not call back a reader who went elsewhere', async () => {
  const { name } = await open('requests')
  await exchanges().first().waitFor()
  await typeAnd(`#/${name}/clock`)
  await heading('Clock').waitFor()
  await longer()
  expect(page.url()).toBe(`${here.server.url}/#/${name}/clock`)
})

test('a search that was typed does not close the exchange that was opened meanwhile', async () => {
  const { name } = await open('requests')
  await exchanges().first().waitFor()
  await typeAnd(`#/${name}/requests/13`)
  await page.getByText('6 of 21', { exact: true }).waitFor()
  await page.getByText('no. 13', { exact: true }).waitFor()
})

test('a field that is entered the moment its view appears keeps the focus', async () => {
  const { name } = await open('clock')
  await when('[aria-label="Search users"]', `document.querySelector('[aria-label="Search users"]').focus()`)
  await page.evaluate(`location.hash = '#/${name}/users'`)
  await heading('User List').waitFor()
  await longer()
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Search users')
})

test('a key that is pressed the moment a dialog appears is not for the page behind it', async () => {
  await open('requests')
  await exchanges().first().waitFor()
  await when('dialog', press('p'))
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys and search' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.getByRole('button', { name: 'Resume' }).count()).toBe(0)
})

test('two faults that are removed in one moment are both gone', async () => {
  const instance = await open('clock')
  await instance.control(
    'PUT',
    '/faults',
    [500, 501, 502].map(status => ({ do: { status } })),
  )
  await page.goto(`${here.server.url}/#/${instance.name}/faults`)
  await page.getByText('Answer 502').waitFor()
  await page.evaluate(
    `for (const name of [1, 2]) document.querySelector('[aria-label="Remove fault ' + name + '"]').click()`,
  )
  await page.getByText('Answer 501').waitFor({ state: 'detached' })
  expect((await instance.control('GET', '/faults')).body).toMatchObject([{ do: { status: 502 } }])
})

test('whoever closes an exchange far down stands on its row', async () => {
  const instance = await open('requests')
  for (let count = 0; count < 300; count += 1) await instance.scim('GET', '/Schemas')
  await page.goto(`${here.server.url}/#/${instance.name}/requests/100`)
  await page.getByText('no. 100', { exact: true }).waitFor()
  for (const close of [
    () => page.keyboard.press('Escape'),
    () => page.getByRole('button', { name: 'All requests' }).click(),
  ]) {
    await page.goto(`${here.server.url}/#/${instance.name}/requests/100`)
    await page.getByText('no. 100', { exact: true }).waitFor()
    await close()
    await page.locator('.exchangeView').waitFor({ state: 'detached' })
    await page.locator('[data-name="100"] a:focus').waitFor()
  }
})

/** Holds back the answer to the first request whose URL has a text in it, until it is let go. */
async function hold(text: string): Promise<{ isAnswered: Promise<void>; letGo: () => void }> {
  const answered = Promise.withResolvers<void>()
  const allowed = Promise.withResolvers<void>()
  await page.route(
    url => url.href.includes(text),
    async route => {
      const response = await route.fetch()
      answered.resolve()
      await allowed.promise
      await route.fulfill({ response })
    },
    { times: 1 },
  )
  return { isAnswered: answered.promise, letGo: () => allowed.resolve() }
}

test("what happens while a user's history is read is in it", async () => {
  const instance = await open('clock')
  const { isAnswered, letGo } = await hold('q=user%3A3')
  await page.evaluate(`location.hash = '#/${instance.name}/users/3/history'`)
  await isAnswered
  await instance.patch('3', { op: 'replace', path: 'name.familyName', value: 'Nachname' })
  await page.waitForTimeout(400)
  letGo()
  await page.getByText('Nachname').first().waitFor()
})

test('a conversation that is narrowed while it is read is the narrower one', async () => {
  const instance = await open('clock')
  await page.evaluate(`location.hash = '#/${instance.name}/requests?as=picture'`)
  await page.getByText('Export SVG').waitFor()
  const { isAnswered, letGo } = await hold('requests?since=')
  await page.evaluate(`location.hash = '#/${instance.name}/requests?q=client:okta&as=picture'`)
  await isAnswered
  await page.evaluate(`location.hash = '#/${instance.name}/requests?q=op:rename&as=picture'`)
  await page.getByText('1 of 21', { exact: true }).waitFor()
  letGo()
  await expect.poll(() => page.locator('.conversation a').count()).toBe(1)
})
