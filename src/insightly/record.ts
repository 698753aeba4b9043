// What an Insightly user record is made of when nobody said otherwise, and how it lies in SQLite. Reads no database.

import { ApiError, quote } from '../errors.ts'
import { foldCase } from '../scim/attribute.ts'
import { fullName } from '../scim/document.ts'
import { toText } from '../scim/document-text.ts'
import type { ScimRecord, UserRecord } from '../scim/user.ts'

/** What is read for SCIM: the record's part that SCIM shows, and the text of its document that is stored. */
export type StoredRecord = ScimRecord & { DOCUMENT: string }

/** What a new user needs; the rest is Insightly's to choose. */
export type NewUser = Partial<UserRecord> & Pick<UserRecord, 'EMAIL_ADDRESS'>

/** Every stored column of a user but those that follow from the others: EMAIL_KEY and DOCUMENT. */
export const recordColumns = [
  'USER_ID',
  'CONTACT_ID',
  'FIRST_NAME',
  'LAST_NAME',
  'TIMEZONE_ID',
  'EMAIL_ADDRESS',
  'EMAIL_DROPBOX_IDENTIFIER',
  'EMAIL_DROPBOX_ADDRESS',
  'ADMINISTRATOR',
  'ACCOUNT_OWNER',
  'ACTIVE',
  'DATE_CREATED_UTC',
  'DATE_UPDATED_UTC',
  'USER_CURRENCY',
  'CONTACT_DISPLAY',
  'CONTACT_ORDER',
  'TASK_WEEK_START',
  'PROFILE_ID',
  'ROLE_ID',
  'LICENSES',
  'DISPLAY_NAME',
  'EXTERNAL_ID',
] as const satisfies readonly (keyof UserRecord)[]

/** The columns of what SCIM reads of a user. */
export const scimColumns =
  'USER_ID, EMAIL_ADDRESS, FIRST_NAME, LAST_NAME, DISPLAY_NAME, EXTERNAL_ID, ACTIVE, ACCOUNT_OWNER, DATE_CREATED_UTC, DATE_UPDATED_UTC, DOCUMENT'

/** Reads what SCIM reads of users, until a condition follows: of all. */
export const selectScim = `SELECT ${scimColumns} FROM users`

/** What Insightly gives every new user who brings nothing else. */
const defaults = {
  TIMEZONE_ID: 'Central Standard Time',
  ADMINISTRATOR: false,
  ACCOUNT_OWNER: false,
  USER_CURRENCY: 'USD',
  CONTACT_DISPLAY: 'FirstLast',
  CONTACT_ORDER: 'FirstLast',
  TASK_WEEK_START: 2,
  PROFILE_ID: null,
  ROLE_ID: null,
  LICENSES: [],
} satisfies Partial<UserRecord>

/** Six of [0-9A-Z]; it keeps dropbox addresses apart and is no secret. */
const toIdentifier = (): string =>
  Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .toUpperCase()
    .padStart(6, '0')

/** The whole record of a new user; `userId` and `now` are used where the user brings none. */
export function toNewRecord(user: NewUser, userId: number, now: number): UserRecord & StoredRecord {
  const identifier = user.EMAIL_DROPBOX_IDENTIFIER ?? toIdentifier()
  const id = user.USER_ID ?? userId
  const firstName = user.FIRST_NAME ?? null
  const createdAt = user.DATE_CREATED_UTC ?? now
  // Named one by one, so that all records have one shape.
  const record: UserRecord & StoredRecord = {
    USER_ID: id,
    CONTACT_ID: user.CONTACT_ID ?? 100_000_000 + id,
    FIRST_NAME: firstName,
    LAST_NAME: user.LAST_NAME ?? null,
    TIMEZONE_ID: user.TIMEZONE_ID ?? defaults.TIMEZONE_ID,
    EMAIL_ADDRESS: user.EMAIL_ADDRESS,
    EMAIL_DROPBOX_IDENTIFIER: identifier,
    EMAIL_DROPBOX_ADDRESS:
      user.EMAIL_DROPBOX_ADDRESS ?? `${(firstName ?? 'user').toLowerCase()}-${identifier}@mailbox.insight.ly`,
    ADMINISTRATOR: user.ADMINISTRATOR ?? defaults.ADMINISTRATOR,
    ACCOUNT_OWNER: user.ACCOUNT_OWNER ?? defaults.ACCOUNT_OWNER,
    ACTIVE: user.ACTIVE ?? true,
    DATE_CREATED_UTC: createdAt,
    DATE_UPDATED_UTC: user.DATE_UPDATED_UTC ?? createdAt,
    USER_CURRENCY: user.USER_CURRENCY ?? defaults.USER_CURRENCY,
    CONTACT_DISPLAY: user.CONTACT_DISPLAY ?? defaults.CONTACT_DISPLAY,
    CONTACT_ORDER: user.CONTACT_ORDER ?? defaults.CONTACT_ORDER,
    TASK_WEEK_START: user.TASK_WEEK_START ?? defaults.TASK_WEEK_START,
    PROFILE_ID: user.PROFILE_ID ?? defaults.PROFILE_ID,
    ROLE_ID: user.ROLE_ID ?? defaults.ROLE_ID,
    LICENSES: user.LICENSES ?? [...defaults.LICENSES],
    DISPLAY_NAME: user.DISPLAY_NAME ?? null,
    EXTERNAL_ID: user.EXTERNAL_ID ?? null,
    DOCUMENT: '',
  }
  if (record.DISPLAY_NAME === fullName(record)) record.DISPLAY_NAME = null
  record.DOCUMENT = toText(record)
  return record
}

/** SQLite has no booleans and no arrays. */
export const toColumn = (value: unknown): unknown =>
  typeof value === 'boolean' ? Number(value) : Array.isArray(value) ? JSON.stringify(value) : value

/** An INSERT of one user, and the values that it wants. */
export interface Insert {
  sql: string
  toValues(record: UserRecord & StoredRecord): unknown[]
}

/** An INSERT that is given some columns, and names what it knows of the others in its text. */
function toInsert(columns: readonly (keyof UserRecord)[], known: Partial<UserRecord>): Insert {
  const names = [...columns, 'EMAIL_KEY', 'DOCUMENT', ...Object.keys(known)]
  const values = [...columns.map(() => '?'), '?', '?', ...Object.values(known).map(toLiteral)]
  return {
    sql: `INSERT INTO users (${names.join(', ')}) VALUES (${values.join(', ')})`,
    toValues(record) {
      const given: unknown[] = []
      for (const column of columns) given.push(toColumn(record[column]))
      given.push(foldCase(record.EMAIL_ADDRESS), record.DOCUMENT)
      return given
    },
  }
}

function toLiteral(value: unknown): string {
  const column = toColumn(value)
  return typeof column === 'string' ? `'${column}'` : String(column)
}

/** The INSERT of any user. */
export const insertUser = toInsert(recordColumns, {})

/** The INSERT of a user who has all the defaults, as those have whom SCIM creates: half as many values to bind. */
const insertPlainUser = toInsert(
  recordColumns.filter(column => !(column in defaults)),
  defaults,
)

/** The INSERT that suits a new user. */
export function toInsertOf(user: NewUser): Insert {
  for (const field in user) if (field in defaults) return insertUser
  return insertPlainUser
}

/** What is read for SCIM, from its columns, which it changes in place: this is done for every request. */
export function fromScimColumns(row: Record<string, unknown>): StoredRecord {
  row.ACTIVE = row.ACTIVE === 1
  row.ACCOUNT_OWNER = row.ACCOUNT_OWNER === 1
  return row as StoredRecord
}

/** A whole record, from its columns. */
export const fromColumns = (row: Record<string, unknown>): UserRecord =>
  ({
    ...row,
    ACTIVE: row.ACTIVE === 1,
    ACCOUNT_OWNER: row.ACCOUNT_OWNER === 1,
    ADMINISTRATOR: row.ADMINISTRATOR === 1,
    LICENSES: JSON.parse(row.LICENSES as string),
  }) as UserRecord

/** A date as Insightly's REST API shows it (U-22). */
const toInsightlyDate = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')

/** The fields that Insightly's REST API shows, in its order. */
export const insightlyFields = [
  ...recordColumns.slice(0, recordColumns.indexOf('PROFILE_ID')),
  'INSTANCE_ID',
  'PROFILE_ID',
  'ROLE_ID',
] as const

/** A record as Insightly's REST API shows it. */
export function toInsightly(record: UserRecord, instanceId: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {
    ...record,
    INSTANCE_ID: instanceId,
    DATE_CREATED_UTC: toInsightlyDate(record.DATE_CREATED_UTC),
    DATE_UPDATED_UTC: toInsightlyDate(record.DATE_UPDATED_UTC),
  }
  return Object.fromEntries(insightlyFields.map(field => [field, shown[field]]))
}

/** Reads an id as SCIM and REST clients send it; undefined when it can be no USER_ID. */
export const toUserId = (id: string): number | undefined => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined)

/** Refuses an id that no user has (U-06). */
export function notFound(id: string): never {
  throw new ApiError('notFound', `There is no user with the id ${quote(id)}.`, 'U-06')
}
