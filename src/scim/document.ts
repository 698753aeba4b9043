// Between record and document: how an Insightly record reads as SCIM, and how a client's document becomes field values.
// Pure; what a PATCH means is in patch.ts, which part of a document is shown in projection.ts.

import { ApiError, quote } from '../errors.ts'
import { findAttribute, rows, writableFields } from './attribute.ts'
import type { Behaviours } from './behaviour.ts'
import { isAbsent, readBoolean } from './client-habits.ts'
import type { Note, RuleId } from './rules.ts'
import { findTextProblem, foldCase } from './text.ts'
import { type AttributeRow, type ScimRecord, userUrn, type WritableFields } from './user.ts'

/** First and last name, joined by a blank; null when there is neither. */
const fullName = ({ FIRST_NAME, LAST_NAME }: Pick<ScimRecord, 'FIRST_NAME' | 'LAST_NAME'>): string | null =>
  FIRST_NAME && LAST_NAME ? `${FIRST_NAME} ${LAST_NAME}` : FIRST_NAME || LAST_NAME || null

type Reader = (record: ScimRecord, usersUrl: string) => unknown

/** The attributes that are the same for every user. */
export const constants: Readonly<Record<string, unknown>> = {
  schemas: [userUrn],
  'emails.type': 'work',
  'emails.primary': true,
  'meta.resourceType': 'User',
}

// The attributes that are made from fields.
const derived: Record<string, Reader> = {
  id: record => String(record.USER_ID),
  displayName: record => record.DISPLAY_NAME ?? fullName(record),
  'name.formatted': fullName,
  'meta.location': (record, usersUrl) => `${usersUrl}/${record.USER_ID}`,
}

/** The reader of an attribute that has no sub-attributes; it gives null when the user has no value. */
export function readerOf(row: AttributeRow): Reader {
  const { path, field } = row
  if (path in constants) return () => constants[path]
  if (derived[path]) return derived[path]
  if (field === undefined)
    throw new Error(`scim/user.ts: ${path} has no field, and scim/document.ts does not derive it.`)
  if (row.type === 'dateTime') return record => new Date(record[field] as number).toISOString()
  return record => record[field]
}

/** A read-only attribute, or a part of one, for which a client sent another value than the one that is served. */
export interface Difference {
  row: AttributeRow
  value: unknown
}

/** Finds the first difference between what a client sent for a read-only attribute and what is served. */
export function findDifference(row: AttributeRow, value: unknown, record: Partial<ScimRecord>): Difference | undefined {
  if (row.type !== 'complex') return isServed(row, value, record) ? undefined : { row, value }
  if (Array.isArray(value) && row.multiValued) {
    const differences = value.map(each => findDifference(row, each, record))
    return differences.find(each => each !== undefined) ?? (value.length === 1 ? undefined : { row, value })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { row, value }
  for (const [name, part] of Object.entries(value)) {
    const partRow = findAttribute(`${row.path}.${name}`)
    const difference = partRow && part !== null ? findDifference(partRow, part, record) : undefined
    if (difference) return difference
  }
  return undefined
}

function isServed(row: AttributeRow, value: unknown, record: Partial<ScimRecord>): boolean {
  // A user that is about to be created has neither an id nor dates.
  if (row.field && record[row.field] === undefined) return false
  const served = readerOf(row)(record as ScimRecord, '/Users')
  if (row.path === 'schemas') return JSON.stringify(value) === JSON.stringify(served)
  if (row.type === 'boolean') return readBoolean(value) === served
  if (typeof value !== 'string') return false
  // Which URL of the server the client used is not known here.
  if (row.path === 'meta.location') return /^https?:\/\//i.test(value) && value.endsWith(served as string)
  if (row.path.startsWith('emails.')) return foldCase(value) === foldCase(served as string)
  return value === served
}

/** The values for fields that a client sent, and the notes on what was ignored. */
export interface SentUser {
  fields: Partial<WritableFields>
  notes: Note[]
}

/** The values of a client's document, each by its row of the table, or by its name where the table has no row. */
export type Members = ReadonlyMap<AttributeRow | string, unknown>

/**
 * Reads the members of a client's document. Names can be in any letter case, dotted or nested, with the URN or without.
 * Members that count as absent are skipped, and of several spellings of an attribute the last one counts (D-08).
 */
export function readMembers(document: object): Members {
  const members = new Map<AttributeRow | string, unknown>()
  collectMembers(document, '', members)
  return members
}

function collectMembers(document: object, prefix: string, members: Map<AttributeRow | string, unknown>): void {
  for (const key of Object.keys(document)) {
    const value = (document as Record<string, unknown>)[key]
    if (isAbsent(value)) continue
    const name = prefix === '' ? key : prefix + key
    const row = findAttribute(name)
    if (typeof value === 'object' && !Array.isArray(value)) {
      if (row?.path === 'name') {
        collectMembers(value as object, 'name.', members)
        continue
      }
      if (prefix === '' && key.toLowerCase() === userUrn.toLowerCase()) {
        collectMembers(value as object, '', members)
        continue
      }
    }
    members.set(row ?? name, value)
  }
}

/** Whether an attribute is required under the current behaviours. */
export const isRequired = (row: AttributeRow, behaviours: Behaviours): boolean =>
  row.requiredUnder?.includes(behaviours.requiredAttributes) ?? false

/** The rows that a client may have to send. */
const requirable = rows.filter(row => row.requiredUnder && (row.type !== 'complex' || row.multiValued))

/**
 * Reads a whole user as POST and PUT send it.
 * @param options.before the user that a PUT replaces
 * @throws invalidValue, which names every missing attribute and every unacceptable value at once (U-07)
 */
export function readUser(
  document: object,
  behaviours: Behaviours,
  options: { ignoreActive: boolean; before?: ScimRecord },
): SentUser {
  const { ignoreActive, before } = options
  const members = readMembers(document)
  const fields: Partial<WritableFields> = {}
  const problems: ApiError[] = []
  const present: AttributeRow[] = []
  for (const [row, value] of members) {
    if (typeof row === 'string' || (row.path === 'active' && ignoreActive)) continue
    if (row.mutability === 'readOnly') {
      if (hasAddress(value)) present.push(row)
      continue
    }
    if (value !== '') present.push(row)
    try {
      setField(fields, row, value, behaviours)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      problems.push(error)
    }
  }
  const required = requirable.filter(row => isRequired(row, behaviours))
  // A user whom an administrator left without a name can be sent back as it was served (U-13).
  const isLacking = (row: AttributeRow) => before !== undefined && !row.multiValued && !readerOf(row)(before, '')
  const missing = required.filter(row => !present.includes(row) && !isLacking(row)).map(row => row.path)
  const details = problems.map(problem => problem.message)
  if (missing.length > 0)
    details.push(
      `Missing: ${missing.join(', ')}. Insightly requires ${required.map(row => row.path).join(', ')},${required.length > 1 ? ' each' : ''} a non-empty string.`,
    )
  if (details.length > 0)
    throw new ApiError('invalidValue', details.join(' '), missing.length > 0 ? 'U-07' : problems[0]!.rule)
  return { fields, notes: noteIgnored(members, ignoreActive, [before ?? {}, { ...before, ...fields }]) }
}

/**
 * The notes on what was ignored of a whole user.
 * @param known the user before and after the request; a read-only value that one of them has is not worth a note
 */
function noteIgnored(members: Members, ignoreActive: boolean, known: readonly Partial<ScimRecord>[]): Note[] {
  const notes: Note[] = []
  for (const [row, value] of members) {
    if (typeof row === 'string') notes.push(notStored(row))
    else if (row.path === 'active' && ignoreActive && readBoolean(value) !== true)
      notes.push({ rule: 'U-08', text: '`active` was ignored: a created user is always active' })
    else if (row.mutability === 'readOnly' && row.path !== 'schemas')
      if (known.every(record => findDifference(row, value, record)))
        notes.push(readOnly(row, row.path === 'emails' ? 'U-09' : 'U-12'))
  }
  return notes
}

/** Says that something was ignored because Insightly has no field for it. */
export const notStored = (name: string): Note => ({
  rule: 'U-12',
  text: `\`${printable(name)}\` was ignored: Insightly does not store it`,
})

/** Says that something was ignored because no client may set it. */
export const readOnly = (row: AttributeRow, rule: RuleId): Note => ({
  rule,
  text: `\`${row.path}\` was ignored: read-only`,
})

const hasAddress = (emails: unknown): boolean =>
  Array.isArray(emails) && emails.some(email => typeof email?.value === 'string' && email.value !== '')

/** A name that a client sent, as it is safe to show: short and without control characters. */
const printable = (name: string): string => quote(name).slice(1, -1)

/**
 * Sets the field that a writable attribute lives in.
 * @throws invalidValue, which names the attribute, quotes the value and says what is accepted (U-16, U-17, U-25)
 */
export function setField(
  fields: Partial<WritableFields>,
  row: AttributeRow,
  value: unknown,
  behaviours: Behaviours,
): void {
  ;(fields as Record<string, unknown>)[row.field!] = toFieldValue(row, value, behaviours)
}

/** What a userName must look like under the switch userNameFormat. */
export const addressForm = /^[^\s@]+@[^\s@]+$/

function toFieldValue(row: AttributeRow, value: unknown, behaviours: Behaviours): string | boolean {
  const refuse = (expected: string, rule: RuleId = 'U-25'): never => {
    throw new ApiError('invalidValue', `${row.path} is ${quote(value)}; expected ${expected}.`, rule)
  }
  if (row.type === 'complex') return refuse('an object', 'U-17')
  if (row.type === 'boolean') return readBoolean(value) ?? refuse('true or false', 'U-16')
  if (typeof value !== 'string') return refuse('a string')
  const problem = findTextProblem(value)
  if (problem) refuse(problem)
  if (row.path === 'userName' && behaviours.userNameFormat === 'email' && !addressForm.test(value))
    refuse('an e-mail address such as ann@example.com')
  return value
}

/** A record as it is stored: without a displayName that is the same as the derived one (U-27). */
export const withDerivedDisplayName = <R extends WritableFields>(record: R): R =>
  record.DISPLAY_NAME !== null && record.DISPLAY_NAME === fullName(record) ? { ...record, DISPLAY_NAME: null } : record

/** The fields that a write changed, and nothing else, so that untouched attributes never overwrite touched ones. */
export function changedFields(before: WritableFields, after: WritableFields): Partial<WritableFields> {
  const changed: Record<string, unknown> = {}
  for (const field of writableFields) if (before[field] !== after[field]) changed[field] = after[field]
  return changed
}
