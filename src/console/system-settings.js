// The head of Insightly's System Settings page: its two sections and their tabs, under the names that guides use.

import { html } from './html.js'
import { Head } from './parts.js'
import { toHref } from './route.js'

/** @type {[section: string, view: string, tab: string][]} */
const tabs = [
  ['Users', 'users', 'User List'],
  ['Security', 'security', 'SAML and SCIM'],
]

/** @param {{ route: import('./route.js').Route, view: 'users' | 'security', lead?: any, children?: any }} props */
export function SettingsHead({ route, view, lead, children }) {
  const title = tabs.find(([, each]) => each === view)?.[2] ?? ''
  return html`
    <nav class="tabs" aria-label="System Settings">
      <p>System Settings</p>
      <ul>
        ${tabs.map(
          ([name, each, tab]) => html`
            <li key=${name}>
              <a href=${toHref(route.instance, each)}>${name}</a>
              <ul><li><a class="tab" href=${toHref(route.instance, each)} aria-current=${each === view ? 'page' : undefined}>${tab}</a></li></ul>
            </li>
          `,
        )}
      </ul>
    </nav>
    <${Head} title=${title} lead=${lead}>${children}<//>
  `
}
