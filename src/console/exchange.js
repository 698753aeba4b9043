// One exchange: why it ended as it did, what it changed, request and answer side by side, and what to do with it.

import { useEffect, useRef } from 'preact/hooks'
import { html } from './html.js'
import { Body, Prose } from './json.js'
import { say } from './messages.js'
import { Badge, Button, CopyButton, Notice, Status } from './parts.js'
import { go, toHref } from './route.js'
import { toClient, toOperation, toText, toTook } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */

/** @param {{ live: import('./live.js').Live, entry: Entry, route: import('./route.js').Route, newer: Entry | undefined, older: Entry | undefined }} props */
export function ExchangeView({ live, entry, route, newer, older }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => {
    heading.current?.focus()
  }, [])
  const { label, icon, tone } = toOperation(entry.operation)
  /** @param {Entry | undefined} other */
  const show = other => () => go(toHref(route.instance, 'requests', other?.id))
  return html`
    <article class="exchangeView" aria-labelledby="exchange">
      <div class="exchangeBar">
        <${Button} kind="plain" icon="back" onClick=${show(undefined)}>All requests<//>
        <span class="joined">
          <${Button} disabled=${!newer} onClick=${show(newer)}>Newer<//>
          <${Button} disabled=${!older} onClick=${show(older)}>Older<//>
        </span>
      </div>
      <header>
        <h2 id="exchange" tabindex="-1" ref=${heading}><${Badge} tone=${tone} icon=${icon}>${label}<//> <span class="break">${entry.userName ?? `${entry.method} ${entry.path}`}</span></h2>
        <p class="facts">
          <span>${toClient(entry)}</span><time datetime=${entry.when}>${entry.when.replace('T', ' ').replace('Z', ' UTC')}</time>
          <span>${toTook(entry.durationMs)}</span>${entry.userId && html`<span>USER_ID ${entry.userId}</span>`}<span>no. ${entry.id}</span>
        </p>
        <div class="actions">
          <${CopyButton} text=${entry.curl} what="the curl command; it takes the token from $INSIGHTLY_SCIM_TOKEN">Copy as curl<//>
          <${Button} icon="refresh" disabled=${entry.rawBody === null && entry.bodyLength > 0} onClick=${() => replay(live, entry, route)}>Replay<//>
        </div>
      </header>
      ${
        entry.notes.length > 0 &&
        html`<${Notice} tone=${entry.operation === 'refused' ? 'bad' : 'warn'}>
          <p class="reason">${entry.operation === 'refused' ? 'Why it was refused' : 'What to know'}</p>
          <ul>${entry.notes.map(
            ({ rule, text }) =>
              html`<li key=${text}><${Prose} text=${text} /> ${rule && html`<span class="rule">${rule}</span>`}</li>`,
          )}</ul>
          <${Rules} live=${live} notes=${entry.notes} instance=${route.instance} />
        <//>`
      }
      <section class="changes" aria-label="What changed">
        <h3>What changed</h3>
        ${
          entry.changes.length === 0
            ? html`<p class="hint">Nothing.</p>`
            : html`
              <div class="scrolls" tabindex="0" role="group" aria-label="Changed fields"><table>
                <thead><tr><th scope="col">Insightly field</th><th scope="col">SCIM attribute</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
                <tbody>${entry.changes.map(
                  ({ field, attribute, before, after }) => html`
                    <tr key=${field}>
                      <th scope="row">${field}</th><td><code>${attribute}</code></td>
                      <td class=${before === null ? 'none' : 'before'}>${toText(before)}</td>
                      <td class=${after === null ? 'none' : 'after'}>${toText(after)}</td>
                    </tr>
                  `,
                )}</tbody>
              </table></div>`
        }
      </section>
      <div class="sides">
        <section aria-label="Request">
          <h3>Request</h3>
          <p class="line code"><strong>${entry.method}</strong> ${toTarget(entry)}</p>
          <details>
            <summary>${Object.keys(entry.headers).length} headers</summary>
            <dl class="headers">${Object.entries(entry.headers).map(
              ([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`,
            )}</dl>
          </details>
          <${Body} value=${entry.body ?? entry.rawBody} label="Body of the request" />
          ${!entry.rawBody && html`<p class="hint">${entry.bodyLength > 0 ? `A body of ${entry.bodyLength.toLocaleString('en')} bytes, of which only the length was kept.` : 'No body.'}</p>`}
        </section>
        <section aria-label="Answer">
          <h3>Answer</h3>
          <p class="line"><${Status} status=${entry.status} /> ${entry.fault && html`<${Badge} tone="warn" icon="bolt">fault: ${entry.fault}<//>`}</p>
          <${Body} value=${entry.answer} label="Body of the answer" />
          ${(entry.answer === null || entry.answer === '') && html`<p class="hint">No body.</p>`}
        </section>
      </div>
    </article>
  `
}

/**
 * What the rules say that the notes of an exchange name, and how that is known.
 * @param {{ live: import('./live.js').Live, notes: import('./api.js').Note[], instance: string }} props
 */
function Rules({ live: { ruleTable, settings }, notes, instance }) {
  const named = new Set(notes.map(({ rule }) => rule))
  const rules = ruleTable.rules.filter(({ id }) => named.has(id))
  if (rules.length === 0) return null
  return html`
    <dl class="rules">${rules.map(
      ({ id, sentence, evidence, source, switch: key }) => html`
        <div key=${id}>
          <dt><span class="rule">${id}</span></dt>
          <dd>
            <${Prose} text=${sentence} />
            <p class="hint">Known from: ${ruleTable.evidence[evidence]} (<${Prose} text=${source} />).
              ${key && html` The switch <a href=${toHref(instance, 'behaviour')}><code>${key}</code></a>, which is <code>${settings?.behaviours[key]}</code> now, can change it.`}</p>
          </dd>
        </div>
      `,
    )}</dl>
  `
}

/** The path and query as sent. @param {Entry} entry */
const toTarget = ({ url }) => url.replace(/^https?:\/\/[^/]*/, '')

/**
 * Sends an exchange's request once more, to where the client sent it and with the present credentials: the one thing
 * that this page does not do by the control API.
 * @param {import('./live.js').Live} live @param {Entry} entry @param {import('./route.js').Route} route
 */
async function replay(live, entry, route) {
  const target = new URL(`.${toTarget(entry)}`, location.href)
  const base = new URL('.', location.href).href
  const path = target.href.startsWith(base) ? target.href.slice(base.length) : ''
  // What a client sent may climb out of the two surfaces, and behind a proxy out of the server; the token must not.
  if (!/^\/*(scim\/+v2|v3\.1)\b/i.test(path)) throw new Error('This URL cannot be replayed.')
  await live.refresh()
  const { scimToken, apiKey } = /** @type {import('./api.js').Description} */ (live.description)
  /** @type {Record<string, string>} */
  const headers = {
    authorization: /^\/+v3\.1/i.test(toTarget(entry))
      ? `Basic ${btoa(`${apiKey ?? ''}:`)}`
      : `Bearer ${scimToken ?? ''}`,
  }
  for (const name of ['accept', 'content-type'])
    if (entry.headers[name] !== undefined) headers[name] = entry.headers[name]
  const before = live.entries.at(-1)?.id ?? 0
  let outcome
  try {
    const answer = await fetch(target, {
      method: entry.method,
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(30_000),
      ...(entry.rawBody !== null && { body: entry.rawBody }),
    })
    await answer.text()
    outcome = `answered ${answer.status}`
  } catch {
    outcome = 'got no answer'
  }
  const stop = live.subscribe(() => {
    const replayed = live.entries.find(({ id, method }) => id > before && method === entry.method)
    if (!replayed) return
    stop()
    go(toHref(route.instance, 'requests', replayed.id))
  })
  say(`Replayed: ${outcome}.`)
}
