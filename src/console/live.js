// One instance as the server has it now: loaded once, kept current by the event stream, loaded anew after every
// interruption. Views read it and are told when it changed.

import { useEffect, useReducer } from 'preact/hooks'
import { Announcements } from './announcements.js'
import { ControlError } from './api.js'
import { Journal } from './journal.js'

/**
 * @typedef {import('./api.js').User} User
 * @typedef {{ userId: number | null, user: User | null }} UserEvent
 */

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
  /** The behaviour switches; the same as long as the page lives. @type {import('./api.js').BehaviourTable} */
  behaviourTable = { behaviours: [], presets: {} }
  /** The rules that notes name; the same as long as the page lives. @type {import('./api.js').RuleTable} */
  ruleTable = { rules: [], evidence: {} }
  /** Tells the views that something changed. */
  changes = new Announcements()
  /** The exchanges. */
  journal

  #api
  #name
  #stop = new AbortController()
  #refreshing = false
  /** @type {Set<(change: UserEvent) => void>} */
  #userListeners = new Set()

  /** @param {import('./api.js').ControlApi} api @param {string} name */
  constructor(api, name) {
    this.#api = api
    this.#name = name
    this.journal = new Journal(this.get, () => this.changes.announce())
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
    this.changes.clear()
  }

  /**
   * Calls back with each change of a user. One without an id says that any may have changed.
   * @param {(change: UserEvent) => void} listener
   */
  onUser(listener) {
    this.#userListeners.add(listener)
    return () => void this.#userListeners.delete(listener)
  }

  /** @param {string} path */
  get = path => this.#api.send('GET', `instances/${this.#name}/${path}`)
  /** @param {string} method @param {string} path @param {unknown} [body] */
  send = (method, path, body) => this.#api.send(method, `instances/${this.#name}/${path}`, body)
  /** @param {string} path */
  getPage = path => this.#api.getPage(`instances/${this.#name}/${path}`)
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
    this.changes.announce()
  }

  /** Reads everything again, after something replaced it all. */
  async reload() {
    const { startedAt } = await this.#api.send('GET', '')
    const [settings] = await Promise.all([
      this.get('settings'),
      this.journal.connect(startedAt),
      this.refresh(),
      this.ruleTable.rules.length === 0 && this.#loadTables(),
    ])
    this.settings = settings
    this.#hearUser({ userId: null, user: null })
    this.changes.announce()
  }

  /** Empties the journal, here and on the server. */
  async clearEntries() {
    await this.send('DELETE', 'requests')
    await this.journal.clear()
  }

  /** Puts the answer of a settings request in place. @param {import('./api.js').Settings} settings */
  async saved(settings) {
    this.settings = settings
    await this.refresh()
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
        loading = this.reload().then(() => {
          if (ended.signal.aborted) return
          const waiting = early ?? []
          early = undefined
          for (const [event, data] of waiting) this.#hear(event, data)
          connected()
          this.#connect('live')
        })
        // When the stream opens but nothing else can be loaded, that is no connection.
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
    this.changes.announceArrival()
  }

  /** @param {import('./api.js').Entry} entry */
  #hearExchange(entry) {
    this.journal.hear(entry)
    if (entry.fault) this.#refreshSoon()
  }

  /** Reads again how often faults fired, once however many fire within a second. */
  #refreshSoon() {
    if (this.#refreshing) return
    this.#refreshing = true
    this.refresh().catch(() => {})
    setTimeout(() => {
      this.#refreshing = false
      this.refresh().catch(() => {})
    }, 1000)
  }

  /** @param {UserEvent} change */
  #hearUser(change) {
    for (const listener of this.#userListeners) listener(change)
  }

  async #loadTables() {
    ;[this.ruleTable, this.behaviourTable] = await Promise.all([
      this.#api.send('GET', 'rules'),
      this.#api.send('GET', 'behaviours'),
    ])
  }

  /** @param {Live['connection']} connection */
  #connect(connection) {
    this.connection = connection
    this.changes.announce()
  }
}

/** Renders the calling component whenever the instance changes. @param {Live} live */
export function useLive(live) {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0)
  useEffect(() => {
    render(undefined)
    return live.changes.subscribe(() => render(undefined))
  }, [live])
}
