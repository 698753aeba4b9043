// The law of shadow, for random switches and random traffic, and for calibrate as the provider.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calibrate } from '../../src/commands/calibrate/calibrate.ts'
import { start } from '../../src/index.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { type Combination, singles } from '../commands/calibrate/law.ts'
import { repeat } from '../property.ts'
import { makeInstance, useServer } from '../support.ts'
import { checkLaw, combinations, findDifferences, traffic } from './law.ts'

const reals = useServer()

test('a provider sees exactly what it would see directly, and the differences are those that it touched', {
  timeout: 300_000,
}, async () => {
  const law = fc.asyncProperty(combinations, traffic, (combination, steps) =>
    checkLaw(reals.server, combination, steps),
  )
  await fc.assert(law, repeat(20))
})

/** What calibrate finds through a shadow, and what the shadow has learned of that. */
async function calibrateThrough(behaviours: Combination) {
  const real = await makeInstance(reals.server, { behaviours })
  await using server = await start({ upstream: reals.server.scimUrl, upstreamToken: real.scimToken })
  const { rows } = await calibrate({
    url: server.scimUrl,
    token: server.scimToken,
    userAgent: 'test',
    timeout: 20_000,
    longestWait: 20_000,
    userName: 'calibration@example.com',
  })
  const { shadow } = await findDifferences(server)
  return {
    calibrated: Object.fromEntries(rows.map(({ key, seen }) => [key, seen])),
    learned: Object.fromEntries(shadow.switches.map(({ key, seen }) => [key, seen])),
    unexplained: shadow.unexplained,
  }
}

test.each(singles)('whatever calibrate finds through it, shadow learns from the traffic: %j', async single => {
  const { calibrated, learned, unexplained } = await calibrateThrough(single)
  expect(learned).toEqual(calibrated)
  expect({ ...presets.insightly, ...single, disabledScim: null }).toEqual({ ...learned, disabledScim: null })
  expect(unexplained).toEqual([])
})
