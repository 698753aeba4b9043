// What an exchange shows, in the few words by which people find it again.

import type { BehaviourKey } from '../scim/behaviour.ts'
import type { Alternative } from './alternatives.ts'
import { type Answered, scimTypeOf } from './answers.ts'
import { findOperations, type PlainRequest, toLine } from './request.ts'

/** An exchange that shows something of switches, in a few words. */
export interface Seen {
  /** The request, ids left out. */
  request: string
  status: number
  scimType?: string
  /** What this server would have answered with another value, where the exchange alone shows one. */
  otherwise?: string
}

/** An exchange that shows a value of a switch by itself. */
export type Proof = Seen & { otherwise: string }

/** That an exchange shows a value of a switch, and what another value would have answered. */
export function toProof(
  request: PlainRequest,
  there: Answered,
  all: readonly Alternative[],
  key: BehaviourKey,
  value: string,
): Proof {
  const others = all.filter(({ switches }) => (switches[key] ?? value) !== value)
  const other = others.find(({ answer }) => answer.status !== there.status) ?? others[0]!
  return { ...toEvidence(request, there), otherwise: toWords(other.answer.status, scimTypeOf(other.answer.answer)) }
}

/** An exchange that shows something of switches. */
export function toEvidence(request: PlainRequest, { status, answer }: Answered): Seen {
  const scimType = scimTypeOf(answer)
  const names = new Set(findOperations(request.body).map(({ op }) => String(op).slice(0, 20)))
  const operations = names.size > 0 ? ` with ${[...names].slice(0, 5).join(', ')}` : ''
  return { request: toLine(request) + operations, status, ...(scimType !== undefined && { scimType }) }
}

/** A status and a scimType in a few words. */
export const toWords = (status: number, scimType: string | undefined): string =>
  scimType === undefined ? String(status) : `${status} ${scimType}`
