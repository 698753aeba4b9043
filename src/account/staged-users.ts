// Users on their way into an instance: they wait in a table that nobody else sees until all of them are good, and then
// take the place of the instance's users at once.

import { ApiError } from '../errors.ts'
import type { NewUser } from '../insightly/record.ts'
import { foldCase } from '../scim/attribute.ts'
import { type Database, isUniqueViolation } from './database.ts'
import { sql, toValues } from './user-sql.ts'
import { makeWhole } from './user-table.ts'

/** The users of one import. */
export class StagedUsers {
  readonly #database: Database
  readonly #now: number
  #count = 0
  #owner: number | undefined
  /** The highest USER_ID among them. */
  #highest = 0

  /** Empties the table first: an import that was interrupted may have left something in it. */
  constructor(database: Database, now: number) {
    this.#database = database
    this.#now = now
    for (const statement of [sql.makeStaged, sql.indexStagedEmails, sql.indexStagedIds])
      database.prepare(statement).run()
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

  /** Forgets them. */
  clear(): void {
    this.#database.prepare(sql.clearStaged).run()
  }

  #add(user: NewUser): void {
    const index = this.#count
    const record = makeWhole(user, this.#highest + 1, this.#now)
    if (record.ACCOUNT_OWNER) {
      if (this.#owner !== undefined)
        refuse(index, 'ACCOUNT_OWNER', `is true for users[${this.#owner}] too; an account has one owner`)
      this.#owner = index
    }
    try {
      this.#database.prepare(sql.insertStaged).run(...toValues(record))
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      const sameAddress = this.#find(sql.stagedByUserName, foldCase(user.EMAIL_ADDRESS))
      if (sameAddress !== undefined)
        refuse(index, 'EMAIL_ADDRESS', `is the address of users[${sameAddress}] too; each must be unique`)
      const sameId = this.#find(sql.stagedById, record.USER_ID)
      refuse(index, 'USER_ID', `is the id of users[${sameId}] too; each must be unique`)
    }
    this.#count += 1
    this.#highest = Math.max(this.#highest, record.USER_ID)
  }

  /** The place of a user in the document, from 0. */
  #find(statement: string, key: unknown): number | undefined {
    const row = this.#database.pluck(statement).get(key)
    return row === undefined ? undefined : (row as number) - 1
  }
}

function refuse(index: number, field: string, message: string): never {
  throw new ApiError('invalidInput', `users[${index}].${field} ${message}.`)
}
