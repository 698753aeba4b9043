// How far long work is. The code that does the work tells it on a channel that costs nothing while nobody watches; the
// command line watches (commands/progress.ts).

import { channel } from 'node:diagnostics_channel'

/** How many steps of a piece of work are done. */
export interface Progress {
  what: string
  done: number
  of: number
}

/** Where it is told. */
export const progress = channel('insightly-scim:progress')

/** Tells that so many steps of a piece of work are done, such as "loading users". */
export function tellProgress(what: string, done: number, of: number): void {
  if (progress.hasSubscribers) progress.publish({ what, done, of } satisfies Progress)
}

/** Gives the elements of a list and tells how many of them were taken. */
export function* withProgress<T>(what: string, list: readonly T[]): Iterable<T> {
  for (const [index, each] of list.entries()) {
    tellProgress(what, index, list.length)
    yield each
  }
}
