// What the real endpoint does where this server would do something else: in one exchange, and by switch.

import { useEffect, useState } from 'preact/hooks'
import { html } from './html.js'
import { Body, Prose } from './json.js'
import { say } from './messages.js'
import { Badge, Button, Status, Table } from './parts.js'
import { Text } from './text.js'
import { toAnswerText } from './words.js'

/** @typedef {import('./api.js').ShadowAnswer} ShadowAnswer */
/** @typedef {import('./api.js').SwitchSeen} SwitchSeen */

/** The second answer to a request that the real endpoint answered: this server's own. @param {{ shadow: ShadowAnswer | null }} props */
export function SecondAnswer({ shadow }) {
  if (!shadow) return null
  const { uncompared, status, answer, notes, differences } = shadow
  const text = toAnswerText(answer)
  return html`
    <section class="changes" aria-label="This server’s own answer">
      <div class="partHead"><h3>This server’s own answer</h3></div>
      <p class="hint">The answer above came from the real endpoint. ${uncompared ? html`It was not compared: ${uncompared}.` : differences.length === 0 ? 'This server would have answered the same.' : ''}</p>
      ${
        differences.length > 0 &&
        html`<${Table} label="Differences" titles=${['What differs', 'Real endpoint', 'This server']}>
          ${differences.map(({ what, there, here }) => html`<tr key=${what}><th scope="row"><${Text} text=${what} /></th><td><${Text} text=${there} /></td><td><${Text} text=${here} /></td></tr>`)}
        <//>`
      }
      ${notes.map(({ rule, text: why }) => html`<p key=${why}>${rule && html`<${Badge}>${rule}<//> `}<${Prose} text=${why} /></p>`)}
      ${!uncompared && html`<details><summary>Its answer: <${Status} status=${status} /></summary>${text ? html`<${Body} text=${text} label="Body of this server’s own answer" />` : html`<p class="hint">No body.</p>`}</details>`}
    </section>
  `
}

/**
 * The switches that have another value at the real endpoint; nothing when there are none.
 * @param {{ live: import('./live.js').Live }} props
 */
export function SeenThere({ live }) {
  const [found, setFound] = useState(/** @type {import('./api.js').Differences | undefined} */ (undefined))
  const { settings } = live
  useEffect(() => {
    live.send('GET', 'differences').then(setFound, () => {})
  }, [live, settings])
  if (!found?.shadow.upstream) return null
  const { behaviours, shadow } = found
  const open = shadow.switches.filter(({ seen }) => seen === null)
  const other = shadow.switches.filter(({ seen, here }) => seen !== null && seen !== here)
  const take = async () => {
    live.saved(await live.send('PATCH', 'settings', { behaviours }))
    say('The switches are as they were seen at the real endpoint.')
  }
  return html`
    <section class="card changes" aria-label="Seen at the real endpoint">
      <h2>Seen at the real endpoint</h2>
      <p class="hint">Passed on to <${Text} text=${shadow.upstream} />: ${shadow.forwarded}, answered differently: ${shadow.differing}, switches not determined: ${open.length} of ${shadow.switches.length}.</p>
      ${
        other.length === 0
          ? html`<p>No switch was seen to be another one there.</p>`
          : html`
            <${Table} label="Switches that differ" titles=${['Switch', 'Here', 'There', 'How it is known']}>
              ${other.map(row => html`<${SeenRow} key=${row.key} row=${row} />`)}
            <//>
            <div class="joined"><${Button} onClick=${() => take().catch(error => say(error.message, 'bad'))}>Set them here, too<//></div>`
      }
      ${shadow.unexplained.length > 0 && html`<${Unexplained} differences=${shadow.unexplained} />`}
    </section>
  `
}

/** @param {{ row: SwitchSeen }} props */
const SeenRow = ({ row: { key, here, seen, reading, times } }) => html`
  <tr>
    <th scope="row"><code>${key}</code></th><td><code>${here}</code></td><td><code>${seen}</code></td>
    <td><${Prose} text=${reading} />${times > 1 && ` (${times} times)`}</td>
  </tr>
`

/** @param {{ differences: import('./api.js').Unexplained[] }} props */
const Unexplained = ({ differences }) => html`
  <details>
    <summary>${differences.length} kinds of differences that no switch explains</summary>
    <${Table} label="Differences that no switch explains" titles=${['Request', 'What differs', 'There', 'Here', 'Times']}>
      ${differences.map(({ request, what, there, here, times }) => html`<tr key=${[request, what, there, here].join()}><th scope="row"><${Text} text=${request} /></th><td><${Text} text=${what} /></td><td><${Text} text=${there} /></td><td><${Text} text=${here} /></td><td>${times}</td></tr>`)}
    <//>
  </details>
`
