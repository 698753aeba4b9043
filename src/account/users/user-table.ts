// The users of one instance in SQLite: what SCIM reads of them, and how they are stored. A row is always written together
// with its derived columns (EMAIL_KEY, DOCUMENT). users.ts decides who may change what; the SQL is in user-sql.ts.

import { ApiError, quote } from '../../errors.ts'
import { makeRecord, type NewUser, toUserId, type UserRecord } from '../../insightly/record.ts'
import { withDerivedDisplayName } from '../../scim/document.ts'
import { toText } from '../../scim/document-text.ts'
import type { UserFilter } from '../../scim/filter.ts'
import { foldCase } from '../../scim/text.ts'
import type { ScimRecord } from '../../scim/user.ts'
import { type Database, isUniqueViolation } from '../files/database.ts'
import { tellProgress } from '../progress.ts'
import { batch, Records, refuseUnknown } from './records.ts'
import {
  checkColumns,
  fromScimRow,
  type Row,
  type StoredRecord,
  sql,
  toColumn,
  toRewrite,
  toUpdate,
  toValues,
  type WholeRecord,
} from './user-sql.ts'

// All databases are made by the same migrations, so it is enough to check the first one.
let areColumnsChecked = false

/** The users of one instance, as rows. */
export class UserTable extends Records {
  /** @throws StartError when the migrations and the table of fields do not fit together */
  constructor(database: Database) {
    super(database)
    if (!areColumnsChecked) checkColumns(database)
    areColumnsChecked = true
  }

  // What SCIM reads

  /** What SCIM reads of the user with an id, active or not, if there is one. */
  findScim(id: string): StoredRecord | undefined {
    return this.#scim('id', toUserId(id) ?? -1)
  }

  /** What SCIM reads of the user with an id. @throws notFound (U-06) */
  getScim(id: string): StoredRecord {
    return this.findScim(id) ?? refuseUnknown(id)
  }

  /** What SCIM reads of the user with a userName in any letter case, if there is one. */
  findScimByUserName(userName: string): StoredRecord | undefined {
    return this.#scim('userName', foldCase(userName))
  }

  #scim(path: 'id' | 'userName', key: unknown): StoredRecord | undefined {
    const row = this.database.prepare(sql.scim[path]).get(key)
    return row ? fromScimRow(row as Row) : undefined
  }

  /** What SCIM reads of every user that a filter may match, in ascending USER_ID, read in batches as the caller asks for them. */
  *findCandidates(seek: UserFilter['seek']): Iterable<StoredRecord> {
    if (seek) {
      for (const row of this.database.prepare(sql.scim[seek.path]).all(toKey(seek))) yield fromScimRow(row as Row)
      return
    }
    for (let next = 1; ; ) {
      const rows = this.database.prepare(sql.scim.from).all(next, batch) as Row[]
      for (const row of rows) yield fromScimRow(row)
      if (rows.length < batch) return
      next = (rows.at(-1)!.USER_ID as number) + 1
    }
  }

  // Changes of one user

  /**
   * Stores a new user, completed as Insightly does, with the next USER_ID.
   * @throws uniqueness when the address is taken (U-10)
   */
  add(user: NewUser, now: number): WholeRecord {
    const record = makeWhole(user, this.highestUserId + 1, now)
    this.#write(sql.insert, toValues(record), record)
    this.positions.noteAdded(record.USER_ID)
    return record
  }

  /**
   * Stores the changed fields of a user, and the time of the change.
   * @returns the user after the change
   * @throws uniqueness when the new address is taken (U-10)
   */
  change<R extends ScimRecord>(before: R, fields: Partial<UserRecord>, now: number): R & StoredRecord {
    const after = { ...before, ...fields, DATE_UPDATED_UTC: now, DOCUMENT: '' }
    after.DOCUMENT = toText(after)
    const columns: Row = { ...fields, DATE_UPDATED_UTC: now, DOCUMENT: after.DOCUMENT }
    this.snapshots.keep(before.USER_ID)
    if (fields.EMAIL_ADDRESS !== undefined) columns.EMAIL_KEY = foldCase(fields.EMAIL_ADDRESS)
    this.#write(toUpdate(Object.keys(columns)), [...Object.values(columns).map(toColumn), before.USER_ID], after)
    return after
  }

  /** Removes a user for good; the id is never given again. */
  remove(userId: number): void {
    if (userId === this.highestUserId) this.#keepGiven(userId)
    this.snapshots.keep(userId)
    this.database.prepare(sql.remove).run(userId)
    this.positions.noteRemoved(userId)
  }

  #write(statement: string, values: unknown[], { EMAIL_ADDRESS }: ScimRecord): void {
    try {
      this.database.prepare(statement).run(...values)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      const detail = `userName ${quote(EMAIL_ADDRESS)} belongs to another user; active or not, it must be unique.`
      throw new ApiError('uniqueness', detail, 'U-10')
    }
  }

  // Changes of all users, inside a transaction of the caller

  /**
   * Replaces all users by new ones, completed as Insightly does, or by those of another table.
   * @param highestGiven a USER_ID that counts as given, whether or not a user has it
   * @returns the highest USER_ID that counts as given
   */
  replaceAll(users: Iterable<NewUser> | 'initial_users' | 'staged_users', highestGiven: number, now: number): number {
    this.snapshots.keepAll()
    this.database.prepare(sql.removeAll).run()
    if (users === 'initial_users') this.database.prepare(sql.restoreInitial).run()
    else if (users === 'staged_users') this.database.prepare(sql.takeStaged).run()
    else this.#fill(users as Iterable<NewUser>, now)
    this.#keepGiven(highestGiven)
    this.positions.forget()
    return this.highestUserId
  }

  #fill(users: Iterable<NewUser>, now: number): void {
    const insert = this.database.prepare(sql.insert)
    let highest = 0
    for (const user of users) {
      const record = makeWhole(user, highest + 1, now)
      insert.run(...toValues(record))
      highest = Math.max(highest, record.USER_ID)
    }
  }

  /** Forgets what was counted, after a transaction failed. */
  forgetCounts(): void {
    this.positions.forget()
  }

  /** Keeps a copy of all users, which `replaceAll` can bring back. */
  keepInitial(): void {
    this.database.prepare(sql.keepInitial).run()
  }

  /** Writes all stored documents anew, in the form that this version gives them. */
  rewriteDocuments(): void {
    for (const table of ['users', 'initial_users'] as const) {
      const { select, update } = toRewrite(table)
      for (let last = 0; ; ) {
        const rows = this.database.prepare(select).all(last, batch) as (Row & { ROW: number })[]
        for (const row of rows) this.database.prepare(update).run(toText(fromScimRow(row)), row.ROW)
        last = rows.at(-1)?.ROW ?? last
        tellProgress('writing users in the form of this version', last, this.highestUserId)
        if (rows.length < batch) break
      }
    }
  }

  #keepGiven(userId: number): void {
    this.database.prepare(sql.keepGiven).run(userId)
  }
}

/** The whole record of a new user, with its document. `userId` and `now` are used when the user has none. */
export function makeWhole(user: NewUser, userId: number, now: number): WholeRecord {
  const record = withDerivedDisplayName(makeRecord(user, userId, now)) as WholeRecord
  record.DOCUMENT = toText(record)
  return record
}

const toKey = ({ path, value }: NonNullable<UserFilter['seek']>): string | number =>
  path === 'userName' ? foldCase(value) : path === 'id' ? (toUserId(value) ?? -1) : value
