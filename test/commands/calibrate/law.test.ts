import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BehaviourKey } from '../../../src/scim/behaviour.ts'
import { repeat } from '../../property.ts'
import { useServer } from '../../support.ts'
import { breaches, type Combination, pairs, singles, valuesOf } from './law.ts'

const servers = useServer()

/** The whole law takes longer than a test suite should; `npm run test:calibrate` sets this. */
const isWhole = process.env.CALIBRATE_LAW === 'whole'

const combination = fc.record(
  Object.fromEntries(Object.entries(valuesOf).map(([key, values]) => [key, fc.constantFrom(...values)])) as Record<
    BehaviourKey,
    fc.Arbitrary<string>
  >,
) as fc.Arbitrary<Combination>

test.each(singles)('calibrating recovers exactly %j, and leaves one user deactivated', async single => {
  expect(await breaches(servers.server, single)).toEqual([])
})

test('calibrating recovers exactly any combination of switches', { timeout: 300_000 }, async () => {
  const recovers = fc.asyncProperty(combination, async any => {
    expect(await breaches(servers.server, any)).toEqual([])
  })
  await fc.assert(recovers, repeat(isWhole ? 300 : 15))
})

if (isWhole)
  test.each(pairs)('calibrating recovers exactly %j', async pair => {
    expect(await breaches(servers.server, pair)).toEqual([])
  })
