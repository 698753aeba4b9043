// Long work, as on all users of an instance or its whole journal, is done in turns, so that other requests need not wait
// until it is done.

import { setImmediate } from 'node:timers/promises'

/** How long a turn takes, in milliseconds. */
export const turnMs = 5

/**
 * Runs work that yields between its steps. When a turn is over, other requests have theirs.
 * @param resume is called before each further turn; what it throws ends the work
 * @returns the result, at once where one turn was enough
 */
export function runInTurns<T>(work: Iterator<void, T>, resume: () => void): T | Promise<T> {
  const { done, value } = takeTurn(work)
  return done ? value : finish(work, resume)
}

/** Gives values in their order. When a turn is over, other requests have theirs before the next value is taken. */
export async function* inTurns<T>(values: Iterable<T>): AsyncIterable<T> {
  let end = performance.now() + turnMs
  for (const value of values) {
    yield value
    if (performance.now() < end) continue
    await setImmediate()
    end = performance.now() + turnMs
  }
}

async function finish<T>(work: Iterator<void, T>, resume: () => void): Promise<T> {
  for (;;) {
    await setImmediate()
    resume()
    const { done, value } = takeTurn(work)
    if (done) return value
  }
}

function takeTurn<T>(work: Iterator<void, T>): IteratorResult<void, T> {
  const end = performance.now() + turnMs
  for (;;) {
    const step = work.next()
    if (step.done || performance.now() > end) return step
  }
}
