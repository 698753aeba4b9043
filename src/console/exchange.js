// One exchange: why it ended as it did, what it changed, request and answer side by side, and what to do with it.

import { useLayoutEffect, useRef } from 'preact/hooks'
import { serverUrl } from './api.js'
import { html } from './html.js'
import { Body } from './json.js'
import { Badge, Button, CopyButton, Status, Table } from './parts.js'
import { Reasons } from './refusal.js'
import { findRepeated, Replay, toTarget } from './replay.js'
import { toHistoryHref, toHref } from './route.js'
import { SecondAnswer } from './shadow.js'
import { Text, toPlain, toShown } from './text.js'
import { toAnswerText, toClient, toHeaderLines, toOperation, toShellWord, toText, toTook } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */
/** @typedef {import('./live.js').Live} Live */

/** What an exchange is called: by its user, or else by what was asked for. @param {Entry} entry */
export const toTitle = ({ userName, method, path }) =>
  userName === null ? toPlain(`${method} ${path}`) : `${/^\s*$/.test(userName) ? 'userName ' : ''}${toShown(userName)}`

/**
 * The search for all exchanges that concern the same user; those that looked the user up know the name alone.
 * @param {Entry} entry
 */
const toUserSearch = ({ userId, userName }) =>
  [userId && `user:${userId}`, userName && `user:${JSON.stringify(userName)}`].filter(Boolean).join(' ')

/** Whether only the start of an answer was kept: then its length is not told. @param {Entry} entry */
const isAnswerCut = ({ answer, answerHeaders }) => typeof answer === 'string' && !('content-length' in answerHeaders)

/**
 * @param {{ live: Live, entry: Entry, instance: string, q: string, isQuiet: boolean, compareWith: (id: string | number) => string,
 *   onClose: () => void, onNewer: (() => void) | undefined, onOlder: (() => void) | undefined }} props
 */
export function ExchangeView({ live, entry, instance, q, isQuiet, compareWith, onClose, onNewer, onOlder }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null))
  useLayoutEffect(() => {
    // A person who goes through the list by j and k stays in it.
    if (!isQuiet) heading.current?.focus()
  }, [])
  const { label, icon, tone } = toOperation(entry.operation)
  const repeated = findRepeated(entry)
  const answer = toAnswerText(entry.answer)
  return html`
    <article class="exchangeView" aria-labelledby="exchange">
      <div class="exchangeBar">
        <${Button} kind="plain" icon="back" onClick=${onClose}>All requests<//>
        <span class="joined">
          <${Button} disabled=${!onNewer} onClick=${onNewer}>Newer<//>
          <${Button} disabled=${!onOlder} onClick=${onOlder}>Older<//>
        </span>
      </div>
      <header>
        <h2 id="exchange" tabindex="-1" ref=${heading}><${Badge} tone=${tone} icon=${icon}>${label}<//> <span class="break">${toTitle(entry)}</span></h2>
        <p class="facts">
          <span><${Text} text=${toClient(entry)} /></span><time datetime=${entry.when}>${entry.when.replace('T', ' ').replace('Z', ' UTC')}</time>
          <span>${toTook(entry.durationMs)}</span>${entry.userId && html`<span>USER_ID <a href=${toHistoryHref(instance, entry.userId)} title="The history of this user">${entry.userId}</a></span>`}<span>no. ${entry.id}</span>
          ${entry.userName && html`<a href=${toHref(instance, 'requests', undefined, { q: toUserSearch(entry), as: 'picture' })}>Conversation</a>`}
        </p>
        ${
          repeated &&
          html`<p class="facts"><span>Sent again from ${repeated.instance === instance ? '' : `${repeated.instance}, `}<a href=${toHref(repeated.instance, 'requests', repeated.id, { q })}>no. ${repeated.id}</a></span>
            ${repeated.instance === instance && html`<a href=${compareWith(repeated.id)}>Compare the two</a>`}</p>`
        }
        <div class="actions">
          <${CopyButton} text=${toReachable(entry.curl)} what="the curl command; it takes the credentials from a shell variable">Copy as curl<//>
          <${CopyWhole} live=${live} curl=${toReachable(entry.curl)} />
          <${Replay} live=${live} entry=${entry} />
        </div>
      </header>
      <${Reasons} live=${live} entry=${entry} instance=${instance} />
      <${Changes} entry=${entry} instance=${instance} />
      <div class="sides">
        <section aria-label="Request">
          <${Part} title="Request" copy=${`${entry.method} ${toTarget(entry)}`} what="the request line" />
          <p class="line code"><strong>${entry.method}</strong> <${Text} text=${toTarget(entry)} /></p>
          <${Headers} headers=${entry.headers} whose="request" />
          ${entry.rawBody && html`<${Part} title="Body" copy=${entry.rawBody} what="the body of the request" /><${Body} text=${entry.rawBody} label="Body of the request" />`}
          ${!entry.rawBody && html`<p class="hint">${entry.bodyLength > 0 ? `A body of ${entry.bodyLength.toLocaleString('en')} bytes, of which only the length was kept.` : 'No body.'}</p>`}
        </section>
        <section aria-label="Answer">
          <${Part} title="Answer" copy=${String(entry.status ?? 'no answer')} what="the status" />
          <p class="line"><${Status} status=${entry.status} /> ${entry.fault && html`<${Badge} tone="warn" icon="bolt">fault: ${entry.fault}<//>`}</p>
          <${Headers} headers=${entry.answerHeaders} whose="answer" />
          ${answer ? html`<${Part} title="Body" copy=${answer} what="the body of the answer" /><${Body} text=${answer} label="Body of the answer" isCut=${isAnswerCut(entry)} />` : html`<p class="hint">No body.</p>`}
        </section>
      </div>
      <${SecondAnswer} shadow=${entry.shadow} />
      ${
        Object.keys(entry.behaviours).length > 0 &&
        html`<section aria-label="Switches in force"><h3>Switches in force</h3><p class="hint">All others were as in the preset insightly.</p>
          <ul>${Object.entries(entry.behaviours).map(([key, value]) => html`<li key=${key}><code>${key}: ${value}</code></li>`)}</ul></section>`
      }
    </article>
  `
}

/**
 * The command with the address at which this page reaches the server: the one that the client used may not work from
 * here.
 * @param {string} curl
 */
const toReachable = curl => curl.replace(/'https?:\/\/[^/']*(?=\/)/, () => `'${serverUrl.href.replace(/\/$/, '')}`)

/** The heading of a part, with its copy button. @param {{ title: string, copy: string, what: string }} props */
const Part = ({ title, copy, what }) =>
  html`<div class="partHead"><h3>${title}</h3><${CopyButton} text=${copy} what=${what} /></div>`

/** @param {{ headers: Record<string, string>, whose: string }} props */
function Headers({ headers, whose }) {
  const count = Object.keys(headers).length
  if (count === 0) return html`<p class="hint">No headers.</p>`
  return html`
    <details>
      <summary>${count} header${count === 1 ? '' : 's'} of the ${whose}</summary>
      <${CopyButton} text=${toHeaderLines(headers)} what=${`the headers of the ${whose}`}>Copy the headers<//>
      <dl class="headers">${Object.entries(headers).map(
        ([name, value]) =>
          html`<div key=${name}><dt><${Text} text=${name} /></dt><dd><${Text} text=${value} /></dd></div>`,
      )}</dl>
    </details>
  `
}

/** @param {{ entry: Entry, instance: string }} props */
function Changes({ entry, instance }) {
  const { changes, userId } = entry
  const text = changes.map(({ field, before, after }) => `${field}\t${toText(before)}\t${toText(after)}`).join('\n')
  return html`
    <section class="changes" aria-label="What changed">
      <div class="partHead"><h3>What changed</h3>${changes.length > 0 && html`<${CopyButton} text=${text} what="the changes" />`}</div>
      ${
        changes.length === 0
          ? html`<p class="hint">Nothing.</p>`
          : html`
            <${Table} label="Changed fields" titles=${['Field, and its SCIM attribute', 'Before', 'After']}>
              ${changes.map(
                ({ field, attribute, before, after }) => html`
                  <tr key=${field}>
                    <th scope="row">${field} <span class="attribute">${attribute}</span></th>
                    <td class=${before === null ? 'none' : 'before'}><${Text} text=${toText(before)} /></td>
                    <td class=${after === null ? 'none' : 'after'}><${Text} text=${toText(after)} /></td>
                  </tr>
                `,
              )}
            <//>
            ${userId && html`<p class="hint"><a href=${toHistoryHref(instance, userId)}>All that ever changed of USER_ID ${userId}</a></p>`}`
      }
    </section>
  `
}

/**
 * The curl command with the secret in it. Whoever sees this page may see the secret, too.
 * @param {{ live: Live, curl: string }} props
 */
function CopyWhole({ live, curl }) {
  const { scimToken, apiKey } = live.description ?? {}
  const whole = curl
    .replace('"authorization: Bearer $INSIGHTLY_SCIM_TOKEN"', found =>
      scimToken ? toShellWord(`authorization: Bearer ${scimToken}`) : found,
    )
    .replace('"$INSIGHTLY_API_KEY:"', found => (apiKey ? toShellWord(`${apiKey}:`) : found))
  if (whole === curl) return null
  return html`<${CopyButton} text=${whole} what="the curl command with the present secret in it">… with the secret<//>`
}
