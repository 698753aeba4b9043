// What to paste where, for the first connection and every later one; says at once when the first request comes.

import { useState } from 'preact/hooks'
import { Choices, CopyField } from './fields.js'
import { html } from './html.js'
import { useLive } from './live.js'
import { say } from './messages.js'
import { Button, CopyButton, Head, Notice } from './parts.js'
import { insightlySteps, providers } from './providers.js'
import { Rehearse, Words } from './rehearse.js'
import { toHref } from './route.js'
import { useUrls } from './server.js'
import { toClient, toOperation, toShellWord, toTime } from './words.js'

/** @typedef {import('./api.js').Description} Description */

/** A step in words. @param {{ text: string }} props */
const Step = ({ text }) => html`<li><${Words} text=${text} /></li>`

/** What is done in Insightly itself, here under the same names. */
const InsightlySteps = () => html`
  <ol class="steps" aria-label="Insightly">${insightlySteps.connect.map(text => html`<${Step} key=${text} text=${text} />`)}</ol>
  <p class="hint">Provisioned users have no licence. An administrator gives it:</p>
  <ol class="steps" aria-label="Licences">${insightlySteps.license.map(text => html`<${Step} key=${text} text=${text} />`)}</ol>
`

/** @param {{ api: import('./api.js').ControlApi, live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Connect({ api, live, route }) {
  useLive(live)
  const { newest } = live.journal
  return html`
    <${Head} title="Connect" lead="What an identity provider needs, and where it goes." />
    ${
      newest &&
      html`<${Notice} tone=${newest.operation === 'refused' ? 'warn' : 'good'} icon=${newest.operation === 'refused' ? 'stop' : 'check'}><p>
        ${toClient(newest)} called at ${toTime(newest.when)}: ${toOperation(newest.operation).label}.
        ${' '}<a href=${toHref(route.instance, 'requests', newest.id)}>See the exchange</a>
      </p><//>`
    }
    <${Guide} live=${live} />
    ${live.settings?.scimEnabled && html`<${Rehearse} api=${api} live=${live} route=${route} />`}
  `
}

/** The URL and the token, and what to do with them. @param {{ live: import('./live.js').Live }} props */
export function Guide({ live }) {
  useLive(live)
  const [chosen, setChosen] = useState(0)
  const { description, settings } = live
  const { scimUrl, apiUrl, here } = useUrls(live)
  if (!description || !settings) return null
  const { scimToken, name } = description
  if (!settings.scimEnabled || scimToken === null)
    return html`
      <${Notice} tone="warn" icon="shield"><p>SCIM is off in this instance: here the guides of identity providers begin. Follow the steps, or <a href=${toHref(name, 'security')}>go straight to SAML and SCIM</a>.</p><//>
      <section class="card"><h2>In Insightly</h2><${InsightlySteps} /></section>
    `
  const beginBefore = async () => {
    await live.saved(await live.send('PATCH', 'settings', { scimEnabled: false }))
    say('SCIM is off, as in an account that has never used it.')
  }
  const provider = providers[chosen]
  const toCurl = (/** @type {string} */ token) => {
    const [url, header] = [`${scimUrl}/Users`, `Authorization: Bearer ${token}`].map(toShellWord)
    return `curl ${url} -H ${header}`
  }
  return html`
    <section class="card">
      ${
        live.journal.index?.kept === 0 &&
        html`<p class="listening" role="status"><span></span>Waiting for the first request …</p>
        <p class="hint">No provider at hand? <a href=${toHref(name, 'connect')}>Play one</a>.</p>
        <p class="hint">SCIM is on already, so that a provider can connect at once. A guide begins earlier:${' '}
          <${Button} onClick=${beginBefore}>Begin before SCIM is on<//>
        </p>`
      }
      <${CopyField} label="SCIM URL" what="the SCIM URL" value=${scimUrl} />
      ${here && html`<${CopyField} label="SCIM URL under the address of this page" what="the SCIM URL under this address" value=${here} />`}
      <${CopyField} key=${scimToken} label="SCIM Token" what="the SCIM token" secret value=${scimToken} />
      <p class="hint">An identity provider in the cloud cannot reach an address of your own network: open this page through a tunnel, and paste the URL it shows then.</p>
    </section>
    <section class="card">
      <h2>Where it goes</h2>
      <${Choices} label="Identity provider" options=${[...providers.map(({ name }) => name), 'curl'].map((each, index) => [index, each])} chosen=${chosen} onChoose=${setChosen} />
      ${
        provider
          ? html`<ol class="steps" aria-label=${provider.name}>
              ${provider.before.map(text => html`<${Step} key=${text} text=${text} />`)}
              <li key="url">Paste into <strong>${provider.url}</strong>: <code class="break">${scimUrl}</code> <${CopyButton} text=${scimUrl} what="the SCIM URL" /></li>
              ${provider.between.map(text => html`<${Step} key=${text} text=${text} />`)}
              <li key="token">Paste into <strong>${provider.token}</strong>: the SCIM token <${CopyButton} text=${scimToken} what="the SCIM token" /></li>
              ${provider.after.map(text => html`<${Step} key=${text} text=${text} />`)}
            </ol>`
          : html`<p>A first request from a terminal:</p><pre class="body" tabindex="0" role="group" aria-label="Command"><code>${toCurl('•••')}</code></pre>
            <${CopyButton} text=${toCurl(scimToken)} what="the curl command">Copy the command<//>`
      }
      <details>
        <summary>The steps in Insightly itself</summary>
        <${InsightlySteps} />
      </details>
      <details>
        <summary>The REST view of the same users</summary>
        <p class="hint">Insightly’s own API, read-only here, for code that checks what provisioning did. The key is the user name of Basic authentication.</p>
        <${CopyField} label="API URL" what="the API URL" value=${apiUrl} />
        ${description.apiKey && html`<${CopyField} key=${description.apiKey} label="API key" what="the API key" secret value=${description.apiKey} />`}
      </details>
    </section>
  `
}
