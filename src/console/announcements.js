// Tells listeners that something changed: soon, but once however much changes meanwhile.

/** How long after a change the listeners are told, in milliseconds. */
const soon = 30
/** The least time between two announcements of what arrives, in milliseconds. */
const pause = 250

export class Announcements {
  /** @type {Set<() => void>} */
  #listeners = new Set()
  /** When the listeners are to be told next. */
  #due = Number.POSITIVE_INFINITY
  #timer = 0
  #toldAt = 0

  /** @param {() => void} listener @returns {() => void} ends it */
  subscribe(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  clear() {
    this.#listeners.clear()
  }

  /** Tells the listeners soon. */
  announce(delay = soon) {
    const due = performance.now() + delay
    if (due >= this.#due) return
    this.#due = due
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#due = Number.POSITIVE_INFINITY
      this.#toldAt = performance.now()
      for (const listener of this.#listeners) listener()
    }, delay)
  }

  /** Tells the listeners of what arrives: a few times a second, however much it is. */
  announceArrival() {
    this.announce(Math.max(soon, this.#toldAt + pause - performance.now()))
  }
}
