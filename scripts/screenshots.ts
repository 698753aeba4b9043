// Takes the pictures of the console for README and docs: the real page in a real browser, after a morning's provisioning.

import { mkdirSync } from 'node:fs'
import { start } from '../src/index.ts'
import { launch, openPage, provision, toConsoleUrl } from '../test/console/browser.ts'
import { TestInstance } from '../test/support.ts'

const folder = 'docs/images'

const views: [name: string, path: string, ready: string, colorScheme: 'light' | 'dark', height: number][] = [
  ['requests', 'requests', 'ACTIVE false → true', 'light', 720],
  ['refused', 'requests/21', 'Why it was refused', 'dark', 900],
  ['conversation', 'requests?q=user:bruno&as=picture', 'Export SVG', 'light', 800],
  ['users', 'users/2', 'Product User Licenses', 'light', 720],
]

mkdirSync(folder, { recursive: true })
await using server = await start({ port: 8080 })
await server.clock.freeze('2026-03-02T09:14:07.000Z')
await provision(new TestInstance(server, server), () => server.clock.advance('PT13S'))
await server.clock.reset()
await server.setFaults([])
const browser = await launch()
for (const [name, path, ready, colorScheme, height] of views) {
  const { page } = await openPage(browser, { colorScheme, viewport: { width: 1240, height } })
  await page.goto(toConsoleUrl(server))
  await page.getByText('Live', { exact: true }).waitFor()
  await page.goto(`${server.url}/#/default/${path}`)
  await page.getByText(ready).first().waitFor()
  while ((await page.locator('.loading').count()) > 0) await page.waitForTimeout(50)
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' })
  await page.context().close()
}
await browser.close()
