// Why an exchange ended as it did: the notes, the rules that they name with their sources, and the switch under which it
// may be accepted, with one click to set it and one to take it back.

import { html } from './html.js'
import { Prose } from './json.js'
import { say } from './messages.js'
import { Button, CopyButton, Notice } from './parts.js'
import { toHref } from './route.js'

/** @typedef {import('./api.js').Entry} Entry */
/** @typedef {import('./live.js').Live} Live */

/** @param {{ live: Live, entry: Entry, instance: string }} props */
export function Reasons({ live, entry, instance }) {
  if (entry.notes.length === 0) return null
  const isRefused = entry.operation === 'refused'
  const named = new Set(entry.notes.map(({ rule }) => rule))
  const rules = live.ruleTable.rules.filter(({ id }) => named.has(id))
  const text = entry.notes.map(({ rule, text }) => (rule ? `${text} (${rule})` : text)).join('\n')
  return html`
    <${Notice} tone=${isRefused ? 'bad' : 'warn'}>
      <div class="partHead"><p class="reason">${isRefused ? 'Why it was refused' : 'What to know'}</p><${CopyButton} text=${text} what="the reasons" /></div>
      <ul>${entry.notes.map(
        ({ rule, text }) =>
          html`<li key=${text}><${Prose} text=${text} /> ${rule && html`<span class="rule">${rule}</span>`}</li>`,
      )}</ul>
      ${rules.length > 0 && html`<dl class="rules">${rules.map(rule => html`<${Rule} key=${rule.id} live=${live} entry=${entry} rule=${rule} instance=${instance} />`)}</dl>`}
    <//>
  `
}

/** @param {{ live: Live, entry: Entry, rule: import('./api.js').Rule, instance: string }} props */
function Rule({ live, entry, rule, instance }) {
  const { id, sentence, evidence, source, switch: key } = rule
  return html`
    <div>
      <dt><span class="rule">${id}</span></dt>
      <dd>
        <${Prose} text=${sentence} />
        <p class="hint">Known from: ${live.ruleTable.evidence[evidence]} (<${Prose} text=${source} />).
          ${key && html` The switch <a href=${toHref(instance, 'behaviour')}><code>${key}</code></a>, which is <code>${live.settings?.behaviours[key]}</code> now, can change it.`}</p>
        ${key && entry.operation === 'refused' && html`<${Switch} live=${live} entry=${entry} rule=${rule} name=${key} />`}
      </dd>
    </div>
  `
}

/** @param {{ live: Live, entry: Entry, rule: import('./api.js').Rule, name: string }} props */
function Switch({ live, entry, rule, name }) {
  const { settings, behaviourTable } = live
  const behaviour = behaviourTable.behaviours.find(({ key }) => key === name)
  const then = entry.behaviours[name] ?? behaviour?.values[0]?.value
  // When the switch already had a value that accepts, something else refused the request.
  if (!settings || !behaviour || !then || rule.accepts.includes(then)) return null
  const now = settings.behaviours[name]
  const set = async (/** @type {string} */ value) => {
    await live.saved(await live.send('PATCH', 'settings', { behaviours: { [name]: value } }))
    say(`${name} is ${value} now.`)
  }
  return html`
    <ul class="switchChoices">
      ${rule.accepts.map(value => {
        const { meaning = '' } = behaviour.values.find(each => each.value === value) ?? {}
        return html`<li key=${value}>
          <span>With <code>${name}: ${value}</code> it may be accepted: <${Prose} text=${meaning} />.</span>
          ${
            now === value
              ? html`<${Button} icon="back" onClick=${() => set(then)}>Take it back to ${then}<//>`
              : html`<${Button} onClick=${() => set(value)}>Set ${name} to ${value}<//>`
          }
        </li>`
      })}
    </ul>
  `
}
