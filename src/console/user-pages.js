// One page of the User List, as the server finds it; kept current by what is heard of its users, and read anew at most
// once a second, however many change.

import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { useReading } from './reading.js'

/**
 * @typedef {import('./api.js').User} User
 * @typedef {{ q: string, status: string, after: number }} Query after the user with this USER_ID
 * @typedef {{ users: User[], total: number, all: number, active: number }} Page how many match, and how many there are
 */

/** How many users a page has. */
export const pageSize = 100

/**
 * @param {import('./live.js').Live} live
 * @param {Query} query
 * @returns {{ page: Page | undefined, problem: string, isReading: boolean, touched: Map<number, number> }} `touched`: when users changed before the eyes of this page
 */
export function usePage(live, query) {
  const wanted = JSON.stringify(query)
  const [page, setPage] = useState(/** @type {Page | undefined} */ (undefined))
  /** Which query was answered last, and what went wrong with it. */
  const [answered, setAnswered] = useState({ query: '', problem: '' })
  const [heard, hear] = useReducer((/** @type {number} */ count) => count + 1, 0)
  const touched = useRef(/** @type {Map<number, number>} */ (new Map()))
  useEffect(
    () =>
      live.onUser(({ userId, user }) => {
        if (userId !== null) touched.current.set(userId, performance.now())
        // A user in sight changes at once. Which users are on the page is decided by the server.
        if (user)
          setPage(now => now && { ...now, users: now.users.map(each => (each.USER_ID === userId ? user : each)) })
        hear(undefined)
      }),
    [live],
  )
  const latest = useRef(wanted)
  latest.current = wanted
  const read = async () => {
    try {
      const next = await readPage(live, query)
      if (latest.current === wanted) setPage(next)
      setAnswered({ query: wanted, problem: '' })
    } catch (error) {
      setAnswered({ query: wanted, problem: /** @type {Error} */ (error).message })
    }
  }
  useReading(read, wanted, [live, live.connection === 'live', heard])
  return { page, problem: answered.problem, isReading: answered.query !== wanted, touched: touched.current }
}

/** @param {import('./live.js').Live} live @param {Query} query @returns {Promise<Page>} */
async function readPage(live, { q, status, after }) {
  const active = status === 'all' ? '' : `&active=${status === 'active'}`
  const [found, all, activeOnes] = await Promise.all([
    live.getPage(`users?limit=${pageSize}&after=${after}&q=${encodeURIComponent(q)}${active}`),
    live.getPage('users?limit=0'),
    live.getPage('users?limit=0&active=true'),
  ])
  return { users: found.values, total: found.total, all: all.total, active: activeOnes.total }
}
