// The user service: what can be done to the users of one instance. SCIM writes all end in #write; its verbs are
// Insightly's. How SCIM shows users is in documents.ts. Knows no HTTP.

import { ApiError, quote } from '../errors.ts'
import {
  fromColumns,
  fromScimColumns,
  type NewUser,
  notFound,
  recordColumns,
  type StoredRecord,
  scimColumns,
  selectScim,
  toColumn,
  toInsertOf,
  toNewRecord,
  toUserId,
} from '../insightly/record.ts'
import { tellProgress } from '../progress.ts'
import { foldCase } from '../scim/attribute.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import { changedFields, readUser, withDerivedDisplayName } from '../scim/document.ts'
import { toText } from '../scim/document-text.ts'
import { applyPatch, type PatchOperation } from '../scim/patch.ts'
import type { Note } from '../scim/rules.ts'
import type { ScimRecord, UserRecord, WritableFields } from '../scim/user.ts'
import { type Database, isUniqueViolation } from './database.ts'
import { type Positions, selectPage } from './positions.ts'

/** A change of one user; `before` is undefined for a new user, `after` for a removed one. */
export interface UserChange {
  before?: ScimRecord
  after?: ScimRecord
}

/** What a write did: the record now, the one before if there was one, and what was ignored. */
export interface Written {
  before?: ScimRecord
  after: StoredRecord
  notes: Note[]
}

type Row = Record<string, unknown>

const selectRecords = `SELECT ${recordColumns.join(', ')} FROM users`
const selectById = `${selectScim} WHERE USER_ID = ?`
const selectByEmail = `${selectScim} WHERE EMAIL_KEY = ?`
const selectRecordPage = selectPage(recordColumns.join(', '))

/** How many users are read at once where all are. */
const batch = 1000

/** The users of one instance. */
export class Users {
  readonly #database: Database
  readonly #now: () => number
  readonly #behaviours: () => Behaviours
  readonly #changed: (change: UserChange) => void
  readonly #positions: Positions

  constructor(
    database: Database,
    positions: Positions,
    now: () => number,
    behaviours: () => Behaviours,
    changed: (change: UserChange) => void = () => {},
  ) {
    this.#database = database
    this.#positions = positions
    this.#now = now
    this.#behaviours = behaviours
    this.#changed = changed
  }

  /** The highest USER_ID ever given, that of a removed user included. */
  get highestUserId(): number {
    return this.#positions.highestGiven
  }

  /** Remembers a USER_ID as given, whether or not a user has it, so that it is never given again. */
  keepHighest(userId: number): void {
    this.#positions.keepGiven(userId)
  }

  /** Forgets what was counted, after users were stored behind this service's back. */
  recount(): void {
    this.#positions.forget()
  }

  /** Writes the stored documents anew, in the form that this version gives them. */
  rewriteTexts(): void {
    for (const table of ['users', 'initial_users']) {
      const select = `SELECT rowid AS ROW, ${scimColumns} FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ${batch}`
      const update = this.#database.prepare(`UPDATE ${table} SET DOCUMENT = ? WHERE rowid = ?`)
      let rows: StoredRecord[]
      let last = 0
      do {
        rows = (this.#database.prepare(select).all(last) as Row[]).map(fromScimColumns)
        for (const record of rows) {
          last = (record as unknown as { ROW: number }).ROW
          update.run(toText(record), last)
        }
        tellProgress('writing users in the form of this version', last, this.highestUserId)
      } while (rows.length === batch)
    }
  }

  get total(): number {
    return this.#positions.total
  }

  /** The user with an id, active or not, if there is one. */
  find(id: string): StoredRecord | undefined {
    const userId = toUserId(id)
    const row = userId === undefined ? undefined : this.#database.prepare(selectById).get(userId)
    return row ? fromScimColumns(row as Row) : undefined
  }

  /** @throws notFound (U-06) */
  get(id: string): StoredRecord {
    return this.find(id) ?? notFound(id)
  }

  /**
   * The whole Insightly record of a user.
   * @throws notFound
   */
  getRecord(id: string): UserRecord {
    return this.findRecords('USER_ID = ?', [toUserId(id) ?? -1])[0] ?? notFound(id)
  }

  /** Whole records, ascending by USER_ID, that meet a condition in SQL, which must be one of few. */
  findRecords(condition: string, values: readonly unknown[], limit = -1): UserRecord[] {
    const rows = this.#database
      .prepare(`${selectRecords} WHERE ${condition} ORDER BY USER_ID LIMIT ? + 0`)
      .all(...values, limit)
    return (rows as Row[]).map(fromColumns)
  }

  /** Every record, ascending by USER_ID, read as it is asked for. */
  *records(): Iterable<UserRecord> {
    for (let last = 0; ; ) {
      const records = this.findRecords('USER_ID > ?', [last], batch)
      yield* records
      if (records.length < batch) return
      last = records.at(-1)!.USER_ID
    }
  }

  /** A page of whole records, `startIndex` counting from 1. */
  page(startIndex: number, count: number): UserRecord[] {
    const place = this.#positions.find(startIndex)
    const rows = place ? this.#database.prepare(selectRecordPage).all(place.userId, count, place.skip) : []
    return (rows as Row[]).map(fromColumns)
  }

  /** The user with a userName in any letter case, if there is one. */
  findByUserName(userName: string): StoredRecord | undefined {
    const row = this.#database.prepare(selectByEmail).get(foldCase(userName))
    return row ? fromScimColumns(row as Row) : undefined
  }

  /**
   * Creates a user from a SCIM document (U-07 to U-12).
   * @throws invalidValue, uniqueness
   */
  create(document: object): Written {
    const behaviours = this.#behaviours()
    const { fields, notes } = readUser(document, behaviours, {
      ignoreActive: behaviours.createActive === 'always-true',
    })
    if (behaviours.inactiveDuplicate === 'reactivate') {
      const before = this.findByUserName(fields.EMAIL_ADDRESS!)
      if (before && !before.ACTIVE) return this.#write(before, { ...replaced(before, fields), ACTIVE: true }, notes)
    }
    return { after: this.insert(fields as NewUser), notes }
  }

  /**
   * Replaces what a client may set (U-13); an absent `active` keeps its value.
   * @throws notFound, invalidValue, uniqueness, mutability, forbidden
   */
  replace(id: string, document: object): Written {
    const before = this.get(id)
    const { fields, notes } = readUser(document, this.#behaviours(), { ignoreActive: false, before })
    return this.#write(before, replaced(before, fields), notes)
  }

  /**
   * Applies a PATCH, all of it or nothing (U-15).
   * @throws notFound, invalidValue, invalidPath, mutability, uniqueness, forbidden
   */
  patch(id: string, operations: readonly PatchOperation[]): Written {
    const before = this.get(id)
    const { after, notes } = applyPatch(before, operations, this.#behaviours())
    return this.#write(before, after, notes)
  }

  /**
   * Deactivates a user, as DELETE does in Insightly (U-19).
   * @throws notFound, forbidden
   */
  deactivate(id: string): Written {
    const before = this.get(id)
    return this.#write(before, { ...before, ACTIVE: false }, [])
  }

  /**
   * Removes a user for good, as the `delete` switch allows; the id is never given again.
   * @throws notFound, forbidden
   */
  remove(id: string): ScimRecord {
    const before = this.get(id)
    if (before.ACCOUNT_OWNER) refuseOwner()
    if (before.USER_ID === this.highestUserId) this.keepHighest(before.USER_ID)
    this.#database.prepare('DELETE FROM users WHERE USER_ID = ?').run(before.USER_ID)
    this.#positions.removed(before.USER_ID)
    this.#changed({ before })
    return before
  }

  /**
   * Stores a new user, completed as Insightly does.
   * @throws uniqueness when the address is taken
   */
  insert(user: NewUser): UserRecord & StoredRecord {
    const record = toNewRecord(user, this.highestUserId + 1, this.#now())
    try {
      const { sql, toValues } = toInsertOf(user)
      this.#database.prepare(sql).run(...toValues(record))
    } catch (error) {
      throw isUniqueViolation(error) ? taken(record.EMAIL_ADDRESS) : error
    }
    this.#positions.added(record.USER_ID)
    this.#changed({ after: record })
    return record
  }

  /**
   * Changes a user as an Insightly administrator does by hand; only what differs counts as changed.
   * @throws notFound, uniqueness, forbidden for deactivating the owner
   */
  edit(id: string, fields: Partial<UserRecord>): UserRecord {
    const before = this.getRecord(id)
    if (before.ACCOUNT_OWNER && fields.ACTIVE === false) refuseOwner()
    const changed = Object.entries(withDerivedDisplayName({ ...before, ...fields })).filter(
      ([field, value]) => JSON.stringify(before[field as keyof UserRecord]) !== JSON.stringify(value),
    )
    return this.change(before, Object.fromEntries(changed))
  }

  /** The one way in which SCIM changes a user: checks the result, stores only what differs, tells who listens. */
  #write(before: StoredRecord, wanted: ScimRecord, notes: Note[]): Written {
    const after = withDerivedDisplayName(wanted)
    if (before.ACCOUNT_OWNER && before.ACTIVE && !after.ACTIVE) refuseOwner()
    const isRenamed = foldCase(before.EMAIL_ADDRESS) !== foldCase(after.EMAIL_ADDRESS)
    if (isRenamed && this.#behaviours().userNameChange === 'refused')
      throw new ApiError(
        'mutability',
        `userName is ${quote(before.EMAIL_ADDRESS)} and cannot become ${quote(after.EMAIL_ADDRESS)}.`,
        'U-21',
      )
    return { before, after: this.change(before, changedFields(before, after)), notes }
  }

  /**
   * Stores changed fields of a user, and when; without any nothing happens (U-22).
   * @throws uniqueness when the new address is taken
   */
  change<R extends ScimRecord>(before: R, fields: Partial<UserRecord>): R {
    if (Object.keys(fields).length === 0) return before
    const after = { ...before, ...fields, DATE_UPDATED_UTC: this.#now(), DOCUMENT: '' }
    after.DOCUMENT = toText(after)
    const columns: Row = { ...fields, DATE_UPDATED_UTC: after.DATE_UPDATED_UTC, DOCUMENT: after.DOCUMENT }
    if (fields.EMAIL_ADDRESS !== undefined) columns.EMAIL_KEY = foldCase(fields.EMAIL_ADDRESS)
    const sets = Object.keys(columns).map(column => `${column} = ?`)
    try {
      this.#database
        .prepare(`UPDATE users SET ${sets.join(', ')} WHERE USER_ID = ?`)
        .run(...Object.values(columns).map(toColumn), before.USER_ID)
    } catch (error) {
      throw isUniqueViolation(error) ? taken(after.EMAIL_ADDRESS) : error
    }
    this.#changed({ before, after })
    return after
  }
}

const replaced = (before: ScimRecord, fields: Partial<WritableFields>): ScimRecord => ({
  ...before,
  FIRST_NAME: null,
  LAST_NAME: null,
  DISPLAY_NAME: null,
  EXTERNAL_ID: null,
  ...fields,
})

const taken = (userName: string): ApiError =>
  new ApiError(
    'uniqueness',
    `userName ${quote(userName)} belongs to another user; active or not, it must be unique.`,
    'U-10',
  )

function refuseOwner(): never {
  throw new ApiError('forbidden', 'The user is the account owner, who cannot be deactivated.', 'U-24')
}
