// The console of a server in a browser, for all tests of a file: started before them, and watched for complaints.

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type Insightly, type StartOptions, start } from '../../src/index.ts'
import { makeInstance, type NewInstance, type TestInstance } from '../support.ts'
import { launch, openPage, toConsoleUrl, type Watched } from './browser.ts'

/** A page that may use the clipboard. */
export const withClipboard: BrowserContextOptions = { permissions: ['clipboard-read', 'clipboard-write'] }

/** Starts a server and opens its console. A test in which the page complains of something fails. */
export function useConsole(options: StartOptions = {}, context: BrowserContextOptions = {}) {
  let browser: Browser
  let server: Insightly
  let watched: Watched
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), start(options)])
    watched = await openPage(browser, context)
    await watched.page.goto(toConsoleUrl(server))
    await watched.page.getByText('Live', { exact: true }).waitFor()
  })
  afterEach(() => {
    expect(watched.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })
  /** Shows a place of an instance. */
  async function show({ name }: { name: string }, place: string): Promise<Page> {
    const { page } = watched
    await page.goto(`${server.url}/#/${name}/${place}`)
    await page.locator('#instance option:checked', { hasText: name }).waitFor({ state: 'attached' })
    await page.getByText('Live', { exact: true }).waitFor()
    return page
  }
  return {
    show,
    /** Shows a place of a fresh instance, to which something may happen before. */
    async open(
      place: string,
      options?: NewInstance,
      prepare: (instance: TestInstance) => Promise<unknown> = async () => {},
    ): Promise<TestInstance> {
      const instance = await makeInstance(server, options)
      await prepare(instance)
      await show(instance, place)
      return instance
    },
    get browser() {
      return browser
    },
    get server() {
      return server
    },
    get page() {
      return watched.page
    },
    get complaints() {
      return watched.complaints
    },
  }
}
