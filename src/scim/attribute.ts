// How a name finds its row of the attribute table, and which fields of a record the table reaches. Reads no records.

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

const blank = Object.fromEntries(scimFields.map(field => [field, null])) as unknown as ScimRecord

/** What SCIM reads of a record, without anything that is kept beside it. */
export function toScimRecord(record: ScimRecord): ScimRecord {
  const part: Record<string, unknown> = { ...blank }
  for (const field of scimFields) part[field] = record[field]
  return part as ScimRecord
}

/** An attribute that a SCIM client may set, and the field that its value lives in. */
export interface WritableRow extends AttributeRow {
  field: keyof WritableFields
}

/** The attributes that a SCIM client may set; `name`, which is nothing but its parts, is none of them. */
export const writableRows: readonly WritableRow[] = rows.filter(
  (row): row is WritableRow => row.mutability === 'readWrite' && row.field !== undefined,
)

/** The fields that a SCIM client may set. */
export const writableFields = writableRows.map(({ field }) => field)

/** What PUT sets first: every writable field that can be empty is, unless the client sends it (U-13). */
export const cleared: Partial<WritableFields> = Object.fromEntries(
  storedFields
    .filter(row => 'nullable' in row && writableFields.some(field => field === row.name))
    .map(({ name }) => [name, null]),
)

// Each row has its exact spelling too: nearly every client sends that, and then nothing needs to be folded.
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

/** The row with a dotted path, which must be one of the table's, in its exact spelling. */
export const attribute = (path: string): AttributeRow => byName.get(path)!

/** The name before the dot, if there is one. */
export const parentOf = (row: AttributeRow): string | undefined =>
  row.path.includes('.') ? row.path.slice(0, row.path.indexOf('.')) : undefined

/** The name of an attribute inside its parent, where it has one. */
export const nameOf = (row: AttributeRow): string => row.path.slice(row.path.indexOf('.') + 1)

/** The sub-attributes of a complex attribute; none of any other. */
export const partsOf = (row: AttributeRow): AttributeRow[] => rows.filter(each => parentOf(each) === row.path)
