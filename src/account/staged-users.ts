// Users on their way into an instance: they wait in a table that nobody else sees until all of them are good, and then
// take the place of the instance's users at once.

import { ApiError } from '../errors.ts'
import { fromColumns, insertUser, type NewUser, recordColumns, toNewRecord } from '../insightly/record.ts'
import { foldCase } from '../scim/attribute.ts'
import type { UserRecord } from '../scim/user.ts'
import { type Database, isUniqueViolation, openTemporary } from './database.ts'

/** The users of one import. */
export class StagedUsers {
  readonly #database: Database
  readonly #now: number
  readonly #root: string
  #count = 0
  #owner: number | undefined
  /** The highest USER_ID among them; 0 without any. */
  highestUserId = 0

  /**
   * Empties the table first: an import that was interrupted may have left something in it.
   * @param root where the users stand in their document
   */
  constructor(database: Database, now: number, root = 'users') {
    this.#database = database
    this.#now = now
    this.#root = root
    database.prepare('CREATE TEMP TABLE IF NOT EXISTS staged_users AS SELECT * FROM users LIMIT 0').run()
    database.prepare('CREATE UNIQUE INDEX IF NOT EXISTS temp.staged_by_email ON staged_users (EMAIL_KEY)').run()
    database.prepare('CREATE UNIQUE INDEX IF NOT EXISTS temp.staged_by_id ON staged_users (USER_ID)').run()
    this.clear()
  }

  /** A place for the users of an instance that is yet to be made, on disk where they are many; to be closed. */
  static ofNewInstance(root: string): StagedUsers {
    return new StagedUsers(openTemporary(), Date.now(), root)
  }

  get count(): number {
    return this.#count
  }

  /**
   * Adds users, completed as Insightly does.
   * @throws invalidInput for an address, an id or an owner that there is already, naming both places
   */
  add(users: readonly NewUser[]): void {
    this.#database.transaction(() => {
      for (const user of users) this.#add(user)
    })
  }

  /** Puts them in the place of the instance's users; to be called in a transaction. */
  replaceUsers(): void {
    this.#database.prepare('INSERT INTO users SELECT * FROM staged_users ORDER BY rowid').run()
  }

  /** The users in their order, read as they are asked for. */
  *records(): Iterable<UserRecord> {
    const select = this.#database.prepare(
      `SELECT ${recordColumns.join(', ')}, rowid AS place FROM staged_users WHERE rowid > ? ORDER BY rowid LIMIT 1000`,
    )
    for (let last = 0; last < this.#count; ) {
      for (const { place, ...row } of select.all(last) as (Record<string, unknown> & { place: number })[]) {
        yield fromColumns(row)
        last = place
      }
    }
  }

  close(): void {
    this.#database.close()
  }

  /** Forgets them. */
  clear(): void {
    this.#database.prepare('DELETE FROM staged_users').run()
  }

  #add(user: NewUser): void {
    const index = this.#count
    const record = toNewRecord(user, this.highestUserId + 1, this.#now)
    if (record.ACCOUNT_OWNER) {
      if (this.#owner !== undefined)
        this.#refuse(index, 'ACCOUNT_OWNER', `is true for ${this.#root}[${this.#owner}] too; an account has one owner`)
      this.#owner = index
    }
    try {
      this.#database.prepare(insertStaged).run(...insertUser.toValues(record))
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      const sameAddress = this.#find('EMAIL_KEY = ?', foldCase(user.EMAIL_ADDRESS))
      if (sameAddress !== undefined)
        this.#refuse(index, 'EMAIL_ADDRESS', `is the address of ${this.#root}[${sameAddress}] too; each must be unique`)
      const sameId = this.#find('USER_ID = ?', record.USER_ID)
      this.#refuse(index, 'USER_ID', `is the id of ${this.#root}[${sameId}] too; each must be unique`)
    }
    this.#count += 1
    this.highestUserId = Math.max(this.highestUserId, record.USER_ID)
  }

  /** The place of a user in the document; rows are numbered from 1. */
  #find(condition: string, value: unknown): number | undefined {
    const row = this.#database.prepare(`SELECT rowid FROM staged_users WHERE ${condition}`).pluck().get(value)
    return row === undefined ? undefined : (row as number) - 1
  }

  #refuse(index: number, field: string, message: string): never {
    throw new ApiError('invalidInput', `${this.#root}[${index}].${field} ${message}.`)
  }
}

const insertStaged = insertUser.sql.replace('INTO users', 'INTO staged_users')
