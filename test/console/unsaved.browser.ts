// Nothing that was filled in is lost by accident, errors stay with their view, and long work shows that it goes on.

import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { useConsole } from './shown.ts'

const here = useConsole()
let page: Page
beforeAll(() => {
  page = here.page
})

const { open } = here
const button = (name: string) => page.getByRole('button', { name, exact: true })
const question = () => page.getByRole('dialog', { name: 'Leave without saving?' })

test('an edited user is not lost by Escape, by Cancel or by the way back', async () => {
  await open('users')
  await page.getByRole('link', { name: 'User List' }).first().click()
  for (const leave of [
    () => page.keyboard.press('Escape'),
    () => page.getByRole('dialog', { name: 'Edit User Settings' }).getByRole('button', { name: 'Cancel' }).click(),
    () => page.goBack(),
  ]) {
    await page.getByRole('button', { name: /^Menu of Olivia Owner/ }).click()
    await page.getByRole('menuitem', { name: 'Edit User Settings' }).click()
    await page.getByLabel('First Name').fill('Olive')
    await leave()
    await question().getByRole('button', { name: 'Cancel' }).click()
    expect(await page.getByLabel('First Name').inputValue()).toBe('Olive')
    await page.keyboard.press('Escape')
    await button('Leave without saving').click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await page.getByText('Olivia Owner').waitFor()
})

test('what was only looked at is left without a question', async () => {
  const instance = await open('users/1')
  await page.getByLabel('First Name').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(page.url()).toContain(`#/${instance.name}/users`)
})

test.each([
  ['security', async () => page.getByLabel('Enable SCIM Provisioning').uncheck()],
  ['behaviour', async () => page.getByLabel('Requests per second').fill('5')],
] as const)('unsaved settings in %s ask before another view or instance is opened', async (view, change) => {
  const instance = await open(view)
  await change()
  await page.getByText('Not saved yet.').waitFor()
  await page.getByRole('link', { name: 'Clock' }).click()
  await question().getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Not saved yet.').waitFor()
  expect(page.url()).toContain(`/${view}`)
  await page.getByLabel('Instance', { exact: true }).selectOption('default')
  await question().getByRole('button', { name: 'Cancel' }).click()
  expect(await page.getByLabel('Instance', { exact: true }).inputValue()).toBe(instance.name)
  let asked = ''
  page.once('dialog', dialog => {
    asked = dialog.type()
    void dialog.dismiss()
  })
  await page.close({ runBeforeUnload: true })
  await expect.poll(() => asked).toBe('beforeunload')
  await page.getByRole('link', { name: 'Clock' }).click()
  await button('Leave without saving').click()
  await page.getByRole('heading', { name: 'Clock' }).waitFor()
  expect((await instance.control('GET', '/settings')).body).toMatchObject({ scimEnabled: true, rateLimit: null })
})

test('an error goes with its view', async () => {
  const instance = await open('faults')
  await instance.control('DELETE', '')
  await page.getByText('There is no instance').waitFor()
  await page.getByRole('link', { name: 'Clock' }).click()
  expect(await page.locator('.message.bad').count()).toBe(0)
  await open('clock')
  // What was refused, the browser says, too.
  here.complaints.splice(0)
})

test('long work shows that it goes on, and cannot be begun twice', async () => {
  const instance = await open('instances')
  const seen = Promise.withResolvers<void>()
  await page.route('**/reset', async route => {
    await seen.promise
    await route.continue()
  })
  await button(`Reset ${instance.name}`).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
  const busy = page.locator('.button[aria-busy]').last()
  await busy.waitFor()
  await expect
    .poll(() => page.evaluate("getComputedStyle(document.querySelector('.button[aria-busy]'), '::after').opacity"))
    .toBe('1')
  seen.resolve()
  await page.getByText(`${instance.name} is as it was created`).waitFor()
  expect(await page.locator('.button[aria-busy]').count()).toBe(0)
  await page.unroute('**/reset')
})

test.each([
  ['security', async () => page.getByLabel('Enable SCIM Provisioning').uncheck()],
  ['behaviour', async () => page.getByLabel('Requests per second').fill('5')],
] as const)('what was saved in %s does not ask, however soon it is left', async (view, change) => {
  const { name } = await open(view)
  await change()
  // Before the page has shown what was saved.
  await page.evaluate(`new MutationObserver((_, observer) => {
    if (!document.querySelector('.message')) return
    observer.disconnect()
    location.hash = '#/${name}/clock'
  }).observe(document.querySelector('.messages'), { childList: true })`)
  await page
    .getByRole('button', { name: 'Close the message' })
    .first()
    .click({ timeout: 500 })
    .catch(() => {})
  await button('Save').click()
  await page.getByRole('heading', { name: 'Clock' }).waitFor()
  expect(await question().count()).toBe(0)
})
