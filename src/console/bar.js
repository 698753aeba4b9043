// The bar above every view: which instance, whether the page is current, an unreal clock, faults; and Insightly's Profile
// icon.

import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { html } from './html.js'
import { Menu } from './menu.js'
import { Badge, Button } from './parts.js'
import { go, toHref } from './route.js'
import { server } from './server.js'
import { isArmed, toMinute } from './words.js'

/** @param {{ api: import('./api.js').ControlApi, live: import('./live.js').Live, route: import('./route.js').Route, view: string, onForget: () => void }} props */
export function Bar({ api, live, route, view, onForget }) {
  const names = server.use()?.instances ?? []
  const load = async () => server.set(await api.send('GET', ''))
  useEffect(() => {
    load().catch(() => {})
  }, [live.connection, live.settings, view])
  useEffect(() => {
    // A test suite may have set clock or faults, of which no event tells.
    if (live.settings) live.refresh().catch(() => {})
  }, [view])
  const { connection, clock } = live
  const armed = (live.faults ?? []).filter(isArmed).length
  return html`
    <header class="bar">
      <label for="instance">Instance</label>
      <select id="instance" onFocus=${() => load().catch(() => {})} onChange=${(/** @type {any} */ event) => {
        const { value } = event.target
        // The present view may ask before it is left; until then the selection stays.
        event.target.value = route.instance
        go(toHref(value, view))
      }}>
        ${(names.includes(route.instance) ? names : [...names, route.instance]).map(
          name => html`<option key=${name} value=${name} selected=${name === route.instance}>${name}</option>`,
        )}
      </select>
      <span class="signs">
        ${clock && clock.mode !== 'real' && html`<a href=${toHref(route.instance, 'clock')}><${Badge} tone="warn" icon="clock">${clock.mode === 'frozen' ? `Clock frozen at ${toMinute(clock.now)}` : 'Clock shifted'}<//></a>`}
        ${armed > 0 && html`<a href=${toHref(route.instance, 'faults')}><${Badge} tone="warn" icon="bolt">${armed} fault${armed > 1 ? 's' : ''} armed<//></a>`}
        ${live.settings && !live.settings.scimEnabled && html`<a href=${toHref(route.instance, 'security')}><${Badge} tone="bad" icon="shield">SCIM is off<//></a>`}
        <span class="connection ${connection}" role="status">${connection === 'live' ? 'Live' : connection === 'connecting' ? 'Connecting …' : connection === 'lost' ? 'Connection lost; trying again' : 'Not connected'}</span>
      </span>
      <div class="joined">
        <${ThemeButton} />
        <${Menu} label="Profile" icon="profile" items=${[
          { label: 'System Settings', icon: 'sliders', href: toHref(route.instance, 'users') },
          { label: 'Forget the admin key', icon: 'key', run: onForget },
        ]} />
      </div>
    </header>
  `
}

const themes = ['system', 'light', 'dark']

function ThemeButton() {
  const [theme, setTheme] = useState(findTheme)
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
    try {
      localStorage.setItem('insightly-scim theme', theme)
    } catch {
      // Then it lasts as long as the page.
    }
  }, [theme])
  return html`
    <${Button} kind="plain" icon="theme" label=${`Colours: ${theme === 'system' ? 'as the system' : theme}`}
      onClick=${() => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system')} />
  `
}

function findTheme() {
  try {
    return localStorage.getItem('insightly-scim theme') ?? 'system'
  } catch {
    return 'system'
  }
}
