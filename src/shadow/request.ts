// A request that is passed on: whom it is about, what it asks for, and how it is told in few words.

import { findFilteredUserName } from '../scim/filter.ts'
import { readAsked } from '../scim/operation.ts'
import { type Answered, scimTypeOf } from './answers.ts'
import { findJson, type Json, toObject } from './documents.ts'
import { withoutId } from './ids.ts'

/** A request that this server or the real endpoint can answer. */
export interface PlainRequest {
  method: string
  /** Below the SCIM URL, with the query. */
  path: string
  headers: Readonly<Record<string, string>>
  body: Buffer | undefined
}

/** A request in a few words: without its query, and without an id. */
export const toLine = ({ method, path }: PlainRequest): string =>
  `${method} ${withoutId(path).replace(/\?.*/s, '').slice(0, 100)}`

/** The userName that the filter of a path asks for, if it is of the documented form. */
export function findFiltered(path: string): string | undefined {
  const filter = new URLSearchParams(path.split('?')[1]).get('filter')
  return filter === null ? undefined : findFilteredUserName(filter)
}

/** The userName that a request is about by its filter or its body, if it names one. */
export const findUserName = ({ path, body }: PlainRequest): string | undefined =>
  body === undefined ? findFiltered(path) : read(body, readAsked)?.userName

/** The operations of a PATCH; none of any other request. */
export function findOperations(body: Buffer | undefined): Json[] {
  if (!body?.includes('"Operations"')) return []
  const { Operations } = toObject(findJson(body.toString()))
  return Array.isArray(Operations) ? Operations.map(toObject) : []
}

/** How long a kind may be, in characters; a longer one is not kept. */
const longestKind = 2000

/**
 * The kind of a request and its answer: those are alike that ask for the same things, whatever values they give. What twenty
 * of a kind have shown, the twenty-first will not show better.
 * @returns undefined for those without a body, of which there are few ways to answer
 */
export function toKind({ method, path, body }: PlainRequest, { status, answer }: Answered): string | undefined {
  const form = body && read(body, toForm)
  if (form === undefined) return undefined
  const kind = [method, withoutId(path), status, scimTypeOf(answer), form].join(' ')
  return kind.length <= longestKind ? kind : undefined
}

/** The form of a value: its members, and only those details at which switches look. */
function toForm(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toForm).join()}]`
  if (typeof value === 'string') return value === '' ? '' : value.includes('@') ? 'an address' : 'a text'
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([name, each]) => {
    // What a PATCH does, and to what.
    const isVerbatim = (name === 'op' || name === 'path') && typeof each === 'string'
    return `${name}:${isVerbatim ? each : toForm(each)}`
  })
  return `{${members.sort().join()}}`
}

/** Reads a body; undefined for one that is no JSON, or is nested too deeply for being read. */
function read<T>(body: Buffer, readValue: (value: unknown) => T): T | undefined {
  try {
    return readValue(JSON.parse(body.toString()))
  } catch {
    return undefined
  }
}
