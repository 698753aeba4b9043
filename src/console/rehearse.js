// Plays what a provider does into this instance, step by step or at once, and says how each step went. The requests
// come as a provider's do, so that the journal shows them as the provider's.

import { useEffect, useState } from 'preact/hooks'
import { Choices, SelectField } from './fields.js'
import { html } from './html.js'
import { Prose } from './json.js'
import { Badge, Button, Status } from './parts.js'
import { toHref } from './route.js'

/**
 * @typedef {{ did: string | null, does: string, purpose: string | null, request: string, source: string | null }} Step
 * @typedef {{ id: string, title: string, confidence: string, optional: string | null, steps: Step[] }} Conversation
 * @typedef {{ id: string, name: string, kind: string, conversations: Conversation[] }} Client
 * @typedef {{ index: number, result: 'works' | 'ignored' | 'refused' | 'fails', status: number | null, why: string | null,
 *   rules: string[], instance: string | null, id: number | null }} Played
 */

const tones = { works: 'good', ignored: 'warn', refused: 'bad', fails: 'bad' }

/** A text with the words of the provider's own form marked. @param {{ text: string }} props */
export const Words = ({ text }) =>
  text.split('*').map((part, index) => (index % 2 === 1 ? html`<strong>${part}</strong>` : part))

/** @param {{ api: import('./api.js').ControlApi, live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Rehearse({ api, live, route }) {
  const [clients, setClients] = useState(/** @type {Client[]} */ ([]))
  const [chosen, setChosen] = useState('okta')
  const [id, setId] = useState('')
  useEffect(() => {
    api.send('GET', 'conversations').then(setClients, () => {})
  }, [api, live.connection])
  const client = clients.find(each => each.id === chosen)
  const conversation = client?.conversations.find(each => each.id === id) ?? client?.conversations[0]
  if (!client || !conversation) return null
  return html`
    <section class="card">
      <h2>Without a provider</h2>
      <p class="hint">Play what a provider does into this instance. The users that it creates stay.</p>
      <${Choices} label="What to play" options=${clients.map(each => [each.id, each.name])} chosen=${client.id} onChoose=${setChosen} />
      <${SelectField} label="Conversation" value=${conversation.id} options=${client.conversations.map(each => [each.id, each.title])} onChange=${setId} wide />
      <${Play} key=${`${route.instance}/${conversation.id}`} name=${client.name} conversation=${conversation} live=${live} route=${route} />
    </section>
  `
}

/** @param {{ name: string, conversation: Conversation, live: import('./live.js').Live, route: import('./route.js').Route }} props */
function Play({ name, conversation, live, route }) {
  const [played, setPlayed] = useState(/** @type {Played[]} */ ([]))
  const [next, setNext] = useState(/** @type {number | null} */ (0))
  const [variables, setVariables] = useState(/** @type {unknown} */ (undefined))
  /** Plays the next step, or all that are left, one call each, so that each is seen when it comes. @param {boolean} all */
  const play = async all => {
    const isFresh = next === null
    let state = { from: next ?? 0, variables: isFresh ? undefined : variables, played: isFresh ? [] : played }
    do {
      const body = { conversation: conversation.id, from: state.from, steps: 1, variables: state.variables }
      const answer = await live.send('POST', 'rehearsals', body)
      state = { from: answer.next, variables: answer.variables, played: [...state.played, ...answer.steps] }
      setPlayed(state.played)
      setVariables(state.variables)
      setNext(answer.next)
    } while (all && state.from !== null)
  }
  const needs = conversation.optional && html`Needed <${Words} text=${conversation.optional} />. `
  const known =
    conversation.confidence !== 'documented' && `The pages tell it only in part (${conversation.confidence}).`
  return html`
    ${(needs || known) && html`<p class="hint">${needs}${known}</p>`}
    <ol class="steps" aria-label=${`Steps of ${name}`}>
      ${conversation.steps.map((step, index) => html`<${PlayedStep} key=${index} name=${name} step=${step} played=${played.find(each => each.index === index)} route=${route} />`)}
    </ol>
    <div class="actions">
      <${Button} kind="first" onClick=${() => play(true)}>${next === null ? 'Play again' : next === 0 ? 'Play all' : 'Play the rest'}<//>
      ${next !== null && html`<${Button} onClick=${() => play(false)}>Play the next step<//>`}
    </div>
  `
}

/** @param {{ name: string, step: Step, played: Played | undefined, route: import('./route.js').Route }} props */
function PlayedStep({ name, step: { did, does, purpose, request, source }, played, route }) {
  const why = played?.why && `${played.why}${played.rules.length > 0 ? ` (${played.rules.join(', ')})` : ''}`
  return html`
    <li>
      ${did && html`<strong><${Words} text=${did} /></strong> `}
      ${name} ${does}${purpose && ` (${purpose})`}: <code class="break">${request}</code>
      ${source && html` <a href=${source} target="_blank" rel="noreferrer noopener">source</a>`}
      ${
        played &&
        html`<div role="status">
          <${Badge} tone=${tones[played.result]}>${played.result}<//>${' '}<${Status} status=${played.status} />
          ${played.id !== null && html` <a href=${toHref(played.instance ?? route.instance, 'requests', played.id)}>See the exchange</a>`}
          ${why && html`<p class="hint"><${Prose} text=${why} /></p>`}
        </div>`
      }
    </li>
  `
}
