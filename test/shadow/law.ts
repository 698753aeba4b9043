// The law of shadow: whatever the switches of the real endpoint, the provider sees exactly what it would see directly, and
// exactly those switches are told that differ and that the traffic touched.

import fc from 'fast-check'
import { expect } from 'vitest'
import type { Insightly } from '../../src/client/insightly.ts'
import type { Differences } from '../../src/control/types.ts'
import { start } from '../../src/index.ts'
import { type BehaviourKey, type Behaviours, presets } from '../../src/scim/behaviour.ts'
import { type Combination, valuesOf } from '../commands/calibrate/law.ts'
import { control, makeInstance } from '../support.ts'
import { type RawAnswer, sendBytes } from './shadow.ts'

/** One request; `user` counts the users that the traffic has created so far. */
export interface Step {
  method: string
  path: string
  user?: number
  body?: unknown
}

const { disabledScim, ...touchable } = valuesOf

/** Any combination of the switches that traffic can touch. */
export const combinations = fc.record(
  Object.fromEntries(Object.entries(touchable).map(([key, values]) => [key, fc.constantFrom(...values)])) as Record<
    BehaviourKey,
    fc.Arbitrary<string>
  >,
) as fc.Arbitrary<Combination>

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const userName = fc.constantFrom('ann@example.com', 'bo@example.com', 'plain')
const user = fc.nat(2)
const when = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

const document = fc
  .record({
    userName,
    names: fc.boolean(),
    displayName: when(fc.constant('Shown')),
    emails: when(fc.constant([{ value: 'other@example.com', type: 'work' }])),
    active: when(fc.boolean()),
  })
  .map(({ names, ...rest }) => ({ ...rest, ...(names && { name: { givenName: 'Ann', familyName: 'Lee' } }) }))

const operation = fc.constantFrom<object>(
  { op: 'replace', path: 'name.givenName', value: 'Anna' },
  { op: 'replace', path: 'active', value: false },
  { op: 'replace', path: 'active', value: true },
  { op: 'add', path: 'name.familyName', value: 'Added' },
  { op: 'add', path: 'displayName', value: 'Added' },
  { op: 'remove', path: 'displayName' },
  { op: 'replace', path: 'userName', value: 'renamed@example.com' },
  { op: 'replace', path: 'userName', value: 'nothing' },
  { op: 'replace', path: 'emails', value: [{ value: 'other@example.com' }] },
  { op: 'replace', path: 'title', value: 'Boss' },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: document.map(body => ({ method: 'POST', path: '/Users', body })) },
  {
    weight: 4,
    arbitrary: fc.record({ user, operations: fc.array(operation, { minLength: 1, maxLength: 2 }) }).map(each => ({
      method: 'PATCH',
      path: '/Users/',
      user: each.user,
      body: { schemas: [patchUrn], Operations: each.operations },
    })),
  },
  fc.record({ user, body: document }).map(each => ({ method: 'PUT', path: '/Users/', ...each })),
  { weight: 2, arbitrary: user.map(each => ({ method: 'DELETE', path: '/Users/', user: each })) },
  fc
    .constantFrom(
      '/Users?filter=userName+eq+%22ann%40example.com%22',
      '/Users?filter=userName+sw+%22a%22',
      '/Users',
      '/Groups',
      '/ServiceProviderConfig',
      '/ResourceTypes',
      '/Schemas',
    )
    .map(path => ({ method: 'GET', path })),
)

/** Traffic as a provider makes it: it knows who is there, and reads a user after it has changed it. */
export const traffic = fc
  .array(step, { minLength: 1, maxLength: 8 })
  .map(steps => [
    { method: 'GET', path: '/Users' },
    ...steps.flatMap(each =>
      each.user === undefined ? [each] : [each, { method: 'GET', path: '/Users/', user: each.user }],
    ),
  ])

const publicUrl = 'https://real.example/path'
const now = '2026-03-02T09:14:07.000Z'

/** A real endpoint that is set so, as many as one likes alike in every byte. */
async function makeReal(
  reals: Insightly,
  combination: Combination,
): Promise<{ scimToken: string; remove(): Promise<unknown> }> {
  const instance = await makeInstance(reals, {
    behaviours: combination,
    state: {
      users: [
        {
          EMAIL_ADDRESS: 'owner@example.com',
          FIRST_NAME: 'O',
          LAST_NAME: 'W',
          ACCOUNT_OWNER: true,
          DATE_CREATED_UTC: now,
          DATE_UPDATED_UTC: now,
        },
      ],
    },
  })
  await instance.control('PATCH', '/settings', { publicUrl })
  await instance.control('PUT', '/clock', { mode: 'frozen', now })
  return { scimToken: instance.scimToken, remove: () => control(reals, 'DELETE', `/instances/${instance.name}`) }
}

/** Sends traffic and takes down every answer. */
export async function play(url: string, token: string, steps: readonly Step[]): Promise<RawAnswer[]> {
  const answers: RawAnswer[] = []
  const ids: string[] = []
  for (const { method, path, user: index, body } of steps) {
    const whole = index === undefined ? path : path + (ids[index % Math.max(1, ids.length)] ?? '999')
    const answer = await sendBytes(url, { method, path: whole, token, body })
    answers.push(answer)
    if (method === 'POST' && answer.status.includes('201')) ids.push(JSON.parse(answer.body.toString()).id)
  }
  return answers
}

export const findDifferences = async (server: Insightly): Promise<Differences> =>
  (await control(server, 'GET', '/instances/default/differences')).body

const toText = ({ status, body }: RawAnswer): string => `${status} ${body}`

/** Holds traffic through a shadow and directly, and checks the law. */
export async function checkLaw(reals: Insightly, combination: Combination, steps: readonly Step[]): Promise<void> {
  const real = await makeReal(reals, combination)
  await using server = await start({ upstream: reals.scimUrl, upstreamToken: real.scimToken })
  const through = await play(server.scimUrl, server.scimToken, steps)
  const direct = await playOn(reals, combination, steps)
  expect(through).toEqual(direct)

  const { shadow, behaviours } = await findDifferences(server)
  const here = presets.insightly
  const there: Behaviours = { ...here, ...combination }
  // Whatever is told is so.
  expect({ ...there, ...behaviours }).toEqual(there)
  expect(shadow.unexplained).toEqual([])
  for (const { key, seen, reading } of shadow.switches) {
    const isTouched = await differs(reals, combination, steps, key, direct)
    if (!isTouched) expect({ key, seen: seen === null || seen === here[key] }).toEqual({ key, seen: true })
    else if (reading !== 'its answers have more than one explanation')
      expect({ key, seen }).toEqual({ key, seen: there[key] })
  }
  await real.remove()
}

async function playOn(reals: Insightly, combination: Combination, steps: readonly Step[]): Promise<RawAnswer[]> {
  const real = await makeReal(reals, combination)
  try {
    return await play(reals.scimUrl, real.scimToken, steps)
  } finally {
    await real.remove()
  }
}

/** Whether traffic touches a switch that differs: with the value here, something would be answered otherwise. */
async function differs(
  reals: Insightly,
  combination: Combination,
  steps: readonly Step[],
  key: BehaviourKey,
  direct: readonly RawAnswer[],
): Promise<boolean> {
  if ((combination[key] ?? presets.insightly[key]) === presets.insightly[key]) return false
  const others = await playOn(reals, { ...combination, [key]: presets.insightly[key] }, steps)
  // What /Schemas says is required is not what is enforced, and a filter that finds nobody may be one that is ignored.
  const isTelling = ({ path }: Step, { body }: RawAnswer) =>
    path !== '/Schemas' && !(path.includes('filter') && body.includes('"totalResults":0'))
  return direct.some((each, at) => isTelling(steps[at]!, each) && toText(each) !== toText(others[at]!))
}
