import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{package,recipes,image,executable,backup,deploy}/**'],
    globalSetup: ['test/property-seed.ts'],
    setupFiles: ['test/property.setup.ts'],
    pool: 'threads',
    // A machine that does much else is slow; a test that hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    isolate: false,
  },
})
