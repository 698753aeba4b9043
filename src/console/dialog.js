// Modal dialogs, and the question whether to go on.

import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { html } from './html.js'
import { Icon } from './icons.js'
import { Button } from './parts.js'
import { Shared } from './shared.js'

/** @typedef {import('preact').ComponentChildren} Children */

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
