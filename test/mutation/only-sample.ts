// A plugin of the mutation tester: it tries no change that is not in the sample. Its own options can only choose by
// line, which would try all changes that lie in one another.

import { readFileSync } from 'node:fs'
import { type CheckResult, CheckStatus } from '@stryker-mutator/api/check'
import type { Mutant } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { toKey } from './sample.ts'

class OnlySample {
  readonly #keys = new Set(JSON.parse(readFileSync(process.env.MUTATION_SAMPLE!, 'utf8')) as string[])

  async init(): Promise<void> {}

  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    return Object.fromEntries(
      mutants.map(each => [
        each.id,
        this.#keys.has(toKey(each))
          ? { status: CheckStatus.Passed }
          : { status: CheckStatus.CompileError, reason: 'not in the sample' },
      ]),
    )
  }

  group(mutants: Mutant[]): Promise<string[][]> {
    return Promise.resolve([mutants.map(({ id }) => id)])
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'only-sample', OnlySample)]
