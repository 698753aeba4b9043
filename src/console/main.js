// The page itself: the key at the door, the frame with its menu, and which view is in it.

import { render } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { ControlApi } from './api.js'
import { Bar } from './bar.js'
import { Behaviours } from './behaviours.js'
import { ClockView } from './clock.js'
import { Connect } from './connect.js'
import { Questions } from './dialog.js'
import { Faults } from './faults.js'
import { History } from './history.js'
import { html } from './html.js'
import { Icon } from './icons.js'
import { Instances } from './instances.js'
import { Live, useLive } from './live.js'
import { forgetView, Messages } from './messages.js'
import { Button, Notice, Problem } from './parts.js'
import { Requests } from './requests.js'
import { findKey, findKeyIn, go, keepKey, openTabsWithKey, takeKey, toHref, useRoute } from './route.js'
import { Security } from './security.js'
import { useTitle } from './unseen.js'
import { Users } from './users.js'

/** @typedef {import('./api.js').ControlApi} Api */

/** @type {{ title: string, views: [view: string, label: string, icon: string, component: any][] }[]} */
const menu = [
  {
    title: 'Provisioning',
    views: [
      ['requests', 'Requests', 'list', Requests],
      ['connect', 'Connect', 'plug', Connect],
    ],
  },
  {
    title: 'Insightly',
    views: [
      ['users', 'User List', 'users', Users],
      ['security', 'SAML and SCIM', 'shield', Security],
    ],
  },
  {
    title: 'Test tools',
    views: [
      ['behaviour', 'Behaviour', 'sliders', Behaviours],
      ['faults', 'Faults', 'bolt', Faults],
      ['clock', 'Clock', 'clock', ClockView],
      ['instances', 'Instances', 'layers', Instances],
    ],
  },
]
const views = menu.flatMap(group => group.views)

takeKey()
openTabsWithKey()

function App() {
  const [key, setKey] = useState(findKey)
  useLayoutEffect(() => {
    /** @param {HashChangeEvent} event */
    const follow = event => {
      // A link that was opened without a key still leads where it should once the key is there.
      const place = findKey() === null && event.oldURL ? new URL(event.oldURL).hash.slice(1) : ''
      if (takeKey(place)) setKey(findKey())
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  /** @param {string | null} next */
  const use = next => {
    keepKey(next)
    setKey(next)
  }
  return html`
    ${key === null ? html`<${Door} onKey=${use} />` : html`<${Inside} key=${key} adminKey=${key} onForget=${() => use(null)} />`}
    <${Messages} />
    <${Questions} />
  `
}

/** @param {{ onKey: (key: string) => void }} props */
function Door({ onKey }) {
  const [problem, setProblem] = useState('')
  /** @param {any} event */
  const enter = async event => {
    event.preventDefault()
    const given = String(new FormData(event.target).get('key')).trim()
    const { key, place } = findKeyIn(given) ?? { key: given, place: '' }
    try {
      await new ControlApi(key).send('GET', '')
      if (place) go(`#${place}`)
      onKey(key)
    } catch (error) {
      const { status, message } = /** @type {any} */ (error)
      setProblem(status === 401 ? 'This is not the admin key of this server.' : message)
    }
  }
  return html`
    <main class="door">
      <form class="card" onSubmit=${enter}>
        <img src="./console/mark.svg" alt="" width="48" height="48" />
        <h1>insightly-scim</h1>
        <p>When the server starts, it prints the link of its console (<code>consoleUrl</code> in JSON), which holds the admin key. Open that link, or paste the link or the key here.</p>
        <${Problem} text=${problem} />
        <label for="key">Admin key</label>
        <input id="key" name="key" type="password" class="code" required autocomplete="off" autofocus />
        <${Button} kind="first" type="submit" icon="key">Open the console<//>
      </form>
    </main>
  `
}

/** @param {{ adminKey: string, onForget: () => void }} props */
function Inside({ adminKey, onForget }) {
  const route = useRoute()
  const api = useMemo(() => new ControlApi(adminKey), [adminKey])
  const live = useMemo(() => new Live(api, route.instance), [api, route.instance])
  useEffect(() => {
    live.run()
    return () => live.close()
  }, [live])
  return html`<${Frame} api=${api} live=${live} route=${route} onForget=${onForget} />`
}

/** @param {{ api: Api, live: Live, route: import('./route.js').Route, onForget: () => void }} props */
function Frame({ api, live, route, onForget }) {
  useLive(live)
  const [open, setOpen] = useState(false)
  const main = useRef(/** @type {HTMLElement | null} */ (null))
  const first = useRef(true)
  const [view, label, , Plain] = views.find(([each]) => each === route.view) ?? /** @type {any} */ (views[0])
  const isHistory = view === 'users' && route.part === 'history'
  const View = isHistory ? History : Plain
  useTitle(live, isHistory ? 'History' : label, view === 'requests')
  // Together with the view: later, the focus would be taken from a field that the reader is in by then.
  useLayoutEffect(() => {
    setOpen(false)
    forgetView()
    // A screen reader goes on where the new view begins; the first one is announced by the page itself.
    if (!first.current) main.current?.querySelector('h1')?.focus()
    first.current = false
  }, [view, route.instance])
  const { connection } = live
  return html`
    <a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => {
      event.preventDefault()
      main.current?.querySelector('h1')?.focus()
    }}>Skip to the content</a>
    <div class="frame">
      <aside class="side ${open ? 'open' : ''}">
        <div class="brand">
          <img src="./console/mark.svg" alt="" width="30" height="30" />
          <div><strong>insightly-scim</strong><span>a stand-in for Insightly</span></div>
          <button type="button" class="plain menuButton" aria-expanded=${String(open)} aria-controls="menu" onClick=${() => setOpen(!open)}>
            <${Icon} name=${open ? 'close' : 'menu'} /><span>Menu</span>
          </button>
        </div>
        <nav id="menu" aria-label="Views">
          ${menu.map(
            group => html`
              <h2 id=${`menu-${group.title}`}>${group.title}</h2>
              <ul aria-labelledby=${`menu-${group.title}`}>
                ${group.views.map(
                  ([each, name, icon]) => html`
                    <li><a href=${toHref(route.instance, each)} aria-current=${each === view ? 'page' : undefined}>
                      <${Icon} name=${icon} />${name}
                    </a></li>
                  `,
                )}
              </ul>
            `,
          )}
        </nav>
      </aside>
      <div class="stage">
        <${Bar} api=${api} live=${live} route=${route} view=${view} onForget=${onForget} />
        <main id="main" ref=${main} class="view ${view}">
          ${
            connection === 'refused'
              ? html`<h1 tabindex="-1">The key is no longer right</h1>
                  <${Notice} tone="bad"><p>The server was started anew with another admin key, which it printed. Open its new console link, or enter the key.</p><//>
                  <p><${Button} kind="first" icon="key" onClick=${onForget}>Enter the key<//></p>`
              : connection === 'missing'
                ? html`<h1 tabindex="-1">No such instance</h1>
                    <${Notice} tone="warn"><p>There is no instance named “${route.instance}” on this server.</p><//>
                    <p><${Button} kind="first" onClick=${() => go(toHref('default', 'requests'))}>Go to the default instance<//></p>`
                : live.settings
                  ? html`<${View} key=${`${route.instance}/${view}/${isHistory ? route.detail : ''}`} api=${api} live=${live} route=${route} />`
                  : html`<h1 tabindex="-1">${label}</h1><p class="waiting">${connection === 'lost' ? 'The server does not answer; trying again …' : 'Loading …'}</p>`
          }
        </main>
      </div>
    </div>
  `
}

const root = /** @type {HTMLElement} */ (document.getElementById('app'))
root.replaceChildren()
render(html`<${App} />`, root)
