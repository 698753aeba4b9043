// The list of exchanges, newest on top: only the rows in sight are in the page, what arrives moves nobody, and those from
// before a restart of the server stand behind a divider.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { html } from './html.js'
import { Icon } from './icons.js'
import { Badge, Button, Status } from './parts.js'
import { Text, toPlain } from './text.js'
import { useWindow } from './window.js'
import { toClient, toCount, toOperation, toText, toTime, toTook } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */
/** @typedef {import('./journal.js').Journal} Journal */

/** What the place of an exchange is called: one from before a restart has the number of the restart. @param {Entry} entry */
export const toPlaceName = ({ id, restart }) => (restart ? `before-${restart}.${id}` : String(id))

/**
 * @param {{ journal: Journal, openName: string | undefined, compact: boolean, toHref: (name: string) => string,
 *   onBeside: (name: string) => boolean }} props `onBeside` is asked at a click with Ctrl whether the exchange opens beside another
 */
export function ExchangeList({ journal, openName, compact, toHref, onBeside }) {
  const { index, earlier } = journal
  const ids = index?.ids ?? []
  const rowHeight = compact ? 72 : 58
  const count = ids.length + (earlier.length > 0 ? earlier.length + 1 : 0)
  const top = useRef(/** @type {number | undefined} */ (undefined))
  const shownHeight = useRef(rowHeight)
  // Whoever reads further down, or stands on a row, is not moved by what arrives on top, nor by rows of another height.
  const toShift = (/** @type {HTMLElement} */ list) => {
    const arrived = top.current === undefined ? 0 : ids.indexOf(top.current)
    const isMoved = arrived > 0 && (list.scrollTop > 0 || list.contains(document.activeElement))
    return (isMoved ? arrived : 0) + list.scrollTop / shownHeight.current - list.scrollTop / rowHeight
  }
  const { scroller, first, last, above, below } = useWindow(count, rowHeight, toShift)
  useLayoutEffect(() => {
    const list = scroller.current
    if (list) list.scrollTop += toShift(list) * rowHeight
    top.current = ids[0]
    shownHeight.current = rowHeight
  }, [index, rowHeight])
  const lastOpen = useRef(openName)
  /** The row of what was closed, which gets the focus as soon as it is in the page. */
  const closed = useRef(/** @type {string | undefined} */ (undefined))
  useLayoutEffect(() => {
    closed.current = openName === undefined ? lastOpen.current : undefined
    lastOpen.current = openName
    const name = openName ?? closed.current
    const at = earlier.findIndex(entry => toPlaceName(entry) === name)
    const place = at >= 0 ? ids.length + 1 + at : ids.indexOf(Number(name))
    const list = scroller.current
    if (place < 0 || !list) return
    const y = place * rowHeight
    if (y < list.scrollTop || y + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = y - rowHeight
  }, [openName, compact])
  useLayoutEffect(() => {
    if (closed.current === undefined) return
    const { activeElement } = document
    const isElsewhere = activeElement !== document.body && !scroller.current?.contains(activeElement)
    if (isElsewhere || focusRow(closed.current)) closed.current = undefined
  })
  useEffect(() => {
    journal.entries.want(ids.slice(first, last))
  })
  /** @param {number} place */
  const findAt = place => (place < ids.length ? journal.entries.find(ids[place] ?? 0) : earlier[place - ids.length - 1])
  // Where many arrive at once, a flash says nothing and costs a processor.
  const isRush = top.current !== undefined && ids.indexOf(top.current) > 3
  const rows = []
  for (let place = first; place < last; place += 1) {
    const id = ids[place]
    const entry = findAt(place)
    if (id === undefined && place === ids.length)
      rows.push(html`
        <li key="divider" class="divider">
          <span>From before the server was started anew; it knows nothing of these any more${journal.q === '' ? '' : ', and searches none'}</span>
          <${Button} onClick=${() => journal.dismissEarlier()}>Dismiss<//>
        </li>
      `)
    else if (!entry)
      rows.push(
        html`<li key=${id} class="exchange loading"><span>no. ${id} ${journal.entries.isGone(id ?? 0) ? 'is gone' : '…'}</span></li>`,
      )
    else {
      const name = toPlaceName(entry)
      const newer = place === 0 ? undefined : findAt(place - 1)
      const hasDay = place === 0 || (newer !== undefined && newer.when.slice(0, 10) !== entry.when.slice(0, 10))
      const isNew = !isRush && !entry.restart && entry.id > journal.loadedUpTo
      rows.push(
        html`<${Row} key=${name} entry=${entry} hasDay=${hasDay} isNew=${isNew} isOpen=${name === openName} href=${toHref(name)} onBeside=${() => onBeside(name)} />`,
      )
    }
  }
  return html`
    <div class="list rows ${compact ? 'compact' : ''}" ref=${scroller} tabindex="-1">
      <ol style=${{ paddingTop: `${above}px`, paddingBottom: `${below}px` }} aria-label="Exchanges" onKeyDown=${walk}>${rows}</ol>
      ${count === 0 && !journal.isSearching && html`<p class="empty">No exchange is like that.</p>`}
    </div>
  `
}

/** Up and down go from row to row. @param {KeyboardEvent} event */
function walk(event) {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step !== 0 && stepRow(step)) event.preventDefault()
}

/** Moves the focus to the next row or the one before; onto the open or the first one if it is on none. @param {1 | -1} step */
export function stepRow(step) {
  const list = document.querySelector('.list ol')
  const rows = [...(list?.querySelectorAll('.exchange a') ?? [])]
  const at = rows.indexOf(/** @type {Element} */ (document.activeElement))
  const next = at >= 0 ? rows[at + step] : (list?.querySelector('a[aria-current]') ?? rows[0])
  if (!(next instanceof HTMLElement)) return false
  next.focus()
  return true
}

/** Puts the focus on a row, if it is in the page. @param {string} name */
function focusRow(name) {
  const row = document.querySelector(`.list [data-name="${CSS.escape(name)}"] a`)
  if (!(row instanceof HTMLElement)) return false
  row.focus()
  return true
}

/** The place name of the row that has the focus. */
export const findFocused = () => document.activeElement?.closest('.exchange')?.getAttribute('data-name') ?? undefined

/** @param {{ entry: Entry, hasDay: boolean, isNew: boolean, isOpen: boolean, href: string, onBeside: () => boolean }} props */
function Row({ entry, hasDay, isNew, isOpen, href, onBeside }) {
  const born = useRef(performance.now())
  const { label, icon, tone } = toOperation(entry.operation)
  const click = (/** @type {MouseEvent} */ event) => {
    if ((event.ctrlKey || event.metaKey) && onBeside()) event.preventDefault()
  }
  return html`
    <li class="exchange ${isNew && performance.now() - born.current < 100 ? 'flash' : ''}" data-name=${toPlaceName(entry)}>
      <a href=${href} aria-current=${isOpen ? 'true' : undefined} onClick=${click}>
        <span class="tile ${tone}"><${Icon} name=${icon} /></span>
        <span class="what"><strong>${label}</strong><span class="cut"><${Text} text=${toSummary(entry)} /></span></span>
        <span class="whom cut"><${Text} text=${toWhom(entry)} /></span>
        <span class="client cut"><${Text} text=${toClient(entry)} /></span>
        <span class="outcome">${entry.fault && html`<${Badge} tone="warn" icon="bolt" title=${`Fault: ${entry.fault}`}>fault<//>`}<${Status} status=${entry.status} /></span>
        <span class="took">${toTook(entry.durationMs)}</span>
        <time class="when" datetime=${entry.when} title=${entry.when}>${hasDay && html`<span class="day"><span class="year">${entry.when.slice(0, 5)}</span>${entry.when.slice(5, 10)}</span> `}${toTime(entry.when)}</time>
      </a>
    </li>
  `
}

/** @param {Entry} entry */
const toWhom = ({ userName, userId }) =>
  userName === '' ? 'userName is empty' : (userName ?? (userId ? `user ${userId}` : ''))

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
  return toPlain(`${method} ${path}`)
}
