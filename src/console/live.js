// One instance as the server has it now: loaded once, kept current by the event stream, loaded anew after every
// interruption. Views read it and are told when it changed.

import { useEffect, useReducer } from 'preact/hooks'
import { ControlError } from './api.js'

/**
 * @typedef {import('./api.js').User} User
 * @typedef {import('./api.js').Entry} Entry
 * @typedef {{ userId: number | null, user: User | null }} UserEvent
 */

/** How many exchanges the page keeps, however many the server remembers. */
export const mostEntries = 5000
const firstDelay = 500
const longestDelay = 10_000
/** How long nothing may come before the stream counts as dead; the server sends something every 15 seconds. */
const silence = 40_000

export class Live {
  /** @type {'connecting' | 'live' | 'lost' | 'refused' | 'missing'} */
  connection = 'connecting'
  /** @type {import('./api.js').Description | undefined} */
  description
  /** @type {import('./api.js').Settings | undefined} */
  settings
  /** @type {import('./api.js').ClockState | undefined} */
  clock
  /** @type {import('./api.js').Fault[] | undefined} */
  faults
  /** The rules that notes name; the same as long as the page lives. @type {import('./api.js').RuleTable} */
  ruleTable = { rules: [], evidence: {} }
  /** By USER_ID; undefined until a view asks for them. @type {Map<number, User> | undefined} */
  users
  /** When each user changed before the eyes of this page. @type {Map<number, number>} */
  touched = new Map()
  /** Oldest first. @type {Entry[]} */
  entries = []
  /** How many exchanges the server gave up before this page could show them. */
  dropped = 0
  /** How many the page itself no longer keeps. */
  forgotten = 0
  /** The newest entry that was there when the page was loaded; newer ones came live. */
  loadedUpTo = 0

  #api
  #name
  #stop = new AbortController()
  /** @type {Set<() => void>} */
  #listeners = new Set()
  #announced = false
  #usersWanted = false
  #usersChanged = false
  /** What was heard since each load of the users that is under way began. @type {Set<UserEvent[]>} */
  #loads = new Set()

  /** @param {import('./api.js').ControlApi} api @param {string} name */
  constructor(api, name) {
    this.#api = api
    this.#name = name
  }

  /** Connects, and connects again whenever the stream ends, until closed. */
  async run() {
    const { signal } = this.#stop
    for (let delay = firstDelay; !signal.aborted; delay = Math.min(delay * 2, longestDelay)) {
      try {
        await this.#follow(() => {
          delay = firstDelay
        })
        this.#connect('lost')
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof ControlError)) this.#connect('lost')
        else if (error.status === 401) return this.#connect('refused')
        else if (error.status === 404) return this.#connect('missing')
        else this.#connect('lost')
      }
      await new Promise(resolve => setTimeout(resolve, delay))
    }
  }

  close() {
    this.#stop.abort()
    this.#listeners.clear()
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Loads the users, and keeps them current from now on. */
  async wantUsers() {
    if (this.#usersWanted) return
    this.#usersWanted = true
    await this.#loadUsers()
  }

  /** @param {string} path */
  get = path => this.#api.send('GET', `instances/${this.#name}/${path}`)
  /** @param {string} method @param {string} path @param {unknown} [body] */
  send = (method, path, body) => this.#api.send(method, `instances/${this.#name}/${path}`, body)
  /** @param {string} path */
  download = path => this.#api.download(`instances/${this.#name}/${path}`)

  /** Reads again what no event tells: clock, faults and what only the description says. */
  async refresh() {
    const [description, clock, faults] = await Promise.all([
      this.#api.send('GET', `instances/${this.#name}`),
      this.get('clock'),
      this.get('faults'),
    ])
    Object.assign(this, { description, clock, faults })
    this.#announce()
  }

  /** Reads everything again, after something replaced it all; what was heard meanwhile stays, unless `anew`. */
  async reload(anew = false) {
    const [settings, { entries, cursor, dropped, forgotten }] = await Promise.all([
      this.get('settings'),
      this.#loadEntries(),
      this.refresh(),
      this.#usersWanted && this.#loadUsers(),
      this.ruleTable.rules.length === 0 && this.#loadRules(),
    ])
    this.settings = settings
    this.entries = anew ? entries : [...entries, ...this.entries.filter(({ id }) => id > cursor)]
    this.dropped = dropped
    this.forgotten = forgotten
    if (anew) this.loadedUpTo = cursor
    this.#announce()
  }

  /** Empties the journal, here and on the server. */
  async clearEntries() {
    await this.send('DELETE', 'requests')
    this.entries = []
    this.dropped = 0
    this.forgotten = 0
    this.#announce()
  }

  /** Puts the answer of a settings request in place. @param {import('./api.js').Settings} settings */
  async saved(settings) {
    this.settings = settings
    await this.refresh()
  }

  /** Puts the answer of a user request in place. @param {User} user */
  savedUser(user) {
    this.#touch(user)
    this.#announce()
  }

  /** @param {() => void} connected */
  async #follow(connected) {
    const { signal } = this.#stop
    /** What is heard while the rest is loaded waits for it. @type {[string, any][] | undefined} */
    let early = []
    /** @type {Promise<void> | undefined} */
    let loading
    const ended = new AbortController()
    let watch = 0
    // A connection can die without a word, as when a computer sleeps; then the heartbeats are missed.
    const alive = () => {
      clearTimeout(watch)
      watch = setTimeout(() => ended.abort(), silence)
    }
    const listening = this.#api.listen(this.#name, {
      signal: AbortSignal.any([signal, ended.signal]),
      alive,
      opened: () => {
        alive()
        loading = this.reload(true).then(() => {
          if (ended.signal.aborted) return
          const waiting = early ?? []
          early = undefined
          for (const [event, data] of waiting) this.#hear(event, data)
          connected()
          this.#connect('live')
        })
        // A stream that opens but nothing can be loaded beside it is no connection.
        loading.catch(() => ended.abort())
      },
      heard: (event, data) => {
        if (early) early.push([event, data])
        else this.#hear(event, data)
      },
    })
    try {
      await listening
    } catch (error) {
      await loading
      throw error
    } finally {
      clearTimeout(watch)
      ended.abort()
    }
  }

  /** @param {string} event @param {any} data */
  #hear(event, data) {
    if (event === 'exchange') this.#hearExchange(data)
    else if (event === 'user') this.#hearUser(data)
    else if (event === 'settings') {
      // A reset and an import tell no more than that the settings changed.
      this.reload().catch(() => {})
    }
    this.#announce()
  }

  /** @param {Entry} entry */
  #hearExchange(entry) {
    const newest = this.entries.at(-1)?.id ?? 0
    if (entry.id <= newest) return
    this.entries = [...this.entries, entry]
    if (this.entries.length > mostEntries) {
      this.forgotten += this.entries.length - mostEntries
      this.entries = this.entries.slice(-mostEntries)
    }
    if (entry.fault) this.refresh().catch(() => {})
  }

  /** @param {UserEvent} change */
  #hearUser(change) {
    for (const heard of this.#loads) heard.push(change)
    if (!this.users) return
    const { userId, user } = change
    if (userId === null) this.#loadUsers().catch(() => {})
    else if (user) this.#touch(user)
    else {
      this.users = new Map(this.users)
      this.users.delete(userId)
    }
  }

  /** @param {User} user */
  #touch(user) {
    if (!this.users) return
    this.touched.set(user.USER_ID, performance.now())
    // In place, since an import brings thousands; the new map is made when listeners are told.
    this.users.set(user.USER_ID, user)
    this.#usersChanged = true
  }

  /** Reads the journal piece by piece and keeps its newest part. */
  async #loadEntries() {
    const piece = 1000
    /** @type {Entry[]} */
    let entries = []
    let forgotten = 0
    for (let since = 0; ; ) {
      const { requests, cursor, dropped } = await this.get(`requests?limit=${piece}&since=${since}`)
      entries.push(...requests)
      forgotten += Math.max(0, entries.length - mostEntries)
      entries = entries.slice(-mostEntries)
      if (requests.length < piece) return { entries, cursor, dropped, forgotten }
      since = cursor
    }
  }

  async #loadRules() {
    this.ruleTable = await this.#api.send('GET', 'rules')
  }

  async #loadUsers() {
    // What is heard while the list is on its way may be newer than the list.
    /** @type {UserEvent[]} */
    const heard = []
    this.#loads.add(heard)
    try {
      /** @type {User[]} */
      const users = await this.get('users')
      this.users = new Map(users.map(user => [user.USER_ID, user]))
    } finally {
      this.#loads.delete(heard)
    }
    for (const change of heard) if (change.userId !== null) this.#hearUser(change)
    this.#announce()
  }

  /** @param {Live['connection']} connection */
  #connect(connection) {
    this.connection = connection
    this.#announce()
  }

  /** Tells the listeners, once however much changes within a moment. */
  #announce() {
    if (this.#announced) return
    this.#announced = true
    setTimeout(() => {
      this.#announced = false
      if (this.#usersChanged && this.users) this.users = new Map(this.users)
      this.#usersChanged = false
      for (const listener of this.#listeners) listener()
    }, 30)
  }
}

/** Renders the calling component whenever the instance changes. @param {Live} live */
export function useLive(live) {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0)
  useEffect(() => {
    render(undefined)
    return live.subscribe(() => render(undefined))
  }, [live])
}
