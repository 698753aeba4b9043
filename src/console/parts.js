// What several views are made of: buttons that say when they work, fields to fill in or copy from, dialogs, questions.

import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { html } from './html.js'
import { Icon } from './icons.js'
import { Shared, say } from './messages.js'
import { Text, toPlain } from './text.js'

/** @typedef {import('preact').ComponentChildren} Children */

/** Runs work and says what went wrong with it. @param {() => unknown} work */
async function attempt(work) {
  try {
    await work()
    return true
  } catch (error) {
    say(/** @type {Error} */ (error).message, 'bad')
    return false
  }
}

/**
 * A button; while its work runs it cannot be pressed again, and a failure becomes a message.
 * @param {{ icon?: string, kind?: 'first' | 'second' | 'danger' | 'plain', label?: string, onClick?: () => unknown,
 *   type?: string, disabled?: boolean, children?: Children, [attribute: string]: any }} props
 */
export function Button({ icon, kind = 'second', label, onClick, type = 'button', disabled, children, ...rest }) {
  const [busy, setBusy] = useState(false)
  const press = async () => {
    if (!onClick || busy) return
    setBusy(true)
    await attempt(onClick)
    setBusy(false)
  }
  return html`
    <button ...${rest} type=${type} class="button ${kind}" aria-label=${label} title=${label}
      disabled=${disabled} aria-busy=${busy ? 'true' : undefined} onClick=${onClick ? press : undefined}>
      ${icon && html`<${Icon} name=${icon} />`}
      ${children && html`<span>${children}</span>`}
    </button>
  `
}

/** Puts a text on the clipboard, also where the page came over plain HTTP. @param {string} text */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  // Inside a modal dialog everything else is inert.
  const place = document.querySelector('dialog[open]') ?? document.body
  place.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (!done) throw new Error('The browser does not let this page copy; select the text instead.')
}

/** Copies a text and says so. @param {{ text: string, what: string, children?: Children }} props */
export function CopyButton({ text, what, children }) {
  return html`
    <${Button} icon="copy" label=${children ? undefined : `Copy ${what}`} onClick=${async () => {
      await copy(text)
      say(`Copied ${what}.`)
    }}>${children}<//>
  `
}

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
        onInput=${(/** @type {any} */ event) => onInput(event.target.value)} />
      ${toPlain(value) !== value && html`<p class="hint">With characters that cannot be seen: <span class="break"><${Text} text=${value} /></span></p>`}
    `}
  <//>
`

/** A choice of one. @param {{ label: string, value: string, options: [value: string, label: string][], onChange: (value: string) => void, hint?: Children, wide?: boolean }} props */
export const SelectField = ({ label, value, options, onChange, hint, wide }) => html`
  <${Field} label=${label} hint=${hint} wide=${wide}>
    ${(/** @type {string} */ id, /** @type {string | undefined} */ hintId) => html`
      <select id=${id} aria-describedby=${hintId} onChange=${(/** @type {any} */ event) => onChange(event.target.value)}>
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

/** A few words on a coloured ground. @param {{ tone?: string, icon?: string, title?: string, children: Children }} props */
export const Badge = ({ tone = 'quiet', icon, title, children }) => html`
  <span class="badge ${tone}" title=${title}>${icon && html`<${Icon} name=${icon} />`}${children}</span>
`

/** The status of an answer in its tone. @param {{ status: number | null }} props */
export const Status = ({ status }) =>
  status === null
    ? html`<${Badge} tone="bad">no answer<//>`
    : html`<${Badge} tone=${status < 300 ? 'good' : 'bad'}>${status}<//>`

/** A paragraph that stands out. @param {{ tone?: string, icon?: string, children: Children }} props */
export const Notice = ({ tone = 'info', icon = 'alert', children }) => html`
  <div class="notice ${tone}"><${Icon} name=${icon} /><div>${children}</div></div>
`

/** The head of a view: where it is, its name, what can be done in it. @param {{ path?: string[], title: string, lead?: Children, children?: Children }} props */
export const Head = ({ path, title, lead, children }) => html`
  <header class="head">
    <div>
      ${path && html`<p class="path">${path.join(' › ')}</p>`}
      <h1 tabindex="-1">${title}</h1>
      ${lead && html`<p class="lead">${lead}</p>`}
    </div>
    ${children && html`<div class="actions">${children}</div>`}
  </header>
`

/** A modal dialog, open as long as it is rendered. @param {{ title: string, onClose: () => void, children: Children }} props */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const id = useId()
  // Together with what is shown: until it is modal, keys and clicks go to the page behind it.
  useLayoutEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    // Not the button that closes it, which comes first.
    const first = dialog.current?.querySelector('form input, footer button')
    if (first instanceof HTMLElement) first.focus()
    // Once the dialog is gone; as long as it is there, nothing else can have the focus.
    return () => void setTimeout(() => before instanceof HTMLElement && before.focus())
  }, [])
  // The component that renders the dialog decides whether it closes; it may ask first.
  /** @param {Event} event */
  const leave = event => {
    event.preventDefault()
    onClose()
  }
  // When Escape is pressed twice, browsers close it all the same.
  const reopen = () => {
    dialog.current?.showModal()
    onClose()
  }
  return html`
    <dialog ref=${dialog} aria-labelledby=${id} onCancel=${leave} onClose=${reopen}>
      <header>
        <h2 id=${id}>${title}</h2>
        <button type="button" class="plain" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>
      </header>
      ${children}
    </dialog>
  `
}

/** @typedef {{ title: string, text: string, action: string, answer: (sure: boolean) => void }} Question */
/** @type {Shared<Question | undefined>} */
const question = new Shared(/** @type {Question | undefined} */ (undefined))

/** Asks whether to go on. @param {{ title: string, text: string, action: string }} asked @returns {Promise<boolean>} */
export const ask = asked =>
  new Promise(resolve => {
    question.set({
      ...asked,
      answer: sure => {
        question.set(undefined)
        resolve(sure)
      },
    })
  })

/** Where questions appear. */
export function Questions() {
  const asked = question.use()
  if (!asked) return null
  const { title, text, action, answer } = asked
  return html`
    <${Dialog} title=${title} onClose=${() => answer(false)}>
      <p>${text}</p>
      <footer>
        <${Button} onClick=${() => answer(false)}>Cancel<//>
        <${Button} kind="danger" onClick=${() => answer(true)}>${action}<//>
      </footer>
    <//>
  `
}

/** Gives the person a file. @param {Blob} file @param {string} name */
export function save(file, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
