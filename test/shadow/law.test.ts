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

/** The whole law takes longer than a test suite should; `npm run test:calibrate` sets this. */
const isWhole = process.env.CALIBRATE_LAW === 'whole'

test('a provider sees exactly what it would see directly, and the differences are those that it touched', {
  timeout: 300_000,
}, async () => {
  const law = fc.asyncProperty(combinations, traffic, (combination, steps) =>
    checkLaw(reals.server, combination, steps),
  )
  await fc.assert(law, repeat(isWhole ? 60 : 6))
})

/** Checks that a shadow learns from calibrate's traffic what calibrate itself finds, which is what is set. */
async function checkCalibrated(behaviours: Combination): Promise<void> {
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
  const learned = Object.fromEntries(shadow.switches.map(({ key, seen }) => [key, seen]))
  expect(learned).toEqual(Object.fromEntries(rows.map(({ key, seen }) => [key, seen])))
  expect(learned).toEqual({ ...presets.insightly, ...behaviours, disabledScim: null })
  expect(shadow.unexplained).toEqual([])
}

test('whatever calibrate finds through it, shadow learns from the traffic', { timeout: 300_000 }, async () => {
  await fc.assert(fc.asyncProperty(combinations, checkCalibrated), repeat(isWhole ? 40 : 2))
})

if (isWhole)
  test.each(singles)('whatever calibrate finds through it, shadow learns from the traffic: %j', checkCalibrated)
