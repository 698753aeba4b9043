// How many users an instance has, which USER_IDs were given, and where each position of the list is. This is kept in
// memory, so that neither totals nor pages have to count users.

import type { Database } from '../files/database.ts'
import { sql } from './user-sql.ts'

/** How many users there are, their lowest and highest USER_ID (0 without users), and the highest ever given. */
interface Counts {
  total: number
  lowest: number
  highest: number
  highestGiven: number
}

/** How far apart the remembered positions of a list with gaps are. */
const stride = 1000

/** The positions of one instance's users. */
export class Positions {
  readonly #database: Database
  /** Undefined until someone asks. */
  #counts: Counts | undefined
  /** For a list with gaps: the USER_ID at every 1,000th position, as far as someone has read. */
  #landmarks: number[] = []

  constructor(database: Database) {
    this.#database = database
  }

  /** The current counts; only this class changes them. */
  get counts(): Counts {
    this.#counts ??= this.#database.prepare(sql.count).get() as Counts
    return this.#counts
  }

  /** Forgets everything, after many users changed at once. */
  forget(): void {
    this.#counts = undefined
    this.#landmarks = []
  }

  /** Notes that a user was added, whose USER_ID is above all others. */
  noteAdded(userId: number): void {
    const { counts } = this
    if (counts.total === 0) counts.lowest = userId
    counts.total += 1
    counts.highest = userId
    counts.highestGiven = userId
  }

  /** Notes that a user was removed. */
  noteRemoved(userId: number): void {
    const { counts } = this
    counts.total -= 1
    Object.assign(counts, this.#database.prepare(sql.ends).get())
    this.#landmarks = this.#landmarks.filter(landmark => landmark < userId)
  }

  /**
   * Finds where to start reading the list: at a USER_ID, and how many users to skip from there. Undefined past the end.
   * Insightly never deletes users, so USER_IDs have no gaps and a position tells the USER_ID. When there are gaps, the
   * search starts at the last landmark before the position.
   * @param startIndex from 1
   */
  find(startIndex: number): { userId: number; skip: number } | undefined {
    const { total, lowest, highest } = this.counts
    if (startIndex > total) return undefined
    const isDense = highest - lowest + 1 === total
    if (isDense) return { userId: lowest + startIndex - 1, skip: 0 }
    const position = startIndex - 1
    return { userId: this.#landmark(Math.floor(position / stride)), skip: position % stride }
  }

  #landmark(index: number): number {
    if (this.#landmarks.length === 0) this.#landmarks.push(this.counts.lowest)
    const next = this.#database.pluck(sql.idPage)
    while (this.#landmarks.length <= index) this.#landmarks.push(next.get(this.#landmarks.at(-1)!, 1, stride) as number)
    return this.#landmarks[index]!
  }
}
