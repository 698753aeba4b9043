// The time of one instance: real, frozen, or shifted by an offset. The dates of its users and of its journal come from it.

import { ApiError } from '../errors.ts'

export const clockModes = ['real', 'frozen', 'offset'] as const
export type ClockMode = (typeof clockModes)[number]

const earliest = 0
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** Tells the time of one instance in milliseconds since 1970. */
export class Clock {
  mode: ClockMode = 'real'
  /** The instant of a frozen clock, or the distance of an offset one from real time. */
  #value = 0

  now(): number {
    if (this.mode === 'real') return Date.now()
    return this.mode === 'frozen' ? this.#value : Math.min(Date.now() + this.#value, latest)
  }

  /**
   * Sets the mode. A frozen or offset clock shows `now` from then on; by default it goes on from the present time.
   * @throws invalidInput when `now` is outside the years 1970-9999
   */
  set(mode: ClockMode, now: number = this.now()): void {
    checkRange(now)
    this.mode = mode
    this.#value = mode === 'frozen' ? now : now - Date.now()
  }

  /**
   * Moves the time; a real clock becomes an offset one.
   * @throws invalidInput when it would leave the years 1970-9999
   */
  advance(milliseconds: number): void {
    this.set(this.mode === 'frozen' ? 'frozen' : 'offset', this.now() + milliseconds)
  }
}

/** Whether a date is within the years that a clock can show. */
export const isClockTime = (date: string): boolean => isInRange(Date.parse(date))

const isInRange = (now: number): boolean => now >= earliest && now <= latest

function checkRange(now: number): void {
  if (isInRange(now)) return
  throw new ApiError('invalidInput', 'The clock would leave the years 1970 to 9999.')
}
