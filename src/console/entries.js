// The exchanges that the page has at hand: those that it shows or has heard of, at most so many. Nothing is loaded that is
// not shown.

/** @typedef {import('./api.js').Entry} Entry */

/** How many exchanges the page holds, and about how many characters of them. */
const mostEntries = 1000
const mostCharacters = 24_000_000
/** How many can be asked for at once. */
const mostAtOnce = 100

export class Entries {
  #get
  #announce
  /** By id, those used last at the end. @type {Map<number, Entry>} */
  #entries = new Map()
  #characters = 0
  /** @type {Set<number>} */
  #wanted = new Set()
  /** Those that the server has no longer. @type {Set<number>} */
  #gone = new Set()
  #isLoading = false

  /** @param {(path: string) => Promise<any>} get reads a path of the instance @param {() => void} announce */
  constructor(get, announce) {
    this.#get = get
    this.#announce = announce
  }

  /** An exchange that is at hand. @param {number} id */
  find(id) {
    return this.#entries.get(id)
  }

  /** Whether the server has no such exchange (any more). @param {number} id */
  isGone(id) {
    return this.#gone.has(id)
  }

  /** Sees to it that exchanges are at hand soon. @param {number[]} ids */
  want(ids) {
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (!entry) {
        if (!this.#gone.has(id)) this.#wanted.add(id)
        continue
      }
      this.#entries.delete(id)
      this.#entries.set(id, entry)
    }
    if (this.#wanted.size > 0 && !this.#isLoading) this.#loadWanted().catch(() => {})
  }

  /** Reads exchanges that the page does not keep, newest first. @param {number[]} ids newest first @returns {Promise<Entry[]>} */
  async read(ids) {
    /** @type {Entry[]} */
    const found = []
    for (let at = 0; at < ids.length; at += mostAtOnce)
      found.push(...(await this.#ask(ids.slice(at, at + mostAtOnce))).reverse())
    return found
  }

  /** Takes all exchanges away, newest first: the server that had them is no longer there. */
  takeAll() {
    const all = [...this.#entries.values()].sort((a, b) => b.id - a.id)
    this.clear()
    this.#gone.clear()
    return all
  }

  clear() {
    this.#entries.clear()
    this.#characters = 0
  }

  async #loadWanted() {
    this.#isLoading = true
    try {
      // The last ones first: those that were wanted earlier may be out of sight by now.
      for (;;) {
        const ids = [...this.#wanted].slice(-mostAtOnce)
        if (ids.length === 0) return
        for (const id of this.#wanted) if (!ids.includes(id)) this.#wanted.delete(id)
        await this.load(ids)
        for (const id of ids) this.#wanted.delete(id)
        this.#announce()
      }
    } finally {
      this.#isLoading = false
      this.#wanted.clear()
    }
  }

  /** Loads exchanges. @param {number[]} ids @returns {Promise<Entry[]>} oldest first */
  async load(ids) {
    const found = await this.#ask(ids)
    for (const id of ids) if (!found.some(entry => entry.id === id)) this.#gone.add(id)
    for (const entry of found) this.keep(entry)
    return found
  }

  /** @param {number[]} ids @returns {Promise<Entry[]>} oldest first */
  async #ask(ids) {
    const since = Math.min(...ids) - 1
    return (await this.#get(`requests?since=${since}&ids=${ids.join(',')}`)).requests
  }

  /** Puts an exchange at hand. @param {Entry} entry */
  keep(entry) {
    if (this.#entries.has(entry.id)) return
    this.#entries.set(entry.id, entry)
    this.#characters += sizeOf(entry)
    for (const [id, old] of this.#entries) {
      if (this.#entries.size <= mostEntries && this.#characters <= mostCharacters) break
      this.#entries.delete(id)
      this.#characters -= sizeOf(old)
    }
  }
}

/** About how many characters an exchange has. @param {Entry} entry */
const sizeOf = ({ rawBody, answerHeaders }) =>
  2000 + 2 * (rawBody?.length ?? 0) + Math.min(Number(answerHeaders['content-length'] ?? 65_536), 65_536)
