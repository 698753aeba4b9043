// Finds out from an exchange how the switches of the real endpoint must be set: they are the ones under which this server
// would have answered the same. What more than one setting explains stays open, what none explains is not guessed.

import { type WritableRow, writableRows } from '../scim/attribute.ts'
import type { BehaviourKey, Behaviours } from '../scim/behaviour.ts'
import { readerOf } from '../scim/document.ts'
import { type Alternative, findAlternatives, type Switches, toImplied } from './alternatives.ts'
import type { Answered } from './answers.ts'
import { type Belief, Beliefs } from './beliefs.ts'
import { type Json, membersOf, toObject, toShownUser, toShownValue } from './documents.ts'
import { toEvidence, toProof } from './evidence.ts'
import type { Ids } from './ids.ts'
import { Learned, type Sign } from './learned.ts'
import { findMatch, findWishes, type Hints, isFulfilled, type Match, toStored, type Wish } from './matching.ts'
import type { OwnAnswer, Scene } from './model.ts'
import { type PlainRequest, toKind } from './request.ts'

/** What an exchange is explained with. */
export interface Observed {
  /** As the provider sent it. */
  request: PlainRequest
  /** The id here of the user that its path names. */
  namedId: number | undefined
  there: Answered
  scene: Scene
  behaviours: Behaviours
  ids: Ids
  ask(scene: Scene, behaviours: Behaviours): Promise<OwnAnswer>
}

/** After a value was shown so often, or a kind of request tried so often, such requests are not tried in every way any more. */
const settledAfter = 20

const mostKinds = 500

/** From a longer body, in bytes, nothing is learned. */
const longestBody = 64 * 1024

/** What one instance has learned of its real endpoint. */
export class Analysis {
  readonly learned = new Learned()
  readonly beliefs = new Beliefs()
  /** How many requests of each kind were tried in every way. */
  readonly #kinds = new Map<string, number>()

  /** Learns from an exchange. @returns the answer of this server that is like the real one; undefined when none is */
  async explain(observed: Observed): Promise<OwnAnswer | undefined> {
    const { request, namedId, there, scene, ids } = observed
    if (isPlainList(request)) {
      this.#observeList(observed)
      return undefined
    }
    // To run it in every way would keep others waiting.
    if ((request.body?.length ?? 0) > longestBody) return undefined
    const open = scene.users.flatMap(({ USER_ID }) => this.beliefs.find(USER_ID) ?? [])
    const hints = { ids, telling: new Set(open.flatMap(({ telling }) => [...telling])) }
    const shown = there.status < 300 ? toShownUser(there.answer) : undefined
    if (shown)
      this.#noteFulfilled(
        [...findWishes(request.body), ...open.flatMap(({ wishes }) => wishes)],
        shown.document,
        observed,
      )
    const kind = toKind(request, there)
    const settled = open.length > 0 ? undefined : await this.#findSettled(observed, hints, kind)
    if (settled) return settled
    const all = await findAlternatives(this.beliefs.toScenes(scene), observed.behaviours, observed.ask)
    const match = all && findMatch(there, all, hints)
    if (match) {
      this.#learn(observed, all, match)
      this.#note(kind)
    } else {
      if (namedId !== undefined) this.beliefs.settle(namedId)
      const key = all && findOnlyKey(all)
      if (key) this.learned.addOdd(key, toEvidence(request, there))
      return undefined
    }
    const isOwn = ({ switches }: Alternative) =>
      Object.entries(switches).every(([key, value]) => observed.behaviours[key as BehaviourKey] === value)
    return (match.matching.find(isOwn) ?? match.matching[0]!).answer
  }

  #note(kind: string | undefined): void {
    if (kind === undefined) return
    const times = this.#kinds.get(kind)
    if (times !== undefined || this.#kinds.size < mostKinds) this.#kinds.set(kind, (times ?? 0) + 1)
  }

  /** A wish that was fulfilled fits no value of its switch: each value refuses or ignores it. */
  #noteFulfilled(
    wishes: readonly Wish[],
    document: Json,
    { request, there }: Pick<Observed, 'request' | 'there'>,
  ): void {
    for (const wish of wishes)
      if (isFulfilled(wish, document)) this.learned.addOdd(wish.key, toEvidence(request, there))
  }

  /** The answer to a request about which enough is known, if it is as expected. */
  async #findSettled(
    { there, scene, behaviours, ask }: Observed,
    hints: Hints,
    kind: string | undefined,
  ): Promise<OwnAnswer | undefined> {
    const often = this.learned.shownOften(settledAfter)
    const expected = { ...behaviours, ...often }
    const answer = await ask(scene, expected)
    const isOften = (this.#kinds.get(kind ?? '') ?? 0) >= settledAfter
    if (!isOften && !answer.asked.every(key => key in often)) return undefined
    const switches = Object.fromEntries(answer.asked.map(key => [key, expected[key]]))
    return findMatch(there, [{ switches, scene, answer }], hints)?.confidence === 'exact' ? answer : undefined
  }

  #learn(
    { request, namedId, there, scene }: Observed,
    all: readonly Alternative[],
    { matching, confidence }: Match,
  ): void {
    const { filters, ...implied } = toImplied(matching, all)
    const others = { ...implied, ...(filters !== undefined && showsFilters(there, scene) && { filters }) }
    const signs = Object.entries(others).map(([key, value]): Sign => {
      const proof = toProof(request, there, all, key as BehaviourKey, value)
      return { key: key as BehaviourKey, value, confidence, proof }
    })
    if (namedId !== undefined && isUnseen(request, there)) {
      const before = scene.users.find(({ USER_ID }) => USER_ID === namedId)
      const futures = toFutures(matching)
      const isChanged = (row: WritableRow) =>
        futures.some(({ user }) => user && toStored(row, user) !== toStored(row, before))
      this.beliefs.set(namedId, {
        futures,
        held: signs,
        wishes: findWishes(request.body),
        telling: new Set(writableRows.filter(isChanged).map(({ path }) => path)),
        wasActive: before?.ACTIVE === true,
      })
      return
    }
    const shown = toShownUser(there.answer)
    const belief = namedId === undefined ? undefined : this.beliefs.find(namedId)
    if (belief && (shown || there.status === 404)) {
      this.beliefs.settle(namedId!)
      signs.push(...toSeen(belief, matching))
    }
    // A user that was inactive before the DELETE would be so, too, if DELETE did nothing.
    const isSure = ({ key, value }: Sign) => !belief || belief.wasActive || key !== 'delete' || value !== 'deactivate'
    for (const sign of signs) if (isSure(sign)) this.learned.add(sign)
    if (matching.length > 1 && matching.length < all.length)
      this.learned.addOpen(
        matching.map(({ switches }) => switches),
        toEvidence(request, there),
      )
  }

  /** A list may show users about whom something was open. */
  #observeList({ request, there, ids }: Observed): void {
    const { Resources } = membersOf(there.answer)
    for (const document of Array.isArray(Resources) ? Resources.map(toObject) : []) {
      const id = Number(ids.get(String(document.id)))
      const belief = this.beliefs.find(id)
      if (!belief) continue
      this.beliefs.settle(id)
      this.#noteFulfilled(belief.wishes, document, { request, there })
      const rows = writableRows.filter(({ path }) => belief.telling.has(path))
      const matching = belief.futures.filter(
        ({ user }) => user && rows.every(row => toShownValue(row, document) === readerOf(row)(user, '')),
      )
      if (matching.length > 0) for (const sign of toSeen(belief, matching)) this.learned.add(sign)
    }
  }
}

/** The one switch on which an exchange depends: one that was asked, or that of a DELETE before. */
function findOnlyKey(all: readonly Alternative[]): BehaviourKey | undefined {
  const asked = new Set(all.flatMap(({ answer }) => answer.asked))
  const given = new Set(all.flatMap(({ switches }) => Object.keys(switches) as BehaviourKey[]))
  if (asked.size === 0) return given.size === 1 && given.has('delete') ? 'delete' : undefined
  return asked.size === 1 ? [...asked][0] : undefined
}

/** The signs that were held back until a user is seen, as far as they agree with what is seen. */
const toSeen = ({ held }: Belief, matching: readonly { switches: Switches }[]): Sign[] =>
  held.filter(({ key, value }) => matching.every(({ switches }) => switches[key] === value))

/** A page of all users says nothing about switches, and neither does a schema. */
const isPlainList = ({ method, path }: PlainRequest): boolean =>
  method === 'GET' && (/^\/+schemas\b/i.test(path) || (/^\/+users\/*(\?|$)/i.test(path) && !/[?&]filter=/i.test(path)))

/** Whether the real answer does not say what became of the user. */
const isUnseen = ({ method }: PlainRequest, { status, answer }: Answered): boolean =>
  /^(PUT|PATCH|DELETE)$/.test(method) && status < 300 && toShownUser(answer) === undefined

/** Whether an answer shows that the filter was used: an endpoint that ignores it lists everybody, or nobody. */
function showsFilters({ status, answer }: Answered, { users }: Scene): boolean {
  const found = Number(membersOf(answer).totalResults)
  return status >= 400 || (found > 0 && found < users.length)
}

function toFutures(matching: readonly Alternative[]) {
  const futures = new Map<string, { switches: Alternative['switches']; user: OwnAnswer['after'] }>()
  for (const { switches, answer } of matching) {
    const user = answer.after
    // When several combinations have the same result, only the switches that they have in common decided it.
    const key = JSON.stringify(user ?? null, (name, value) => (name.startsWith('DATE_') ? undefined : value))
    const known = futures.get(key)
    const common = Object.entries(switches).filter(
      ([name, value]) => !known || known.switches[name as BehaviourKey] === value,
    )
    futures.set(key, { switches: Object.fromEntries(common), user })
  }
  return [...futures.values()]
}
