// Users on their way into an instance: they wait in a table that nobody else sees until all of them are good, and then
// take the place of the instance's users at once.

import { ApiError } from '../errors.ts'
import { insertUser, type NewUser, toNewRecord } from '../insightly/record.ts'
import { foldCase } from '../scim/attribute.ts'
import { type Database, isUniqueViolation } from './database.ts'

/** The users of one import. */
export class StagedUsers {
  readonly #database: Database
  readonly #now: number
  #count = 0
  #owner: number | undefined
  /** The highest USER_ID among them; 0 without any. */
  highestUserId = 0

  /** Empties the table first: an import that was interrupted may have left something in it. */
  constructor(database: Database, now: number) {
    this.#database = database
    this.#now = now
    database.prepare('CREATE TEMP TABLE IF NOT EXISTS staged_users AS SELECT * FROM users LIMIT 0').run()
    database.prepare('CREATE UNIQUE INDEX IF NOT EXISTS temp.staged_by_email ON staged_users (EMAIL_KEY)').run()
    database.prepare('CREATE UNIQUE INDEX IF NOT EXISTS temp.staged_by_id ON staged_users (USER_ID)').run()
    this.clear()
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

  /** Forgets them. */
  clear(): void {
    this.#database.prepare('DELETE FROM staged_users').run()
  }

  #add(user: NewUser): void {
    const index = this.#count
    const record = toNewRecord(user, this.highestUserId + 1, this.#now)
    if (record.ACCOUNT_OWNER) {
      if (this.#owner !== undefined)
        refuse(index, 'ACCOUNT_OWNER', `is true for users[${this.#owner}] too; an account has one owner`)
      this.#owner = index
    }
    try {
      this.#database.prepare(insertStaged).run(...insertUser.toValues(record))
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      const sameAddress = this.#find('EMAIL_KEY = ?', foldCase(user.EMAIL_ADDRESS))
      if (sameAddress !== undefined)
        refuse(index, 'EMAIL_ADDRESS', `is the address of users[${sameAddress}] too; each must be unique`)
      const sameId = this.#find('USER_ID = ?', record.USER_ID)
      refuse(index, 'USER_ID', `is the id of users[${sameId}] too; each must be unique`)
    }
    this.#count += 1
    this.highestUserId = Math.max(this.highestUserId, record.USER_ID)
  }

  /** The place of a user in the document; rows are numbered from 1. */
  #find(condition: string, value: unknown): number | undefined {
    const row = this.#database.prepare(`SELECT rowid FROM staged_users WHERE ${condition}`).pluck().get(value)
    return row === undefined ? undefined : (row as number) - 1
  }
}

const insertStaged = insertUser.sql.replace('INTO users', 'INTO staged_users')

function refuse(index: number, field: string, message: string): never {
  throw new ApiError('invalidInput', `users[${index}].${field} ${message}.`)
}
