// One page of the User List, as the server finds it; kept current by what is heard of its users, and read anew at most
// once a second, however many change.

import { useEffect, useRef, useState } from 'preact/hooks'

/**
 * @typedef {import('./api.js').User} User
 * @typedef {{ q: string, status: string, after: number }} Query after the user with this USER_ID
 * @typedef {{ users: User[], total: number, all: number, active: number }} Page how many match, and how many there are
 */

/** How many users a page has. */
export const pageSize = 100
const pause = 1000

/**
 * @param {import('./live.js').Live} live
 * @param {Query} query
 * @returns {{ page: Page | undefined, problem: string, isReading: boolean, touched: Map<number, number> }} `touched`: when users changed before the eyes of this page
 */
export function usePage(live, { q, status, after }) {
  const [page, setPage] = useState(/** @type {Page | undefined} */ (undefined))
  const [problem, setProblem] = useState('')
  const [isReading, setReading] = useState(false)
  const touched = useRef(/** @type {Map<number, number>} */ (new Map()))
  const { connection } = live
  useEffect(() => {
    let isCurrent = true
    let isDue = false
    let timer = 0
    const read = async () => {
      isDue = false
      try {
        const next = await readPage(live, { q, status, after })
        if (!isCurrent) return
        setPage(next)
        setProblem('')
      } catch (error) {
        if (isCurrent) setProblem(/** @type {Error} */ (error).message)
      } finally {
        if (isCurrent) {
          setReading(false)
          timer = setTimeout(() => {
            timer = isDue ? setTimeout(read, 0) : 0
          }, pause)
        }
      }
    }
    const stop = live.onUser(({ userId, user }) => {
      if (userId !== null) touched.current.set(userId, performance.now())
      // A user in sight changes at once. Which users are on the page is decided by the server.
      if (user) setPage(now => now && { ...now, users: now.users.map(each => (each.USER_ID === userId ? user : each)) })
      isDue = true
      if (timer === 0) timer = setTimeout(read, 0)
    })
    setReading(true)
    timer = setTimeout(read, 0)
    return () => {
      isCurrent = false
      stop()
      clearTimeout(timer)
    }
  }, [live, connection === 'live', q, status, after])
  return { page, problem, isReading, touched: touched.current }
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
