// JSON and sentences as the page shows them: indented and coloured, code set off.

import { useState } from 'preact/hooks'
import { html } from './html.js'
import { Button } from './parts.js'

/** How much of a body is shown at first, in characters. */
const shown = 20_000
const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g

/** A body, whatever it is. @param {{ value: unknown, label: string }} props */
export function Body({ value, label }) {
  const [whole, setWhole] = useState(false)
  if (value === null || value === undefined || value === '') return null
  const isJson = typeof value !== 'string'
  const text = isJson ? JSON.stringify(value, null, 2) : value
  const part = whole ? text : text.slice(0, shown)
  return html`
    <pre class="body" tabindex="0" role="group" aria-label=${label}><code>${isJson ? toColours(part) : part}</code></pre>
    ${part.length < text.length && html`<${Button} onClick=${() => setWhole(true)}>Show all ${text.length.toLocaleString('en')} characters<//>`}
  `
}

/** @param {string} text */
function toColours(text) {
  const parts = []
  let end = 0
  for (const match of text.matchAll(token)) {
    const [all, string, colon, word] = match
    parts.push(text.slice(end, match.index))
    end = match.index + all.length
    if (string && colon) parts.push(html`<span class="jsonName">${string}</span>`, colon)
    else {
      // A URN wraps where it must, a sentence between its words.
      const kind = string ? (string.includes(' ') ? 'jsonText' : 'jsonText solid') : word ? 'jsonWord' : 'jsonNumber'
      parts.push(html`<span class=${kind}>${all}</span>`)
    }
  }
  parts.push(text.slice(end))
  return parts
}

/** A sentence with its `code`. @param {{ text: string }} props */
export const Prose = ({ text }) => html`
  ${text.split(/`([^`]*)`/).map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}
`
