// The users of one instance in SQLite: finds, lists, counts and stores them. A row is always written together with its
// derived columns (EMAIL_KEY, DOCUMENT). users.ts decides who may change what; the SQL is in user-sql.ts.

import { ApiError, quote } from '../../errors.ts'
import { makeRecord, type NewUser, toUserId, type UserRecord } from '../../insightly/record.ts'
import { withDerivedDisplayName } from '../../scim/document.ts'
import { toText } from '../../scim/document-text.ts'
import type { UserFilter } from '../../scim/filter.ts'
import { foldCase } from '../../scim/text.ts'
import type { ScimRecord } from '../../scim/user.ts'
import { type Database, isUniqueViolation } from '../files/database.ts'
import { tellProgress } from '../progress.ts'
import { Positions } from './positions.ts'
import { type Snapshot, Snapshots } from './snapshots.ts'
import {
  checkColumns,
  fromRow,
  fromScimRow,
  type Row,
  type SearchedUser,
  type StoredRecord,
  sql,
  toColumn,
  toRewrite,
  toSelect,
  toUpdate,
  toValues,
  type WholeRecord,
} from './user-sql.ts'

/** Which users to find. A member that is left out matches all; the userName is compared without regard to letter case. */
export interface UserMatch {
  /** In any letter case. */
  userName?: string
  /** Whether the user may sign in. */
  active?: boolean
}

/** Read access to the whole records of an instance, as Insightly itself and its administrators see them. */
export type Records = Pick<
  UserTable,
  'total' | 'highestUserId' | 'find' | 'get' | 'match' | 'page' | 'pageAfter' | 'all' | 'searched' | 'openSnapshot'
>

/** How many users are read at once when all of them are read. */
const batch = 1000
const searchBatch = 500

// All databases are made by the same migrations, so it is enough to check the first one.
let areColumnsChecked = false

/** The users of one instance, as rows. */
export class UserTable {
  readonly #database: Database
  readonly #positions: Positions
  readonly #snapshots: Snapshots

  /** @throws StartError when the migrations and the table of fields do not fit together */
  constructor(database: Database) {
    if (!areColumnsChecked) checkColumns(database)
    areColumnsChecked = true
    this.#database = database
    this.#snapshots = new Snapshots(database)
    this.#positions = new Positions(database)
  }

  get total(): number {
    return this.#positions.counts.total
  }

  /** The highest USER_ID ever given, that of a removed user included. */
  get highestUserId(): number {
    return this.#positions.counts.highestGiven
  }

  // Whole records

  /** The record of the user with an id, active or not, if there is one. */
  find(id: string): UserRecord | undefined {
    return this.#records(sql.record, toUserId(id) ?? -1)[0]
  }

  /** The record of the user with an id. @throws notFound (U-06) */
  get(id: string): UserRecord {
    return this.find(id) ?? refuseUnknown(id)
  }

  /** The records of the users that match, in ascending USER_ID. */
  match({ userName, active }: UserMatch): UserRecord[] {
    const conditions: [condition: string, value: unknown][] = []
    if (userName !== undefined) conditions.push(['EMAIL_KEY = ?', foldCase(userName)])
    if (active !== undefined) conditions.push(['ACTIVE = ?', toColumn(active)])
    const statement = toSelect(conditions.map(([condition]) => condition))
    return this.#records(statement, ...conditions.map(([, value]) => value))
  }

  /** Where to start reading the list, `startIndex` counting from 1; undefined past its end. */
  findPlace(startIndex: number): { userId: number; skip: number } | undefined {
    return this.#positions.find(startIndex)
  }

  /** A page of all records in ascending USER_ID, `startIndex` counting from 1. */
  page(startIndex: number, count: number): UserRecord[] {
    const place = this.findPlace(startIndex)
    return place ? this.#records(sql.recordPage, place.userId, count, place.skip) : []
  }

  /** A page of all records in ascending USER_ID, those above a USER_ID. */
  pageAfter(userId: number, count: number): UserRecord[] {
    return this.#records(sql.recordPage, userId + 1, count, 0)
  }

  /** What a search looks at of every user in ascending USER_ID, in batches read as the caller asks for them. */
  *searched(): Iterable<SearchedUser[]> {
    for (let after = 0; ; ) {
      const users = this.#database.prepare(sql.searched).all(after, searchBatch) as SearchedUser[]
      for (const user of users) user.ACTIVE = (user.ACTIVE as unknown) === 1
      yield users
      if (users.length < searchBatch) return
      after = users.at(-1)!.USER_ID
    }
  }

  /** All records as they are now, to be read as slowly as the caller likes. */
  openSnapshot(): Snapshot {
    return this.#snapshots.open(this.highestUserId)
  }

  /** Every record in ascending USER_ID, read in batches as the caller asks for them. */
  *all(): Iterable<UserRecord> {
    for (let after = 0; ; ) {
      const records = this.pageAfter(after, batch)
      yield* records
      if (records.length < batch) return
      after = records.at(-1)!.USER_ID
    }
  }

  /** The record of the user for whom the API key acts: the account owner, or else the first active user. */
  findActor(): UserRecord | undefined {
    return this.#records(sql.owner)[0] ?? this.#records(sql.firstActive)[0]
  }

  #records(statement: string, ...values: unknown[]): UserRecord[] {
    return (this.#database.prepare(statement).all(...values) as Row[]).map(fromRow)
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
    const row = this.#database.prepare(sql.scim[path]).get(key)
    return row ? fromScimRow(row as Row) : undefined
  }

  /** What SCIM reads of every user that a filter may match, in ascending USER_ID, read in batches as the caller asks for them. */
  *findCandidates(seek: UserFilter['seek']): Iterable<StoredRecord> {
    if (seek) {
      for (const row of this.#database.prepare(sql.scim[seek.path]).all(toKey(seek))) yield fromScimRow(row as Row)
      return
    }
    for (let next = 1; ; ) {
      const rows = this.#database.prepare(sql.scim.from).all(next, batch) as Row[]
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
    this.#positions.noteAdded(record.USER_ID)
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
    this.#snapshots.keep(before.USER_ID)
    if (fields.EMAIL_ADDRESS !== undefined) columns.EMAIL_KEY = foldCase(fields.EMAIL_ADDRESS)
    this.#write(toUpdate(Object.keys(columns)), [...Object.values(columns).map(toColumn), before.USER_ID], after)
    return after
  }

  /** Removes a user for good; the id is never given again. */
  remove(userId: number): void {
    if (userId === this.highestUserId) this.#keepGiven(userId)
    this.#snapshots.keep(userId)
    this.#database.prepare(sql.remove).run(userId)
    this.#positions.noteRemoved(userId)
  }

  #write(statement: string, values: unknown[], { EMAIL_ADDRESS }: ScimRecord): void {
    try {
      this.#database.prepare(statement).run(...values)
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
    this.#snapshots.keepAll()
    this.#database.prepare(sql.removeAll).run()
    if (users === 'initial_users') this.#database.prepare(sql.restoreInitial).run()
    else if (users === 'staged_users') this.#database.prepare(sql.takeStaged).run()
    else this.#fill(users as Iterable<NewUser>, now)
    this.#keepGiven(highestGiven)
    this.#positions.forget()
    return this.highestUserId
  }

  #fill(users: Iterable<NewUser>, now: number): void {
    const insert = this.#database.prepare(sql.insert)
    let highest = 0
    for (const user of users) {
      const record = makeWhole(user, highest + 1, now)
      insert.run(...toValues(record))
      highest = Math.max(highest, record.USER_ID)
    }
  }

  /** Forgets what was counted, after a transaction failed. */
  forgetCounts(): void {
    this.#positions.forget()
  }

  /** Keeps a copy of all users, which `replaceAll` can bring back. */
  keepInitial(): void {
    this.#database.prepare(sql.keepInitial).run()
  }

  /** Writes all stored documents anew, in the form that this version gives them. */
  rewriteDocuments(): void {
    for (const table of ['users', 'initial_users'] as const) {
      const { select, update } = toRewrite(table)
      for (let last = 0; ; ) {
        const rows = this.#database.prepare(select).all(last, batch) as (Row & { ROW: number })[]
        for (const row of rows) this.#database.prepare(update).run(toText(fromScimRow(row)), row.ROW)
        last = rows.at(-1)?.ROW ?? last
        tellProgress('writing users in the form of this version', last, this.highestUserId)
        if (rows.length < batch) break
      }
    }
  }

  #keepGiven(userId: number): void {
    this.#database.prepare(sql.keepGiven).run(userId)
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

/** @throws notFound (U-06) */
export function refuseUnknown(id: string): never {
  throw new ApiError('notFound', `There is no user with the id ${quote(id)}.`, 'U-06')
}
