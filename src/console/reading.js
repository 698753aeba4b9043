// What a view reads by itself and keeps current while things change.

import { useEffect, useRef } from 'preact/hooks'

/** How long after one reading the next one may begin, while things change, in milliseconds. */
const pause = 1000

/**
 * Reads now and after each change, one reading at a time and about a second apart; for another key at once.
 * @param {() => Promise<unknown>} read deals with its own failures
 * @param {unknown} key what is read @param {unknown[]} changes
 */
export function useReading(read, key, changes) {
  const latest = useRef(read)
  latest.current = read
  const state = useRef({ key, isReading: false, isDue: false, wake: () => {} })
  useEffect(() => {
    const { current } = state
    current.isDue = true
    if (current.key !== key) current.wake()
    current.key = key
    if (current.isReading) return
    current.isReading = true
    const run = async () => {
      while (current.isDue) {
        current.isDue = false
        const { key: asked } = current
        await latest.current()
        if (current.key !== asked) continue
        await new Promise(resolve => {
          current.wake = () => resolve(undefined)
          setTimeout(resolve, pause)
        })
      }
      current.isReading = false
    }
    run()
  }, [key, ...changes])
}
