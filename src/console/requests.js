// The journal, live: newest on top, narrowed by operation, status and user, one exchange opened beside the list.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Guide } from './connect.js'
import { ExchangeView } from './exchange.js'
import { html } from './html.js'
import { Icon } from './icons.js'
import { mostEntries, useLive } from './live.js'
import { ask, Badge, Button, Head, Notice, Status, save } from './parts.js'
import { toHref } from './route.js'
import { useMedia, useWindow } from './window.js'
import { operations, toClient, toCount, toOperation, toText, toTime, toTook } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */

/** @type {[value: string, label: string, holds: (entry: Entry) => boolean][]} */
const statuses = [
  ['all', 'Any status', () => true],
  ['good', '2xx, done', ({ status }) => status !== null && status < 300],
  ['refused', '4xx, refused', ({ status }) => status !== null && status >= 400 && status < 500],
  ['failed', '5xx, failed', ({ status }) => status !== null && status >= 500],
  ['none', 'No answer', ({ status }) => status === null],
  ['fault', 'Hit by a fault', ({ fault }) => fault !== null],
  ['notes', 'Something ignored or refused', ({ notes }) => notes.length > 0],
]

/** @param {{ live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Requests({ live, route }) {
  useLive(live)
  /** What was there when the list was paused. */
  const [paused, setPaused] = useState(/** @type {Entry[] | undefined} */ (undefined))
  const [operation, setOperation] = useState('all')
  const [status, setStatus] = useState('all')
  const [user, setUser] = useState('')
  const isNarrow = useMedia('(max-width: 899px)')
  const { entries, dropped, forgotten } = live
  const open = route.detail === undefined ? undefined : entries.find(({ id }) => String(id) === route.detail)
  const compact = isNarrow || open !== undefined

  const found = useMemo(() => {
    const holds = statuses.find(([value]) => value === status)?.[2] ?? (() => true)
    const name = user.trim().toLowerCase()
    return (paused ?? entries)
      .filter(
        entry =>
          (operation === 'all' || entry.operation === operation) &&
          holds(entry) &&
          (name === '' || `${entry.userName ?? ''} ${entry.userId ?? ''}`.toLowerCase().includes(name)),
      )
      .reverse()
  }, [entries, paused, operation, status, user])
  const rowHeight = compact ? 72 : 58
  const { scroller, first, last, above, below } = useWindow(found.length, rowHeight)
  const newest = useRef(/** @type {Entry | undefined} */ (undefined))
  useLayoutEffect(() => {
    const list = scroller.current
    // Whoever reads further down is not moved by what arrives on top.
    const arrived = newest.current ? found.indexOf(newest.current) : -1
    if (list && list.scrollTop > 0 && arrived > 0) list.scrollTop += arrived * rowHeight
    newest.current = found[0]
  }, [found])
  useEffect(() => {
    const list = scroller.current
    if (!open || !list) return
    const top = found.indexOf(open) * rowHeight
    if (top < list.scrollTop || top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - rowHeight
  }, [open?.id])

  const arrived = paused ? entries.filter(({ id }) => id > (paused.at(-1)?.id ?? 0)).length : 0
  const lost = dropped + forgotten
  const clear = async () => {
    const sure = await ask({
      title: 'Clear the journal?',
      text: `All ${toCount(entries.length, 'request')} shown here are forgotten by the server too. Users and settings stay.`,
      action: 'Clear',
    })
    if (!sure) return
    await live.clearEntries()
    setPaused(undefined)
  }

  if (entries.length === 0 && lost === 0)
    return html`
      <${Head} title="Requests" lead="The journal is empty. The next request appears here by itself." />
      <${Guide} live=${live} />
    `
  return html`
    <${Head} title="Requests" lead=${`${toCount(entries.length, 'exchange')} with ${route.instance}, newest first, times in UTC`}>
      <${Button} icon=${paused ? 'play' : 'pause'} aria-pressed=${String(paused !== undefined)} onClick=${() => setPaused(paused ? undefined : entries)}>${paused ? 'Resume' : 'Pause'}<//>
      <${Button} icon="download" onClick=${async () => save(await live.download('requests?format=har&limit=1000000'), `${route.instance}.har`)}>Export HAR<//>
      <${Button} icon="trash" onClick=${clear}>Clear<//>
    <//>
    ${
      lost > 0 &&
      html`<${Notice} tone="warn"><p>
        ${dropped > 0 && `${toCount(dropped, 'older exchange')} ${dropped === 1 ? 'is' : 'are'} gone: the server remembers a limited number (--journal). `}
        ${forgotten > 0 && `This page keeps the newest ${mostEntries.toLocaleString('en')}; ${toCount(forgotten, 'older one')} can be had by Export HAR.`}
      </p><//>`
    }
    <div class="tools" role="search">
      <select aria-label="Operation" onChange=${(/** @type {any} */ event) => setOperation(event.target.value)}>
        <option value="all">All operations</option>
        ${Object.entries(operations).map(([value, { label }]) => html`<option key=${value} value=${value}>${label}</option>`)}
      </select>
      <select aria-label="Status" onChange=${(/** @type {any} */ event) => setStatus(event.target.value)}>
        ${statuses.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
      </select>
      <input type="search" aria-label="User" placeholder="userName or id" value=${user} onInput=${(/** @type {any} */ event) => setUser(event.target.value)} />
      <span class="count" role="status">${
        paused
          ? `Paused; ${arrived} more came`
          : found.length < entries.length &&
            `${found.length.toLocaleString('en')} of ${entries.length.toLocaleString('en')}`
      }</span>
    </div>
    <div class="split ${open ? 'opened' : ''}">
      <div class="list rows ${compact ? 'compact' : ''}" ref=${scroller} tabindex="-1">
        <ol style=${{ paddingTop: `${above}px`, paddingBottom: `${below}px` }} aria-label="Exchanges" onKeyDown=${walk}>
          ${found.slice(first, last).map(
            entry => html`
              <${Row} key=${entry.id} entry=${entry} isNew=${entry.id > live.loadedUpTo} isOpen=${entry === open}
                href=${toHref(route.instance, 'requests', entry.id)} />
            `,
          )}
        </ol>
        ${found.length === 0 && html`<p class="empty">No exchange is like that.</p>`}
      </div>
      ${open && html`<${ExchangeView} key=${open.id} live=${live} entry=${open} route=${route} newer=${neighbour(found, open, -1)} older=${neighbour(found, open, 1)} />`}
    </div>
    ${
      route.detail !== undefined &&
      !open &&
      html`<${Notice} tone="warn"><p>Exchange ${route.detail} is not in the journal any more.</p><//>`
    }
  `
}

/** @param {Entry[]} list @param {Entry} entry @param {number} step */
const neighbour = (list, entry, step) => {
  const index = list.indexOf(entry)
  return index < 0 ? undefined : list[index + step]
}

/** Up and down go from row to row. @param {KeyboardEvent} event */
function walk(event) {
  const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key]
  if (!step) return
  const row = /** @type {any} */ (document.activeElement?.closest('li'))?.[step]?.querySelector('a')
  if (!row) return
  event.preventDefault()
  row.focus()
}

/** @param {{ entry: Entry, isNew: boolean, isOpen: boolean, href: string }} props */
function Row({ entry, isNew, isOpen, href }) {
  const born = useRef(performance.now())
  const { label, icon, tone } = toOperation(entry.operation)
  return html`
    <li class="exchange ${isNew && performance.now() - born.current < 100 ? 'flash' : ''}">
      <a href=${href} aria-current=${isOpen ? 'true' : undefined}>
        <span class="tile ${tone}"><${Icon} name=${icon} /></span>
        <span class="what"><strong>${label}</strong><span class="cut">${toSummary(entry)}</span></span>
        <span class="whom cut">${entry.userName ?? (entry.userId ? `user ${entry.userId}` : '')}</span>
        <span class="client cut">${toClient(entry)}</span>
        <span class="outcome">${entry.fault && html`<${Badge} tone="warn" icon="bolt" title=${`Fault: ${entry.fault}`}>fault<//>`}<${Status} status=${entry.status} /></span>
        <span class="took">${toTook(entry.durationMs)}</span>
        <time class="when" datetime=${entry.when} title=${entry.when}>${toTime(entry.when)}</time>
      </a>
    </li>
  `
}

/** What an exchange did, in a few words. @param {Entry} entry */
function toSummary({ method, path, changes, notes, operation, answer }) {
  const [note] = notes
  if (operation === 'refused' && note) return note.text.replaceAll('`', '')
  if (operation === 'create') {
    const after = Object.fromEntries(changes.map(change => [change.field, change.after]))
    return [after.FIRST_NAME, after.LAST_NAME].filter(Boolean).join(' ')
  }
  if (changes.length > 0)
    return changes.map(({ field, before, after }) => `${field} ${toText(before)} → ${toText(after)}`).join(', ')
  const { totalResults, Resources } = /** @type {any} */ (answer ?? {})
  if (operation === 'lookup' && typeof totalResults === 'number') return totalResults > 0 ? 'found' : 'no such user'
  if (operation === 'import' && Array.isArray(Resources))
    return `${Resources.length} of ${toCount(totalResults, 'user')}`
  if (note) return note.text.replaceAll('`', '')
  return `${method} ${path}`
}
