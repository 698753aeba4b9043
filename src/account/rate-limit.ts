// How many requests an instance answers in a second of its clock. Off unless an instance's settings turn it on.

/** The counters of one instance. */
export class RateLimit {
  #second = -1
  #used = 0

  /**
   * Counts a request.
   * @returns how many more requests this second allows; negative when this one is over the limit
   */
  take(requestsPerSecond: number, now: number): number {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#used = 0
    }
    this.#used += 1
    return requestsPerSecond - this.#used
  }
}
