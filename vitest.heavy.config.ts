// The tests that install, download or build what ships; `npm test` leaves them out.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/{package,recipes,image,backup,deploy}/**/*.test.ts'],
    globalSetup: ['test/package/pack.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is waited for comes late on a machine that does much else.
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
})
