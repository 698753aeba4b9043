// What people do in the console, from end to end, each in an instance of its own.

import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { control, makeInstance, type NewInstance, type TestInstance } from '../support.ts'
import { openPage, provision, toConsoleUrl } from './browser.ts'
import { useConsole, withClipboard } from './shown.ts'

const here = useConsole({ journal: 40 }, withClipboard)

/** Shows a view of a fresh instance. */
async function open(view: string, options?: NewInstance): Promise<{ page: Page; instance: TestInstance }> {
  const instance = await here.open(view, options)
  return { page: here.page, instance }
}

const clipboard = (page: Page) => page.evaluate('navigator.clipboard.readText()')
const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
const editSettings = async (page: Page, name: string) => {
  await button(page, new RegExp(`^Menu of ${name}`)).click()
  await page.getByRole('menuitem', { name: 'Edit User Settings' }).click()
}
const exchanges = (page: Page) => page.getByRole('list', { name: 'Exchanges' }).getByRole('listitem')
const users = (page: Page) => page.getByRole('table', { name: 'Users' }).getByRole('row')

test('the first open shows what to paste where, and turns live with the first request', async () => {
  const { page, instance } = await open('requests')
  await page.getByText('Waiting for the first request').waitFor()
  expect(await page.getByLabel('SCIM URL', { exact: true }).inputValue()).toBe(instance.scimUrl)
  for (const [provider, place] of [
    ['Okta', 'SCIM connector base URL'],
    ['Microsoft Entra ID', 'Tenant URL'],
    ['ManageEngine Identity360', 'SCIM Base URL'],
    ['miniOrange', 'SCIM Base URL'],
  ] as const) {
    await button(page, provider).click()
    await page.getByRole('list', { name: provider }).getByText(`Paste into ${place}`).waitFor()
  }
  await button(page, 'ManageEngine Identity360').click()
  const steps = page.getByRole('list', { name: 'ManageEngine Identity360' })
  await steps.getByText('Paste into SCIM Token').waitFor()
  await steps.getByText('Press Authorize, then Test.').waitFor()
  await button(page, 'Copy the SCIM token').last().click()
  expect(await clipboard(page)).toBe(instance.scimToken)
  await instance.scim('GET', '/Users?count=1', undefined, { 'user-agent': 'Okta SCIM Client 1.0.0' })
  await exchanges(page).filter({ hasText: 'Test connection' }).filter({ hasText: 'Okta' }).waitFor()
})

test('the copied curl command works in a shell whatever the token contains', async () => {
  const scimToken = `it's-"$HOME"-\\-${randomUUID()}`
  const { page } = await open('connect', { scimToken })
  await button(page, 'curl').click()
  await button(page, 'Copy the command').click()
  await page.getByText('Copied the curl command').waitFor()
  const words = execFileSync('sh', ['-c', `curl() { printf '%s\\n' "$@"; }; ${String(await clipboard(page))}`], {
    encoding: 'utf8',
  })
  expect(words.split('\n').slice(0, 3)).toEqual([
    `${here.server.scimUrl}/Users`,
    '-H',
    `Authorization: Bearer ${scimToken}`,
  ])
})

test("A-03 A-04 the guides' steps on SAML and SCIM can be followed literally", async () => {
  const { page, instance } = await open('security', { samlEnabled: false, scimEnabled: false })
  const [saml, scim] = [page.getByLabel('Enable SAML'), page.getByLabel('Enable SCIM Provisioning')]
  expect(await scim.isDisabled()).toBe(true)
  await page.getByText('SCIM cannot be enabled while SAML is off.').waitFor()
  expect(await page.getByLabel('SCIM Token', { exact: true }).count()).toBe(0)
  await saml.check()
  await scim.check()
  await button(page, 'Save').click()
  await button(page, 'Copy the SCIM URL').click()
  await page.getByText('Copied the SCIM URL').waitFor()
  expect(await clipboard(page)).toBe(instance.scimUrl)
  await button(page, 'Copy the SCIM token').click()
  await page.getByText('Copied the SCIM token').waitFor()
  const { body } = await control(here.server, 'GET', `/instances/${instance.name}`)
  expect(await clipboard(page)).toBe(body.scimToken)
  await saml.uncheck()
  expect(await scim.isChecked()).toBe(false)
  await button(page, 'Save').click()
  await page.getByRole('link', { name: 'SCIM is off' }).waitFor()
  expect((await instance.control('GET', '/settings')).body).toMatchObject({ samlEnabled: false, scimEnabled: false })
})

test('A-05 Regenerate warns, acts at once and kills the earlier token', async () => {
  const { page, instance } = await open('security')
  await button(page, 'Regenerate').click()
  await page.getByRole('dialog').getByText('Every earlier token stops working').waitFor()
  await button(page, 'Cancel').click()
  expect((await instance.scim('GET', '/Users')).status).toBe(200)
  await button(page, 'Regenerate').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Regenerate' }).click()
  await page.getByText('There is a new SCIM token').waitFor()
  expect((await instance.scim('GET', '/Users')).status).toBe(401)
  await button(page, 'Show the SCIM token').click()
  const { body } = await control(here.server, 'GET', `/instances/${instance.name}`)
  expect(await page.getByLabel('SCIM Token', { exact: true }).inputValue()).toBe(body.scimToken)
})

test('U-23 licences are assigned in Edit User Settings and users added by hand', async () => {
  const { page, instance } = await open('users')
  await button(page, 'Add New User').click()
  await page.getByLabel('First Name').fill('Ann')
  await page.getByLabel('Last Name').fill('Lee')
  await page.getByLabel('Email Address').fill('ann@example.com')
  await button(page, 'Save User Details').click()
  await editSettings(page, 'Ann Lee')
  await page.getByRole('dialog').getByLabel('Service').check()
  await page.getByRole('dialog').getByLabel('CRM').check()
  await button(page, 'Save User Details').click()
  await users(page).filter({ hasText: 'ann@example.com' }).getByText('Service').waitFor()
  const { body } = await instance.control('GET', '/users?userName=ann@example.com')
  expect(body).toMatchObject([{ FIRST_NAME: 'Ann', LICENSES: ['CRM', 'Service'] }])
})

test('Save does not undo what a provisioning request changed while the dialog was open', async () => {
  const { page, instance } = await open('users')
  const { id } = await instance.create()
  await editSettings(page, 'Ann Lee')
  await instance.patch(id, { op: 'replace', path: 'name.familyName', value: 'Baker' })
  await users(page).filter({ hasText: 'Ann Baker' }).waitFor()
  await page.getByRole('dialog').getByLabel('CRM').check()
  await button(page, 'Save User Details').click()
  await page.getByText('Saved Ann Baker').waitFor()
  expect((await instance.control('GET', `/users/${id}`)).body).toMatchObject({ LAST_NAME: 'Baker', LICENSES: ['CRM'] })
})

test('a refusal of the server is shown in the dialog, which stays open', async () => {
  const { page, instance } = await open('users')
  await button(page, 'Add New User').click()
  await page.getByLabel('Email Address').fill(`OWNER@${instance.name}.example.com`)
  await button(page, 'Save User Details').click()
  await page.getByRole('dialog').getByRole('alert').filter({ hasText: 'Email Address "OWNER@' }).waitFor()
  await page.keyboard.press('Escape')
  await button(page, 'Leave without saving').click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  // The browser itself reports the 409.
  here.complaints.splice(0)
})

test('the journal is newest first, narrows, and tells what changed and why something was refused', async () => {
  const { page, instance } = await open('requests')
  await provision(instance)
  await exchanges(page).first().getByText('Refused').waitFor()
  const narrow = (name: RegExp) => page.getByRole('navigation', { name: 'Narrow by' }).getByRole('link', { name })
  await narrow(/^Rename 1/).click()
  await page.getByText('1 of 21', { exact: true }).waitFor()
  expect(await exchanges(page).count()).toBe(1)
  await exchanges(page).getByRole('link').click()
  await page.getByRole('row', { name: /EMAIL_ADDRESS userName dana.levi@example.com dana.cohen@example.com/ }).waitFor()
  await narrow(/^Rename 1/).click()
  await page.getByLabel('Search requests').fill('status:4xx user:ann.lee')
  await page.getByText('2 of 21', { exact: true }).waitFor()
  await exchanges(page).first().getByRole('link').click()
  const reason = page.getByRole('listitem').filter({ hasText: 'Insightly supports only "replace"' })
  await reason.getByText('U-14', { exact: true }).waitFor()
  await page.getByRole('definition').filter({ hasText: 'PATCH knows only replace' }).waitFor()
  await page.getByText("Known from: Insightly's documentation (Insightly's SCIM operation table)").waitFor()
  expect(await page.getByRole('link', { name: 'patchOperations' }).getAttribute('href')).toMatch(/\/behaviour$/)
  await page.getByText('The switch patchOperations, which is replace-only now, can change it.').waitFor()
  await page.getByRole('group', { name: 'Body of the request' }).getByText('"Head of Sales"').waitFor()
  await page.getByRole('group', { name: 'Body of the answer' }).getByText('"invalidSyntax"').waitFor()
  await page.getByLabel('Search requests').fill('fault:*')
  await exchanges(page).filter({ hasText: 'farah.haddad@example.com' }).filter({ hasText: '503' }).waitFor()
})

test('whoever reads further down is not moved by what arrives on top', async () => {
  const { page, instance } = await open('requests')
  for (let count = 0; count < 30; count += 1) await instance.scim('GET', '/Users')
  await page.getByText('30 exchanges').waitFor()
  const list = page.locator('.list')
  await list.evaluate(element => void element.scrollTo(0, 580))
  await instance.scim('GET', '/Schemas')
  await page.getByText('31 exchanges').waitFor()
  await expect.poll(() => list.evaluate(element => element.scrollTop)).toBe(580 + 58)
})

test('an exchange is copied as curl without its secret, and replayed with the present token', async () => {
  const { page, instance } = await open('requests')
  await instance.create('ann@example.com')
  await exchanges(page).first().getByRole('link').click()
  await button(page, 'Copy as curl').click()
  await page.getByText('Copied the curl command; it takes the credentials from a shell variable').waitFor()
  expect(await clipboard(page)).toMatch(/^curl -X POST 'http.*\/scim\/v2\/Users'.*ann@example\.com/)
  expect(await clipboard(page)).not.toContain(instance.scimToken)
  await button(page, 'Replay').click()
  await page.getByText('Sent again as no. 2, with the present SCIM token: answered 409.').waitFor()
  await page.getByText('Sent again from no. 1').waitFor()
  await page.getByRole('group', { name: 'Body of the answer' }).getByText('"uniqueness"').waitFor()
  here.complaints.splice(0)
})

test('pause holds the list, clear empties it, and dropped exchanges are owned up to', async () => {
  const { page, instance } = await open('requests')
  await instance.scim('GET', '/Users')
  await exchanges(page).first().waitFor()
  await button(page, 'Pause').click()
  await instance.scim('GET', '/Schemas')
  await page.getByText('Paused; 1 more came').waitFor()
  expect(await exchanges(page).count()).toBe(1)
  await button(page, 'Resume').click()
  await exchanges(page).filter({ hasText: 'Discover' }).waitFor()
  for (let count = 0; count < 43; count += 1) await instance.scim('GET', '/Users/1')
  await page.reload()
  await page.getByText('5 older exchanges are gone').waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Export HAR (40)').click()])
  expect(JSON.parse(await readFile(await download.path(), 'utf8')).log.entries).toHaveLength(40)
  await button(page, 'Clear').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Clear' }).click()
  await page.getByText('Waiting for the first request').waitFor()
  expect((await instance.control('GET', '/requests')).body).toMatchObject({ requests: [], dropped: 0 })
})

test('faults are armed, counted and cleared', async () => {
  const { page, instance } = await open('faults')
  await page.getByLabel('Status').fill('429')
  await page.getByLabel('Retry-After').fill('7')
  await page.getByLabel('Operation').selectOption('lookup')
  await page.getByLabel('At most, times').fill('1')
  await button(page, 'Arm the fault').click()
  await page.getByText('Answer 429').waitFor()
  const lookUp = () => instance.scim('GET', '/Users?filter=userName%20eq%20%22ann@example.com%22')
  expect(await lookUp()).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
  await page.getByText('fired 1 time, spent').waitFor()
  expect((await lookUp()).status).toBe(200)
  await page.getByLabel('Status').fill('4711')
  await button(page, 'Arm the fault').click()
  await page.getByRole('alert').filter({ hasText: 'Status is 4711; expected at most 599.' }).waitFor()
  here.complaints.splice(0)
  await button(page, 'Clear all').click()
  await page.getByText('No fault is armed.').waitFor()
  await button(page, 'Undo').click()
  await page.getByText('Answer 429').waitFor()
  await button(page, 'Clear all').click()
  await page.getByText('No fault is armed.').waitFor()
  expect((await instance.control('GET', '/faults')).body).toEqual([])
})

test('the clock is frozen, advanced and real again', async () => {
  const { page, instance } = await open('clock')
  await page.getByLabel('Date and time, UTC').fill('2031-05-06 07:08:09')
  await button(page, 'Freeze there').click()
  await page.getByText('Clock frozen at 2031-05-06 07:08').waitFor()
  await button(page, '1 day').click()
  await page.getByText('2031-05-07 07:08:09').waitFor()
  expect((await instance.create()).meta.created).toBe('2031-05-07T07:08:09.000Z')
  await button(page, 'Back to real time').click()
  await page.getByText('Real time', { exact: true }).waitFor()
  expect((await instance.control('GET', '/clock')).body.mode).toBe('real')
  await button(page, 'Undo').last().click()
  await page.getByText('2031-05-07 07:08:09').waitFor()
  await page.getByLabel('By').fill('a while')
  await button(page, 'Advance').click()
  await page.getByRole('alert').filter({ hasText: 'By is "a while"; expected 500ms' }).waitFor()
  here.complaints.splice(0)
  await instance.control('PUT', '/clock', { mode: 'frozen', now: '2040-01-02T03:04:05Z' })
  await page.getByRole('link', { name: 'User List' }).click()
  await page.getByText('Clock frozen at 2040-01-02 03:04').waitFor()
})

test('behaviour switches act at once and presets set them all', async () => {
  const { page, instance } = await open('behaviour')
  const behaviours = async () => (await instance.control('GET', '/settings')).body.behaviours
  await page
    .getByRole('group', { name: 'delete' })
    .getByRole('radio', { name: /^remove/ })
    .check()
  await page.getByText('delete is remove now').waitFor()
  expect(await behaviours()).toMatchObject({ delete: 'remove', patchOperations: 'replace-only' })
  await button(page, 'rfc7644').click()
  await page.getByText('All switches are as in rfc7644').waitFor()
  expect(await behaviours()).toMatchObject({ patchOperations: 'all', filters: 'all', groups: 'empty' })
  await button(page, 'insightly').click()
  await page.getByText('All switches are as in insightly').waitFor()
  expect(await behaviours()).toMatchObject({ delete: 'deactivate', filters: 'userName-eq' })
  // One by one, the last change first, as far as they go back.
  for (const before of [
    { delete: 'remove', groups: 'empty' },
    { delete: 'remove', groups: 'absent' },
    { delete: 'deactivate', groups: 'absent' },
  ]) {
    await button(page, 'Undo').click()
    await expect.poll(behaviours).toMatchObject(before)
  }
  expect(await button(page, 'Undo').count()).toBe(0)
  await page.getByLabel('Requests per second').fill('often')
  await button(page, 'Save').click()
  await page.getByRole('alert').filter({ hasText: 'Requests per second is "often"; expected a number.' }).waitFor()
  here.complaints.splice(0)
  await page.getByLabel('Requests per second').fill('3')
  await button(page, 'Save').click()
  await page.getByText('Saved limits and address').waitFor()
  expect((await instance.control('GET', '/settings')).body.rateLimit).toEqual({ requestsPerSecond: 3 })
})

test('instances are created, filled from a file, saved to one, reset, switched and deleted', async () => {
  const { page } = await open('instances')
  await button(page, 'Create instance').click()
  await page.getByLabel('Name').fill('from-page')
  await page.getByLabel('Behaviour').selectOption('rfc7644')
  await button(page, 'Create').click()
  await page.getByText('Waiting for the first request').waitFor()
  expect((await control(here.server, 'GET', '/instances/from-page/settings')).body.behaviours.filters).toBe('all')
  await page.getByRole('link', { name: 'Instances' }).click()
  const state = { users: [{ EMAIL_ADDRESS: 'eve@example.com', FIRST_NAME: 'Eve', LAST_NAME: 'Ng' }] }
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    button(page, 'Load state into from-page').click(),
  ])
  const buffer = Buffer.from(JSON.stringify(state))
  await chooser.setFiles({ name: 'state.json', mimeType: 'application/json', buffer })
  await button(page, 'Replace all').click()
  await page.getByText('Loaded state.json into from-page').waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    button(page, 'Download state of from-page').click(),
  ])
  expect(JSON.parse(await readFile(await download.path(), 'utf8')).users).toMatchObject(state.users)
  await button(page, 'Reset from-page').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
  await page.getByText('from-page is as it was created').waitFor()
  expect((await control(here.server, 'GET', '/instances/from-page/users')).body).toMatchObject([
    { ACCOUNT_OWNER: true },
  ])
  await button(page, 'Delete from-page').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('from-page is deleted').waitFor()
  await expect.poll(() => page.url()).toContain('#/default/instances')
  await page.getByLabel('Instance', { exact: true }).selectOption('default')
})

test('the list is walked with the arrow keys and a dialog gives the focus back', async () => {
  const { page, instance } = await open('requests')
  await instance.scim('GET', '/Users')
  await instance.scim('GET', '/Schemas')
  await exchanges(page).nth(1).waitFor()
  await exchanges(page).first().getByRole('link').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Import' }).waitFor()
  expect(await page.evaluate('document.activeElement.id')).toBe('exchange')
  await button(page, 'Clear').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.textContent')).toContain('Clear')
})

test('a user named like markup is just a name, everywhere', async () => {
  const { page, instance } = await open('users')
  const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
  page.once('dialog', dialog => here.complaints.push(`a script ran: ${dialog.message()}`))
  const user = { userName: `${evil}@example.com`, name: { givenName: evil, familyName: evil }, displayName: evil }
  const { body } = await instance.scim('POST', '/Users', user, {
    'content-type': 'application/scim+json',
    'user-agent': evil,
  })
  await instance.patch(body.id, { op: evil, path: evil, value: evil })
  await users(page).filter({ hasText: evil }).first().waitFor()
  for (const place of [`users/${body.id}`, 'requests/1', 'requests/2', 'requests']) {
    await page.goto(`${here.server.url}/#/${instance.name}/${place}`)
    await page.getByText('onerror').first().waitFor()
    expect(await page.locator('img[src="x"], #app script').count()).toBe(0)
  }
})

test('nothing scrolls sideways at 320 pixels, in any view, whatever a user is called', async () => {
  const { page: narrow } = await openPage(here.browser, { viewport: { width: 320, height: 640 } })
  const instance = await makeInstance(here.server)
  await provision(instance)
  const long = { 'name.familyName': 'W'.repeat(255), displayName: 'L'.repeat(255) }
  for (const [path, value] of Object.entries(long)) await instance.patch('2', { op: 'replace', path, value })
  await instance.scim('GET', '/Users', undefined, { 'user-agent': 'agent-'.repeat(40) })
  await narrow.goto(toConsoleUrl(here.server))
  await narrow.getByText('Live', { exact: true }).waitFor()
  for (const view of [
    'requests',
    'requests/13',
    'requests/22',
    'requests/4?with=6',
    'requests?as=picture',
    'users/2/history',
    'connect',
    'users',
    'users/2',
    'security',
    'behaviour',
    'faults',
    'clock',
    'instances',
  ]) {
    await narrow.goto(`${here.server.url}/#/${instance.name}/${view}`)
    await narrow.locator('.waiting').waitFor({ state: 'detached' })
    const wide = await narrow.evaluate(
      "[...document.querySelectorAll('html, .view, .head, dialog, .scrolls, .countChip')].filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.className || each.tagName)",
    )
    expect(wide, view).toEqual([])
  }
  await narrow.keyboard.press('Escape')
  await narrow.getByRole('button', { name: 'Menu' }).click()
  await narrow.getByRole('link', { name: 'Clock' }).click()
  await narrow.getByRole('heading', { name: 'Clock' }).waitFor()
  await narrow.context().close()
})

test('what a provider does is played step by step, or at once, and each step leads to its exchange', async () => {
  const { page, instance } = await open('connect')
  await button(page, 'Okta').last().click()
  await page.getByLabel('Conversation').selectOption('okta-create')
  const steps = page.getByRole('list', { name: 'Steps of Okta' }).getByRole('listitem')
  await button(page, 'Play the next step').click()
  await steps.nth(0).getByText('works').waitFor()
  await button(page, 'Play the rest').click()
  await steps.nth(2).getByText('works').waitFor()
  await steps.nth(1).getByText('U-12').waitFor()
  expect((await instance.control('GET', '/requests')).body.requests).toHaveLength(3)
  await page.getByLabel('Conversation').selectOption('okta-push-groups')
  await button(page, 'Play all').click()
  await steps.getByText('refused').waitFor()
  await button(page, 'Play again').waitFor()
  await steps.getByRole('link', { name: 'See the exchange' }).click()
  await page
    .getByText('Insightly’s SCIM has no groups', { exact: false })
    .or(page.getByText("Insightly's SCIM has no groups"))
    .first()
    .waitFor()
})
