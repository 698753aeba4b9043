// How many users an instance has, which USER_IDs were given, and where in the list a position is: known in memory, so
// that neither totals nor pages count users.

import type { Database } from './database.ts'

// SQLite prepares a statement anew whenever the value of a bare LIMIT changes; of a sum it does not know the value.
const fromPosition = 'WHERE USER_ID >= ? ORDER BY USER_ID LIMIT ? + 0 OFFSET ? + 0'
const selectIdAt = `SELECT USER_ID FROM users ${fromPosition}`
const selectCount = 'SELECT count(*), min(USER_ID), max(USER_ID), (SELECT USER_ID FROM highest_given) FROM users'
// Two look-ups: SQLite answers min or max from an index, but both at once by a scan.
const selectEnds = 'SELECT (SELECT min(USER_ID) FROM users), (SELECT max(USER_ID) FROM users)'

/** How far apart the remembered positions of a list with gaps are. */
const stride = 1000

/** Reads a page of some columns; its last values are the userId of a place that `find` tells, how many, and the place's skip. */
export const selectPage = (columns: string): string => `SELECT ${columns} FROM users ${fromPosition}`

/** The positions of one instance's users. */
export class Positions {
  readonly #database: Database
  /** Known after a first look; `highestGiven` may be that of a removed user. */
  #counted: { total: number; lowest: number; highest: number; highestGiven: number } | undefined
  /** Where the USER_IDs have gaps: the USER_ID at every 1,000th position, as far as someone looked. */
  #landmarks: number[] = []

  constructor(database: Database) {
    this.#database = database
  }

  get total(): number {
    return this.#count().total
  }

  /** The highest USER_ID ever given, that of a removed user included. */
  get highestGiven(): number {
    return this.#count().highestGiven
  }

  /** Forgets what was counted, after users were stored without telling. */
  forget(): void {
    this.#counted = undefined
    this.#landmarks = []
  }

  /** Remembers a USER_ID as given, whether or not a user has it, so that it is never given again. */
  keepGiven(userId: number): void {
    this.#database.prepare('UPDATE highest_given SET USER_ID = ?').run(userId)
  }

  /** A user was stored, whose USER_ID is above all others. */
  added(userId: number): void {
    const counted = this.#count()
    if (counted.total === 0) counted.lowest = userId
    counted.total += 1
    counted.highest = userId
    counted.highestGiven = userId
  }

  /** A user was removed. */
  removed(userId: number): void {
    const counted = this.#count()
    const [lowest, highest] = this.#database.prepare(selectEnds).raw().get() as [number | null, number | null]
    counted.total -= 1
    counted.lowest = lowest ?? 0
    counted.highest = highest ?? 0
    this.#landmarks = this.#landmarks.filter(landmark => landmark < userId)
  }

  /**
   * Where the list is to be read from: a USER_ID and how many users to skip from there; undefined past its end.
   * Insightly never deletes, so USER_IDs have no gaps and a position is a key; with gaps, the nearest landmark is.
   * @param startIndex from 1
   */
  find(startIndex: number): { userId: number; skip: number } | undefined {
    const { total, lowest, highest } = this.#count()
    if (startIndex > total) return undefined
    const isDense = highest - lowest + 1 === total
    if (isDense) return { userId: lowest + startIndex - 1, skip: 0 }
    const position = startIndex - 1
    return { userId: this.#landmark(Math.floor(position / stride)), skip: position % stride }
  }

  #landmark(index: number): number {
    if (this.#landmarks.length === 0) this.#landmarks.push(this.#count().lowest)
    const next = this.#database.pluck(selectIdAt)
    while (this.#landmarks.length <= index) this.#landmarks.push(next.get(this.#landmarks.at(-1)!, 1, stride) as number)
    return this.#landmarks[index]!
  }

  #count() {
    if (!this.#counted) {
      const row = this.#database.prepare(selectCount).raw().get() as [number, number | null, number | null, number]
      const [total, lowest, highest, given] = row
      this.#counted = { total, lowest: lowest ?? 0, highest: highest ?? 0, highestGiven: Math.max(highest ?? 0, given) }
    }
    return this.#counted
  }
}
