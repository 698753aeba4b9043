// The users of an import. They wait in a table that nobody else reads until all of them are valid, and then replace the
// users of the instance in one step.

import { ApiError } from '../../errors.ts'
import type { NewUser, UserRecord } from '../../insightly/record.ts'
import { foldCase } from '../../scim/text.ts'
import { type Database, isUniqueViolation, openTemporary } from '../files/database.ts'
import { fromRow, type Row, sql, toValues } from './user-sql.ts'
import { makeWhole } from './user-table.ts'

/** The users of one import. */
export class StagedUsers {
  readonly #database: Database
  readonly #now: number
  readonly #root: string
  #count = 0
  #owner: number | undefined
  /** The highest USER_ID among them. */
  #highest = 0

  /**
   * @param database one in which no other import waits
   * @param root where the users stand in their document
   */
  constructor(database: Database, now: number, root = 'users') {
    this.#database = database
    this.#now = now
    this.#root = root
    for (const statement of [sql.makeStaged, sql.indexStagedEmails, sql.indexStagedIds])
      database.prepare(statement).run()
  }

  /** Stages users of an instance that does not exist yet. Many of them go to disk; the caller must close it. */
  static ofNewInstance(root: string): StagedUsers {
    return new StagedUsers(openTemporary(), Date.now(), root)
  }

  /** How many users are staged. */
  get count(): number {
    return this.#count
  }

  /**
   * Adds users, completed as Insightly does.
   * @throws invalidInput for a second user with the same address or id, or a second owner; the error names both places
   */
  add(users: readonly NewUser[]): void {
    this.#database.transaction(() => {
      for (const user of users) this.#add(user)
    })
  }

  /** The users in their order, read in batches. */
  *records(): Iterable<UserRecord> {
    for (let last = 0; last < this.#count; ) {
      for (const { place, ...row } of this.#database.prepare(sql.stagedRecords).all(last) as (Row & {
        place: number
      })[]) {
        yield fromRow(row)
        last = place
      }
    }
  }

  close(): void {
    this.#database.close()
  }

  /** Removes all staged users. */
  clear(): void {
    this.#database.prepare(sql.clearStaged).run()
  }

  #add(user: NewUser): void {
    const index = this.#count
    const record = makeWhole(user, this.#highest + 1, this.#now)
    if (record.ACCOUNT_OWNER) {
      refuseSecond(this.#root, index, 'ACCOUNT_OWNER', this.#owner)
      this.#owner = index
    }
    try {
      this.#database.prepare(sql.insertStaged).run(...toValues(record))
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      refuseSecond(this.#root, index, 'EMAIL_ADDRESS', this.#find(sql.stagedByUserName, foldCase(user.EMAIL_ADDRESS)))
      refuseSecond(this.#root, index, 'USER_ID', this.#find(sql.stagedById, record.USER_ID))
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

/** What only one user of an account may have, and the words for a second one. */
const onlyOnce = {
  EMAIL_ADDRESS: ['is the address of', 'each must be unique'],
  USER_ID: ['is the id of', 'each must be unique'],
  ACCOUNT_OWNER: ['is true for', 'an account has one owner'],
} as const

/**
 * Refuses a user of a list who has what an earlier one has.
 * @param root where the list stands in its document
 * @param earlier the place of that one; undefined when there is none
 * @throws invalidInput that names both places
 */
export function refuseSecond(
  root: string,
  index: number,
  field: keyof typeof onlyOnce,
  earlier: number | undefined,
): void {
  if (earlier === undefined) return
  const [is, why] = onlyOnce[field]
  throw new ApiError('invalidInput', `${root}[${index}].${field} ${is} ${root}[${earlier}] too; ${why}.`)
}
