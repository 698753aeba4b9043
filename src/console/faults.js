// Faults on purpose: the rules that are armed, how often each fired, and a form to add one.

import { useRef, useState } from 'preact/hooks'
import { toWords } from './api.js'
import { SelectField, TextField } from './fields.js'
import { html } from './html.js'
import { useLive } from './live.js'
import { say } from './messages.js'
import { Badge, Button, Head, Problem } from './parts.js'
import { faultEffects, isArmed, operations, toCount } from './words.js'

/** @typedef {import('./api.js').Fault} Fault */

/** @type {Record<string, string>} */
const labels = {
  'do.status': 'Status',
  'do.detail': 'Detail',
  'do.headers': 'Retry-After',
  'do.delayMs': 'Milliseconds',
  'match.userName': 'userName',
  'match.path': 'Path starts with',
  'when.times': 'At most, times',
  'when.after': 'Skip the first',
  'when.every': 'Only every nth',
  'when.probability': 'Probability',
}

const blank = {
  method: '',
  operation: '',
  userName: '',
  path: '',
  effect: 'status',
  status: '503',
  detail: '',
  retryAfter: '',
  delayMs: '2000',
  times: '',
  after: '',
  every: '',
  probability: '',
}

/** @param {{ live: import('./live.js').Live }} props */
export function Faults({ live }) {
  useLive(live)
  const faults = live.faults ?? []
  /** @param {Fault[]} rules */
  const put = async rules => {
    await live.send('PUT', 'faults', rules)
    await live.refresh()
  }
  // One after the other, each on top of what the one before left: two clicks may come before the first is stored.
  const storing = useRef(Promise.resolve())
  /** @param {(rules: Fault[]) => Fault[]} change @param {string} told */
  const store = (change, told) => {
    const stored = storing.current.then(async () => {
      const before = live.faults ?? []
      await put(change(before))
      say(told, 'good', () => put(before))
    })
    storing.current = stored.catch(() => {})
    return stored
  }
  return html`
    <${Head} title="Faults" lead="Make the server fail on purpose, to see what an identity provider does then. The first rule that matches and fires decides.">
      <${Button} icon="trash" disabled=${faults.length === 0} onClick=${() => store(() => [], 'All faults are cleared.')}>Clear all<//>
    <//>
    ${faults.length === 0 && html`<p class="empty">No fault is armed.</p>`}
    <ol class="cards" aria-label="Armed faults">
      ${faults.map(
        (fault, index) => html`
          <li key=${index} class="card fault">
            <div>
              <strong>${toEffect(fault)}</strong>
              <p class="hint">${toCondition(fault)}</p>
            </div>
            <${Badge} tone=${fault.fired ? 'warn' : 'quiet'} icon="bolt">fired ${toCount(fault.fired ?? 0, 'time')}${isArmed(fault) ? '' : ', spent'}<//>
            <${Button} icon="trash" label=${`Remove fault ${index + 1}`} onClick=${() =>
              store(rules => without(rules, fault), 'The fault is removed.')} />
          </li>
        `,
      )}
    </ol>
    <${NewFault} onAdd=${(/** @type {Fault} */ fault) => store(rules => [...rules, fault], 'The fault is armed; all counts start anew.')} />
  `
}

/** @param {{ onAdd: (fault: Fault) => Promise<void> }} props */
function NewFault({ onAdd }) {
  const [draft, setDraft] = useState(blank)
  const [problem, setProblem] = useState('')
  /** @param {keyof typeof blank} name */
  const bind = name => ({ value: draft[name], onInput: set(name), autocomplete: 'off' })
  /** @param {keyof typeof blank} name */
  const set = name => (/** @type {string} */ value) => setDraft({ ...draft, [name]: value })
  /** @param {Event} event */
  const add = async event => {
    event.preventDefault()
    setProblem('')
    try {
      await onAdd(toFault(draft))
      setDraft(blank)
    } catch (error) {
      setProblem(toWords(error, labels))
    }
  }
  return html`
    <form class="card" onSubmit=${add}>
      <h2>Add a fault</h2>
      <${Problem} text=${problem} />
      <fieldset>
        <legend>What happens</legend>
        <div class="grid">
          <${SelectField} wide label="Effect" value=${draft.effect} options=${Object.entries(faultEffects)} onChange=${set('effect')} />
          ${
            draft.effect === 'status' &&
            html`
            <${TextField} label="Status" inputmode="numeric" ...${bind('status')} hint="300 to 599" />
            <${TextField} label="Retry-After" ...${bind('retryAfter')} hint="Seconds; empty: none, but for 429" />
            <${TextField} wide label="Detail" ...${bind('detail')} />`
          }
          ${draft.effect === 'delayMs' && html`<${TextField} label="Milliseconds" inputmode="numeric" ...${bind('delayMs')} />`}
        </div>
      </fieldset>
      <fieldset>
        <legend>To which requests</legend>
        <div class="grid">
          <${SelectField} label="Operation" value=${draft.operation} options=${[
            ['', 'Any'],
            ...Object.entries(operations)
              .filter(([each]) => each !== 'refused')
              .map(([each, { label }]) => [each, label]),
          ]} onChange=${set('operation')} />
          <${SelectField} label="Method" value=${draft.method} options=${['', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map(each => [each, each || 'Any'])} onChange=${set('method')} />
          <${TextField} label="userName" ...${bind('userName')} hint="Empty: any user" />
          <${TextField} label="Path starts with" placeholder="/scim/v2/Users" ...${bind('path')} />
        </div>
      </fieldset>
      <fieldset>
        <legend>How often</legend>
        <div class="grid four">
          <${TextField} label="At most, times" inputmode="numeric" ...${bind('times')} hint="Empty: for ever" />
          <${TextField} label="Skip the first" inputmode="numeric" ...${bind('after')} />
          <${TextField} label="Only every nth" inputmode="numeric" ...${bind('every')} />
          <${TextField} label="Probability" inputmode="decimal" ...${bind('probability')} hint="0 to 1" />
        </div>
      </fieldset>
      <${Button} kind="first" type="submit" icon="bolt">Arm the fault<//>
    </form>
  `
}

/**
 * A rule of what was filled in. What is not a number is sent as it is: the server says what it accepts.
 * @param {typeof blank} draft
 * @returns {Fault}
 */
function toFault(draft) {
  const toNumber = (/** @type {string} */ text) => (Number.isNaN(Number(text)) ? text : Number(text))
  /** @param {(keyof typeof blank)[]} names @param {(text: string) => unknown} read */
  const pick = (names, read) =>
    Object.fromEntries(names.filter(name => draft[name].trim() !== '').map(name => [name, read(draft[name].trim())]))
  const match = pick(['method', 'operation', 'userName', 'path'], String)
  const when = pick(['times', 'after', 'every', 'probability'], toNumber)
  const { effect } = draft
  const does =
    effect === 'status'
      ? {
          ...pick(['status'], toNumber),
          ...pick(['detail'], String),
          ...(draft.retryAfter.trim() && { headers: { 'Retry-After': draft.retryAfter.trim() } }),
        }
      : effect === 'delayMs'
        ? pick(['delayMs'], toNumber)
        : { [effect]: true }
  return /** @type {Fault} */ ({
    ...(Object.keys(match).length > 0 && { match }),
    ...(Object.keys(when).length > 0 && { when }),
    do: does,
  })
}

/** The list without one rule; how often it fired may have changed. @param {Fault[]} rules @param {Fault} fault */
function without(rules, fault) {
  const toText = (/** @type {Fault} */ { fired: _, ...rule }) => JSON.stringify(rule)
  const at = rules.findIndex(each => toText(each) === toText(fault))
  return rules.filter((_, index) => index !== at)
}

/** @param {Fault} fault */
function toEffect({ do: does }) {
  if (does.status !== undefined)
    return `Answer ${does.status}${does.scimType ? ` ${does.scimType}` : ''}${does.detail ? `: ${does.detail}` : ''}`
  if (does.delayMs !== undefined) return `Delay the answer by ${does.delayMs} ms`
  return faultEffects[Object.keys(does)[0] ?? ''] ?? JSON.stringify(does)
}

/** @param {Fault} fault */
function toCondition({ match = {}, when = {} }) {
  const what = [
    match.method,
    match.operation && (operations[match.operation]?.label.toLowerCase() ?? match.operation),
    match.userName && `for ${match.userName}`,
    match.path && `below ${match.path}`,
  ].filter(Boolean)
  const often = [
    when.times !== undefined && `at most ${toCount(when.times, 'time')}`,
    when.after && `after the first ${when.after}`,
    when.every && `every ${when.every}th`,
    when.probability !== undefined && `with probability ${when.probability}`,
  ].filter(Boolean)
  return `${what.length > 0 ? what.join(' ') : 'Every request'}${often.length > 0 ? `; ${often.join(', ')}` : ''}`
}
