// What several views are made of: buttons that say when they work, heads, notices, badges, tables.

import { useState } from 'preact/hooks'
import { html } from './html.js'
import { Icon } from './icons.js'
import { say } from './messages.js'

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

/** What is wrong with what was filled in; nothing while the text is empty. @param {{ text: string }} props */
export const Problem = ({ text }) => text && html`<${Notice} tone="bad"><p role="alert">${text}</p><//>`

/** A table that scrolls by itself where it is too wide. @param {{ label: string, titles: string[], children: Children }} props */
export const Table = ({ label, titles, children }) => html`
  <div class="scrolls" tabindex="0" role="group" aria-label=${label}><table>
    <thead><tr>${titles.map(title => html`<th key=${title} scope="col">${title}</th>`)}</tr></thead>
    <tbody>${children}</tbody>
  </table></div>
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

/** Gives the person a file. @param {Blob} file @param {string} name */
export function save(file, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
