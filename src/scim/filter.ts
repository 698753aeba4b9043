// What a filter of GET /Users asks for: one userName, as Insightly documents, or any filter of RFC 7644 §3.4.2.2 where
// the `filters` switch allows it. Says which users match; finding them is the user service's work.

import type { Compare, Filter } from 'scim2-parse-filter'
import { ApiError, quote } from '../errors.ts'
import { attribute, findAttribute, foldCase } from './attribute.ts'
import type { Behaviours } from './behaviour.ts'
import { readerOf } from './document.ts'
import { parseFilterText } from './filter-text.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

/** A filter that was understood. */
export interface UserFilter {
  /** An attribute whose value every match has, so that an index can find the candidates. */
  seek?: { path: 'userName' | 'externalId' | 'id'; value: string }
  /** Whether a candidate matches; left out when every candidate does. */
  matches?: (record: ScimRecord, usersUrl: string) => boolean
}

const documentedForm =
  /^\s*(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?userName\s+eq\s+("(?:[^"\\\x00-\x1f]|\\.)*")\s*$/i

/**
 * Reads the filter of GET /Users.
 * @throws invalidFilter for one that is not supported or not a filter (U-04)
 */
export function parseUserFilter(text: string, behaviours: Behaviours): UserFilter {
  const documented = documentedForm.exec(text)
  if (documented) {
    try {
      return { seek: { path: 'userName', value: JSON.parse(documented[1]!) as string } }
    } catch {
      // An escape that JSON does not know; refused below.
    }
  }
  if (behaviours.filters === 'userName-eq')
    throw new ApiError(
      'invalidFilter',
      `The filter ${quote(text)} is not supported; Insightly supports only userName eq "user@example.com".`,
      'U-04',
    )
  const filter = parseFilterText(text, 'invalidFilter')
  const matches = toPredicate(filter)
  const seek = findSeek(filter)
  return { matches, ...(seek && { seek }) }
}

type Predicate = NonNullable<UserFilter['matches']>

function findSeek(filter: Filter): UserFilter['seek'] {
  if (filter.op === 'and') {
    for (const part of filter.filters) {
      const seek = findSeek(part)
      if (seek) return seek
    }
  }
  if (filter.op !== 'eq' || typeof filter.compValue !== 'string') return undefined
  const path = rowOf(filter.attrPath).path
  if (path === 'userName' || path === 'externalId' || path === 'id') return { path, value: filter.compValue }
  return path === 'emails.value' ? { path: 'userName', value: filter.compValue } : undefined
}

/** The predicate of a parsed filter; `parent` is the attribute whose members a value path looks at. */
export function toPredicate(filter: Filter, parent = ''): Predicate {
  switch (filter.op) {
    case 'and': {
      const parts = filter.filters.map(part => toPredicate(part, parent))
      return (record, url) => parts.every(part => part(record, url))
    }
    case 'or': {
      const parts = filter.filters.map(part => toPredicate(part, parent))
      return (record, url) => parts.some(part => part(record, url))
    }
    case 'not': {
      const inner = toPredicate(filter.filter, parent)
      return (record, url) => !inner(record, url)
    }
    case '[]': {
      const row = rowOf(filter.attrPath, parent)
      if (!row.multiValued || row.type !== 'complex')
        throw new ApiError('invalidFilter', `${row.path} has no members to look into.`, 'U-04')
      // A user has exactly one e-mail address, so that a condition on its members is a condition on the user.
      return toPredicate(filter.valFilter, `${row.path}.`)
    }
    case 'pr': {
      const row = rowOf(filter.attrPath, parent)
      const read = readerOf(row.type === 'complex' ? attribute(presenceOf(row)) : row)
      return (record, url) => read(record, url) !== null
    }
    default:
      return toComparison(filter, parent)
  }
}

/** A complex attribute is present when this part of it is. */
const presenceOf = (row: AttributeRow): string =>
  row.path === 'name' ? 'name.formatted' : row.path === 'emails' ? 'emails.value' : 'meta.resourceType'

function rowOf(name: string, parent = ''): AttributeRow {
  const row = findAttribute(parent + name)
  if (row) return row
  throw new ApiError('invalidFilter', `The filter names ${quote(name)}, which is not served.`, 'U-04')
}

function toComparison({ op, attrPath, compValue }: Compare, parent: string): Predicate {
  const named = rowOf(attrPath, parent)
  // RFC 7644 compares a multi-valued complex attribute by its `value`.
  const row = named.path === 'emails' ? attribute('emails.value') : named
  const refuse = (why: string): never => {
    throw new ApiError('invalidFilter', `The filter compares ${row.path} ${op} ${quote(compValue)}, ${why}.`, 'U-04')
  }
  if (row.type === 'complex') return refuse('but it has sub-attributes; name one of them')
  const read = readerOf(row)
  if (compValue === null) {
    if (op === 'eq') return (record, url) => read(record, url) === null
    if (op === 'ne') return (record, url) => read(record, url) !== null
    return refuse('but null can only be eq or ne')
  }
  if (row.type === 'boolean') {
    if (typeof compValue !== 'boolean') return refuse('but it is a boolean')
    if (op !== 'eq' && op !== 'ne') return refuse('but a boolean can only be eq or ne')
    return (record, url) => (read(record, url) === compValue) === (op === 'eq')
  }
  if (typeof compValue !== 'string') return refuse('but it is a string')
  const ordering = op === 'gt' || op === 'ge' || op === 'lt' || op === 'le' || op === 'eq' || op === 'ne'
  if (row.type === 'dateTime' && ordering) {
    const wanted = Date.parse(compValue)
    if (Number.isNaN(wanted)) return refuse('but it is a date such as 2026-03-02T09:14:07Z')
    return (record, url) => compare(op, Date.parse(read(record, url) as string), wanted)
  }
  const prepare = row.caseExact ? (value: string) => value : foldCase
  const wanted = prepare(compValue)
  return (record, url) => {
    const value = read(record, url)
    const values = Array.isArray(value) ? value : [value]
    if (op === 'ne') return values.every(each => each === null || prepare(each as string) !== wanted)
    return values.some(each => each !== null && compare(op, prepare(each as string), wanted))
  }
}

function compare<T extends string | number>(op: Compare['op'], value: T, wanted: T): boolean {
  switch (op) {
    case 'eq':
      return value === wanted
    case 'ne':
      return value !== wanted
    case 'gt':
      return value > wanted
    case 'ge':
      return value >= wanted
    case 'lt':
      return value < wanted
    case 'le':
      return value <= wanted
    case 'co':
      return (value as string).includes(wanted as string)
    case 'sw':
      return (value as string).startsWith(wanted as string)
    case 'ew':
      return (value as string).endsWith(wanted as string)
  }
}
