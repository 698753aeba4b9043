// The life of a user as the journal tells it: each change of each field with the exchange that made it, and where a field
// changed between two exchanges, by hand or by an import. Pure.

/** @typedef {import('./api.js').Entry} Entry */
/** @typedef {{ field: string, before: unknown, after: unknown }} Step */
/** @typedef {{ entry: Entry, steps: Step[], unseen: Step[] }} Moment */

/**
 * What happened to a user, oldest first.
 * @param {Entry[]} entries of one user, in any order
 * @returns {Moment[]} `unseen` is what had changed since the moment before by something else than a request
 */
export function toHistory(entries) {
  /** What each field held after the last exchange that changed it. @type {Map<string, unknown>} */
  const known = new Map()
  return [...entries]
    .sort((a, b) => a.id - b.id)
    .map(entry => {
      const steps = entry.changes.map(({ field, before, after }) => ({ field, before, after }))
      const unseen = steps
        .filter(({ field, before }) => known.has(field) && known.get(field) !== before)
        .map(({ field, before }) => ({ field, before: known.get(field), after: before }))
      for (const { field, after } of steps) known.set(field, after)
      return { entry, steps, unseen }
    })
}

/**
 * What changed after the last exchange, by something else than a request.
 * @param {Moment[]} history
 * @param {Record<string, unknown> | undefined} user as it is now; undefined when it is gone
 * @returns {Step[]}
 */
export function findLater(history, user) {
  if (!user) return []
  /** @type {Map<string, unknown>} */
  const known = new Map()
  for (const { steps } of history) for (const { field, after } of steps) known.set(field, after)
  return [...known]
    .filter(([field, after]) => field in user && user[field] !== after)
    .map(([field, after]) => ({ field, before: after, after: user[field] }))
}
