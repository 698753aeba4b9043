// Reads the users of one instance as SCIM shows them: one by id, the matches of a filter, or a page of all. The results
// are the JSON texts that are sent. Knows nothing about HTTP, and changes nothing.

import { toUserId } from '../../insightly/record.ts'
import type { Behaviours } from '../../scim/behaviour.ts'
import { toDocument, toLocationStart } from '../../scim/document-text.ts'
import { parseUserFilter } from '../../scim/filter.ts'
import { listEnd, toListStart } from '../../scim/schema.ts'
import { foldCase } from '../../scim/text.ts'
import type { Database } from '../files/database.ts'
import { refuseUnknown } from './records.ts'
import { sql } from './user-sql.ts'
import type { UserTable } from './user-table.ts'

/** Which part of a list is wanted. */
export interface Page {
  /** From 1. */
  startIndex: number
  count: number
  /** The URL of the users, which is part of their documents. */
  usersUrl: string
}

/** How many users match, and the documents of one page of them. */
export interface DocumentList {
  total: number
  documents: string[]
}

/** The users of one instance as SCIM documents. */
export class Documents {
  readonly #database: Database
  readonly #table: UserTable
  readonly #behaviours: () => Behaviours

  constructor(database: Database, table: UserTable, behaviours: () => Behaviours) {
    this.#database = database
    this.#table = table
    this.#behaviours = behaviours
  }

  /** The document of the user with an id. @throws notFound (U-06) */
  get(id: string, usersUrl: string): string {
    const userId = toUserId(id) ?? -1
    const text = this.#database.pluck(sql.documentText).get(userId) as string | undefined
    return text === undefined ? refuseUnknown(id) : toDocument(text, userId, usersUrl)
  }

  /**
   * A page of all users in ascending USER_ID, as the bytes of the whole ListResponse (U-01, U-02).
   * SQLite joins the documents: in JavaScript each of them would be copied twice more.
   * @param shownIndex the startIndex that the answer shows; with the fault pageDrift it differs from the real one
   */
  listBytes({ startIndex, count, usersUrl }: Page, shownIndex: number): Buffer {
    const { total } = this.#table
    const itemsPerPage = Math.max(0, Math.min(count, total - startIndex + 1))
    const start = toListStart(total, shownIndex, itemsPerPage)
    if (itemsPerPage === 0) return Buffer.from(start + listEnd)
    const { userId, skip } = this.#table.findPlace(startIndex)!
    const list = this.#database.pluck(sql.documentList)
    return list.get(start, toLocationStart(usersUrl), userId, count, skip) as Buffer
  }

  /** A page of all users in ascending USER_ID (U-01, U-02). */
  list({ startIndex, count, usersUrl }: Page): DocumentList {
    const place = this.#table.findPlace(startIndex)
    const page = this.#database.pluck(sql.documentPage)
    const documents = place ? page.all(toLocationStart(usersUrl), place.userId, count, place.skip) : []
    return { total: this.#table.total, documents: documents as string[] }
  }

  /** The user with a userName in any letter case, as a page (U-03). */
  findByUserName(userName: string, { startIndex, count, usersUrl }: Page): DocumentList {
    // SQLite would replace an unpaired surrogate, and could then find another user.
    if (!userName.isWellFormed()) return { total: 0, documents: [] }
    const statement = this.#database.pluck(sql.documentByUserName)
    const found = statement.get(toLocationStart(usersUrl), foldCase(userName)) as string | undefined
    if (found === undefined) return { total: 0, documents: [] }
    return { total: 1, documents: startIndex === 1 && count > 0 ? [found] : [] }
  }

  /**
   * A page of the users that any other filter matches, in ascending USER_ID (U-04). It yields after each candidate; users may
   * change meanwhile.
   * @throws invalidFilter
   */
  *search(filter: string, { startIndex, count, usersUrl }: Page): Generator<void, DocumentList> {
    const { seek, matches } = parseUserFilter(filter, this.#behaviours())
    let total = 0
    const documents: string[] = []
    for (const record of this.#table.findCandidates(seek)) {
      yield
      if (!matches(record, usersUrl)) continue
      total += 1
      if (total >= startIndex && documents.length < count)
        documents.push(toDocument(record.DOCUMENT, record.USER_ID, usersUrl))
    }
    return { total, documents }
  }
}
