// What a filter of GET /Users asks for: one userName, as Insightly documents, or any filter of RFC 7644 §3.4.2.2 where
// the `filters` switch allows it. It says which users match; finding them is the work of account/users/documents.ts.

import type { Compare, Filter } from 'scim2-parse-filter'
import { ApiError, quote } from '../errors.ts'
import { attribute, findAttribute, partsOf } from './attribute.ts'
import type { Behaviours } from './behaviour.ts'
import { readerOf } from './document.ts'
import { parseFilterText, quoteFilter } from './filter-text.ts'
import { foldCase } from './text.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

/** A filter that was understood. */
export interface UserFilter {
  /** A value that every match has, so that an index can find the candidates. */
  seek?: { path: 'userName' | 'externalId' | 'id'; value: string }
  /** Whether a candidate matches. */
  matches: (record: ScimRecord, usersUrl: string) => boolean
}

const documentedForm =
  /^\s*(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?userName\s+eq\s+("(?:[^"\\\x00-\x1f]|\\.)*")\s*$/i

/** The userName that a filter of the documented form looks for; undefined for any other filter (U-03). */
export function findFilteredUserName(text: string): string | undefined {
  const [, literal] = documentedForm.exec(text) ?? []
  if (literal === undefined) return undefined
  try {
    return JSON.parse(literal) as string
  } catch {
    // The value has an escape that JSON does not know.
    return undefined
  }
}

/**
 * Reads a filter that is not of the documented form.
 * @throws invalidFilter for one that the `filters` switch does not allow, and for a text that is not a filter (U-04)
 */
export function parseUserFilter(text: string, behaviours: Behaviours): UserFilter {
  if (behaviours.filters === 'userName-eq')
    throw new ApiError(
      'invalidFilter',
      `The filter ${quoteFilter(text)} is not supported; Insightly supports only userName eq "user@example.com".`,
      'U-04',
    )
  const filter = parseFilterText(text, 'invalidFilter')
  const matches = toPredicate(filter)
  const seek = findSeek(filter)
  return { matches, ...(seek && { seek }) }
}

type Predicate = UserFilter['matches']

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

/**
 * The predicate of a parsed filter.
 * @param parent what stands before the names in it: inside of `emails[…]` it is `emails.`
 * @param texts the readers that its terms share
 */
export function toPredicate(filter: Filter, parent = '', texts: TextReaders = new Map()): Predicate {
  const toPart = (part: Filter): Predicate => toPredicate(part, parent, texts)
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map(toPart)
      const deciding = filter.op === 'or'
      return (record, url) => {
        for (const part of parts) if (part(record, url) === deciding) return deciding
        return !deciding
      }
    }
    case 'not': {
      const inner = toPart(filter.filter)
      return (record, url) => !inner(record, url)
    }
    case '[]': {
      const row = rowOf(filter.attrPath, parent)
      if (!row.multiValued || row.type !== 'complex')
        throw new ApiError('invalidFilter', `${row.path} has no members that a condition could select.`, 'U-04')
      // A user has exactly one e-mail address, so a condition on its members is a condition on the user.
      return toPredicate(filter.valFilter, `${row.path}.`, texts)
    }
    case 'pr': {
      const row = rowOf(filter.attrPath, parent)
      const parts = row.type === 'complex' ? partsOf(row) : [row]
      const reads = parts.map(part => findTextReader(part, texts))
      return (record, url) => {
        for (const read of reads) if (read(record, url) !== null) return true
        return false
      }
    }
    default:
      return toComparison(filter, parent, texts)
  }
}

function rowOf(name: string, parent = ''): AttributeRow {
  const row = findAttribute(parent + name)
  if (row) return row
  throw new ApiError('invalidFilter', `The filter names ${quote(name)}, which is not served.`, 'U-04')
}

/** Reads an attribute as text; null when the user has none. */
type TextReader = (record: ScimRecord, usersUrl: string) => string | null
type TextReaders = Map<AttributeRow, TextReader>

const fold = (row: AttributeRow, text: string): string => (row.caseExact ? text : foldCase(text))

/** The reader of an attribute's text, its letter case folded where it does not matter. */
function findTextReader(row: AttributeRow, known: TextReaders): TextReader {
  const found = known.get(row)
  if (found) return found
  const read = readerOf(row)
  let last: ScimRecord | undefined
  let text: string | null
  const readText: TextReader = (record, usersUrl) => {
    // A filter can have hundreds of terms: each record is read and folded for the first of them.
    if (record !== last) {
      const value = read(record, usersUrl)
      // Only schemas is a list of texts, and it always holds one.
      text = value === null ? null : fold(row, String(Array.isArray(value) ? value[0] : value))
      last = record
    }
    return text
  }
  known.set(row, readText)
  return readText
}

function toComparison({ op, attrPath, compValue }: Compare, parent: string, texts: TextReaders): Predicate {
  const named = rowOf(attrPath, parent)
  // RFC 7644 compares a multi-valued complex attribute by its `value`.
  const row = named.path === 'emails' ? attribute('emails.value') : named
  const refuse = (why: string): never => {
    throw new ApiError('invalidFilter', `The filter compares ${row.path} ${op} ${quote(compValue)}, ${why}.`, 'U-04')
  }
  if (row.type === 'complex') return refuse('but it has sub-attributes; name one of them')
  const readText = findTextReader(row, texts)
  const compare = comparisons[op]
  if (compValue === null) {
    if (op === 'eq') return (record, url) => readText(record, url) === null
    if (op === 'ne') return (record, url) => readText(record, url) !== null
    return refuse('but null can only be compared with eq and ne')
  }
  if (row.type === 'boolean') {
    if (typeof compValue !== 'boolean') return refuse('but it is a boolean')
    if (op !== 'eq' && op !== 'ne') return refuse('but a boolean can only be compared with eq and ne')
    return (record, url) => compare(readText(record, url), String(compValue))
  }
  if (typeof compValue !== 'string') return refuse('but it is a string')
  if (row.type === 'dateTime' && op !== 'co' && op !== 'sw' && op !== 'ew') {
    const wanted = Date.parse(compValue)
    if (Number.isNaN(wanted)) return refuse('but it is a date such as 2026-03-02T09:14:07Z')
    const field = row.field as 'DATE_CREATED_UTC' | 'DATE_UPDATED_UTC'
    return record => compare(record[field], wanted)
  }
  const wanted = fold(row, compValue)
  return (record, url) => compare(readText(record, url), wanted)
}

/** The comparisons. A missing value matches only `ne`. */
const comparisons: Record<Compare['op'], (value: string | number | null, wanted: string | number) => boolean> = {
  eq: (value, wanted) => value === wanted,
  ne: (value, wanted) => value !== wanted,
  gt: (value, wanted) => value !== null && value > wanted,
  ge: (value, wanted) => value !== null && value >= wanted,
  lt: (value, wanted) => value !== null && value < wanted,
  le: (value, wanted) => value !== null && value <= wanted,
  co: (value, wanted) => value !== null && (value as string).includes(wanted as string),
  sw: (value, wanted) => value !== null && (value as string).startsWith(wanted as string),
  ew: (value, wanted) => value !== null && (value as string).endsWith(wanted as string),
}
