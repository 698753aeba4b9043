// Where the page is: all of it in the URL's fragment, which browsers send nowhere. `#/default/requests/17` is the
// instance, the view and what is open in it; `#key=…` hands over the admin key and is removed at once.

import { useLayoutEffect, useState } from 'preact/hooks'
import { serverUrl } from './api.js'
import { isUnsaved, mayLeave } from './unsaved.js'

/** @typedef {{ instance: string, view: string, detail: string | undefined, part: string | undefined, query: URLSearchParams }} Route */

const instanceName = /^[a-z0-9-]{1,63}$/

/** @returns {Route} */
function readRoute() {
  const [place = '', query = ''] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s)
  const [instance, view, detail, part] = place.split('/').map(each => decode(each))
  // The name becomes part of the paths that the key is sent to, and anyone can write a link.
  const name = instanceName.test(instance ?? '') ? instance : undefined
  return {
    instance: name ?? 'default',
    view: view || 'requests',
    detail: detail || undefined,
    part,
    query: new URLSearchParams(query),
  }
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/**
 * The fragment of a place; what is empty in its query is left out.
 * @param {string} instance @param {string} view @param {string | number} [detail] @param {Record<string, string | undefined>} [query]
 */
export function toHref(instance, view, detail, query = {}) {
  const place = `#/${encodeURIComponent(instance)}/${view}${detail === undefined ? '' : `/${encodeURIComponent(detail)}`}`
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  return search.size === 0 ? place : `${place}?${search}`
}

/** The place of a user's history. @param {string} instance @param {string | number} userId */
export const toHistoryHref = (instance, userId) => `${toHref(instance, 'users', userId)}/history`

/** Goes to a place. @param {string} href */
export function go(href) {
  location.hash = href
}

/** Calls the present place by another name, without a step in the browser's history. @param {string} href */
export function rename(href) {
  history.replaceState(null, '', href)
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** The present place, followed as it changes. When something is not saved there, the page asks first. @returns {Route} */
export function useRoute() {
  const [route, setRoute] = useState(readRoute)
  // Together with what is shown: a link that is clicked before the next frame counts, too.
  useLayoutEffect(() => {
    let here = location.href
    let asking = false
    const follow = async () => {
      const next = location.href
      if (next === here || asking || findKeyIn(location.hash)) return
      if (isUnsaved()) {
        // Meanwhile the page stays where it is, and so does its address.
        history.replaceState(null, '', here)
        asking = true
        const isLeft = await mayLeave()
        asking = false
        if (!isLeft) return
        history.replaceState(null, '', next)
      }
      here = next
      setRoute(readRoute())
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return route
}

// Servers that share an origin below different path prefixes each have their own key.
const storedKey = `insightly-scim key of ${serverUrl.pathname}`

/** The admin key and the place in a console link, or in its fragment; the place may be left out. @param {string} link */
export function findKeyIn(link) {
  const [, key, place = ''] = /#key=([^/&]*)(\/.*)?/s.exec(link) ?? []
  return key === undefined ? undefined : { key: decode(key), place }
}

/** Takes the admin key out of the address bar, if it is there; returns whether it was. @param {string} [place] where to go if the link does not say */
export function takeKey(place = '') {
  const found = findKeyIn(location.hash)
  if (!found) return false
  keepKey(found.key)
  const fragment = found.place || place
  history.replaceState(null, '', location.pathname + location.search + (fragment && `#${fragment}`))
  dispatchEvent(new HashChangeEvent('hashchange'))
  return true
}

/**
 * Opens links to other tabs in a way that takes the key along: a tab that the browser opens by itself shares no storage
 * with this one.
 */
export function openTabsWithKey() {
  /** @param {MouseEvent} event */
  const open = event => {
    const link = event.target instanceof Element && event.target.closest('a[href^="#/"]')
    const isForTab = event.type === 'auxclick' ? event.button === 1 : event.ctrlKey || event.metaKey || event.shiftKey
    if (!link || !isForTab || event.defaultPrevented) return
    event.preventDefault()
    window.open(/** @type {HTMLAnchorElement} */ (link).href, '_blank')
  }
  addEventListener('click', open)
  addEventListener('auxclick', open)
}

/** @type {string | null} */
let keyInMemory = null

/** Keeps the admin key for this tab. @param {string | null} key */
export function keepKey(key) {
  keyInMemory = key
  try {
    if (key === null) sessionStorage.removeItem(storedKey)
    else sessionStorage.setItem(storedKey, key)
  } catch {
    // Storage may be switched off; then the key lasts until the page is left.
  }
}

/** The admin key of this tab, if it has one. */
export function findKey() {
  try {
    return keyInMemory ?? sessionStorage.getItem(storedKey)
  } catch {
    return keyInMemory
  }
}
