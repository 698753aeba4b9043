// Where the page is: all of it in the URL's fragment, which browsers send nowhere. `#/default/requests/17` is the
// instance, the view and what is open in it; `#key=…` hands over the admin key and is removed at once.

import { useEffect, useState } from 'preact/hooks'

/** @typedef {{ instance: string, view: string, detail: string | undefined }} Route */

const instanceName = /^[a-z0-9-]{1,63}$/

/** @returns {Route} */
function readRoute() {
  const [instance, view, detail] = location.hash
    .replace(/^#\/?/, '')
    .split('/')
    .map(part => decode(part))
  // The name becomes part of the paths that the key is sent to, and anyone can write a link.
  const name = instanceName.test(instance ?? '') ? instance : undefined
  return { instance: name ?? 'default', view: view || 'requests', detail: detail || undefined }
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The fragment of a place. @param {string} instance @param {string} view @param {string | number} [detail] */
export const toHref = (instance, view, detail) =>
  `#/${encodeURIComponent(instance)}/${view}${detail === undefined ? '' : `/${encodeURIComponent(detail)}`}`

/** Goes to a place. @param {string} href */
export function go(href) {
  location.hash = href
}

/** The present place, followed. @returns {Route} */
export function useRoute() {
  const [route, setRoute] = useState(readRoute)
  useEffect(() => {
    const follow = () => setRoute(readRoute())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return route
}

// Servers that share an origin below different path prefixes each have their own key.
const storedKey = `insightly-scim key of ${location.pathname}`

/** Takes the admin key out of the address bar, if it is there; returns whether it was. */
export function takeKey() {
  const [, key] = /^#key=([^/&]*)/.exec(location.hash) ?? []
  if (key === undefined) return false
  keepKey(decode(key))
  history.replaceState(null, '', location.pathname + location.search)
  return true
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
