// Reads a PATCH path (RFC 7644 §3.5.2, figure 7) and says where it leads.

import { ApiError, quote } from '../errors.ts'
import { attribute, findAttribute, parentOf } from './attribute.ts'
import { toPredicate } from './filter.ts'
import { parseFilterText, quoteFilter } from './filter-text.ts'
import { type AttributeRow, type ScimRecord, userUrn } from './user.ts'

/** Where a PATCH path leads. */
export type PathTarget =
  /** An attribute of the table. `selects` says whether a condition in brackets matches the user's only address. */
  | { kind: 'mapped'; row: AttributeRow; selects?: (record: ScimRecord) => boolean }
  /** The URN of the User schema alone: the user itself. */
  | { kind: 'resource' }
  /** A well-formed path to an attribute that Insightly does not store. */
  | { kind: 'unmapped' }

/** How long a path may be, in characters. */
export const longestPath = 1000

const form = /^(?:(urn:[^\s"[\]]*):)?([a-z][\w$-]*)(?:\[(.*)\])?(?:\.([a-z$][\w$-]*))?$/i

/**
 * Reads a PATCH path.
 * @throws invalidPath when it is malformed
 */
export function parsePath(path: unknown): PathTarget {
  const refuse = (what = `The path ${quoteFilter(path as string)} is malformed`): never => {
    throw new ApiError(
      'invalidPath',
      `${what}; expected an attribute such as userName, name.givenName or emails[type eq "work"].value.`,
      'U-17',
    )
  }
  if (typeof path !== 'string') return refuse(`path is ${quote(path)}`)
  if (path.length > longestPath) return refuse()
  // Most paths are nothing but the name of an attribute.
  const plain = findAttribute(path)
  if (plain) return { kind: 'mapped', row: plain }
  if (path.toLowerCase() === userUrn.toLowerCase()) return { kind: 'resource' }
  const [whole, urn, name, condition, sub] = form.exec(path) ?? []
  if (whole === undefined) return refuse()
  const row = findAttribute(`${urn ? `${urn}:` : ''}${name}${sub ? `.${sub}` : ''}`)
  if (condition === undefined) return row ? { kind: 'mapped', row } : { kind: 'unmapped' }
  const filter = parseFilterText(condition, 'invalidPath')
  if (!row) return { kind: 'unmapped' }
  const list = sub === undefined ? row : attribute(parentOf(row)!)
  if (!list.multiValued || list.type !== 'complex') return refuse()
  try {
    const matches = toPredicate(filter, `${list.path}.`)
    return { kind: 'mapped', row, selects: record => matches(record, '') }
  } catch {
    return refuse()
  }
}
