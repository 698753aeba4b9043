// Fields: to fill in, to choose from, to tick, to copy from. Each has a label, and a hint where one helps.

import { useId, useState } from 'preact/hooks'
import { html } from './html.js'
import { Button, CopyButton } from './parts.js'
import { Text, toPlain } from './text.js'

/** @typedef {import('preact').ComponentChildren} Children */

/** A listener of a field that takes its value. @param {(value: string) => void} take */
export const withValue = take => (/** @type {any} */ event) => take(event.target.value)

/** A labelled control. @param {{ label: string, hint?: Children, wide?: boolean, children: (id: string, hintId: string | undefined) => Children }} props */
function Field({ label, hint, wide, children }) {
  const id = useId()
  return html`
    <div class="field ${wide ? 'wide' : ''}">
      <label for=${id}>${label}</label>
      ${children(id, hint ? `${id}-hint` : undefined)}
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    </div>
  `
}

/** A line of text to fill in; what hides in it is named below it, since a field cannot. @param {{ label: string, value: string, onInput: (value: string) => void, hint?: Children, wide?: boolean, [attribute: string]: any }} props */
export const TextField = ({ label, value, onInput, hint, wide, ...rest }) => html`
  <${Field} label=${label} hint=${hint} wide=${wide}>
    ${(/** @type {string} */ id, /** @type {string | undefined} */ hintId) => html`
      <input ...${rest} id=${id} value=${value} aria-describedby=${hintId}
        onInput=${withValue(onInput)} />
      ${toPlain(value) !== value && html`<p class="hint">With characters that cannot be seen: <span class="break"><${Text} text=${value} /></span></p>`}
    `}
  <//>
`

/** A choice of one. @param {{ label: string, value: string, options: [value: string, label: string][], onChange: (value: string) => void, hint?: Children, wide?: boolean }} props */
export const SelectField = ({ label, value, options, onChange, hint, wide }) => html`
  <${Field} label=${label} hint=${hint} wide=${wide}>
    ${(/** @type {string} */ id, /** @type {string | undefined} */ hintId) => html`
      <select id=${id} aria-describedby=${hintId} onChange=${withValue(onChange)}>
        ${options.map(([each, name]) => html`<option key=${each} value=${each} selected=${each === value}>${name}</option>`)}
      </select>
    `}
  <//>
`

/** A check box with its words. @param {{ label: Children, checked: boolean, onChange: (checked: boolean) => void, disabled?: boolean, hint?: Children }} props */
export function CheckBox({ label, checked, onChange, disabled, hint }) {
  const id = useId()
  return html`
    <div class="checkBox">
      <input type="checkbox" id=${id} checked=${checked} disabled=${disabled} aria-describedby=${hint ? `${id}-hint` : undefined}
        onChange=${(/** @type {any} */ event) => onChange(event.target.checked)} />
      <div>
        <label for=${id}>${label}</label>
        ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
      </div>
    </div>
  `
}

/**
 * A choice of one among a few, each a button.
 * @template {string | number} Value
 * @param {{ label: string, options: [value: Value, label: string][], chosen: Value | undefined, onChoose: (value: Value) => void, small?: boolean }} props
 */
export const Choices = ({ label, options, chosen, onChoose, small }) => html`
  <div class="choices ${small ? 'small' : ''}" role="group" aria-label=${label}>
    ${options.map(([value, name]) => html`<button key=${value} type="button" aria-pressed=${String(value === chosen)} onClick=${() => onChoose(value)}>${name}</button>`)}
  </div>
`

/**
 * A value to be pasted elsewhere; a secret one is hidden until asked for.
 * @param {{ label: string, what: string, value: string, secret?: boolean, children?: Children }} props
 */
export function CopyField({ label, what, value, secret = false, children }) {
  const [shown, setShown] = useState(!secret)
  const id = useId()
  return html`
    <div class="copyField">
      <label for=${id}>${label}</label>
      <div class="joined">
        <input id=${id} class="code" readonly value=${shown ? value : '•'.repeat(Math.min(value.length, 32))}
          onFocus=${(/** @type {any} */ event) => event.target.select()} />
        ${
          secret &&
          html`<${Button} icon="eye" label=${shown ? `Hide ${what}` : `Show ${what}`} aria-pressed=${String(shown)}
          onClick=${() => setShown(!shown)} />`
        }
        <${CopyButton} text=${value} what=${what} />
        ${children}
      </div>
    </div>
  `
}
