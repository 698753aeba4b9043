// Every view in both themes: accessible, without a complaint, and without a request to any other host.

import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Insightly, start } from '../../src/index.ts'
import { makeInstance, TestInstance } from '../support.ts'
import { launch, openPage, provision, toConsoleUrl, type Watched } from './browser.ts'

let browser: Browser
let server: Insightly
beforeAll(async () => {
  ;[browser, server] = await Promise.all([launch(), start()])
  await provision(new TestInstance(server, server))
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

/** What axe has to say against a page, shortly. */
async function findViolations(page: Page): Promise<string[]> {
  // The policy of the page forbids scripts of others; what the debugger evaluates is not asked for it.
  const session = await page.context().newCDPSession(page)
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: `${axe.source}; axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' at ' + target + ': ' + failureSummary)))`,
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  if (exceptionDetails) throw new Error(exceptionDetails.text)
  return result.value as string[]
}

const views: [name: string, path: string, ready: string][] = [
  ['Requests', 'requests', 'Requests'],
  ['an exchange that changed something', 'requests/13', 'What changed'],
  ['a refused exchange', 'requests/21', 'Why it was refused'],
  ['a search', 'requests?q=status:4xx', '2 of 21'],
  ['two exchanges side by side', 'requests/4?with=6', 'Close the comparison'],
  ['a conversation', 'requests?q=user:2&as=picture', 'Export SVG'],
  ["a user's history", 'users/2/history', 'Exchange no. 4'],
  ['Connect', 'connect', 'Where it goes'],
  ['User List', 'users', 'Ann Lee-Baker'],
  ['Edit User Settings', 'users/2', 'Edit User Settings'],
  ['Add New User', 'users/new', 'Add New User'],
  ['SAML and SCIM', 'security', 'SAML and SCIM'],
  ['Behaviour', 'behaviour', 'patchOperations'],
  ['Faults', 'faults', 'Add a fault'],
  ['Clock', 'clock', 'Advance'],
  ['Instances', 'instances', 'Create instance'],
]

/** What opens or appears over a view. */
const states: [name: string, path: string, act: (page: Page) => Promise<unknown>, ready: string][] = [
  ['the menu of the Profile icon', 'clock', page => press(page, 'Profile'), 'Forget the admin key'],
  ['the menu of a user', 'users', page => press(page, 'Menu of Ann Lee-Baker'), 'Edit User Settings'],
  ['a user that is not there', 'users/99', async () => {}, 'No such user'],
  ['a search that finds nobody', 'users', page => page.getByLabel('Search users').fill('nobody'), 'No user is like'],
  ['a question', 'instances', page => press(page, 'Reset default'), 'Reset default?'],
  ['what can be undone', 'behaviour', page => press(page, 'insightly'), 'Undo'],
  [
    'an error in a form',
    'behaviour',
    async page => {
      await page.getByLabel('Requests per second').fill('0')
      await press(page, 'Save')
    },
    'Requests per second is 0',
  ],
]
const press = (page: Page, name: string) => page.getByRole('button', { name }).first().click()

describe.each(['light', 'dark'] as const)('in %s', colorScheme => {
  let watched: Watched
  beforeAll(async () => {
    watched = await openPage(browser, { colorScheme })
    await watched.page.goto(toConsoleUrl(server))
    await watched.page.getByText('Live', { exact: true }).waitFor()
  })
  afterAll(() => watched.page.context().close())

  test.each(views)('%s is accessible and quiet', async (_name, path, ready) => {
    const { page, complaints, origins } = watched
    await page.goto(`${server.url}/#/default/${path}`)
    await page.getByText(ready).first().waitFor()
    expect(await findViolations(page)).toEqual([])
    expect(complaints).toEqual([])
    expect([...origins]).toEqual([server.url])
  })

  test.each(states)('%s is accessible', async (_name, path, act, ready) => {
    const { page } = await openPage(browser, { colorScheme })
    await page.goto(`${toConsoleUrl(server)}/default/${path}`)
    await page.getByText('Live', { exact: true }).waitFor()
    await act(page)
    await page.getByText(ready).first().waitFor()
    expect(await findViolations(page)).toEqual([])
    await page.context().close()
  })

  test('an instance whose SCIM is off is accessible', async () => {
    const { page } = watched
    const { name } = await makeInstance(server, { scimEnabled: false })
    for (const view of ['connect', 'security']) {
      await page.goto(`${server.url}/#/${name}/${view}`)
      await page.getByText('SCIM is off').first().waitFor()
      expect(await findViolations(page)).toEqual([])
    }
  })

  test('the first open of an instance is accessible', async () => {
    const { page } = watched
    const { name } = await makeInstance(server)
    await page.goto(`${server.url}/#/${name}/requests`)
    await page.getByText('Waiting for the first request').waitFor()
    expect(await findViolations(page)).toEqual([])
  })

  test('the door, without a key, is accessible', async () => {
    const { page } = await openPage(browser, { colorScheme })
    await page.goto(server.url)
    await page.getByLabel('Admin key').waitFor()
    expect(await findViolations(page)).toEqual([])
    await page.context().close()
  })
})
