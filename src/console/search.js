// The one search box over the journal, and the counts beside it: each a click that narrows, or a click that widens again.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { withValue } from './fields.js'
import { html } from './html.js'
import { Icon } from './icons.js'
import { Button } from './parts.js'
import { go } from './route.js'
import { Text, toPlain } from './text.js'
import { toOperation } from './words.js'

/** How long after the last key the search begins, in milliseconds. */
const patience = 200

/** @param {{ q: string, isSearching: boolean, onSearch: (q: string) => void, onHelp: () => void, children?: import('preact').ComponentChildren }} props */
export function SearchBox({ q, isSearching, onSearch, onHelp, children }) {
  const [typed, setTyped] = useState(q)
  const timer = useRef(0)
  const said = useRef(q)
  useLayoutEffect(() => {
    // Something else than typing here may have changed the search.
    if (q !== said.current) setTyped(q)
    said.current = q
  }, [q])
  // A search that has not begun when its view is left would call the person back.
  useLayoutEffect(() => () => clearTimeout(timer.current), [])
  // What is open may have changed between the last key and the search.
  const search = useRef(onSearch)
  search.current = onSearch
  const say = (/** @type {string} */ text) => {
    said.current = text.trim()
    search.current(text.trim())
  }
  const type = (/** @type {string} */ text) => {
    setTyped(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => say(text), patience)
  }
  return html`
    <form class="tools searchBox" role="search" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault()
      clearTimeout(timer.current)
      say(typed)
    }}>
      <span class="searchField">
        <${Icon} name="search" />
        <input id="search" type="search" class="code" aria-label="Search requests" placeholder='status:409 op:create client:okta rule:U-14 "supports only"'
          spellcheck="false" autocomplete="off" value=${typed} onInput=${withValue(type)}
          onKeyDown=${(/** @type {any} */ event) => {
            if (event.key === 'Escape') event.target.blur()
          }} />
      </span>
      <${Button} label="Keys and search" onClick=${onHelp}>?<//>
      <span class="count" role="status">${isSearching ? 'Searching …' : children}</span>
    </form>
  `
}

/** @type {['op' | 'status' | 'client' | 'rule', string, (value: string) => string][]} */
const groups = [
  ['op', 'Operation', value => toOperation(value).label],
  ['status', 'Status', value => (value === 'none' ? 'no answer' : value)],
  ['client', 'Client', value => (value === 'none' ? 'no user agent' : value)],
  ['rule', 'Rule', value => value],
]

/**
 * @param {{ counts: import('./api.js').JournalIndex['counts'], isStale: boolean, toHref: (q: string) => string }} props
 *   `isStale` says that the counts are those of an earlier search: then a click waits for the new ones
 */
export function Counts({ counts, isStale, toHref }) {
  const waiting = useRef(/** @type {{ key: keyof typeof counts, value: string } | undefined} */ (undefined))
  useEffect(() => {
    const clicked = waiting.current
    if (isStale || !clicked) return
    waiting.current = undefined
    const count = counts[clicked.key].find(({ value }) => value === clicked.value)
    if (count) go(toHref(count.q))
  }, [isStale, counts])
  return html`
    <nav class="counts" aria-label="Narrow by" aria-busy=${String(isStale)}>
      ${groups.map(
        ([key, title, toLabel]) =>
          counts[key].length > 0 &&
          html`<div key=${key} class="countGroup">
            <h2 id=${`counts-${key}`}>${title}</h2>
            <ul aria-labelledby=${`counts-${key}`}>${counts[key].map(
              ({ value, count, isOn, q }) => html`<li key=${value}>
                <a class="countChip" href=${toHref(q)} aria-current=${isOn ? 'true' : undefined} title=${toPlain(toLabel(value))} onClick=${(
                  /** @type {MouseEvent} */ event,
                ) => {
                  if (!isStale) return
                  event.preventDefault()
                  waiting.current = { key, value }
                }}><${Text} text=${toLabel(value)} /> <span>${count.toLocaleString('en')}</span></a>
              </li>`,
            )}</ul>
          </div>`,
      )}
    </nav>
  `
}
