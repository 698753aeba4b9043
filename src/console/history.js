// The history of one user: each change of each field with the exchange that made it, and what changed by something else.

import { useMemo, useState } from 'preact/hooks'
import { ControlError } from './api.js'
import { withValue } from './fields.js'
import { html } from './html.js'
import { useLive } from './live.js'
import { Badge, Button, Head, Notice } from './parts.js'
import { useReading } from './reading.js'
import { go, toHref } from './route.js'
import { Text } from './text.js'
import { findLater, toHistory } from './user-history.js'
import { toClient, toCount, toName, toOperation, toText } from './words.js'

/** How many exchanges of one user are read. */
const most = 2000

/** @param {{ live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function History({ live, route }) {
  useLive(live)
  const id = route.detail ?? ''
  const [loaded, setLoaded] = useState(
    /** @type {{ entries: import('./api.js').Entry[], user: any } | undefined} */ (undefined),
  )
  const [field, setField] = useState('')
  const { newest, index } = live.journal
  // It is read again only for an exchange that concerns this user.
  const latest = newest?.userId === id ? newest.id : 0
  useReading(
    () => {
      const find = live.get(`users/${encodeURIComponent(id)}`).catch(error => {
        if (error instanceof ControlError && error.status === 404) return undefined
        throw error
      })
      return Promise.all([live.journal.read(`user:${id}`, most), find]).then(
        ([entries, user]) => setLoaded({ entries, user }),
        () => {},
      )
    },
    id,
    [latest, live.connection],
  )
  const history = useMemo(() => toHistory(loaded?.entries ?? []), [loaded])
  if (!loaded) return html`<${Head} title="History" /><p class="waiting">Loading …</p>`
  const { user } = loaded
  const later = findLater(history, user)
  const moments = history.filter(({ steps }) => steps.some(step => field === '' || step.field === field))
  const fields = [...new Set(history.flatMap(({ steps }) => steps.map(step => step.field)))]
  const others = history.length - history.filter(({ steps }) => steps.length > 0).length
  const dropped = index?.dropped ?? 0
  return html`
    <${Head} path=${['User List', `USER_ID ${id}`]} title="History" lead=${html`<${Text} text=${user ? `${toName(user)}, ${user.EMAIL_ADDRESS}` : 'There is no such user now.'} />`}>
      ${user && html`<${Button} icon="users" onClick=${() => go(toHref(route.instance, 'users', id))}>Edit User Settings<//>`}
      <${Button} icon="list" onClick=${() => go(toHref(route.instance, 'requests', undefined, { q: `user:${id}` }))}>Exchanges (${history.length.toLocaleString('en')})<//>
      <${Button} icon="layers" onClick=${() => go(toHref(route.instance, 'requests', undefined, { q: `user:${id}${user ? ` user:${JSON.stringify(user.EMAIL_ADDRESS)}` : ''}`, as: 'picture' }))}>Conversation<//>
    <//>
    ${dropped > 0 && html`<${Notice} tone="warn"><p>${toCount(dropped, 'older exchange')} of this instance ${dropped === 1 ? 'is' : 'are'} gone; what they changed is not told here.</p><//>`}
    ${
      fields.length > 0 &&
      html`<div class="tools"><select aria-label="Field" onChange=${withValue(setField)}>
        <option value="">All fields</option>
        ${fields.map(each => html`<option key=${each} value=${each} selected=${each === field}>${each}</option>`)}
      </select>
      ${others > 0 && html`<span class="hint">${toCount(others, 'exchange')} more changed nothing.</span>`}</div>`
    }
    <ol class="moments" aria-label="Changes">
      ${moments.map(({ entry, steps, unseen }) => {
        const { label, icon, tone } = toOperation(entry.operation)
        const between = unseen.filter(step => field === '' || step.field === field)
        return html`
          ${between.length > 0 && html`<li key=${`${entry.id} before`} class="card byHand"><h2>Between these, by no request</h2><p class="hint">By hand, by an import or by an exchange that is gone.</p><${Steps} steps=${between} /></li>`}
          <li key=${entry.id} class="card">
            <h2><${Badge} tone=${tone} icon=${icon}>${label}<//> <time datetime=${entry.when}>${entry.when.replace('T', ' ').slice(0, 19)} UTC</time></h2>
            <p class="hint"><a href=${toHref(route.instance, 'requests', entry.id, { q: `user:${id}` })}>Exchange no. ${entry.id}</a>${entry.client === null ? ', ' : ' by '}<${Text} text=${toClient(entry)} /></p>
            <${Steps} steps=${steps.filter(step => field === '' || step.field === field)} />
          </li>
        `
      })}
      ${later.length > 0 && html`<li key="later" class="card byHand"><h2>Since then, by no request</h2><${Steps} steps=${later} /></li>`}
    </ol>
    ${moments.length === 0 && html`<p class="empty">No exchange in the journal changed this user.</p>`}
  `
}

/** @param {{ steps: import('./user-history.js').Step[] }} props */
const Steps = ({ steps }) => html`
  <dl class="fieldSteps">${steps.map(
    ({ field, before, after }) => html`<div key=${field}><dt>${field}</dt>
      <dd>${before !== null && html`<del><${Text} text=${toText(before)} /></del> → `}<ins><${Text} text=${toText(after)} /></ins></dd></div>`,
  )}</dl>
`
