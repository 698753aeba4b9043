// Bodies as the page shows them: as they came, and laid out when they are JSON, up to the place where they stop being
// JSON.

import { useMemo, useState } from 'preact/hooks'
import { Choices } from './fields.js'
import { html } from './html.js'
import { layOut } from './json-text.js'
import { Button } from './parts.js'
import { Text } from './text.js'

/** How much of a body is shown at first, in characters. */
const shown = 20_000

const forms = ['laid out', 'as it came', 'both']

/**
 * A body, whatever it is.
 * @param {{ text: string, label: string, isCut?: boolean }} props `isCut` says that its end was not kept
 */
export function Body({ text, label, isCut = false }) {
  const { parts, problem, remarks } = useMemo(() => layOut(text), [text])
  const looksLikeJson = !problem || (/^\s*[{["]/.test(text) && parts.length > 1)
  const isOdd = (problem !== undefined && !isCut) || remarks.length > 0
  const [form, setForm] = useState(isOdd ? 'both' : 'laid out')
  const [whole, setWhole] = useState(false)
  const most = whole ? text.length : Math.max(shown, Math.ceil(((problem?.at ?? 0) + 200) / shown) * shown)
  const [isLaidOut, isRaw] = [looksLikeJson && form !== 'as it came', !looksLikeJson || form !== 'laid out']
  const isBoth = isLaidOut && isRaw
  return html`
    ${
      looksLikeJson &&
      html`<${Choices} small label=${`Form of the ${label.toLowerCase()}`} options=${forms.map(each => [each, each])} chosen=${form} onChoose=${setForm} />`
    }
    ${
      problem &&
      looksLikeJson &&
      (isCut
        ? html`<p class="hint">Only the start of it was kept.</p>`
        : html`<p class="hint bodyProblem"><strong>No JSON from line ${problem.line}, column ${problem.column}:</strong> ${problem.why}.</p>`)
    }
    ${remarks.map(remark => html`<p class="hint" key=${remark}><${Text} text=${remark} /></p>`)}
    <div class=${isBoth ? 'bodies' : ''}>
      ${isRaw && html`<pre class="body" tabindex="0" role="group" aria-label=${isBoth ? `${label}, as it came` : label}><code>${toRaw(text, isCut ? undefined : problem?.at, most)}</code></pre>`}
      ${isLaidOut && html`<pre class="body" tabindex="0" role="group" aria-label=${isBoth ? `${label}, laid out` : label}><code>${toColours(parts, most)}</code></pre>`}
    </div>
    ${most < text.length && html`<${Button} onClick=${() => setWhole(true)}>Show all ${text.length.toLocaleString('en')} characters<//>`}
  `
}

/** @param {string} text @param {number | undefined} at @param {number} most */
function toRaw(text, at, most) {
  if (at === undefined) return html`<${Text} text=${text.slice(0, most)} />`
  const bad = text[at]
  return html`<${Text} text=${text.slice(0, at)} /><mark class="bad">${bad === undefined || /\s/.test(bad) ? '␣' : html`<${Text} text=${bad} />`}</mark><${Text} text=${text.slice(at + 1, most)} />`
}

/** @param {import('./json-text.js').Part[]} parts @param {number} most */
function toColours(parts, most) {
  const shownParts = []
  let length = 0
  for (const { kind, text } of parts) {
    if (length > most) break
    const part = text.slice(0, most - length)
    length += text.length
    // A URN wraps where it must, a sentence between its words.
    const isSolid = kind === 'text' && !text.includes(' ')
    shownParts.push(
      kind === 'mark'
        ? part
        : html`<span class="json-${kind} ${isSolid ? 'solid' : ''}"><${Text} text=${part} /></span>`,
    )
  }
  return shownParts
}

/** A sentence with its `code`. @param {{ text: string }} props */
export const Prose = ({ text }) => html`
  ${text.split(/`([^`]*)`/).map((part, index) => (index % 2 === 0 ? html`<${Text} text=${part} />` : html`<code><${Text} text=${part} /></code>`))}
`
