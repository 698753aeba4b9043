// The fault rules of one instance: which requests a rule matches, which of these it hits, and what happens to them. This
// file only decides; http/fault-effects.ts carries it out.

import { toCanonicalStart } from '../paths.ts'
import type { Operation } from '../scim/operation.ts'
import { foldCase } from '../scim/text.ts'

/** What happens to a request that a rule hits: exactly one of these. */
export interface FaultEffect {
  /** The request is not run and answered with this status. */
  status?: number
  /** Of the error body that goes with `status`. */
  scimType?: string
  /** Of the error body that goes with `status`. */
  detail?: string
  /** Headers of the answer that goes with `status`. */
  headers?: Record<string, string>
  /** The request runs later, by so many milliseconds. */
  delayMs?: number
  /** The connection is reset before anything is done. */
  reset?: true
  /** No answer ever comes. */
  hang?: true
  /** A 200 HTML page, as a broken proxy sends. */
  html?: true
  /** The answer's JSON is cut in the middle. */
  malformed?: true
  /** The answer has its status and no body. */
  emptyBody?: true
  /** The change is kept, the answer is lost. */
  commitThenReset?: true
  /** A list page repeats or skips a user. */
  pageDrift?: true
}

/** When a fault acts: instead of the request, before it runs, while its page is chosen, or on its answer. */
type Moment = 'instead' | 'before' | 'page' | 'answer'

/**
 * Every kind of fault, and when it acts.
 * The schemas (control/faults.ts) and the effects (http/fault-effects.ts) of the kinds are tables with the same keys.
 */
export const faultKinds = {
  status: 'instead',
  delayMs: 'before',
  reset: 'instead',
  hang: 'instead',
  html: 'instead',
  malformed: 'answer',
  emptyBody: 'answer',
  commitThenReset: 'answer',
  pageDrift: 'page',
} as const satisfies Partial<Record<keyof FaultEffect, Moment>>
export type FaultKind = keyof typeof faultKinds

/** The kind of an effect, which has exactly one. */
export const kindOf = (effect: FaultEffect): FaultKind =>
  (Object.keys(faultKinds) as FaultKind[]).find(kind => effect[kind] !== undefined)!

/** One rule. A member that is left out of `match` matches everything; one that is left out of `when` restricts nothing. */
export interface FaultRule {
  /** Which requests it concerns. */
  match?: {
    /** In any letter case. */
    method?: string
    /** The start of the full path. */
    path?: string
    /** What the request asks for, in provisioning words. */
    operation?: Operation
    /** In any letter case. */
    userName?: string
  }
  /** Which of those it hits. */
  when?: {
    /** At most so many. */
    times?: number
    /** Not the first so many. */
    after?: number
    /** Of those that are left, every so-manyth. */
    every?: number
    /** Of those that are left, each with this probability, from 0 to 1. */
    probability?: number
    /** Makes chance repeat itself. */
    seed?: number
  }
  /** What happens to those. */
  do: FaultEffect
}

/** What a rule is compared with. */
export interface FaultTarget {
  method: string
  /** The full path without query, in its canonical spelling. */
  path: string
  /** What the request asks for. */
  operation: Operation
  userNames: readonly string[]
  /** Whether it asks for a page of the unfiltered list. Only such a page can drift. */
  isPage: boolean
}

/** A fault that hits a request. */
export interface Fault {
  /** Its place in the list. */
  index: number
  effect: FaultEffect
  /** By how many users a page is shifted; 0 for every kind but pageDrift. */
  drift: number
}

interface ActiveRule {
  rule: FaultRule
  matched: number
  fired: number
  random: () => number
}

/** The fault rules of one instance. */
export class Faults {
  #rules: ActiveRule[] = []

  get isEmpty(): boolean {
    return this.#rules.length === 0
  }

  /** The rules, each with how often it fired. */
  list(): (FaultRule & { fired: number })[] {
    return this.#rules.map(({ rule, fired }) => ({ ...rule, fired }))
  }

  /** Replaces all rules; their counts start anew. */
  set(rules: readonly FaultRule[]): void {
    this.#rules = rules.map(rule => ({ rule, matched: 0, fired: 0, random: toRandom(rule.when?.seed ?? 1) }))
  }

  /** Which fault hits a request, if any: the first rule in the list that matches and fires. */
  next(target: FaultTarget): Fault | undefined {
    for (const [index, active] of this.#rules.entries()) {
      if (!matches(active.rule, target) || !fires(active)) continue
      active.fired += 1
      return { index, effect: active.rule.do, drift: makeDrift(active) }
    }
    return undefined
  }
}

const makeDrift = ({ rule, random }: ActiveRule): number => (rule.do.pageDrift ? (random() < 0.5 ? -1 : 1) : 0)

function matches({ match = {}, do: effect }: FaultRule, target: FaultTarget): boolean {
  if (effect.pageDrift && !target.isPage) return false
  return (
    (match.method === undefined || match.method.toUpperCase() === target.method) &&
    (match.path === undefined || target.path.startsWith(toCanonicalStart(match.path))) &&
    (match.operation === undefined || match.operation === target.operation) &&
    (match.userName === undefined || target.userNames.some(each => foldCase(each) === foldCase(match.userName!)))
  )
}

/** Whether a matching rule fires: `after` skips matches first, then `every` and `probability` apply; `times` limits it. */
function fires(active: ActiveRule): boolean {
  const { times = Number.POSITIVE_INFINITY, after = 0, every = 1, probability = 1 } = active.rule.when ?? {}
  if (active.fired >= times) return false
  active.matched += 1
  if (active.matched <= after || (active.matched - after) % every !== 0) return false
  return probability >= 1 || active.random() < probability
}

/** A repeatable source of numbers in [0, 1): mulberry32. */
function toRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
