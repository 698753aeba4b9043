// The journal as the page holds it: which exchanges the search finds, by their ids. The server searches and counts, a
// second apart however many come. Those that are shown are in entries.js.

import { Entries } from './entries.js'

/**
 * @typedef {import('./api.js').Entry} Entry
 * @typedef {import('./api.js').JournalIndex} JournalIndex
 */

/** How long after the start of one search the next one may begin, while exchanges arrive. */
const pause = 1000
/** How many exchanges from before a restart of the server stay. */
const mostEarlier = 500

export class Journal {
  /** The search in force. */
  q = ''
  /** What it finds; undefined until it was asked for the first time. @type {JournalIndex | undefined} */
  index
  /** Whether what is shown is not yet what the search finds. */
  isSearching = false
  /** How many have come since the list was paused; undefined while it is not. @type {number | undefined} */
  heldBack
  /** The newest exchange of all. @type {Entry | undefined} */
  newest
  /**
   * From before restarts of the server, newest first; `restart` is the number of the restart that lost the exchange.
   * @type {Entry[]}
   */
  earlier = []
  /** How often the server was started anew while this page was open. */
  restarts = 0
  /** The newest exchange that was there when the page was loaded; newer ones came live. */
  loadedUpTo = 0
  /** How many refusals came that nobody has seen. */
  unseenRefusals = 0
  /** The exchanges at hand. */
  entries

  #get
  #announce
  /** The run of the server that the ids belong to. @type {string | undefined} */
  #run
  #timer = 0
  #next = 0
  /** Grows with each search, so that a late answer to an earlier one is not taken for an answer. */
  #asked = 0

  /** @param {(path: string) => Promise<any>} get reads a path of the instance @param {() => void} announce */
  constructor(get, announce) {
    this.#get = get
    this.#announce = announce
    this.entries = new Entries(get, announce)
  }

  /** Begins anew after a connection was made. @param {string} run which run of the server it is */
  async connect(run) {
    const isOther = this.#run !== run
    if (this.#run !== undefined && isOther) this.#setAside()
    this.#run = run
    await this.#search()
    if (isOther) this.loadedUpTo = this.index?.cursor ?? 0
    if (this.index?.kept === 0) this.newest = undefined
    const [id] = this.q === '' ? (this.index?.ids ?? []) : []
    if (id !== undefined && id > (this.newest?.id ?? 0)) this.newest = (await this.entries.load([id]))[0]
  }

  /** Searches for something else. @param {string} q */
  search(q) {
    if (q === this.q) return
    this.q = q
    this.isSearching = true
    if (this.heldBack !== undefined) this.heldBack = 0
    this.#search().catch(() => {})
    this.#announce()
  }

  /** Holds the list as it is, or lets it go on. @param {boolean} isPaused */
  hold(isPaused) {
    this.heldBack = isPaused ? 0 : undefined
    if (!isPaused) this.#search().catch(() => {})
    this.#announce()
  }

  /** Takes an exchange that just came. @param {Entry} entry */
  hear(entry) {
    if (entry.id <= (this.newest?.id ?? 0)) return
    this.newest = entry
    this.entries.keep(entry)
    if (entry.operation === 'refused') this.unseenRefusals += 1
    if (this.heldBack !== undefined) {
      this.heldBack += 1
      return
    }
    const { index } = this
    // Only the server knows what a search finds.
    if (index && this.q === '' && entry.id > index.cursor)
      this.index = {
        ...index,
        ids: [entry.id, ...index.ids],
        total: index.total + 1,
        kept: index.kept + 1,
        cursor: entry.id,
      }
    this.#searchSoon()
  }

  /** Reads all exchanges that a search finds, up to a number, newest first; the page keeps none of them. @param {string} q @param {number} most @returns {Promise<Entry[]>} */
  async read(q, most) {
    const { ids } = await this.#get(`requests/index?limit=${most}&q=${encodeURIComponent(q)}`)
    return this.entries.read(ids)
  }

  /** Forgets everything, since the server has. */
  clear() {
    this.entries.clear()
    this.newest = undefined
    this.earlier = []
    if (this.heldBack !== undefined) this.heldBack = 0
    return this.#search()
  }

  /** Lets the exchanges from before a restart go. */
  dismissEarlier() {
    this.earlier = []
    this.#announce()
  }

  /** Marks all refusals as seen. */
  see() {
    if (this.unseenRefusals === 0) return
    this.unseenRefusals = 0
    this.#announce()
  }

  #setAside() {
    this.restarts += 1
    const known = this.entries.takeAll()
    this.earlier = [...known.map(entry => ({ ...entry, restart: this.restarts })), ...this.earlier].slice(
      0,
      mostEarlier,
    )
    this.newest = undefined
    this.heldBack = undefined
  }

  #searchSoon() {
    if (this.#timer !== 0) return
    this.#timer = setTimeout(
      () => {
        this.#timer = 0
        this.#search().catch(() => {})
      },
      Math.max(0, this.#next - performance.now()),
    )
  }

  async #search() {
    this.#asked += 1
    const asked = this.#asked
    const started = performance.now()
    this.#next = started + pause
    const index = await this.#get(`requests/index?q=${encodeURIComponent(this.q)}`)
    // After a search that takes the server long, the next one comes later.
    this.#next = Math.max(this.#next, performance.now() + 3 * (performance.now() - started))
    if (asked !== this.#asked || (this.heldBack ?? 0) > 0) return
    // Exchanges may be heard before an answer that does not know them yet.
    const newer = this.q === '' ? (this.index?.ids ?? []).filter(id => id > index.cursor && this.entries.find(id)) : []
    this.index = { ...index, ids: [...newer, ...index.ids], total: index.total + newer.length }
    this.isSearching = false
    this.#announce()
  }
}
