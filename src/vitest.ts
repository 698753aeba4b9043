// Fixtures for Vitest: one server for each worker, a fresh instance for each test.

import { test as base, type TestAPI } from 'vitest'
import type { Insightly } from './client/insightly.ts'
import type { InstanceOptions } from './control/types.ts'
import { start } from './index.ts'

/** What the extended `test` hands to a test. */
export interface InsightlyFixtures {
  /** An instance that only this test uses; it is gone when the test ends. */
  insightly: Insightly
  /** What that instance is made with: override it for a file or a suite. */
  insightlyOptions: InstanceOptions
}

interface AllFixtures extends InsightlyFixtures {
  insightlyServer: Insightly
}

/**
 * Vitest's `test` with an `insightly` fixture.
 * @example
 * test('leavers are deactivated', async ({ insightly }) => {
 *   await offboard('ann@example.com', insightly.scimUrl, insightly.scimToken)
 *   await insightly.waitForUser({ userName: 'ann@example.com', active: false })
 * })
 */
export const test: TestAPI<InsightlyFixtures> = base.extend<AllFixtures>({
  insightlyServer: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixtures that are asked for from the pattern
    async ({}, use) => {
      await using server = await start()
      await use(server)
    },
    { scope: 'worker' },
  ],
  insightlyOptions: {},
  insightly: async ({ insightlyServer, insightlyOptions }, use) => {
    await using instance = await insightlyServer.createInstance(insightlyOptions)
    await use(instance)
  },
})
