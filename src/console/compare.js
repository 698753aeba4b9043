// Two exchanges side by side: request, answer and the switches in force, with the differences marked.

import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { toRows } from './diff.js'
import { toTitle } from './exchange.js'
import { html } from './html.js'
import { layOut } from './json-text.js'
import { Button } from './parts.js'
import { toTarget } from './replay.js'
import { Text } from './text.js'
import { toAnswerText, toHeaderLines, toOperation } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */

/** How many equal lines stay around a difference, and how many rows are shown in all. */
const around = 3
const mostRows = 600

/** @param {string} text */
function toReadable(text) {
  const { parts, problem } = layOut(text)
  return problem ? text : parts.map(part => part.text).join('')
}

/** @type {[title: string, toText: (entry: Entry) => string][]} */
const sections = [
  ['Request line', entry => `${entry.method} ${toTarget(entry)}`],
  ['Headers of the request', entry => toHeaderLines(entry.headers)],
  ['Body of the request', ({ rawBody }) => toReadable(rawBody ?? '')],
  ['Status', ({ status, fault }) => `${status ?? 'no answer'}${fault ? `, fault: ${fault}` : ''}`],
  ['Headers of the answer', ({ answerHeaders }) => toHeaderLines(answerHeaders)],
  ['Body of the answer', ({ answer }) => toReadable(toAnswerText(answer))],
  ['Reasons', ({ notes }) => notes.map(({ rule, text }) => `${rule ?? '–'} ${text}`).join('\n')],
  [
    'Changes',
    ({ changes }) =>
      changes
        .map(({ field, before, after }) => `${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`)
        .join('\n'),
  ],
  ['Switches in force that are not as in insightly', ({ behaviours }) => toHeaderLines(behaviours)],
]

/** @param {{ left: Entry, right: Entry, onClose: () => void, onKeep: (entry: Entry) => string }} props */
export function CompareView({ left, right, onClose, onKeep }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null))
  useLayoutEffect(() => {
    heading.current?.focus()
  }, [])
  const compared = useMemo(
    () =>
      sections.map(([title, toText]) => {
        const [a, b] = [toText(left), toText(right)]
        return { title, isEmpty: a === '' && b === '', isSame: a === b, rows: toRows(a, b) }
      }),
    [left, right],
  )
  const shown = compared.filter(({ isEmpty }) => !isEmpty)
  const same = shown.filter(({ isSame }) => isSame).map(({ title }) => title)
  const name = (/** @type {Entry} */ entry) =>
    html`<a href=${onKeep(entry)}>no. ${entry.id}</a> ${toOperation(entry.operation).label}: <${Text} text=${toTitle(entry)} />`
  return html`
    <article class="exchangeView compare" aria-labelledby="compared">
      <div class="exchangeBar"><${Button} kind="plain" icon="back" onClick=${onClose}>Close the comparison<//></div>
      <h2 id="compared" tabindex="-1" ref=${heading}>No. ${left.id} and no. ${right.id}</h2>
      ${same.length > 0 && html`<p class="hint">The same in both: ${same.join(', ').toLowerCase()}.</p>`}
      <div class="scrolls" tabindex="0" role="group" aria-label="Both exchanges">
        <table class="diff">
          <thead><tr><th scope="col">${name(left)}</th><th scope="col">${name(right)}</th></tr></thead>
          ${shown
            .filter(({ isSame }) => !isSame)
            .map(
              ({ title, rows }) => html`
            <tbody key=${title}>
              <tr><th colspan="2" scope="rowgroup">${title}</th></tr>
              ${toShownRows(rows).map((row, index) =>
                typeof row === 'string'
                  ? html`<tr key=${index} class="skipped"><td colspan="2">${row}</td></tr>`
                  : html`<tr key=${index} class=${row.isSame ? 'same' : 'differs'}>
                      <td>${row.left === undefined ? '' : row.isSame ? html`<${Text} text=${row.left} />` : html`<del><${Text} text=${row.left} /></del>`}</td>
                      <td>${row.right === undefined ? '' : row.isSame ? html`<${Text} text=${row.right} />` : html`<ins><${Text} text=${row.right} /></ins>`}</td>
                    </tr>`,
              )}
            </tbody>
          `,
            )}
        </table>
      </div>
      ${shown.every(({ isSame }) => isSame) && html`<p class="empty">The two are alike in all of it.</p>`}
    </article>
  `
}

/** The rows to show: long runs of equal lines are left out. @param {import('./diff.js').Row[]} rows @returns {(import('./diff.js').Row | string)[]} */
function toShownRows(rows) {
  const isNear = rows.map((_row, index) =>
    rows.slice(Math.max(0, index - around), index + around + 1).some(({ isSame }) => !isSame),
  )
  /** @type {(import('./diff.js').Row | string)[]} */
  const shown = []
  for (let index = 0; index < rows.length && shown.length < mostRows; index += 1) {
    const row = rows[index]
    if (row && isNear[index]) shown.push(row)
    else {
      const start = index
      while (index + 1 < rows.length && !isNear[index + 1]) index += 1
      shown.push(`${index - start + 1} equal line${index === start ? '' : 's'}`)
    }
  }
  if (shown.length >= mostRows) shown.push('and more')
  return shown
}
