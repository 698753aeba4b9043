// The tests that judge a change: those that run in the process of the tests, since a change is made only there.

import { defineConfig } from 'vitest/config'
import config from '../../vitest.config.ts'

export default defineConfig({
  test: {
    ...config.test,
    // Code that counts what runs is slow.
    testTimeout: 120_000,
    include: JSON.parse(process.env.MUTATION_TESTS ?? '[]'),
    exclude: [
      ...config.test!.exclude!,
      'test/doors/{command-line,exec,loading,readme,types}.test.ts',
      'test/agreement/!(openapi).test.ts',
      'test/security/supply-chain.test.ts',
    ],
  },
})
