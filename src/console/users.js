// The User List, as in Insightly: who is there, what they may do, and the doors to Add New User and Edit User Settings.
// The server finds and pages; only the users in sight are loaded.

import { useEffect, useRef, useState } from 'preact/hooks'
import { ControlError } from './api.js'
import { Dialog } from './dialog.js'
import { withValue } from './fields.js'
import { html } from './html.js'
import { useLive } from './live.js'
import { Menu } from './menu.js'
import { Badge, Button, Problem } from './parts.js'
import { go, toHistoryHref, toHref } from './route.js'
import { SettingsHead } from './system-settings.js'
import { Text, toPlain } from './text.js'
import { UserDialog } from './user-dialog.js'
import { pageSize, usePage } from './user-pages.js'
import { toCount, toMinute, toName } from './words.js'

/** @typedef {import('./api.js').User} User */

/** @param {{ live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Users({ live, route }) {
  useLive(live)
  const [search, setSearch] = useState('')
  const [status, setStatus] = useState('all')
  const q = useSettled(search.trim())
  // The last USER_ID before each page on the way to this one.
  const [starts, setStarts] = useState([0])
  useEffect(() => setStarts([0]), [q, status])
  const { page, problem, isReading, touched } = usePage(live, { q, status, after: starts.at(-1) ?? 0 })
  const opened = useOpened(live, route.detail)
  const close = () => go(toHref(route.instance, 'users'))
  const isNarrowed = q !== '' || status !== 'all'

  return html`
    <${SettingsHead} route=${route} view="users" lead=${page && `${toCount(page.all, 'user')}, ${page.active.toLocaleString('en')} active`}>
      <${Button} kind="first" icon="plus" onClick=${() => go(toHref(route.instance, 'users', 'new'))}>Add New User<//>
    <//>
    <div class="tools" role="search">
      <input type="search" aria-label="Search users" placeholder="Search by name, e-mail or id" value=${search} maxlength="1000"
        onInput=${withValue(setSearch)} />
      <select aria-label="Status" onChange=${withValue(setStatus)}>
        <option value="all">All users</option>
        <option value="active">Active</option>
        <option value="inactive">Inactive</option>
      </select>
      <span class="count" role="status">${isReading || q !== search.trim() ? 'Searching …' : page && isNarrowed && `${toCount(page.total, 'user')} found`}</span>
    </div>
    <${Problem} text=${problem && `The list could not be read: ${problem}`} />
    ${!page && !problem && html`<p class="waiting">Loading the users …</p>`}
    ${page && page.users.length === 0 && html`<p class="empty">${page.all === 0 ? 'This instance has no users.' : isNarrowed ? 'No user is like that.' : 'Nobody comes after the page before.'}</p>`}
    ${
      page &&
      page.users.length > 0 &&
      html`<div class="userTable" role="table" aria-label="Users" aria-busy=${String(isReading)}>
        <div role="rowgroup">
          <div role="row" class="row titles">
            ${['User', 'USER_ID', 'Status', 'Product User Licenses', 'Created (UTC)', 'Updated (UTC)', 'Menu'].map(
              title => html`<span role="columnheader" key=${title}>${title}</span>`,
            )}
          </div>
        </div>
        <div role="rowgroup">
          ${page.users.map(
            user =>
              html`<${UserRow} key=${user.USER_ID} user=${user} instance=${route.instance} touchedAt=${touched.get(user.USER_ID)} />`,
          )}
        </div>
      </div>`
    }
    ${page && html`<${Pages} page=${page} starts=${starts} onTurn=${setStarts} />`}
    ${route.detail === 'new' && html`<${UserDialog} live=${live} onClose=${close} />`}
    ${opened === 'missing' && html`<${Dialog} title="No such user" onClose=${close}><p>This instance has no user with the USER_ID ${route.detail}.</p><footer><${Button} onClick=${close}>Close<//></footer><//>`}
    ${opened && opened !== 'missing' && html`<${UserDialog} key=${opened.USER_ID} live=${live} user=${opened} onClose=${close} />`}
  `
}

/** What was typed, once the typing pauses. @param {string} text */
function useSettled(text) {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 250)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

/**
 * The user whose settings are open, as when they were opened.
 * @param {import('./live.js').Live} live @param {string | undefined} id
 * @returns {User | 'missing' | undefined}
 */
function useOpened(live, id) {
  const [opened, setOpened] = useState(/** @type {{ id: string, user: User | 'missing' } | undefined} */ (undefined))
  useEffect(() => {
    if (id === undefined || id === 'new') return setOpened(undefined)
    let isCurrent = true
    live.get(`users/${encodeURIComponent(id)}`).then(
      user => isCurrent && setOpened({ id, user }),
      error => {
        if (isCurrent && error instanceof ControlError && error.status === 404) setOpened({ id, user: 'missing' })
      },
    )
    return () => {
      isCurrent = false
    }
  }, [live, id])
  return opened?.id === id ? opened?.user : undefined
}

/** @param {{ page: import('./user-pages.js').Page, starts: number[], onTurn: (starts: number[]) => void }} props */
function Pages({ page, starts, onTurn }) {
  const { users, total } = page
  const first = (starts.length - 1) * pageSize + 1
  const hasMore = first + users.length - 1 < total && users.length === pageSize
  if (starts.length === 1 && !hasMore) return null
  /** @param {number[]} next */
  const turn = next => {
    onTurn(next)
    document.getElementById('main')?.scrollTo(0, 0)
  }
  return html`
    <nav class="pages" aria-label="Pages">
      <${Button} icon="back" disabled=${starts.length === 1} onClick=${() => turn(starts.slice(0, -1))}>Previous<//>
      <span role="status">${users.length > 0 && `${first.toLocaleString('en')}–${(first + users.length - 1).toLocaleString('en')} of ${total.toLocaleString('en')}`}</span>
      <${Button} icon="arrow" disabled=${!hasMore} onClick=${() => turn([...starts, users.at(-1)?.USER_ID ?? 0])}>Next<//>
    </nav>
  `
}

/** @param {{ user: User, instance: string, touchedAt: number | undefined }} props */
function UserRow({ user, instance, touchedAt = Number.NEGATIVE_INFINITY }) {
  const row = useRef(/** @type {HTMLElement | null} */ (null))
  const flash = performance.now() - touchedAt < 3000
  // A row that is still flashing begins again.
  useEffect(() => {
    for (const animation of row.current?.getAnimations() ?? []) animation.currentTime = 0
  }, [touchedAt])
  const { USER_ID, ACTIVE, ADMINISTRATOR, ACCOUNT_OWNER, LICENSES, EMAIL_ADDRESS } = user
  const name = toName(user)
  const href = toHref(instance, 'users', USER_ID)
  return html`
    <div ref=${row} role="row" class="row ${flash ? 'flash' : ''} ${ACTIVE ? '' : 'inactive'}">
      <span role="cell" class="who">
        <span class="initials" aria-hidden="true">${toInitials(name)}</span>
        <span>
          <span class="name"><a href=${href} title=${toPlain(name)}><${Text} text=${name} /></a>
            ${
              ACCOUNT_OWNER
                ? html`<${Badge} tone="info" title=${`Account owner${ADMINISTRATOR ? ' and administrator' : ''}`}>Owner<//>`
                : ADMINISTRATOR && html`<${Badge}>Administrator<//>`
            }
          </span>
          <span class="email" title=${toPlain(EMAIL_ADDRESS)}><${Text} text=${EMAIL_ADDRESS} /></span>
        </span>
      </span>
      <span role="cell" class="id">${USER_ID}</span>
      <span role="cell" class="status"><${Badge} tone=${ACTIVE ? 'good' : 'warn'} icon=${ACTIVE ? 'check' : 'power'}>${ACTIVE ? 'Active' : 'Inactive'}<//></span>
      <span role="cell" class="licenses">${LICENSES.length === 0 ? html`<span class="none">none</span>` : LICENSES.map(license => html`<${Badge} key=${license}>${license}<//>`)}</span>
      <span role="cell" class="date">${toMinute(user.DATE_CREATED_UTC)}</span>
      <span role="cell" class="date">${toMinute(user.DATE_UPDATED_UTC)}</span>
      <span role="cell" class="edit"><${Menu} icon="more" label=${`Menu of ${toPlain(name)}, user ${USER_ID}`} items=${[
        { label: 'Edit User Settings', icon: 'pencil', href },
        { label: 'History', icon: 'clock', href: toHistoryHref(instance, USER_ID) },
        { label: 'Requests', icon: 'list', href: toHref(instance, 'requests', undefined, { q: `user:${USER_ID}` }) },
      ]} /></span>
    </div>
  `
}

/** @param {string} name */
const toInitials = name =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map(part => /[\p{L}\p{N}]/u.exec(part)?.[0] ?? '')
    .join('')
    .toUpperCase()
