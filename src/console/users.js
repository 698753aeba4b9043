// The User List, as in Insightly: who is there, what they may do, and the doors to Add New User and Edit User Settings.

import { useEffect, useMemo, useState } from 'preact/hooks'
import { html } from './html.js'
import { useLive } from './live.js'
import { Menu } from './menu.js'
import { Badge, Button } from './parts.js'
import { go, toHref } from './route.js'
import { SettingsHead } from './system-settings.js'
import { UserDialog } from './user-dialog.js'
import { useMedia, useWindow } from './window.js'
import { toCount, toMinute, toName } from './words.js'

/** @typedef {import('./api.js').User} User */

/** @param {{ live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Users({ live, route }) {
  useLive(live)
  const [search, setSearch] = useState('')
  const [status, setStatus] = useState('all')
  const narrow = useMedia('(max-width: 759px)')
  const { users } = live
  useEffect(() => {
    live.wantUsers().catch(() => {})
  }, [live])
  const found = useMemo(() => findUsers(users, search, status), [users, search, status])
  const { scroller, first, last, above, below } = useWindow(found.length, narrow ? 118 : 56)
  const edited = route.detail === undefined ? undefined : users?.get(Number(route.detail))
  const close = () => go(toHref(route.instance, 'users'))
  const active = useMemo(() => [...(users?.values() ?? [])].filter(({ ACTIVE }) => ACTIVE).length, [users])

  return html`
    <${SettingsHead} route=${route} view="users" lead=${users && `${toCount(users.size, 'user')}, ${active.toLocaleString('en')} active`}>
      <${Button} kind="first" icon="plus" onClick=${() => go(toHref(route.instance, 'users', 'new'))}>Add New User<//>
    <//>
    <div class="tools" role="search">
      <input type="search" aria-label="Search users" placeholder="Search by name, e-mail or id" value=${search}
        onInput=${(/** @type {any} */ event) => setSearch(event.target.value)} />
      <select aria-label="Status" onChange=${(/** @type {any} */ event) => setStatus(event.target.value)}>
        <option value="all">All users</option>
        <option value="active">Active</option>
        <option value="inactive">Inactive</option>
      </select>
      <span class="count" role="status">${users && (search || status !== 'all') && `${toCount(found.length, 'user')} found`}</span>
    </div>
    <div class="table userTable" role="table" aria-label="Users" aria-rowcount=${found.length + 1}>
      <div role="rowgroup">
        <div role="row" aria-rowindex="1" class="row titles">
          ${['User', 'Status', 'Product User Licenses', 'Created (UTC)', 'Updated (UTC)', 'Menu'].map(
            title => html`<span role="columnheader" key=${title}>${title}</span>`,
          )}
        </div>
      </div>
      <div role="rowgroup" class="rows" ref=${scroller} tabindex="0" aria-label="Rows">
        <div role="presentation" style=${{ height: `${above}px` }}></div>
        ${found.slice(first, last).map(
          (user, index) => html`
            <${UserRow} key=${`${user.USER_ID}/${live.touched.get(user.USER_ID) ?? 0}`} user=${user} index=${first + index + 2}
              flash=${performance.now() - (live.touched.get(user.USER_ID) ?? Number.NEGATIVE_INFINITY) < 3000} href=${toHref(route.instance, 'users', user.USER_ID)} />
          `,
        )}
        <div role="presentation" style=${{ height: `${below}px` }}></div>
      </div>
    </div>
    ${users && found.length === 0 && html`<p class="empty">${users.size === 0 ? 'This instance has no users.' : 'No user is like that.'}</p>`}
    ${!users && html`<p class="waiting">Loading the users …</p>`}
    ${route.detail === 'new' && html`<${UserDialog} live=${live} onClose=${close} />`}
    ${edited && html`<${UserDialog} key=${edited.USER_ID} live=${live} user=${edited} onClose=${close} />`}
  `
}

/** @param {{ user: User, index: number, flash: boolean, href: string }} props */
function UserRow({ user, index, flash, href }) {
  const { USER_ID, ACTIVE, ADMINISTRATOR, ACCOUNT_OWNER, LICENSES, EMAIL_ADDRESS } = user
  const name = toName(user)
  return html`
    <div role="row" aria-rowindex=${index} class="row ${flash ? 'flash' : ''} ${ACTIVE ? '' : 'inactive'}">
      <span role="cell" class="who">
        <span class="initials" aria-hidden="true">${toInitials(name)}</span>
        <span>
          <span class="name"><span class="cut" title=${name}>${name}</span>
            ${
              ACCOUNT_OWNER
                ? html`<${Badge} tone="info" title=${`Account owner${ADMINISTRATOR ? ' and administrator' : ''}`}>Owner<//>`
                : ADMINISTRATOR && html`<${Badge}>Administrator<//>`
            }
          </span>
          <span class="email cut" title=${EMAIL_ADDRESS}>${EMAIL_ADDRESS}</span>
        </span>
      </span>
      <span role="cell" class="status"><${Badge} tone=${ACTIVE ? 'good' : 'warn'} icon=${ACTIVE ? 'check' : 'power'}>${ACTIVE ? 'Active' : 'Inactive'}<//></span>
      <span role="cell" class="licenses">${LICENSES.length === 0 ? html`<span class="none">none</span>` : LICENSES.map(license => html`<${Badge} key=${license}>${license}<//>`)}</span>
      <span role="cell" class="date">${toMinute(user.DATE_CREATED_UTC)}</span>
      <span role="cell" class="date">${toMinute(user.DATE_UPDATED_UTC)}</span>
      <span role="cell" class="edit"><${Menu} icon="more" label=${`Menu of ${name}, user ${USER_ID}`} items=${[
        { label: 'Edit User Settings', icon: 'pencil', href },
        { label: 'History', icon: 'clock', href: `${href}/history` },
      ]} /></span>
    </div>
  `
}

/** @param {Map<number, User> | undefined} users @param {string} search @param {string} status */
function findUsers(users, search, status) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return [...(users?.values() ?? [])].filter(user => {
    if (status !== 'all' && user.ACTIVE !== (status === 'active')) return false
    if (words.length === 0) return true
    const text = `${user.FIRST_NAME ?? ''} ${user.LAST_NAME ?? ''} ${user.EMAIL_ADDRESS} ${user.USER_ID}`.toLowerCase()
    return words.every(word => text.includes(word))
  })
}

/** @param {string} name */
const toInitials = name =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map(part => [...part][0] ?? '')
    .join('')
    .toUpperCase()
