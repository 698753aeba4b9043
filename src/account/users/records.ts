// The whole records of one instance, as Insightly itself and its administrators see them: found, listed and counted.

import { ApiError, quote } from '../../errors.ts'
import { toUserId, type UserRecord } from '../../insightly/record.ts'
import { foldCase } from '../../scim/text.ts'
import type { Database } from '../files/database.ts'
import { Positions } from './positions.ts'
import { type Snapshot, Snapshots } from './snapshots.ts'
import { fromRow, type Row, type SearchedUser, sql, toColumn, toSelect } from './user-sql.ts'

/** How many users are read at once when all of them are read. */
export const batch = 1000
const searchBatch = 500

/** Which users to find. A member that is left out matches all; the userName is compared without regard to letter case. */
export interface UserMatch {
  /** In any letter case. */
  userName?: string
  /** Whether the user may sign in. */
  active?: boolean
}

/** Read access to the records of one instance. */
export class Records {
  protected readonly database: Database
  protected readonly positions: Positions
  protected readonly snapshots: Snapshots

  constructor(database: Database) {
    this.database = database
    this.positions = new Positions(database)
    this.snapshots = new Snapshots(database)
  }

  get total(): number {
    return this.positions.counts.total
  }

  /** The highest USER_ID ever given, that of a removed user included. */
  get highestUserId(): number {
    return this.positions.counts.highestGiven
  }

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
    return this.positions.find(startIndex)
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
      const users = this.database.prepare(sql.searched).all(after, searchBatch) as SearchedUser[]
      for (const user of users) user.ACTIVE = (user.ACTIVE as unknown) === 1
      yield users
      if (users.length < searchBatch) return
      after = users.at(-1)!.USER_ID
    }
  }

  /** All records as they are now, to be read as slowly as the caller likes. */
  openSnapshot(): Snapshot {
    return this.snapshots.open(this.highestUserId)
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
    return (this.database.prepare(statement).all(...values) as Row[]).map(fromRow)
  }
}

/** @throws notFound (U-06) */
export function refuseUnknown(id: string): never {
  throw new ApiError('notFound', `There is no user with the id ${quote(id)}.`, 'U-06')
}
