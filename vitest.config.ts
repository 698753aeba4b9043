import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{package,recipes,image}/**'],
    pool: 'threads',
    testTimeout: 20_000,
    isolate: false,
  },
})
