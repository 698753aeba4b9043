// What the page says in passing.

import { html } from './html.js'
import { Icon } from './icons.js'
import { Shared } from './shared.js'

/** @typedef {{ id: number, text: string, tone: 'good' | 'bad', undo: (() => Promise<unknown>) | undefined }} Message */
/** @type {Shared<Message[]>} */
const messages = new Shared(/** @type {Message[]} */ ([]))
let lastMessage = 0
/** How many messages are kept, and how many of them are shown. */
const [most, mostShown] = [20, 4]

/**
 * Shows a message for a while, an error until its view is left, what can be undone long enough to think it over.
 * @param {string} text @param {'good' | 'bad'} [tone] @param {() => Promise<unknown>} [undo]
 */
export function say(text, tone = 'good', undo) {
  lastMessage += 1
  const id = lastMessage
  const earlier = messages.value.filter(message => message.text !== text || message.undo)
  messages.set([...earlier, { id, text, tone, undo }].slice(-most))
  if (tone === 'good') setTimeout(() => unsay(id), undo ? 30_000 : 6000)
}

/** @param {number} id */
const unsay = id => messages.set(messages.value.filter(message => message.id !== id))

/** Takes back what belongs to a view that is left: its errors, and what could be undone in it. */
export const forgetView = () => messages.set(messages.value.filter(({ tone, undo }) => tone === 'good' && !undo))

/** @param {Message} message */
async function takeBack({ id, undo }) {
  unsay(id)
  try {
    await undo?.()
    say('Undone.')
  } catch (error) {
    say(/** @type {Error} */ (error).message, 'bad')
  }
}

/** Where messages appear. Changes are undone one by one, the last one first: its message alone is shown. */
export function Messages() {
  const all = messages.use()
  const last = all.findLast(({ undo }) => undo)
  const shown = all.filter(message => !message.undo || message === last).slice(-mostShown)
  return html`
    <div class="messages" role="status" aria-live="polite">
      ${shown.map(message => {
        const { id, text, tone, undo } = message
        return html`
          <div key=${id} class="message ${tone}">
            <${Icon} name=${tone === 'good' ? 'check' : 'alert'} />
            <span>${text}</span>
            ${undo && html`<button type="button" class="undo" onClick=${() => takeBack(message)}>Undo</button>`}
            <button type="button" class="plain" aria-label="Close the message" onClick=${() => unsay(id)}>
              <${Icon} name="close" />
            </button>
          </div>
        `
      })}
    </div>
  `
}
