// System Settings › Security › SAML and SCIM: the page that the guides of identity providers tell administrators to
// fill in. Nothing changes before Save, but for Regenerate, which acts at once.

import { useLayoutEffect, useState } from 'preact/hooks'
import { ask } from './dialog.js'
import { CheckBox, CopyField } from './fields.js'
import { html } from './html.js'
import { useLive } from './live.js'
import { say } from './messages.js'
import { Button, Notice } from './parts.js'
import { useUrls } from './server.js'
import { SettingsHead } from './system-settings.js'
import { useUnsaved } from './unsaved.js'

/** @param {{ live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Security({ live, route }) {
  useLive(live)
  const { settings, description } = live
  const { scimUrl, here } = useUrls(live)
  const [saml, setSaml] = useState(settings?.samlEnabled ?? false)
  const [scim, setScim] = useState(settings?.scimEnabled ?? false)
  // Together with what is shown: later, it would undo a click that came meanwhile.
  useLayoutEffect(() => {
    setSaml(settings?.samlEnabled ?? false)
    setScim(settings?.scimEnabled ?? false)
  }, [settings?.samlEnabled, settings?.scimEnabled])
  /** @param {import('./api.js').Settings | undefined} stored */
  const differsFrom = stored => stored !== undefined && (saml !== stored.samlEnabled || scim !== stored.scimEnabled)
  const changed = differsFrom(settings)
  // What is stored may be newer than what was rendered last.
  useUnsaved(() => differsFrom(live.settings))
  if (!settings || !description) return null

  const store = async () => {
    await live.saved(await live.send('PATCH', 'settings', { samlEnabled: saml, scimEnabled: scim }))
    say('Saved SAML and SCIM settings.')
  }
  const regenerate = async () => {
    const sure = await ask({
      title: 'Regenerate the SCIM token?',
      text: 'A new token is made and saved at once. Every earlier token stops working with the next request: put the new one into your identity provider.',
      action: 'Regenerate',
    })
    if (!sure) return
    await live.send('POST', 'scim-token/regenerate')
    await live.refresh()
    say('There is a new SCIM token; the earlier one is dead.')
  }

  return html`
    <${SettingsHead} route=${route} view="security" />
    <section class="card">
      <h2>SAML</h2>
      <${CheckBox} label="Enable SAML" checked=${saml} hint="Signing in by SAML is not emulated; SCIM depends on this box as it does in Insightly."
        onChange=${(/** @type {boolean} */ on) => {
          setSaml(on)
          if (!on) setScim(false)
        }} />
    </section>
    <section class="card">
      <h2>SCIM</h2>
      <${CheckBox} label="Enable SCIM Provisioning" checked=${scim} disabled=${!saml} onChange=${setScim}
        hint=${saml ? 'Identity providers may create, update and deactivate users.' : 'SCIM cannot be enabled while SAML is off. Enable SAML first.'} />
      ${
        settings.scimEnabled && description.scimToken !== null
          ? html`
            <${CopyField} key=${description.scimToken} label="SCIM Token" what="the SCIM token" secret value=${description.scimToken}>
              <${Button} icon="refresh" onClick=${regenerate}>Regenerate<//>
            <//>
            <p class="hint">Regenerate makes a new token at once, without Save; every earlier token stops working.</p>
            <${CopyField} label="SCIM URL" what="the SCIM URL" value=${scimUrl} />
            ${here && html`<${CopyField} label="SCIM URL under the address of this page" what="the SCIM URL under this address" value=${here} />`}
          `
          : html`<p class="hint">${
              description.scimToken === null
                ? 'The SCIM Token and the SCIM URL appear here after the first save with SCIM enabled.'
                : 'While SCIM is off its token is refused. It is kept, and shown here again when SCIM is on.'
            }</p>`
      }
    </section>
    <div class="saving">
      <${Button} kind="first" disabled=${!changed} onClick=${store}>Save<//>
      ${changed && html`<span class="hint" role="status">Not saved yet.</span>`}
    </div>
    ${settings.samlEnabled && !saml && settings.scimEnabled && html`<${Notice} tone="warn"><p>Saving turns SCIM off too: identity providers will be refused.</p><//>`}
  `
}
