// Between record and document: how an Insightly record reads as SCIM, how a client's document becomes field values,
// and which part of a document is shown. Pure; what a PATCH means is in patch.ts.

import { ApiError, quote } from '../errors.ts'
import { attribute, findAttribute, parentOf, rows, writableFields } from './attribute.ts'
import type { Behaviours } from './behaviour.ts'
import { isAbsent, readBoolean } from './client-habits.ts'
import type { Note, RuleId } from './rules.ts'
import { findTextProblem } from './text.ts'
import { type AttributeRow, type ScimRecord, userUrn, type WritableFields } from './user.ts'

/** A user as SCIM serves it. */
type ScimUser = Record<string, unknown>

/** First and last name, joined by a blank; null when there is neither. */
export const fullName = ({ FIRST_NAME, LAST_NAME }: Pick<ScimRecord, 'FIRST_NAME' | 'LAST_NAME'>): string | null =>
  FIRST_NAME && LAST_NAME ? `${FIRST_NAME} ${LAST_NAME}` : FIRST_NAME || LAST_NAME || null

type Reader = (record: ScimRecord, usersUrl: string) => unknown

/** The attributes that are the same for every user. */
export const constants: Readonly<Record<string, unknown>> = {
  schemas: [userUrn],
  'emails.type': 'work',
  'emails.primary': true,
  'meta.resourceType': 'User',
}

// What is made from fields.
const derived: Record<string, Reader> = {
  id: record => String(record.USER_ID),
  displayName: record => record.DISPLAY_NAME ?? fullName(record),
  'name.formatted': fullName,
  'meta.location': (record, usersUrl) => `${usersUrl}/${record.USER_ID}`,
}

/** How an attribute without sub-attributes is read: null when the user has none. */
export function readerOf(row: AttributeRow): Reader {
  const { path, field } = row
  if (path in constants) return () => constants[path]
  if (derived[path]) return derived[path]
  if (field === undefined)
    throw new Error(`scim/user.ts: ${path} has no field, and scim/document.ts does not derive it.`)
  if (row.type === 'dateTime') return record => new Date(record[field] as number).toISOString()
  return record => record[field]
}

/** Says which parts of a document to show, from `attributes` and `excludedAttributes` (RFC 7644 §3.9). */
export type Projection = (document: ScimUser) => ScimUser

/**
 * Reads the two projection parameters; undefined when all is shown.
 * Unknown names are ignored, `attributes` wins, and what is always returned stays (U-05).
 */
export function toProjection(attributes?: string, excludedAttributes?: string): Projection | undefined {
  const only = attributes !== undefined
  const list = only ? attributes : excludedAttributes
  if (list === undefined) return undefined
  const named = new Set(
    list.split(',').flatMap(name => {
      const row = findAttribute(name.trim())
      return row ? [row.path] : []
    }),
  )
  const isShown = (path: string): boolean => {
    const row = attribute(path)
    const parent = parentOf(row)
    if (row.returned === 'always') return true
    const listed = named.has(path) || (parent !== undefined && named.has(parent))
    return only ? listed : !listed
  }
  const leaves = rows.filter(row => row.type !== 'complex').map(row => row.path)
  const shown = new Set(leaves.filter(isShown))
  const part = (value: ScimUser, prefix: string): ScimUser =>
    Object.fromEntries(Object.entries(value).filter(([name]) => shown.has(`${prefix}${name}`)))
  return document =>
    Object.fromEntries(
      Object.entries(document).flatMap(([name, value]): [string, unknown][] => {
        if (attribute(name).type !== 'complex') return shown.has(name) ? [[name, value]] : []
        const sub = Array.isArray(value)
          ? value.map(each => part(each as ScimUser, `${name}.`))
          : part(value as ScimUser, `${name}.`)
        return Object.keys(Array.isArray(sub) ? sub[0]! : sub).length > 0 ? [[name, sub]] : []
      }),
    )
}

/** The values for fields that a client sent, and the notes on what was ignored. */
export interface SentUser {
  fields: Partial<WritableFields>
  notes: Note[]
}

/** The present members of a client's document: a row of the table, or the name of what has none, with its value. */
export type Members = ReadonlyMap<AttributeRow | string, unknown>

/**
 * Reads the members of a client's document: any letter case, dotted and URN-prefixed names, nested or flat; absent ones
 * skipped, and of several spellings of an attribute the last (D-08).
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

const requirable = rows.filter(row => row.requiredUnder && (row.type !== 'complex' || row.multiValued))

/** The rows that a client must send, by the value of the switch. */
const requiredRows = new Map<string, readonly AttributeRow[]>()

function findRequired(behaviours: Behaviours): readonly AttributeRow[] {
  const known = requiredRows.get(behaviours.requiredAttributes)
  if (known) return known
  const required = requirable.filter(row => isRequired(row, behaviours))
  requiredRows.set(behaviours.requiredAttributes, required)
  return required
}

/**
 * Reads a whole user as POST and PUT send it.
 * @throws invalidValue naming every missing attribute and every unacceptable value at once (U-07)
 */
export function readUser(
  document: object,
  behaviours: Behaviours,
  options: { ignoreActive: boolean; before?: ScimRecord },
): SentUser {
  const fields: Partial<WritableFields> = {}
  const notes: Note[] = []
  const problems: ApiError[] = []
  const present: AttributeRow[] = []
  for (const [row, value] of readMembers(document)) {
    if (typeof row === 'string') {
      notes.push(notStored(row))
      continue
    }
    if (row.path === 'schemas') continue
    if (row.mutability === 'readOnly') {
      if (row.path === 'emails' && hasAddress(value)) present.push(row)
      notes.push(readOnly(row, row.path === 'emails' ? 'U-09' : 'U-12'))
    } else if (row.path === 'active' && options.ignoreActive) {
      if (readBoolean(value) !== true)
        notes.push({ rule: 'U-08', text: '`active` was ignored: a created user is always active' })
    } else {
      if (value !== '') present.push(row)
      try {
        setField(fields, row, value, behaviours)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        problems.push(error)
      }
    }
  }
  const required = findRequired(behaviours)
  // A user that came without a name by an administrator's hand can be sent back as it was served (U-13).
  const isLacking = (row: AttributeRow) =>
    options.before !== undefined && !row.multiValued && !readerOf(row)(options.before, '')
  const missing = required.filter(row => !present.includes(row) && !isLacking(row)).map(row => row.path)
  const details = problems.map(problem => problem.message)
  if (missing.length > 0)
    details.push(
      `Missing: ${missing.join(', ')}. Insightly requires ${required.map(row => row.path).join(', ')}, each a non-empty string.`,
    )
  if (details.length > 0)
    throw new ApiError('invalidValue', details.join(' '), missing.length > 0 ? 'U-07' : problems[0]!.rule)
  return { fields, notes }
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
  Array.isArray(emails) &&
  emails.some(email => typeof (email as ScimUser | null)?.value === 'string' && (email as ScimUser).value !== '')

/** A client's name for something, safe to show: short and without control characters. */
const printable = (name: string): string => quote(name).slice(1, -1)

/**
 * Sets the field that a writable attribute lives in.
 * @throws invalidValue that names the attribute, quotes the value and says what is accepted (U-16, U-17, U-25)
 */
export function setField(
  fields: Partial<WritableFields>,
  row: AttributeRow,
  value: unknown,
  behaviours: Behaviours,
): void {
  ;(fields as Record<string, unknown>)[row.field!] = toFieldValue(row, value, behaviours)
}

function toFieldValue(row: AttributeRow, value: unknown, behaviours: Behaviours): string | boolean {
  const refuse = (expected: string, rule: RuleId = 'U-25'): never => {
    throw new ApiError('invalidValue', `${row.path} is ${quote(value)}; expected ${expected}.`, rule)
  }
  if (row.type === 'complex') return refuse('an object', 'U-17')
  if (row.type === 'boolean') return readBoolean(value) ?? refuse('true or false', 'U-16')
  if (typeof value !== 'string') return refuse('a string')
  const problem = findTextProblem(value)
  if (problem) refuse(problem)
  if (row.path === 'userName' && behaviours.userNameFormat === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value))
    refuse('an e-mail address such as ann@example.com')
  return value
}

/** The record after a write: a displayName that equals what the client would get without it is not stored (U-27). */
export const withDerivedDisplayName = <R extends WritableFields>(record: R): R =>
  record.DISPLAY_NAME !== null && record.DISPLAY_NAME === fullName(record) ? { ...record, DISPLAY_NAME: null } : record

/** The fields that a write changed, and nothing else, so that untouched attributes never overwrite touched ones. */
export function changedFields(before: WritableFields, after: WritableFields): Partial<WritableFields> {
  const changed: Record<string, unknown> = {}
  for (const field of writableFields) if (before[field] !== after[field]) changed[field] = after[field]
  return changed
}
