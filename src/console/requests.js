// The journal, live: a search and its counts, the list of what it finds, one exchange opened beside it, or two side by
// side, or the conversation as a picture. The URL tells all of that.

import { useEffect, useRef, useState } from 'preact/hooks'
import { CompareView } from './compare.js'
import { Guide } from './connect.js'
import { Conversation } from './conversation.js'
import { ask } from './dialog.js'
import { ExchangeView } from './exchange.js'
import { ExchangeList, findFocused, stepRow, toPlaceName } from './exchange-list.js'
import { html } from './html.js'
import { Help, useKeys } from './keyboard.js'
import { useLive } from './live.js'
import { Button, Head, Notice, save } from './parts.js'
import { go, rename, toHref } from './route.js'
import { Counts, SearchBox } from './search.js'
import { useMedia } from './window.js'
import { toCount } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */

/** Whether the open exchange came by a key of the list, so that the focus stays there. */
let isQuiet = false

/** What stands at a place of the list. @param {number[]} ids @param {Entry[]} earlier @param {number} place */
function findName(ids, earlier, place) {
  const [id, entry] = [ids[place], earlier[place - ids.length]]
  return id === undefined ? entry && toPlaceName(entry) : String(id)
}

/** @param {{ live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Requests({ live, route }) {
  useLive(live)
  const { journal } = live
  const { index, earlier, heldBack } = journal
  const { instance, detail } = route
  const q = route.query.get('q') ?? ''
  const beside = route.query.get('with') ?? undefined
  const isPicture = route.query.get('as') === 'picture'
  const [isHelping, setHelping] = useState(false)
  const isNarrow = useMedia('(max-width: 899px)')
  useEffect(() => journal.search(q), [journal, q])
  // No other view shows what the search finds, and the search would leave out what arrives.
  useEffect(() => () => journal.search(''), [journal])

  /** The place with another exchange open, or none. @param {string} [name] @param {string} [other] beside it */
  const toPlace = (name, other) => toHref(instance, 'requests', name, { q, with: other })
  /** @param {string} [name] @param {boolean} [quietly] */
  const show = (name, quietly = false) => {
    isQuiet = quietly
    go(toPlace(name))
  }
  /** @param {string | undefined} name @returns {Entry | undefined} */
  const find = name => earlier.find(entry => toPlaceName(entry) === name) ?? journal.entries.find(Number(name))
  const [open, other] = [find(detail), find(beside)]
  useEffect(() => {
    journal.entries.want([detail, beside].map(Number).filter(id => id > 0))
  })
  const restarts = useRef(journal.restarts)
  useEffect(() => {
    if (journal.restarts === restarts.current) return
    restarts.current = journal.restarts
    // What is open stays open: the server may soon give its number to another exchange.
    const [now, also] = [detail, beside].map(name => {
      const kept = earlier.find(({ id, restart }) => restart === journal.restarts && String(id) === name)
      return kept ? toPlaceName(kept) : name
    })
    if (now !== detail || also !== beside) rename(toPlace(now, also))
  }, [journal.restarts])
  const ids = index?.ids ?? []
  const before = earlier.findIndex(entry => toPlaceName(entry) === detail)
  const at = before < 0 ? ids.indexOf(Number(detail)) : ids.length + before
  const [newer, older] = at < 0 ? [] : [at - 1, at + 1].map(place => findName(ids, earlier, place))
  const isPaused = heldBack !== undefined
  const pause = () => journal.hold(!isPaused)
  /** @param {1 | -1} step */
  const walk = step => {
    const next = step > 0 ? older : newer
    if (open && at >= 0) return next === undefined ? false : show(next, true)
    return stepRow(step)
  }
  /** @param {string | undefined} name */
  const openBeside = name => {
    if (!open || name === undefined || name === detail) return false
    go(toPlace(detail, name))
    return true
  }
  const close = () => show(beside === undefined ? undefined : detail)
  useKeys({
    '/': () => document.getElementById('search')?.focus(),
    j: () => walk(1),
    k: () => walk(-1),
    c: () => openBeside(findFocused()),
    p: pause,
    Escape: () => (detail === undefined ? false : close()),
    '?': () => setHelping(true),
  })

  const clear = async () => {
    const sure = await ask({
      title: 'Clear the journal?',
      text: `All ${toCount(index?.kept ?? 0, 'request')} are forgotten by the server too, also those that the search does not find. Users and settings stay.`,
      action: 'Clear',
    })
    if (sure) await live.clearEntries()
  }
  const exportHar = async () =>
    save(
      await live.download(`requests?format=har&limit=${index?.total ?? 0}&q=${encodeURIComponent(q)}`),
      `${instance}${q === '' ? '' : `-${q.replace(/[^\w.-]+/g, '-').slice(0, 60)}`}.har`,
    )

  if (!index) return html`<${Head} title="Requests" /><p class="waiting">Loading …</p>`
  const { total, kept, dropped } = index
  if (kept === 0 && dropped === 0 && earlier.length === 0)
    return html`
      <${Head} title="Requests" lead="The journal is empty. The next request appears here by itself." />
      <${Guide} live=${live} />
    `
  return html`
    <${Head} title="Requests" lead=${`${toCount(kept, 'exchange')} with ${instance}, newest first, times in UTC${ids.length < total ? `; the newest ${ids.length.toLocaleString('en')} that the search finds are listed` : ''}`}>
      <${Button} icon=${isPaused ? 'play' : 'pause'} aria-pressed=${String(isPaused)} onClick=${pause}>${isPaused ? 'Resume' : 'Pause'}<//>
      <${Button} icon=${isPicture ? 'list' : 'layers'} aria-pressed=${String(isPicture)} onClick=${() => go(toHref(instance, 'requests', undefined, { q, as: isPicture ? undefined : 'picture' }))}>Conversation<//>
      <${Button} icon="download" disabled=${total === 0} onClick=${exportHar}>Export HAR (${total.toLocaleString('en')})<//>
      <${Button} icon="trash" onClick=${clear}>Clear<//>
    <//>
    ${dropped > 0 && html`<${Notice} tone="warn"><p>${toCount(dropped, 'older exchange')} ${dropped === 1 ? 'is' : 'are'} gone: the journal is limited in number (<code>--journal</code>) and in memory (<code>--journal-memory</code>).</p><//>`}
    <${SearchBox} q=${q} isSearching=${journal.isSearching} onHelp=${() => setHelping(true)}
      onSearch=${(/** @type {string} */ text) => rename(toHref(instance, 'requests', detail, { q: text, with: beside, as: isPicture ? 'picture' : undefined }))}>
      ${isPaused ? `Paused; ${heldBack} more came` : q !== '' && `${total.toLocaleString('en')} of ${kept.toLocaleString('en')}`}
    <//>
    <${Counts} counts=${index.counts} isStale=${journal.isSearching || journal.q !== q} toHref=${(/** @type {string} */ text) => toHref(instance, 'requests', detail, { q: text, as: isPicture ? 'picture' : undefined })} />
    ${
      isPicture
        ? html`<${Conversation} journal=${journal} instance=${instance} q=${q} />`
        : html`<div class="split ${open ? 'opened' : ''}">
            <${ExchangeList} journal=${journal} openName=${detail} compact=${isNarrow || open !== undefined} toHref=${(/** @type {string} */ name) => toPlace(name)} onBeside=${openBeside} />
            ${
              open && other
                ? html`<${CompareView} key=${`${detail} ${beside}`} left=${open} right=${other} onClose=${() => show(detail)} onKeep=${(/** @type {Entry} */ entry) => toPlace(toPlaceName(entry))} />`
                : open &&
                  html`<${ExchangeView} key=${detail} live=${live} entry=${open} instance=${instance} q=${q} isQuiet=${isQuiet} compareWith=${(/** @type {string | number} */ id) => toPlace(detail, String(id))}
                    onClose=${close} onNewer=${newer && (() => show(newer))} onOlder=${older && (() => show(older))} />`
            }
          </div>`
    }
    ${[detail, beside].map(
      name =>
        name !== undefined &&
        !find(name) &&
        (journal.entries.isGone(Number(name)) || !(Number(name) > 0)) &&
        html`<${Notice} key=${name} tone="warn"><p>Exchange ${name} is not in the journal any more.</p><//>`,
    )}
    ${isHelping && html`<${Help} onClose=${() => setHelping(false)} />`}
  `
}
