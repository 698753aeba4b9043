// Which answers this server can give to a request, depending on its switches: each is found by running the request, with
// the switches that had a say set to their other values. So nothing here knows what a switch does.

import { type BehaviourKey, type Behaviours, behaviourRows } from '../scim/behaviour.ts'
import type { OwnAnswer, Scene } from './model.ts'

/** Values of those switches that had a say. */
export type Switches = Partial<Behaviours>

/** An answer of this server, and the switches on which it depends. */
export interface Alternative {
  switches: Switches
  scene: Scene
  answer: OwnAnswer
}

/** A scene that is only so if some switches have certain values. */
export interface PossibleScene {
  switches: Switches
  scene: Scene
}

/** How many answers are tried for one request at most. */
const mostAlternatives = 120

/** All values of each switch. */
export const valuesOf: ReadonlyMap<BehaviourKey, ReadonlySet<string>> = new Map(
  behaviourRows.map(({ key, values }) => [key, new Set<string>(values.map(([value]) => value))]),
)

/** All answers to a request; undefined when there are too many. */
export async function findAlternatives(
  scenes: readonly PossibleScene[],
  base: Behaviours,
  ask: (scene: Scene, behaviours: Behaviours) => Promise<OwnAnswer>,
): Promise<Alternative[] | undefined> {
  const found: Alternative[] = []
  const open = scenes.map(({ switches, scene }) => ({ fixed: switches, scene }))
  for (let next = open.pop(); next; next = open.pop()) {
    if (found.length === mostAlternatives) return undefined
    const { fixed, scene } = next
    const behaviours = { ...base, ...fixed }
    const answer = await ask(scene, behaviours)
    // With the same values up to a switch, the course up to it is the same.
    const switches: Record<string, string> = { ...fixed }
    for (const key of answer.asked) {
      if (key in switches) continue
      for (const value of valuesOf.get(key)!)
        if (value !== behaviours[key]) open.push({ fixed: { ...switches, [key]: value } as Switches, scene })
      switches[key] = behaviours[key]
    }
    found.push({ switches: switches as Switches, scene, answer })
  }
  return found
}

/** The values of both; undefined when they contradict each other. */
export function toBoth(one: Switches, other: Switches): Switches | undefined {
  const keys = Object.keys(one) as BehaviourKey[]
  return keys.every(key => other[key] === undefined || other[key] === one[key]) ? { ...one, ...other } : undefined
}

/** The switches on which all matching alternatives agree, while one that is excluded has another value. */
export function toImplied(
  matching: readonly Pick<Alternative, 'switches'>[],
  all: readonly Pick<Alternative, 'switches'>[],
): Switches {
  const [first, ...others] = matching
  const agreed = Object.entries(first?.switches ?? {}).filter(
    ([key, value]) =>
      others.every(({ switches }) => switches[key as BehaviourKey] === value) &&
      all.some(({ switches }) => (switches[key as BehaviourKey] ?? value) !== value),
  )
  return Object.fromEntries(agreed) as Switches
}
