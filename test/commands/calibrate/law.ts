// The law of calibrate: whatever combination of switches our server is set to, calibrating against it finds exactly that.

import type { Insightly } from '../../../src/client/insightly.ts'
import { type Calibration, calibrate } from '../../../src/commands/calibrate/calibrate.ts'
import type { UserRecord } from '../../../src/insightly/record.ts'
import { type BehaviourKey, type Behaviours, behaviourRows, presets } from '../../../src/scim/behaviour.ts'
import { control, makeInstance, type TestInstance } from '../../support.ts'

export type Combination = Partial<Behaviours>

/** Calibrates against an instance of a server that is set so. */
async function calibrateInstance(
  server: Insightly,
  behaviours: Combination,
): Promise<Calibration & { instance: TestInstance }> {
  const instance = await makeInstance(server, { behaviours })
  const calibration = await calibrate({
    url: instance.scimUrl,
    token: instance.scimToken,
    userAgent: 'test',
    timeout: 20_000,
    longestWait: 20_000,
    userName: 'calibration@example.com',
    whenDisabled: async () => {
      await instance.control('PATCH', '/settings', { scimEnabled: false })
    },
  })
  return Object.assign(calibration, { instance })
}

const toLine = ({ EMAIL_ADDRESS, FIRST_NAME, LAST_NAME, ACTIVE }: UserRecord) =>
  `${EMAIL_ADDRESS} ${FIRST_NAME} ${LAST_NAME}, ${ACTIVE ? 'active' : 'inactive'}`

/** What calibrating a combination found wrongly, or not surely; empty when the law holds. */
export async function breaches(server: Insightly, combination: Combination): Promise<string[]> {
  const { rows, left, instance } = await calibrateInstance(server, combination)
  const set = { ...presets.insightly, ...combination }
  const users = (await instance.control('GET', '/users')).body as UserRecord[]
  const made = users.filter(user => !user.EMAIL_ADDRESS.startsWith('owner@'))
  // Where nobody may be renamed, that anything would do as a userName shows only by its effect.
  const isHidden = set.userNameChange === 'refused' && set.userNameFormat === 'any'
  const confidenceIn = (key: string) => (isHidden && key === 'userNameFormat' ? 'effect' : 'exact')
  const wrong = rows
    .filter(({ key, seen, confidence }) => seen !== set[key] || confidence !== confidenceIn(key))
    .map(({ key, seen, confidence, reading }) => `${key}: ${seen} (${confidence}), not ${set[key]}: ${reading}`)
  const isGone = set.delete === 'remove'
  if (left.state !== (isGone ? 'removed' : 'inactive')) wrong.push(`the user is left ${left.state}`)
  if (made.length !== (isGone ? 0 : 1)) wrong.push(`${made.length} users are left`)
  if (made.some(user => toLine(user) !== 'calibration@example.com Calibration Probe, inactive'))
    wrong.push('the user is not left as announced')
  await control(server, 'DELETE', `/instances/${instance.name}`)
  return wrong.map(each => `${JSON.stringify(combination)} ${each}`)
}

const alternatives = behaviourRows.flatMap(({ key, values }) => values.slice(1).map(([value]) => [key, value] as const))

/** The defaults, and each alternative alone. */
export const singles: Combination[] = [{}, ...alternatives.map(([key, value]) => ({ [key]: value }))]

/** Each two alternatives of different switches. */
export const pairs: Combination[] = alternatives.flatMap(([key, value], index) =>
  alternatives
    .slice(index + 1)
    .filter(([other]) => other !== key)
    .map(([other, otherValue]) => ({ [key]: value, [other]: otherValue })),
)

/** The values of each switch. */
export const valuesOf = Object.fromEntries(
  behaviourRows.map(({ key, values }) => [key, values.map(([value]) => value)]),
) as Record<BehaviourKey, string[]>
