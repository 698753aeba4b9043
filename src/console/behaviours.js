// The behaviour switches: what each decides, how the default is known, and the alternatives; presets; limits.

import { useState } from 'preact/hooks'
import { toWords } from './api.js'
import { Choices, TextField } from './fields.js'
import { html } from './html.js'
import { Prose } from './json.js'
import { useLive } from './live.js'
import { say } from './messages.js'
import { Badge, Button, Head, Problem } from './parts.js'
import { SeenThere } from './shadow.js'
import { useUnsaved } from './unsaved.js'

/** @param {{ live: import('./live.js').Live }} props */
export function Behaviours({ live }) {
  useLive(live)
  const { behaviours: rows, presets } = live.behaviourTable
  const behaviours = live.settings?.behaviours ?? {}
  /** @param {Record<string, string>} change @param {string} told */
  const store = async (change, told) => {
    const before = Object.fromEntries(Object.keys(change).map(key => [key, behaviours[key]]))
    const put = async (/** @type {Record<string, string | undefined>} */ values) =>
      live.saved(await live.send('PATCH', 'settings', { behaviours: values }))
    await put(change)
    say(told, 'good', () => put(before))
  }
  const preset = Object.entries(presets).find(([, values]) =>
    Object.entries(values).every(([key, value]) => behaviours[key] === value),
  )
  return html`
    <${Head} title="Behaviour" lead="Insightly’s documentation leaves some questions open, and generic SCIM clients expect other answers. Each switch acts at once.">
      <${Choices} label="Preset" options=${Object.keys(presets).map(name => [name, name])} chosen=${preset?.[0]} onChoose=${(
        /** @type {string} */ name,
      ) => store(presets[name] ?? {}, `All switches are as in ${name}.`).catch(error => say(error.message, 'bad'))} />
    <//>
    <${SeenThere} live=${live} />
    <div class="switches">
      ${rows.map(
        row =>
          html`<${Switch} key=${row.key} row=${row} knownFrom=${live.ruleTable.evidence[row.evidence] ?? row.evidence} value=${behaviours[row.key] ?? ''} onChoose=${(/** @type {string} */ value) => store({ [row.key]: value }, `${row.key} is ${value} now.`)} />`,
      )}
    </div>
    ${live.settings && html`<${Limits} key=${JSON.stringify([live.settings.rateLimit, live.settings.publicUrl])} live=${live} settings=${live.settings} />`}
  `
}

/** @param {{ row: import('./api.js').Behaviour, knownFrom: string, value: string, onChoose: (value: string) => Promise<void> }} props */
function Switch({ row: { key, values, evidence, sentence }, knownFrom, value, onChoose }) {
  const isDefault = values[0]?.value === value
  return html`
    <fieldset class="card switch ${isDefault ? '' : 'changed'}">
      <legend><code>${key}</code> ${!isDefault && html`<${Badge} tone="warn">changed<//>`}</legend>
      <p><${Prose} text=${sentence} /></p>
      ${values.map(
        ({ value: each, meaning }, index) => html`
          <label key=${each} class="option">
            <input type="radio" name=${key} value=${each} checked=${each === value} onChange=${() => onChoose(each).catch(error => say(error.message, 'bad'))} />
            <span><strong>${each}</strong> <span class="hint"><${Prose} text=${meaning} /></span>
              ${index === 0 && html` <${Badge} tone=${evidence === 'open' ? 'quiet' : 'info'}>default: ${knownFrom}<//>`}
            </span>
          </label>
        `,
      )}
    </fieldset>
  `
}

/** @type {Record<string, string>} */
const labels = { 'rateLimit.requestsPerSecond': 'Requests per second', publicUrl: 'Public URL' }

/** @param {import('./api.js').Settings} settings */
const toRate = ({ rateLimit }) => (rateLimit ? String(rateLimit.requestsPerSecond) : '')

/** @param {{ live: import('./live.js').Live, settings: import('./api.js').Settings }} props */
function Limits({ live, settings }) {
  const [rate, setRate] = useState(toRate(settings))
  const [publicUrl, setPublicUrl] = useState(settings.publicUrl ?? '')
  const [problem, setProblem] = useState('')
  const isStoredIn = (/** @type {import('./api.js').Settings} */ stored) =>
    rate === toRate(stored) && publicUrl === (stored.publicUrl ?? '')
  const isSaved = isStoredIn(settings)
  // What is stored may be newer than what was rendered last.
  useUnsaved(() => !isStoredIn(live.settings ?? settings))
  const store = async () => {
    setProblem('')
    const change = {
      // What is not a number is sent as it is: the server says what it accepts.
      rateLimit: rate.trim() === '' ? null : { requestsPerSecond: Number.isNaN(Number(rate)) ? rate : Number(rate) },
      publicUrl: publicUrl.trim() === '' ? null : publicUrl.trim(),
    }
    try {
      await live.saved(await live.send('PATCH', 'settings', change))
      say('Saved limits and address.')
    } catch (error) {
      setProblem(toWords(error, labels))
    }
  }
  return html`
    <section class="card">
      <h2>Limits and address</h2>
      <${Problem} text=${problem} />
      <div class="grid">
        <${TextField} label="Requests per second" inputmode="numeric" value=${rate} onInput=${setRate} hint="More are answered with 429. Empty: no limit." />
        <${TextField} label="Public URL" type="url" value=${publicUrl} onInput=${setPublicUrl} placeholder="https://…" hint="The start of meta.location and of the SCIM URL. Empty: the address each client uses." />
      </div>
      <div class="joined"><${Button} disabled=${isSaved} onClick=${store}>Save<//>${!isSaved && html`<span class="hint" role="status">Not saved yet.</span>`}</div>
    </section>
  `
}
