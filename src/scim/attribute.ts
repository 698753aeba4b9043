// How a name finds its row of the table, which fields of a record the table reaches, and how letter case is compared.
// Reads no values.

import { storedFields } from '../insightly/record.ts'
import { type AttributeRow, type ScimRecord, userAttributes, userUrn, type WritableFields } from './user.ts'

export const rows: readonly AttributeRow[] = userAttributes

// The compiler sees this too, but the source also runs without it.
for (const { path, field } of rows)
  if (field !== undefined && !storedFields.some(({ name }) => name === field))
    throw new Error(`scim/user.ts: ${path} lives in ${field}, which insightly/record.ts does not have.`)

/** The fields that SCIM reads: those that a document shows, and ACCOUNT_OWNER for U-24. */
export const scimFields: readonly (keyof ScimRecord)[] = [
  ...new Set([...rows.flatMap(({ field }) => field ?? []), 'ACCOUNT_OWNER' as const]),
]

/** The fields that a SCIM client may set. */
export const writableFields: readonly (keyof WritableFields)[] = rows
  .filter(({ mutability }) => mutability === 'readWrite')
  .flatMap(({ field }) => (field ?? []) as keyof WritableFields)

/** What PUT sets first: every writable field that can be empty is, unless the client sends it (U-13). */
export const cleared: Partial<WritableFields> = Object.fromEntries(
  storedFields
    .filter(row => 'nullable' in row && writableFields.some(field => field === row.name))
    .map(({ name }) => [name, null]),
)

// By the exact name too, which is what nearly every client sends.
const byName = new Map(rows.flatMap(row => [row.path, row.path.toLowerCase()].map(name => [name, row] as const)))
const urnPrefix = `${userUrn.toLowerCase()}:`

/** Removes the User schema's URN from the front of an attribute name, in any letter case. */
const withoutUrn = (name: string): string =>
  name.length > urnPrefix.length && name.slice(0, urnPrefix.length).toLowerCase() === urnPrefix
    ? name.slice(urnPrefix.length)
    : name

/** Finds the row of an attribute name, dotted or with its URN, in any letter case (RFC 7643 §2.1). */
export const findAttribute = (name: string): AttributeRow | undefined =>
  byName.get(name) ?? byName.get(withoutUrn(name).toLowerCase())

/** Finds the row by its exact dotted path; the path is one of the table's. */
export const attribute = (path: string): AttributeRow => byName.get(path)!

/** The name before the dot, if there is one. */
export const parentOf = (row: AttributeRow): string | undefined =>
  row.path.includes('.') ? row.path.slice(0, row.path.indexOf('.')) : undefined

/**
 * Folds letter case as Unicode does, so that two spellings of a caseExact=false value become the same text.
 * The dotless ı has no upper-case partner of its own and stays; a sigma is the same letter at the end of a word.
 */
export function foldCase(value: string): string {
  if (/^[\x00-\x7f]*$/.test(value)) return value.toLowerCase()
  return value
    .split('ı')
    .map(part => part.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ'))
    .join('ı')
}
