import { defineConfig } from 'vitest/config'

// Apart from the other tests: they need Chromium and take longer.
export default defineConfig({
  test: {
    include: ['test/**/*.browser.ts'],
    pool: 'threads',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes late on a machine that does much else.
    expect: { poll: { timeout: 30_000 } },
  },
})
