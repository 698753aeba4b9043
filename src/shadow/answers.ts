// Says in words where two answers to one request differ: in status and scimType, and in the shape of their bodies, which is
// their members and the types of these, not what they say. Two bodies of one shape look the same to a program that reads them.

import type { Difference } from '../account/exchange.ts'
import { type Answer, membersOf } from './documents.ts'

/** An answer as far as two are compared. */
export interface Answered {
  status: number
  answer: Answer
}

/** Whether the total of a list is compared: only that of a filtered list, since the endpoints have other users besides. */
export const isCounted = (path: string): boolean => /[?&]filter=/i.test(path)

/**
 * Where the answer of this server differs from that of another.
 * @param countsTotals whether the totals of lists are compared
 */
export function toDifferences(there: Answered, here: Answered, countsTotals: boolean): Difference[] {
  const differences: Difference[] = []
  const add = (what: string, one: string, other: string) => {
    if (one !== other) differences.push({ what, there: one, here: other })
  }
  add('status', String(there.status), String(here.status))
  add('scimType', scimTypeOf(there.answer) ?? 'absent', scimTypeOf(here.answer) ?? 'absent')
  // When one is a refusal and the other is not, that says enough.
  if (there.status < 400 !== here.status < 400) return differences
  return [...differences, ...differencesOfShape(there.answer, here.answer, countsTotals)]
}

/** The scimType of an error body, if it names one. */
export function scimTypeOf(answer: Answer): string | undefined {
  const { scimType } = membersOf(answer)
  return scimType ? String(scimType) : undefined
}

interface Shape {
  /** The types at each place, such as `name.givenName` or `Resources[].emails[].value`. */
  types: Map<string, Set<string>>
  /** Arrays without elements, about whose elements nothing is known. */
  empty: Set<string>
}

// Members whose value is what a client acts on: their value counts as part of the shape.
const tellingMembers = /(^|\.)active$/
// Arrays whose elements are known by their name, as in /Schemas.
const namedMembers = /(^|\.)(attributes|subAttributes)$/

/** The name of a JSON type, an array being its own. */
export const typeName = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

function differencesOfShape(there: Answer, here: Answer, countsTotals: boolean): Difference[] {
  if (there.kind !== 'json' || here.kind !== 'json') {
    const names = { empty: 'empty', text: 'no JSON', json: 'JSON' }
    return there.kind === here.kind ? [] : [{ what: 'body', there: names[there.kind], here: names[here.kind] }]
  }
  const [one, other] = [toShape(there.value, countsTotals), toShape(here.value, countsTotals)]
  const places = [...new Set([...one.types.keys(), ...other.types.keys()])]
  const differing = places.filter(place => {
    if (place === 'scimType' || isUnknown(place, one) || isUnknown(place, other)) return false
    return tell(one, place) !== tell(other, place)
  })
  // When one side lacks a member, what is inside it says nothing more.
  return differing
    .filter(place => !differing.some(outer => /^[.[]/.test(place.slice(outer.length)) && place.startsWith(outer)))
    .map(place => ({ what: place || 'body', there: tell(one, place), here: tell(other, place) }))
}

const tell = ({ types }: Shape, place: string): string => [...(types.get(place) ?? ['absent'])].toSorted().join(' or ')

const isUnknown = (place: string, { empty }: Shape): boolean => [...empty].some(array => place.startsWith(`${array}[`))

function toShape(value: unknown, countsTotals: boolean): Shape {
  const shape: Shape = { types: new Map(), empty: new Set() }
  const visit = (at: unknown, place: string): void => {
    const types = shape.types.get(place) ?? new Set()
    const isTelling = tellingMembers.test(place) || (countsTotals && place === 'totalResults')
    shape.types.set(place, types.add(isTelling && typeof at !== 'object' ? `${typeName(at)} ${at}` : typeName(at)))
    if (Array.isArray(at)) {
      if (at.length === 0) shape.empty.add(place)
      for (const each of at) visit(each, `${place}[${namedMembers.test(place) ? String(each?.name) : ''}]`)
    } else if (typeof at === 'object' && at !== null) {
      for (const [name, each] of Object.entries(at)) visit(each, place ? `${place}.${name}` : name)
    }
  }
  visit(value, '')
  return shape
}
