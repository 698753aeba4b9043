// What the traffic has shown of the real endpoint's switches: how often each value, by which exchange, and what is open.
// Bounded, however long the traffic goes on.

import { type BehaviourKey, type Behaviours, behaviourRows } from '../scim/behaviour.ts'
import { type Switches, valuesOf } from './alternatives.ts'
import { type Proof, type Seen, toWords } from './evidence.ts'

/** That an exchange shows a value of a switch. */
export interface Sign {
  key: BehaviourKey
  value: string
  confidence: 'exact' | 'effect'
  proof: Proof
}

/** What is known of one value of a switch. */
interface Shown {
  exact: number
  effect: number
  proofs: Proof[]
}

/** What was found for one switch, as `calibrate` tells it. */
export interface LearnedRow {
  key: BehaviourKey
  /** The value here. */
  here: string
  /** Null: not determined. */
  seen: string | null
  /** `exact`: status, scimType and effect are those of the value; `effect`: only the effect is. */
  confidence: 'exact' | 'effect' | null
  /** How many exchanges showed it. */
  times: number
  /** What was seen, or why it is not determined. */
  reading: string
  evidence: Seen[]
}

/** An exchange that several combinations of values explain, and no other. */
interface Open {
  combinations: readonly Switches[]
  proof: Seen
}

/** What all exchanges together leave of each switch. */
interface Left {
  /** The values that are possible. */
  values: Map<BehaviourKey, ReadonlySet<string>>
  /** The open exchanges that excluded others. */
  proofs: Map<BehaviourKey, Seen[]>
}

const mostProofs = 3
const mostOpen = 64

/** The request that shows a switch, in words. */
const occasions: Readonly<Record<BehaviourKey, string>> = {
  patchOperations: 'a PATCH with `add` or `remove`',
  filters: 'a filter other than `userName eq`',
  delete: 'a request for a user after its DELETE',
  createActive: 'a POST with `active` false',
  requiredAttributes: 'a user without some attributes',
  discovery: '/ServiceProviderConfig or /ResourceTypes',
  groups: 'GET /Groups',
  userNameChange: 'another userName for a user',
  userNameFormat: 'a userName that is no e-mail address',
  inactiveDuplicate: 'a POST of the userName of an inactive user',
  readOnlyPatch: 'a PATCH that gives a read-only attribute another value',
  unmappedPath: 'a PATCH of an attribute that is not served',
  patchAnswer: 'a PATCH',
  disabledScim: 'a request while SCIM is switched off there',
}

/** What was learned of one endpoint. */
export class Learned {
  readonly #shown = new Map<BehaviourKey, Map<string, Shown>>()
  readonly #open = new Map<string, Open>()
  readonly #odd = new Map<BehaviourKey, Seen>()

  /** Adds what an exchange shows. */
  add({ key, value, confidence, proof }: Sign): void {
    const values = this.#shown.get(key) ?? new Map<string, Shown>()
    this.#shown.set(key, values)
    const shown = values.get(value) ?? { exact: 0, effect: 0, proofs: [] }
    values.set(value, shown)
    shown[confidence] += 1
    if (shown.proofs.length < mostProofs) shown.proofs.push(proof)
  }

  /** Adds an exchange that depends on one switch alone and fits none of its values. */
  addOdd(key: BehaviourKey, seen: Seen): void {
    if (!this.#odd.has(key)) this.#odd.set(key, seen)
  }

  /** Adds that one of some combinations of values is the real one. */
  addOpen(combinations: readonly Switches[], proof: Seen): void {
    const essential = withoutFree(combinations)
    if (this.#open.size < mostOpen && essential.some(each => Object.keys(each).length > 0))
      this.#open.set(JSON.stringify(essential), { combinations: essential, proof })
  }

  /** The values that were shown at least so often, and no other one of their switch. */
  shownOften(times: number): Switches {
    const often = [...this.#shown].flatMap(([key, values]) => {
      const [[value, { exact }]] = [...values] as [[string, Shown]]
      return values.size === 1 && exact >= times && !this.#odd.has(key) ? [[key, value]] : []
    })
    return Object.fromEntries(often) as Switches
  }

  /** The values that are determined: the only one that was shown, or that all exchanges together leave. */
  get determined(): Switches {
    const { values } = this.#findLeft()
    return Object.fromEntries(
      [...values].flatMap(([key, left]) => (left.size === 1 ? [[key, [...left][0]!]] : [])),
    ) as Switches
  }

  #findLeft(): Left {
    const values = new Map(valuesOf)
    const proofs: Left['proofs'] = new Map()
    for (const [key, shown] of this.#shown) values.set(key, shown.size === 1 ? new Set(shown.keys()) : new Set())
    for (const key of this.#odd.keys()) values.set(key, new Set())
    for (let isNew = true; isNew; ) {
      isNew = false
      for (const { combinations, proof } of this.#open.values()) {
        const possible = combinations.filter(each =>
          Object.entries(each).every(([key, value]) => {
            const left = values.get(key as BehaviourKey)!
            // Nothing is concluded about a switch that contradicts itself.
            return left.size === 0 || left.has(value)
          }),
        )
        for (const key of Object.keys(possible[0] ?? {}) as BehaviourKey[]) {
          const left = values.get(key)!
          const narrower = new Set(possible.map(each => each[key] ?? '').filter(value => left.has(value)))
          if (possible.some(each => each[key] === undefined) || narrower.size >= left.size) continue
          values.set(key, narrower)
          proofs.set(key, [...(proofs.get(key) ?? []), proof])
          isNew = true
        }
      }
    }
    return { values, proofs }
  }

  /** A row for each switch. */
  toRows(here: Behaviours): LearnedRow[] {
    const left = this.#findLeft()
    return behaviourRows.map(({ key }): LearnedRow => {
      const values = left.values.get(key)!
      const seen = values.size === 1 ? [...values][0]! : null
      const shown = this.#shown.get(key)
      const found = seen === null ? undefined : shown?.get(seen)
      const proofs = left.proofs.get(key) ?? []
      return {
        key,
        here: here[key],
        seen,
        confidence: seen === null ? null : found && found.exact === 0 ? 'effect' : 'exact',
        times: found ? found.exact + found.effect : proofs.length,
        reading: found ? toReading(key, found) : this.#toOtherReading(key, seen, proofs),
        evidence: found?.proofs ?? (shown ? [...shown.values()].flatMap(each => each.proofs.slice(0, 1)) : proofs),
      }
    })
  }

  #toOtherReading(key: BehaviourKey, seen: string | null, proofs: readonly Seen[]): string {
    if (seen !== null) {
      const answers = proofs.map(({ request, status, scimType }) => `${toWords(status, scimType)} to ${request}`)
      return `it answers ${answers.join(', ')}, which no other value explains`
    }
    const odd = this.#odd.get(key)
    if (odd) return `it answers ${toWords(odd.status, odd.scimType)} to ${odd.request}, which no value explains`
    const shown = this.#shown.get(key)
    if (shown) return `it showed ${[...shown.keys()].map(value => `\`${value}\``).join(' and ')}`
    const isOpen = [...this.#open.values()].some(({ combinations }) => combinations.some(each => key in each))
    return isOpen ? 'its answers have more than one explanation' : `nothing showed it: ${occasions[key]} would`
  }
}

function toReading(key: BehaviourKey, { proofs }: Shown): string {
  const [{ status, scimType, otherwise }] = proofs as [Proof]
  return `to ${occasions[key]} it answers ${toWords(status, scimType)}, where another value gives ${otherwise}`
}

/** The combinations without switches that may have any value. */
function withoutFree(combinations: readonly Switches[]): readonly Switches[] {
  let left = combinations
  for (const key of new Set(combinations.flatMap(each => Object.keys(each) as BehaviourKey[]))) {
    const byRest = new Map<string, { rest: Switches; values: Set<string | undefined> }>()
    for (const { [key]: value, ...rest } of left) {
      const name = JSON.stringify(rest)
      const group = byRest.get(name) ?? { rest, values: new Set() }
      byRest.set(name, group)
      group.values.add(value)
    }
    const groups = [...byRest.values()]
    const isFree = groups.every(({ values }) => values.has(undefined) || values.size === valuesOf.get(key)!.size)
    if (isFree) left = groups.map(({ rest }) => rest)
  }
  return left
}
