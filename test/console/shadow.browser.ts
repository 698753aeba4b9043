// Shadow in the console: both answers of an exchange, and what was seen of the real endpoint by switch.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Insightly, start } from '../../src/index.ts'
import { launch, openPage, toConsoleUrl } from './browser.ts'

let browser: Browser
let real: Insightly
let server: Insightly
beforeAll(async () => {
  ;[browser, real] = await Promise.all([launch(), start({ profile: { groups: 'empty' } })])
  server = await start({ upstream: real.scimUrl, upstreamToken: real.scimToken })
})
afterAll(async () => {
  await browser.close()
  await server.close()
  await real.close()
})

test('an exchange shows the second answer and its differences, and the switches can be set as they are there', async () => {
  const { page, complaints } = await openPage(browser)
  const headers = { authorization: `Bearer ${server.scimToken}` }
  await fetch(`${server.scimUrl}/Groups`, { headers })
  await page.goto(toConsoleUrl(server))
  await page.getByText('Live', { exact: true }).waitFor()
  await page.goto(`${server.url}/#/default/requests/1`)
  const own = page.getByRole('region', { name: 'This server’s own answer' })
  await own.getByText('Its answer').click()
  expect(await own.getByRole('row').allInnerTexts()).toEqual([
    'What differs\tReal endpoint\tThis server',
    'status\t200\t404',
  ])
  expect(await own.innerText()).toContain("Insightly's SCIM has no groups.")

  await page.goto(`${server.url}/#/default/behaviour`)
  const seen = page.getByRole('region', { name: 'Seen at the real endpoint' })
  await seen.getByText('to GET /Groups it answers 200, where another value gives 404').waitFor()
  await seen.getByRole('button', { name: 'Set them here, too' }).click()
  await seen.getByText('No switch was seen to be another one there.').waitFor()
  expect(await server.settings.get()).toMatchObject({ behaviours: { groups: 'empty' } })
  expect(complaints).toEqual([])
})
