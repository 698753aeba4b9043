// The conversation as a picture: the newest part of what the search finds, each arrow a link to its exchange. It can be
// saved as a file for a report.

import { useMemo, useRef, useState } from 'preact/hooks'
import { html } from './html.js'
import { Button, CopyButton, Notice, save } from './parts.js'
import { cut, toMermaid, toPicture } from './picture.js'
import { useReading } from './reading.js'
import { toHref } from './route.js'
import { useMedia } from './window.js'
import { toCount } from './words.js'

/** How many exchanges a picture shows. */
const most = 200

/** @param {{ journal: import('./journal.js').Journal, instance: string, q: string }} props */
export function Conversation({ journal, instance, q }) {
  const [entries, setEntries] = useState(/** @type {import('./api.js').Entry[] | undefined} */ (undefined))
  useReading(
    () =>
      journal.read(q, most).then(
        found => setEntries(found.reverse()),
        () => setEntries(shown => shown ?? []),
      ),
    q,
    [journal.index],
  )
  const drawing = useRef(/** @type {SVGSVGElement | null} */ (null))
  const isNarrow = useMedia('(max-width: 599px)')
  const picture = useMemo(() => toPicture(entries ?? [], isNarrow), [entries, isNarrow])
  if (!entries) return html`<p class="waiting">Loading …</p>`
  const total = journal.index?.total ?? 0
  const users = new Set(entries.map(({ userId, userName }) => userId ?? userName))
  const clients = new Set(entries.map(({ client }) => client))
  const { width, height, left, right, arrows, gaps, client, letters } = picture
  return html`
    ${users.size > 1 && clients.size > 1 && html`<${Notice}><p>Several clients and users talk at once here. Narrow it to one: click a client above, or search for <code>user:</code> and a name.</p><//>`}
    <div class="actions">
      <${Button} icon="download" onClick=${() => drawing.current && save(toFile(drawing.current), `${instance}-conversation.svg`)}>Export SVG<//>
      <${CopyButton} text=${toMermaid(picture)} what="the conversation as Mermaid">Copy as Mermaid<//>
      <span class="hint">${total > most ? `The newest ${most} of ${toCount(total, 'exchange')}. ` : ''}Times are to scale; what would be too long is cut and named.</span>
    </div>
    <div class="conversation" tabindex="0" role="group" aria-label="Conversation">
      <svg ref=${drawing} viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height}>
        <defs>
          <clipPath id="between"><rect x=${left} y="0" width=${right - left} height=${height} /></clipPath>
          ${['good', 'bad'].map(tone => html`<marker key=${tone} id=${`arrow-${tone}`} viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class=${tone} d="M0 0 8 4 0 8Z" /></marker>`)}
        </defs>
        ${[left, right].map(x => html`<line key=${x} class="lifeline" x1=${x} y1="34" x2=${x} y2=${height - 10} />`)}
        <text class="party" x=${left} y="22">${cut(client, letters.client)}</text>
        <text class="party" x=${right} y="22">Insightly</text>
        ${gaps.map(({ y, label }) => html`<g key=${y}>${[left, right].map(x => html`<line key=${x} class="cutLine" x1=${x} y1=${y - 9} x2=${x} y2=${y + 9} />`)}<text class="gap" x=${(left + right) / 2} y=${y + 4}>${label}</text></g>`)}
        ${arrows.map(
          ({ id, y, time, label, reply, isRefused }) => html`
            <a key=${id} href=${toHref(instance, 'requests', id, { q })} class=${isRefused ? 'bad' : 'good'}>
              <rect class="ground" x="4" y=${y - 20} width=${width - 8} height="42" rx="6" />
              <text class="time" x="10" y=${y + 4}>${time}</text>${' '}
              <text x=${left + 10} y=${y - 5} clip-path="url(#between)">${cut(label, letters.label)}</text>${' '}
              <line x1=${left} y1=${y} x2=${right} y2=${y} marker-end=${`url(#arrow-${isRefused ? 'bad' : 'good'})`} />
              <line class="back" x1=${right} y1=${y + 16} x2=${left} y2=${y + 16} marker-end=${`url(#arrow-${isRefused ? 'bad' : 'good'})`} />
              <text class="reply" x=${right + 10} y=${y + 20}>${reply}</text>
            </a>
          `,
        )}
      </svg>
      ${entries.length === 0 && html`<p class="empty">No exchange is like that.</p>`}
    </div>
  `
}

/** What the styles of the page decide about a shape. */
const drawn =
  'fill stroke stroke-width stroke-dasharray text-anchor font-family font-size font-style font-weight'.split(' ')

/** A picture as it is shown, as a file that needs nothing else. @param {SVGSVGElement} picture */
function toFile(picture) {
  const copy = /** @type {SVGSVGElement} */ (picture.cloneNode(true))
  const [shapes, copies] = [picture, copy].map(each => [each, ...each.querySelectorAll('*')])
  shapes?.forEach((shape, index) => {
    const style = getComputedStyle(shape)
    for (const name of drawn) copies?.[index]?.setAttribute(name, style.getPropertyValue(name))
    copies?.[index]?.removeAttribute('href')
  })
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  const { backgroundColor: fill } = getComputedStyle(/** @type {Element} */ (picture.parentElement))
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill })) ground.setAttribute(name, value)
  copy.prepend(ground)
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' })
}
