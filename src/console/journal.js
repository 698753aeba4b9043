// The journal as the page holds it: which exchanges the search finds, by their ids, and those exchanges that it shows or
// has heard of. The server searches and counts, a second apart however many come; nothing is loaded that is not shown.

/**
 * @typedef {import('./api.js').Entry} Entry
 * @typedef {import('./api.js').JournalIndex} JournalIndex
 */

/** How many exchanges the page holds, and about how many characters of them. */
const mostEntries = 1000
const mostCharacters = 24_000_000
/** How many can be asked for at once. */
const mostAtOnce = 100
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

  #get
  #announce
  /** By id, those used last at the end. @type {Map<number, Entry>} */
  #entries = new Map()
  #characters = 0
  /** @type {Set<number>} */
  #wanted = new Set()
  /** Those that the server has no longer. @type {Set<number>} */
  #gone = new Set()
  /** The run of the server that the ids belong to. @type {string | undefined} */
  #run
  #timer = 0
  #next = 0
  #isLoading = false
  /** Grows with each search, so that a late answer to an earlier one is not taken for an answer. */
  #asked = 0

  /** @param {(path: string) => Promise<any>} get reads a path of the instance @param {() => void} announce */
  constructor(get, announce) {
    this.#get = get
    this.#announce = announce
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
    if (id !== undefined && id > (this.newest?.id ?? 0)) this.newest = (await this.#load([id]))[0]
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
    this.#keep(entry)
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

  /** Reads all exchanges that a search finds, up to a number, newest first; the page keeps none of them. @param {string} q @param {number} most @returns {Promise<Entry[]>} */
  async read(q, most) {
    const { ids } = await this.#get(`requests/index?limit=${most}&q=${encodeURIComponent(q)}`)
    /** @type {Entry[]} */
    const found = []
    for (let at = 0; at < ids.length; at += mostAtOnce)
      found.push(...(await this.#ask(ids.slice(at, at + mostAtOnce))).reverse())
    return found
  }

  /** Forgets everything, since the server has. */
  clear() {
    this.#entries.clear()
    this.#characters = 0
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
    const known = [...this.#entries.values()].sort((a, b) => b.id - a.id)
    this.earlier = [...known.map(entry => ({ ...entry, restart: this.restarts })), ...this.earlier].slice(
      0,
      mostEarlier,
    )
    this.#entries.clear()
    this.#gone.clear()
    this.#characters = 0
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
    const newer = this.q === '' ? (this.index?.ids ?? []).filter(id => id > index.cursor && this.#entries.has(id)) : []
    this.index = { ...index, ids: [...newer, ...index.ids], total: index.total + newer.length }
    this.isSearching = false
    this.#announce()
  }

  async #loadWanted() {
    this.#isLoading = true
    try {
      // The last ones first: those that were wanted earlier may be out of sight by now.
      for (;;) {
        const ids = [...this.#wanted].slice(-mostAtOnce)
        if (ids.length === 0) return
        for (const id of this.#wanted) if (!ids.includes(id)) this.#wanted.delete(id)
        await this.#load(ids)
        for (const id of ids) this.#wanted.delete(id)
        this.#announce()
      }
    } finally {
      this.#isLoading = false
      this.#wanted.clear()
    }
  }

  /** @param {number[]} ids */
  async #load(ids) {
    const found = await this.#ask(ids)
    for (const id of ids) if (!found.some(entry => entry.id === id)) this.#gone.add(id)
    for (const entry of found) this.#keep(entry)
    return found
  }

  /** @param {number[]} ids @returns {Promise<Entry[]>} oldest first */
  async #ask(ids) {
    const since = Math.min(...ids) - 1
    return (await this.#get(`requests?since=${since}&ids=${ids.join(',')}`)).requests
  }

  /** @param {Entry} entry */
  #keep(entry) {
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
