// The guides by which administrators connect Insightly, followed click by click in the words that they use. One is
// ManageEngine Identity360's, the other is miniOrange's; the steps are Insightly's, and so are the names.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Insightly, start } from '../../src/index.ts'
import { makeInstance, type TestInstance } from '../support.ts'
import { launch, openPage, toConsoleUrl } from './browser.ts'

let browser: Browser
let server: Insightly
beforeAll(async () => {
  ;[browser, server] = await Promise.all([launch(), start()])
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

/** The first start: a page on a new instance, which begins where guides begin. */
async function beginBeforeScim(): Promise<{ page: Page; instance: TestInstance; complaints: string[] }> {
  const instance = await makeInstance(server)
  const { page, complaints } = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.goto(`${toConsoleUrl(server)}/${instance.name}/requests`)
  await page.getByRole('button', { name: 'Begin before SCIM is on' }).click()
  await page.getByText('here the guides of identity providers begin').waitFor()
  expect((await instance.scim('GET', '/Users')).status).toBe(403)
  return { page, instance, complaints }
}

const provider = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Identity provider' }).getByRole('button', { name })

const clipboard = (page: Page): Promise<string> => page.evaluate('navigator.clipboard.readText()')

/** The page that a guide is on has this name at its head. */
const onPage = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor()

test('A-04 the guide of ManageEngine Identity360 can be followed literally', async () => {
  const { page, instance, complaints } = await beginBeforeScim()
  // At the top right: nothing is further to the right or above.
  const profile = page.getByRole('button', { name: 'Profile' })
  const { x, y, width } = (await profile.boundingBox())!
  expect([x + width > 1300, y < 40]).toEqual([true, true])
  await profile.click()
  await page.getByRole('menuitem', { name: 'System Settings' }).click()
  const settings = page.getByRole('navigation', { name: 'System Settings' })
  await settings.getByRole('link', { name: 'SAML and SCIM' }).click()
  await onPage(page, 'SAML and SCIM')
  expect(await page.getByLabel('SCIM Token', { exact: true }).count()).toBe(0)
  await page.getByLabel('Enable SCIM Provisioning').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved SAML and SCIM settings').waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Copy the SCIM token' }).click()
  await page.getByText('Copied the SCIM token').waitFor()
  const token = await clipboard(page)
  await page.getByRole('button', { name: 'Copy the SCIM URL' }).click()
  await page.getByText('Copied the SCIM URL').waitFor()
  const labels = await page.locator('.copyField label').allInnerTexts()
  expect(labels).toEqual(['SCIM Token', 'SCIM URL'])

  const identity360 = { headers: { authorization: `Bearer ${token}` } }
  expect((await fetch(`${await clipboard(page)}/Users`, identity360)).status).toBe(200)
  await page.getByRole('link', { name: 'Connect' }).click()
  await provider(page, 'ManageEngine Identity360').click()
  const steps = page.getByRole('list', { name: 'ManageEngine Identity360' })
  expect(await steps.locator('strong').allInnerTexts()).toEqual(['SCIM Base URL', 'SCIM Token', 'Authorize', 'Test'])
  expect(complaints).toEqual([])
  expect(instance.scimToken).toBe(token)
  await page.context().close()
})

test("A-05 U-23 miniOrange's guide can be followed literally, up to the licences", async () => {
  const { page, instance, complaints } = await beginBeforeScim()
  await page.getByRole('button', { name: 'Profile' }).click()
  await page.getByRole('menuitem', { name: 'System Settings' }).click()
  const settings = page.getByRole('navigation', { name: 'System Settings' })
  await settings.getByRole('link', { name: 'Security' }).click()
  await settings.getByRole('link', { name: 'SAML and SCIM' }).click()
  expect(await page.getByLabel('Enable SAML').isChecked()).toBe(true)
  await page.getByLabel('Enable SCIM Provisioning').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Copy the SCIM token' }).click()
  await page.getByText('Copied the SCIM token').waitFor()
  const earlier = await clipboard(page)

  await page.getByRole('button', { name: 'Regenerate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Regenerate' }).click()
  await page.getByText('There is a new SCIM token').waitFor()
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Copy the SCIM token' }).click()
  await page.getByText('Copied the SCIM token').waitFor()
  const later = await clipboard(page)
  const users = (token: string) => fetch(`${instance.scimUrl}/Users`, { headers: { authorization: `Bearer ${token}` } })
  expect([(await users(earlier)).status, (await users(later)).status]).toEqual([401, 200])

  await instance.control('POST', '/users', {
    EMAIL_ADDRESS: 'ann@example.com',
    FIRST_NAME: 'Ann',
    LAST_NAME: 'Lee',
    LICENSES: [],
  })
  await settings.getByRole('link', { name: 'Users' }).click()
  await settings.getByRole('link', { name: 'User List' }).click()
  await onPage(page, 'User List')
  const row = page.getByRole('row').filter({ hasText: 'ann@example.com' })
  await row.getByRole('button', { name: 'Menu of Ann Lee' }).click()
  await page.getByRole('menuitem', { name: 'Edit User Settings' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit User Settings' })
  await dialog.getByRole('group', { name: 'Product User Licenses' }).getByLabel('CRM').check()
  await dialog.getByRole('button', { name: 'Save User Details' }).click()
  await row.getByText('CRM').waitFor()
  const [ann] = (await instance.control('GET', '/users?userName=ann@example.com')).body
  expect(ann.LICENSES).toEqual(['CRM'])

  await page.getByRole('link', { name: 'Connect' }).click()
  await provider(page, 'miniOrange').click()
  const steps = page.getByRole('list', { name: 'miniOrange' })
  for (const name of ['SCIM Base URL', 'Bearer Token', 'Test Connection', 'Save & Next'])
    await steps.getByText(name, { exact: true }).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a menu is walked with the keyboard, closes by Escape and gives the focus back', async () => {
  const { page } = await beginBeforeScim()
  await page.getByRole('button', { name: 'Profile' }).focus()
  await page.keyboard.press('Enter')
  const focused = () => page.evaluate('document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()')
  await expect.poll(focused).toBe('System Settings')
  await page.keyboard.press('ArrowDown')
  await expect.poll(focused).toBe('Forget the admin key')
  await page.keyboard.press('ArrowDown')
  await expect.poll(focused).toBe('System Settings')
  await page.keyboard.press('Escape')
  await expect.poll(focused).toBe('Profile')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('System Settings')
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await page.getByLabel('Admin key').waitFor()
  await page.context().close()
})

test('an instance can be created before SCIM or SAML is on, where it has no token yet', async () => {
  const { page } = await openPage(browser)
  await page.goto(toConsoleUrl(server))
  await page.goto(`${server.url}/#/default/instances`)
  await page.getByRole('button', { name: 'Create instance' }).click()
  await page.getByLabel('Name').fill('first-time')
  await page.getByLabel('Begin').selectOption('before SCIM is on, as the guides of identity providers do')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('here the guides of identity providers begin').waitFor()
  const answer = await fetch(`${server.controlUrl}/instances/first-time`, {
    headers: { authorization: `Bearer ${server.adminKey}` },
  })
  expect(await answer.json()).toMatchObject({ scimToken: null })
  await page.getByRole('link', { name: 'go straight to SAML and SCIM' }).click()
  await page.getByLabel('Enable SCIM Provisioning').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByLabel('SCIM Token', { exact: true }).waitFor()
  await page.context().close()
})

test('the guides can be followed with the keyboard alone', async () => {
  const { page, instance } = await beginBeforeScim()
  const { keyboard } = page
  const focused = (): Promise<string> =>
    page.evaluate(
      '(element => element.labels?.[0]?.textContent ?? element.ariaLabel ?? element.textContent.trim())(document.activeElement)',
    )
  const tabTo = async (name: string | RegExp, key = 'Tab') => {
    const met: string[] = []
    while (met.length < 80 && !(typeof name === 'string' ? met.at(-1) === name : name.test(met.at(-1) ?? ''))) {
      await keyboard.press(key)
      met.push(await focused())
    }
    expect(met.at(-1)).toMatch(name)
  }
  await tabTo('Profile', 'Shift+Tab')
  await keyboard.press('Enter')
  await expect.poll(focused).toBe('System Settings')
  await keyboard.press('Enter')
  await onPage(page, 'User List')
  await expect.poll(focused).toBe('User List')
  await tabTo('SAML and SCIM', 'Shift+Tab')
  await keyboard.press('Enter')
  await onPage(page, 'SAML and SCIM')
  await expect.poll(focused).toBe('SAML and SCIM')
  await tabTo('Enable SCIM Provisioning')
  await keyboard.press('Space')
  await tabTo('Save')
  await keyboard.press('Enter')
  await page.getByText('Saved SAML and SCIM settings').waitFor()
  await tabTo('Copy the SCIM token', 'Shift+Tab')
  await keyboard.press('Enter')
  await page.getByText('Copied the SCIM token').waitFor()
  expect(
    (await fetch(`${instance.scimUrl}/Users`, { headers: { authorization: `Bearer ${await clipboard(page)}` } }))
      .status,
  ).toBe(200)

  await instance.create()
  await tabTo('User List', 'Shift+Tab')
  await keyboard.press('Enter')
  await page.getByRole('row').filter({ hasText: 'ann@example.com' }).waitFor()
  await tabTo(/^Menu of Ann Lee/)
  await keyboard.press('Enter')
  await expect.poll(focused).toBe('Edit User Settings')
  await keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Edit User Settings' }).waitFor()
  await tabTo('CRM')
  await keyboard.press('Space')
  await tabTo('Save User Details')
  await keyboard.press('Enter')
  await page.getByRole('row').filter({ hasText: 'ann@example.com' }).getByText('CRM').waitFor()
  await expect.poll(focused).toMatch(/^Menu of Ann Lee/)
  await page.context().close()
})
