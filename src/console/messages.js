// What the page says in passing, and the shared values by which anything in it can speak up.

import { useEffect, useState } from 'preact/hooks'
import { html } from './html.js'
import { Icon } from './icons.js'

/** A value that components outside the tree of its setter follow. @template T */
export class Shared {
  /** @type {Set<(value: T) => void>} */
  #followers = new Set()

  /** @param {T} value */
  constructor(value) {
    this.value = value
  }

  /** @param {T} value */
  set(value) {
    this.value = value
    for (const follower of this.#followers) follower(value)
  }

  use() {
    const [value, setValue] = useState(this.value)
    useEffect(() => {
      this.#followers.add(setValue)
      setValue(this.value)
      return () => void this.#followers.delete(setValue)
    }, [])
    return value
  }
}

/** @type {Shared<{ id: number, text: string, tone: string }[]>} */
const messages = new Shared(/** @type {{ id: number, text: string, tone: string }[]} */ ([]))
let lastMessage = 0

/** Shows a message for a while; errors until they are closed. @param {string} text @param {'good' | 'bad'} [tone] */
export function say(text, tone = 'good') {
  lastMessage += 1
  const id = lastMessage
  messages.set([...messages.value.filter(message => message.text !== text), { id, text, tone }].slice(-4))
  if (tone === 'good') setTimeout(() => unsay(id), 6000)
}

/** @param {number} id */
const unsay = id => messages.set(messages.value.filter(message => message.id !== id))

/** Where messages appear. */
export function Messages() {
  const shown = messages.use()
  return html`
    <div class="messages" role="status" aria-live="polite">
      ${shown.map(
        ({ id, text, tone }) => html`
          <div key=${id} class="message ${tone}">
            <${Icon} name=${tone === 'good' ? 'check' : 'alert'} />
            <span>${text}</span>
            <button type="button" class="plain" aria-label="Close the message" onClick=${() => unsay(id)}>
              <${Icon} name="close" />
            </button>
          </div>
        `,
      )}
    </div>
  `
}
