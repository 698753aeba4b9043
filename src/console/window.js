// Long lists: only the rows in sight are in the page. Rows of one list have one height.

import { useEffect, useRef, useState } from 'preact/hooks'

/** How many rows above and below the ones in sight are kept, for scrolling and for the keyboard. */
const margin = 12

/**
 * Which rows of a scrolling element to render.
 * @param {number} count
 * @param {number} rowHeight in pixels
 * @param {(list: HTMLElement) => number} [toShift] how many rows the list is about to be scrolled by, since others came above
 */
export function useWindow(count, rowHeight, toShift = () => 0) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null))
  const [sight, setSight] = useState({ top: 0, height: 1000 })
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    const look = () => setSight({ top: element.scrollTop, height: element.clientHeight })
    look()
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [scroller.current])
  // The element may have been scrolled since it last told so.
  const list = scroller.current
  const top = list ? list.scrollTop + toShift(list) * rowHeight : sight.top
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight), count) - margin)
  const last = Math.min(count, Math.ceil((top + sight.height) / rowHeight) + margin)
  return { scroller, first, last, above: first * rowHeight, below: (count - last) * rowHeight }
}

/** Whether a media query holds now. @param {string} query */
export function useMedia(query) {
  const [holds, setHolds] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const follow = () => setHolds(list.matches)
    follow()
    list.addEventListener('change', follow)
    return () => list.removeEventListener('change', follow)
  }, [query])
  return holds
}
