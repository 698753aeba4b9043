// The seed of all property tests. It is printed at each run; PROPERTY_SEED=… runs them again as they were, and with
// PROPERTY_PATH=…, which a failure tells as its path, one of them at once with the input that broke it.

import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    propertySeed: number
  }
}

export default function provideSeed(project: TestProject): void {
  const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31)
  if (!Number.isSafeInteger(seed)) throw new Error(`PROPERTY_SEED is ${process.env.PROPERTY_SEED}, which is no seed.`)
  project.provide('propertySeed', seed)
  process.stdout.write(`property tests: PROPERTY_SEED=${seed}\n`)
}
