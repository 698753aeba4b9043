// Sending a request again: as it was or edited, by the control API, which names the exchange that came of it.

import { useRef, useState } from 'preact/hooks'
import { Dialog } from './dialog.js'
import { SelectField, TextField, withValue } from './fields.js'
import { html } from './html.js'
import { say } from './messages.js'
import { Button, Problem } from './parts.js'
import { go, toHref } from './route.js'
import { mayLeave, useUnsaved } from './unsaved.js'
import { toHeaderLines } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */
/** @typedef {import('./live.js').Live} Live */

/** Whether an exchange was one with the REST surface. @param {Entry} entry */
const isRest = ({ path }) => /^\/+v3\.1(\/|$)/i.test(path)

/** With what a request can be sent again. @param {Entry} entry @returns {[value: string, label: string][]} */
const toChoices = entry => [
  ['current', isRest(entry) ? 'with the present API key' : 'with the present SCIM token'],
  ['as-sent', 'with the credentials it had'],
  ['none', 'without credentials'],
]

/** The path and query as sent. @param {Entry} entry */
export const toTarget = ({ url }) => url.replace(/^https?:\/\/[^/]*/, '')

/** The exchange that a request repeats, if it does. @param {Entry} entry @returns {{ instance: string, id: string } | undefined} */
export function findRepeated({ headers }) {
  const [, instance, id] = /^([a-z0-9-]+)\/(\d+) /.exec(headers['x-insightly-scim-replay'] ?? '') ?? []
  return instance && id ? { instance, id } : undefined
}

/** Why an exchange cannot be sent again as it was; undefined when it can. @param {Entry} entry */
function whyNot({ restart, rawBody, bodyLength }) {
  if (restart) return 'The server was started anew since, and does not know this exchange any more.'
  if (rawBody === null && bodyLength > 0)
    return `Its body had ${bodyLength.toLocaleString('en')} bytes, and of a body that long only the length is kept.`
  return undefined
}

/** @param {Live} live @param {Entry} entry @param {Record<string, unknown>} how */
async function send(live, entry, how) {
  const { instance, id, status, credentials } = await live.send('POST', `requests/${entry.id}/replay`, how)
  const [, words] = toChoices(entry).find(([value]) => value === credentials) ?? []
  say(`Sent again as no. ${id}, ${words}: ${status === null ? 'no answer' : `answered ${status}`}.`)
  go(toHref(instance, 'requests', id))
}

/** The ways to send an exchange's request again. @param {{ live: Live, entry: Entry }} props */
export function Replay({ live, entry }) {
  const [credentials, setCredentials] = useState('current')
  const [isEditing, setEditing] = useState(false)
  const reason = whyNot(entry)
  return html`
    <div class="joined replay">
      <${Button} icon="refresh" disabled=${reason !== undefined} aria-describedby=${reason && 'whyNot'} onClick=${() => send(live, entry, { credentials })}>Replay<//>
      <select aria-label="Credentials of the replay" disabled=${reason !== undefined} onChange=${withValue(setCredentials)}>
        ${toChoices(entry).map(([value, label]) => html`<option key=${value} value=${value} selected=${value === credentials}>${label}</option>`)}
      </select>
      <${Button} icon="pencil" disabled=${entry.restart !== undefined} onClick=${() => setEditing(true)}>Edit and send again<//>
    </div>
    ${reason && html`<p class="hint" id="whyNot">It cannot be replayed: ${reason}</p>`}
    ${isEditing && html`<${Edit} live=${live} entry=${entry} credentials=${credentials} onClose=${() => setEditing(false)} />`}
  `
}

/** Headers that the server decides when it sends a request again. */
const ownHeaders =
  /^(authorization|connection|content-length|transfer-encoding|expect|keep-alive|upgrade|te|trailer|accept-encoding|proxy-.*|x-insightly-scim-replay)$/

/** @param {{ live: Live, entry: Entry, credentials: string, onClose: () => void }} props */
function Edit({ live, entry, credentials: chosen, onClose }) {
  const isSent = useRef(false)
  const [method, setMethod] = useState(entry.method)
  const [url, setUrl] = useState(toTarget(entry))
  const [credentials, setCredentials] = useState(chosen)
  const [headers, setHeaders] = useState(
    toHeaderLines(Object.fromEntries(Object.entries(entry.headers).filter(([name]) => !ownHeaders.test(name)))),
  )
  const [body, setBody] = useState(entry.rawBody ?? '')
  const [problem, setProblem] = useState('')
  const draft = [method, url, headers, body].join('\n')
  const first = useRef(draft)
  useUnsaved(() => !isSent.current && draft !== first.current)
  const leave = async () => {
    if (draft === first.current || (await mayLeave())) onClose()
  }
  /** @param {any} event */
  const submit = async event => {
    event.preventDefault()
    try {
      const lines = headers.split('\n').filter(line => line.trim() !== '')
      const bad = lines.find(line => !/^[^:\s]+:/.test(line))
      isSent.current = true
      if (bad) throw new Error(`“${bad}” is no header; write a name, a colon and a value.`)
      await send(live, entry, {
        method: method.trim().toUpperCase(),
        url: url.trim(),
        credentials,
        headers: Object.fromEntries(
          lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
        ),
        body: body === '' ? null : body,
      })
      onClose()
    } catch (error) {
      isSent.current = false
      setProblem(/** @type {Error} */ (error).message)
    }
  }
  return html`
    <${Dialog} title="Edit and send again" onClose=${leave}>
      <form class="editRequest" onSubmit=${submit}>
        <${Problem} text=${problem} />
        <div class="grid">
          <${TextField} label="Method" value=${method} onInput=${setMethod} required />
          <${SelectField} label="Credentials" value=${credentials} options=${toChoices(entry)} onChange=${setCredentials} />
          <${TextField} label="Path and query" value=${url} onInput=${setUrl} wide required />
        </div>
        <label class="area">Headers, one a line
          <textarea rows="5" class="code" value=${headers} onInput=${withValue(setHeaders)}></textarea>
        </label>
        <label class="area">Body
          <textarea rows="10" class="code" value=${body} onInput=${withValue(setBody)}></textarea>
        </label>
        <p class="hint">What was masked is *** here and is sent so. No. ${entry.id} stays as it is; the result links back to it.</p>
        <footer>
          <${Button} onClick=${leave}>Cancel<//>
          <${Button} kind="first" icon="refresh" type="submit">Send<//>
        </footer>
      </form>
    <//>
  `
}
