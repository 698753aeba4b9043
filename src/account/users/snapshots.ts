// All records as they were at one instant, however slowly they are read. Before a record changes, it is copied to a
// temporary table for each snapshot that has not read it yet. While nothing changes, nothing is copied.

import type { UserRecord } from '../../insightly/record.ts'
import type { Database } from '../files/database.ts'
import { fromRow, type Row, sql } from './user-sql.ts'

/** How many records are read at once. */
const batch = 1000

/** The snapshots of one instance's users that are being read. */
export class Snapshots {
  readonly #database: Database
  readonly #open = new Set<Snapshot>()
  #lastNumber = 0

  constructor(database: Database) {
    this.#database = database
  }

  /** Begins a snapshot of all users up to a USER_ID. The reader must close it. */
  open(highestUserId: number): Snapshot {
    if (this.#lastNumber === 0)
      for (const statement of [sql.makeKept, sql.indexKept]) this.#database.prepare(statement).run()
    this.#lastNumber += 1
    const snapshot = new Snapshot(this.#database, this.#lastNumber, highestUserId, () => this.#open.delete(snapshot))
    this.#open.add(snapshot)
    return snapshot
  }

  /** To be called before a user is changed or removed. */
  keep(userId: number): void {
    for (const snapshot of this.#open) snapshot.keep(userId)
  }

  /** To be called before all users are replaced, in the same transaction. */
  keepAll(): void {
    for (const snapshot of this.#open) snapshot.keepAll()
  }
}

/** All records of one instance as they were when it was opened. */
export class Snapshot {
  readonly #database: Database
  readonly #number: number
  readonly #end: number
  readonly #closed: () => void
  /** The USER_ID that was read last. */
  #last = 0

  constructor(database: Database, number: number, end: number, closed: () => void) {
    this.#database = database
    this.#number = number
    this.#end = end
    this.#closed = closed
  }

  /** The next records in ascending USER_ID; none when all have been read. */
  next(): UserRecord[] {
    const records = this.#isKeptWhole() ? this.#readKept(this.#end, batch) : this.#readMixed()
    this.#last = records.at(-1)?.USER_ID ?? this.#end
    return records
  }

  keep(userId: number): void {
    if (userId > this.#last && userId <= this.#end) this.#database.prepare(sql.keep).run(this.#number, userId)
  }

  keepAll(): void {
    this.#database.prepare(sql.keepRest).run(this.#number, this.#last, this.#end)
    // When the transaction fails, this mark is rolled back together with the copies.
    this.#database.prepare(sql.markKept).run(this.#number)
  }

  /** Removes the copies of this snapshot. */
  close(): void {
    this.#closed()
    if (this.#database.isOpen) this.#database.prepare(sql.forgetKept).run(this.#number)
  }

  #isKeptWhole(): boolean {
    return this.#database.pluck(sql.isKeptWhole).get(this.#number) !== undefined
  }

  /** The current users, but those that changed as they were before. */
  #readMixed(): UserRecord[] {
    const present = this.#read(sql.recordsUntil, this.#last, this.#end, batch)
    const until = present.length === batch ? present.at(-1)!.USER_ID : this.#end
    const kept = this.#readKept(until, -1)
    if (kept.length === 0) return present
    const byId = new Map([...present, ...kept].map(record => [record.USER_ID, record]))
    return [...byId.values()].sort((one, other) => one.USER_ID - other.USER_ID)
  }

  #readKept(until: number, count: number): UserRecord[] {
    return this.#read(sql.keptUntil, this.#number, this.#last, until, count)
  }

  #read(statement: string, ...values: number[]): UserRecord[] {
    return (this.#database.prepare(statement).all(...values) as Row[]).map(fromRow)
  }
}
