// The User List of a large account: the server finds and pages, the page shows what it loaded and loads what it shows.

import { beforeAll, expect, test } from 'vitest'
import { makeInstance, type NewInstance, type TestInstance } from '../support.ts'
import { useConsole } from './shown.ts'

const here = useConsole()
/** The queries for users that the page sent. */
const asked: string[] = []
beforeAll(() => {
  here.page.on('request', request => {
    const [, query] = /\/users(\?.*)?$/.exec(new URL(request.url()).href) ?? []
    if (query !== undefined || request.url().endsWith('/users')) asked.push(query ?? 'all of them')
  })
})

async function open(options?: NewInstance): Promise<TestInstance> {
  return await here.open('users', options, async () => {
    asked.length = 0
  })
}
const rows = () => here.page.getByRole('table', { name: 'Users' }).getByRole('row')
const button = (name: string) => here.page.getByRole('button', { name, exact: true })
const makeUsers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    EMAIL_ADDRESS: `user${index}@example.com`,
    FIRST_NAME: 'User',
    LAST_NAME: `No${index}`,
    ACTIVE: index % 2 === 0,
  }))

test('fifty thousand users come page by page, and nothing is loaded that is not shown', async () => {
  const { page } = here
  await open({ state: { users: makeUsers(50_000) } })
  await page.getByText('50,000 users, 25,000 active').waitFor()
  expect(await rows().count()).toBe(101)
  await page.getByText('1–100 of 50,000').waitFor()
  expect(await button('Previous').isDisabled()).toBe(true)
  await button('Next').click()
  await page.getByText('101–200 of 50,000').waitFor()
  await rows().filter({ hasText: 'user199@example.com' }).waitFor()
  await button('Previous').click()
  await rows().filter({ hasText: 'user99@example.com' }).waitFor()

  await page.getByLabel('Search users').fill('NO4321')
  await rows().filter({ hasText: 'user43219@example.com' }).waitFor()
  await page.getByText('11 users found').waitFor()
  expect(await rows().count()).toBe(12)
  await page.getByLabel('Status').selectOption('inactive')
  await page.getByText('6 users found').waitFor()
  await page.getByLabel('Search users').fill('nobody')
  await page.getByText('No user is like that.').waitFor()
  expect(asked.filter(query => !/^\?limit=(0|100)\b/.test(query))).toEqual([])
})

test('a link opens a user of any page, and says when there is none', async () => {
  const { page } = here
  const { name } = await open({ state: { users: makeUsers(500) } })
  await page.goto(`${here.server.url}/#/${name}/users/444`)
  await expect.poll(() => page.getByLabel('Email Address').inputValue()).toBe('user443@example.com')
  await page.keyboard.press('Escape')
  await page.goto(`${here.server.url}/#/${name}/users/9999`)
  await page.getByText('no user with the USER_ID 9999').waitFor()
  await button('Close').last().click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  here.complaints.splice(0)
})

test('a row flashes when a provisioning request changes it', async () => {
  const instance = await open()
  const { id } = await instance.create()
  await rows().filter({ hasText: 'ann@example.com' }).waitFor()
  // It flashes for a while, so the page is watched from before it does.
  const flash = here.page.locator('.row.flash', { hasText: 'ann@example.com' }).filter({ hasText: 'Inactive' })
  await Promise.all([flash.waitFor(), instance.patch(id, { op: 'replace', value: { active: false } })])
  await here.page.getByText('2 users, 1 active').waitFor()
})

test('a user who is created while the page is on its way is in it', async () => {
  const { page } = here
  const instance = await makeInstance(here.server)
  let isFirst = true
  await page.route(/\/users\?limit=100/, async route => {
    const answer = await route.fetch()
    if (isFirst) await instance.create('late@example.com')
    isFirst = false
    await route.fulfill({ response: answer })
  })
  await page.goto(`${here.server.url}/#/${instance.name}/users`)
  await rows().filter({ hasText: 'late@example.com' }).waitFor()
  await page.unroute(/\/users\?limit=100/)
})

test('while many users are provisioned the page is read about once a second, and a reset empties it', async () => {
  const { page } = here
  const instance = await open()
  await rows().filter({ hasText: 'Olivia Owner' }).waitFor()
  asked.length = 0
  const begin = performance.now()
  for (let count = 0; count < 300; count += 1) await instance.create(`user${count}@example.com`)
  await page.getByText('301 users, 301 active').waitFor()
  const seconds = (performance.now() - begin) / 1000
  // Each reading is three requests.
  expect(asked.length / 3).toBeLessThanOrEqual(Math.ceil(seconds) + 2)
  await page.getByText('1–100 of 301').waitFor()
  await instance.control('POST', '/reset')
  await page.getByText('1 user, 1 active').waitFor()
})

test('names show what would hide in them, and ids are whole', async () => {
  const { page } = here
  const users = [
    { USER_ID: 123_456_789, EMAIL_ADDRESS: 'eve@example.com', FIRST_NAME: 'Eve\u202egpj.', LAST_NAME: 'exe' },
    { EMAIL_ADDRESS: 'zero\u200b@example.com', FIRST_NAME: 'שרה', LAST_NAME: 'כהן' },
    { EMAIL_ADDRESS: 'long@example.com', FIRST_NAME: 'x'.repeat(255), LAST_NAME: 'y'.repeat(255) },
  ]
  await open({ state: { users } })
  const eve = rows().filter({ hasText: 'eve@example.com' })
  await eve.getByText('U+202E').waitFor()
  await eve.getByRole('cell', { name: '123456789', exact: true }).waitFor()
  await rows().filter({ hasText: 'zero' }).getByText('U+200B').waitFor()
  expect(await rows().filter({ hasText: 'שרה' }).locator('bdi').count()).toBe(2)
  await rows().filter({ hasText: 'long@example.com' }).getByText('y'.repeat(255)).waitFor()
  await eve.getByRole('button', { name: /^Menu of Eve‹U\+202E›gpj\. exe, user 123456789$/ }).waitFor()
  // However long a name is, its row stays one among others; in a field, the controls are named below it.
  const { height } = (await rows().filter({ hasText: 'long@example.com' }).boundingBox())!
  expect(height).toBeLessThan(100)
  await eve.getByRole('link').click()
  await page.getByText('With characters that cannot be seen: EveU+202Egpj.').waitFor()
  await page.keyboard.press('Escape')
  for (const width of [320, 1360]) {
    await page.setViewportSize({ width, height: 700 })
    expect(
      await page.evaluate("document.querySelector('.view').scrollWidth <= document.querySelector('.view').clientWidth"),
    ).toBe(true)
  }
})

test('from the menu of a user to what was asked about her', async () => {
  const { page } = here
  const instance = await open()
  const { id } = await instance.create()
  await page.getByRole('button', { name: /^Menu of Ann Lee/ }).click()
  await page.getByRole('menuitem', { name: 'History' }).click()
  await page.getByRole('heading', { level: 1, name: 'History' }).waitFor()
  await page.goBack()
  await page.getByRole('button', { name: /^Menu of Ann Lee/ }).click()
  await page.getByRole('menuitem', { name: 'Requests' }).click()
  await page.getByText('Create', { exact: true }).first().waitFor()
  expect(page.url()).toContain(`q=user%3A${id}`)
})
