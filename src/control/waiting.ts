// Long polls: woken by the change itself, never looking twice without one.

import type { EventEmitter } from 'node:events'
import type { Instance } from '../account/instance.ts'

/** How a wait is limited. */
export interface Patience {
  milliseconds: number
  /** Ends the wait early, as when the server stops or the client hung up. */
  signal: AbortSignal
}

/**
 * Waits until something an instance tells makes `isMet` true.
 * @param isMet asked now and after each event, with what the event told
 * @returns false when patience ended first
 */
export function waitUntil(
  instance: Instance,
  event: 'exchange' | 'user',
  isMet: (told?: unknown) => boolean,
  { milliseconds, signal }: Patience,
): Promise<boolean> {
  if (isMet()) return Promise.resolve(true)
  if (signal.aborted) return Promise.resolve(false)
  const events: EventEmitter = instance.events
  return new Promise(resolve => {
    const finish = (result: boolean) => {
      clearTimeout(timer)
      events.off(event, hear)
      events.off('close', giveUp)
      signal.removeEventListener('abort', giveUp)
      resolve(result)
    }
    const hear = (told: unknown) => {
      if (isMet(told)) finish(true)
    }
    const giveUp = () => finish(false)
    const timer = setTimeout(giveUp, milliseconds)
    events.on(event, hear)
    events.on('close', giveUp)
    signal.addEventListener('abort', giveUp)
  })
}
