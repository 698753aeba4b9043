// The title of the page and its icon: which view it is, and how many refusals came that nobody has seen.

import { useEffect } from 'preact/hooks'
import { serverUrl } from './api.js'

/** @param {import('./live.js').Live} live @param {string} label what the view is called @param {boolean} showsRequests */
export function useTitle({ journal }, label, showsRequests) {
  const { unseenRefusals } = journal
  useEffect(() => {
    const look = () => {
      if (showsRequests && document.visibilityState === 'visible') journal.see()
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [journal, showsRequests, unseenRefusals])
  useEffect(() => {
    document.title = `${unseenRefusals > 0 ? `(${unseenRefusals} refused) ` : ''}${label} · insightly-scim`
    const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'))
    const end = unseenRefusals === 0 ? '' : unseenRefusals > 9 ? '-9-and-more' : `-${unseenRefusals}`
    if (icon) icon.href = new URL(`console/mark${end}.svg`, serverUrl).href
  }, [label, unseenRefusals])
}
