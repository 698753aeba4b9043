// How SCIM shows the users of one instance: one by id, those that a filter matches, or a page of all, as the texts that
// are sent. Knows no HTTP, changes nothing.

import { fromScimColumns, notFound, type StoredRecord, selectScim, toUserId } from '../insightly/record.ts'
import { foldCase } from '../scim/attribute.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import { documentEnd, toDocument, toLocationStart } from '../scim/document-text.ts'
import { parseUserFilter, type UserFilter } from '../scim/filter.ts'
import { listEnd, toListStart } from '../scim/schema.ts'
import type { Database } from './database.ts'
import { type Positions, selectPage } from './positions.ts'

/** Which part of a list is wanted. */
export interface Page {
  /** From 1. */
  startIndex: number
  count: number
  /** Where users are: it is part of their documents. */
  usersUrl: string
}

/** How many users there are, and the documents of some. */
export interface DocumentList {
  total: number
  documents: string[]
}

/** A document, whose first value is the start of its location. */
const document = `concat(DOCUMENT, ?, USER_ID, '${documentEnd}')`
const selectById = `SELECT ${document} FROM users WHERE USER_ID = ?`
const selectByEmail = `SELECT ${document} FROM users WHERE EMAIL_KEY = ?`
const selectDocuments = selectPage(document)
// An aggregate takes the rows of a subquery in their order.
const selectList = `SELECT concat(?, group_concat(text, ','), '${listEnd}')
  FROM (${selectPage(`${document} AS text`)})`

/** The records among which a filter's matches are: what it seeks by an index, or all. */
const selectCandidates = {
  userName: `${selectScim} WHERE EMAIL_KEY = ?`,
  externalId: `${selectScim} WHERE EXTERNAL_ID = ? ORDER BY USER_ID`,
  id: `${selectScim} WHERE USER_ID = ?`,
}
const selectAll = `${selectScim} ORDER BY USER_ID`

/** The users of one instance as SCIM documents. */
export class Documents {
  readonly #database: Database
  readonly #positions: Positions
  readonly #behaviours: () => Behaviours

  constructor(database: Database, positions: Positions, behaviours: () => Behaviours) {
    this.#database = database
    this.#positions = positions
    this.#behaviours = behaviours
  }

  /** @throws notFound (U-06) */
  get(id: string, usersUrl: string): string {
    const found = this.#database.pluck(selectById).get(toLocationStart(usersUrl), toUserId(id) ?? -1)
    return (found as string | undefined) ?? notFound(id)
  }

  /**
   * A page of all users in ascending USER_ID, as the text of the whole ListResponse (U-01, U-02): joining users whom
   * nobody looks at in JavaScript would copy each of them twice more.
   * @param shownIndex the startIndex that it tells
   */
  listText({ startIndex, count, usersUrl }: Page, shownIndex = startIndex): string {
    const { total } = this.#positions
    const place = count > 0 ? this.#positions.find(startIndex) : undefined
    const itemsPerPage = place ? Math.min(count, total - startIndex + 1) : 0
    const start = toListStart(total, shownIndex, itemsPerPage)
    if (!place) return start + listEnd
    return this.#database
      .pluck(selectList)
      .get(start, toLocationStart(usersUrl), place.userId, count, place.skip) as string
  }

  /** A page of all users in ascending USER_ID (U-01, U-02). */
  list({ startIndex, count, usersUrl }: Page): DocumentList {
    const place = this.#positions.find(startIndex)
    const page = this.#database.pluck(selectDocuments)
    const documents = place ? page.all(toLocationStart(usersUrl), place.userId, count, place.skip) : []
    return { total: this.#positions.total, documents: documents as string[] }
  }

  /** The user with a userName in any letter case, as a page (U-03). */
  findByUserName(userName: string, { startIndex, count, usersUrl }: Page): DocumentList {
    // For an unpaired surrogate SQLite would look for the replacement character.
    const found = userName.isWellFormed()
      ? this.#database.pluck(selectByEmail).get(toLocationStart(usersUrl), foldCase(userName))
      : undefined
    const isShown = found !== undefined && startIndex === 1 && count > 0
    return { total: found === undefined ? 0 : 1, documents: isShown ? [found as string] : [] }
  }

  /**
   * A page of the users that any other filter matches, in ascending USER_ID (U-04).
   * @throws invalidFilter
   */
  search(filter: string, { startIndex, count, usersUrl }: Page): DocumentList {
    const { seek, matches } = parseUserFilter(filter, this.#behaviours())
    let total = 0
    const documents: string[] = []
    for (const record of this.#candidates(seek)) {
      if (!matches(record, usersUrl)) continue
      total += 1
      if (total >= startIndex && documents.length < count)
        documents.push(toDocument(record.DOCUMENT, record.USER_ID, usersUrl))
    }
    return { total, documents }
  }

  *#candidates(seek: UserFilter['seek']): Iterable<StoredRecord> {
    const key =
      seek?.path === 'userName'
        ? foldCase(seek.value)
        : seek?.path === 'id'
          ? (toUserId(seek.value) ?? -1)
          : seek?.value
    const rows = seek
      ? this.#database.prepare(selectCandidates[seek.path]).all(key)
      : this.#database.prepare(selectAll).iterate()
    for (const row of rows) yield fromScimColumns(row as Record<string, unknown>)
  }
}
