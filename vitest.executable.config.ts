// The single executable: built for every target and started where it can be. The tests of the command line pass with it
// in place of the source.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/executable/**/*.test.ts', 'test/doors/{command-line,exec}.test.ts'],
    globalSetup: ['test/executable/build.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is waited for comes late on a machine that does much else.
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
})
