// What single keys do, outside of fields and dialogs, and the dialog that lists them.

import { useLayoutEffect } from 'preact/hooks'
import { Dialog } from './dialog.js'
import { html } from './html.js'

/** Runs the action of a key; it returns false when it did not use the key. @param {Record<string, () => unknown>} keys */
export function useKeys(keys) {
  // As soon as something else is shown: a key that is pressed before the next frame means what the reader sees now.
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const press = event => {
      const act = keys[event.key]
      const { target } = event
      if (!act || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
      if (target instanceof Element && target.closest('input, textarea, select, [contenteditable]')) return
      if (act() !== false) event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  })
}

const keys = [
  ['/', 'go to the search'],
  ['j', 'the next exchange, which is older'],
  ['k', 'the one before, which is newer'],
  ['Enter', 'open it'],
  ['c', 'put it beside the open one; so does a click with Ctrl or ⌘'],
  ['Esc', 'close what is open'],
  ['p', 'pause the list, or let it go on'],
  ['?', 'this help'],
]

const terms = [
  ['"supports only"', 'a text, anywhere in request, answer and reasons'],
  ['status:409', 'a status; also 4xx, and none where there was no answer'],
  ['op:create', 'an operation: create, update, lookup, refused …'],
  ['client:okta', 'who sent it'],
  ['user:ann', 'a part of the userName; user:2 is a USER_ID'],
  ['rule:U-14', 'a rule that a note names'],
  ['method:PATCH', 'a method'],
  ['path:/scim/v2/Users', 'the start of the path'],
  ['fault:*', 'hit by a fault; * is any value'],
  ['-status:200', 'anything else'],
]

/** @param {{ onClose: () => void }} props */
export const Help = ({ onClose }) => html`
  <${Dialog} title="Keys and search" onClose=${onClose}>
    <dl class="keys">${keys.map(([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <p class="hint">Terms with one key are alternatives; all else must hold.</p>
    <dl class="keys wide">${terms.map(([term, what]) => html`<div key=${term}><dt><code>${term}</code></dt><dd>${what}</dd></div>`)}</dl>
  <//>
`
