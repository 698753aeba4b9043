// The shape of a JSON body: which members it has and of which type, not what they say. Two bodies of one shape look the
// same to a program that reads them.

import type { Answer } from './documents.ts'

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

/** A difference at one place of two bodies. */
export interface ShapeDifference {
  place: string
  there: string
  here: string
}

/**
 * Where the bodies of two answers differ in shape; `scimType` is left to others.
 * @param isCounted whether the totals of lists are part of it
 */
export function differencesOfShape(there: Answer, here: Answer, isCounted: boolean): ShapeDifference[] {
  if (there.kind !== 'json' || here.kind !== 'json') {
    const names = { empty: 'empty', text: 'no JSON', json: 'JSON' }
    return there.kind === here.kind ? [] : [{ place: '', there: names[there.kind], here: names[here.kind] }]
  }
  const [one, other] = [toShape(there.value, isCounted), toShape(here.value, isCounted)]
  const places = [...new Set([...one.types.keys(), ...other.types.keys()])]
  const differing = places.filter(place => {
    if (place === 'scimType' || isUnknown(place, one) || isUnknown(place, other)) return false
    return tell(one, place) !== tell(other, place)
  })
  // When one side lacks a member, what is inside it says nothing more.
  return differing
    .filter(place => !differing.some(outer => /^[.[]/.test(place.slice(outer.length)) && place.startsWith(outer)))
    .map(place => ({ place, there: tell(one, place), here: tell(other, place) }))
}

const tell = ({ types }: Shape, place: string): string => [...(types.get(place) ?? ['absent'])].toSorted().join(' or ')

const isUnknown = (place: string, { empty }: Shape): boolean => [...empty].some(array => place.startsWith(`${array}[`))

function toShape(value: unknown, isCounted: boolean): Shape {
  const shape: Shape = { types: new Map(), empty: new Set() }
  const visit = (at: unknown, place: string): void => {
    const types = shape.types.get(place) ?? new Set()
    const isTelling = tellingMembers.test(place) || (isCounted && place === 'totalResults')
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
