// Says in words where two answers to one request differ. When two bodies differ is in shape.ts.

import type { Difference } from '../account/exchange.ts'
import { type Answer, toObject } from './documents.ts'
import { differencesOfShape } from './shape.ts'

/** An answer as far as two are compared. */
export interface Answered {
  status: number
  answer: Answer
}

/** Whether the total of a list is compared: only that of a filtered list, since the endpoints have other users besides. */
export const isCounted = (path: string): boolean => /[?&]filter=/i.test(path)

/** Where the answer of this server differs from that of another. */
export function toDifferences(there: Answered, here: Answered, countsTotals: boolean): Difference[] {
  const differences: Difference[] = []
  const add = (what: string, one: string, other: string) => {
    if (one !== other) differences.push({ what, there: one, here: other })
  }
  add('status', String(there.status), String(here.status))
  add('scimType', scimTypeOf(there.answer) ?? 'absent', scimTypeOf(here.answer) ?? 'absent')
  // When one is a refusal and the other is not, that says enough.
  if (there.status < 400 !== here.status < 400) return differences
  for (const { place, ...sides } of differencesOfShape(there.answer, here.answer, countsTotals))
    add(place || 'body', sides.there, sides.here)
  return differences
}

/** The scimType of an error body, if it names one. */
export function scimTypeOf(answer: Answer): string | undefined {
  const { scimType } = answer.kind === 'json' ? toObject(answer.value) : {}
  return scimType ? String(scimType) : undefined
}
