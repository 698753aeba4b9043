// The behaviour switches as people give them: their schemas, and a profile as a file holds it.

import * as z from 'zod/mini'
import { type BehaviourKey, type Behaviours, behaviourRows, presets } from '../scim/behaviour.ts'
import { validate } from '../validation.ts'

const toSwitch = ({ sentence, values }: (typeof behaviourRows)[number]) => {
  const meanings = values.map(([value, meaning]) => `\`${value}\`: ${meaning}`).join('; ')
  return z.enum(values.map(([value]) => value)).check(z.meta({ description: `${sentence} ${meanings}.` }))
}

/** The key of a switch. */
export const behaviourKey = z.enum(behaviourRows.map(({ key }): BehaviourKey => key))

/** Every behaviour switch. */
export const allBehaviours = z.strictObject(
  Object.fromEntries(behaviourRows.map(row => [row.key, toSwitch(row)])) as unknown as {
    [K in BehaviourKey]: z.ZodMiniType<Behaviours[K], Behaviours[K]>
  },
)
/** Some or all behaviour switches. */
export const someBehaviours = z.partial(allBehaviours)

/** A profile as `calibrate` or shadow writes it. The other members, which tell how the switches were found, are not read. */
export const calibratedProfile = z.strictObject({
  behaviours: someBehaviours,
  calibration: z.optional(z.record(z.string(), z.unknown())),
  shadow: z.optional(z.record(z.string(), z.unknown())),
})

/** Reads a profile: some or all switches, plain or as `calibrate` writes them, on top of the defaults. @throws InputError */
export function parseProfile(value: unknown): Behaviours {
  const isCalibrated = typeof value === 'object' && value !== null && Object.hasOwn(value, 'behaviours')
  const switches = isCalibrated ? validate(calibratedProfile, value).behaviours : validate(someBehaviours, value)
  return { ...presets.insightly, ...switches } as Behaviours
}
