// Edit User Settings and Add New User: what an Insightly administrator does by hand, licences above all, which SCIM
// cannot give.

import { useRef, useState } from 'preact/hooks'
import { toWords } from './api.js'
import { Dialog } from './dialog.js'
import { CheckBox, TextField } from './fields.js'
import { html } from './html.js'
import { say } from './messages.js'
import { Button, Notice, Problem } from './parts.js'
import { toPlain } from './text.js'
import { useUnsaved } from './unsaved.js'
import { licenses, toName } from './words.js'

/** @type {Record<string, string>} */
const labels = {
  FIRST_NAME: 'First Name',
  LAST_NAME: 'Last Name',
  EMAIL_ADDRESS: 'Email Address',
  userName: 'Email Address',
  LICENSES: 'Product User Licenses',
}

const blank = { EMAIL_ADDRESS: '', FIRST_NAME: '', LAST_NAME: '', ACTIVE: true, ADMINISTRATOR: false, LICENSES: [] }

/** @param {{ live: import('./live.js').Live, user?: import('./api.js').User, onClose: () => void }} props */
export function UserDialog({ live, user: now, onClose }) {
  // As it was when the dialog opened: what a provisioning request changes meanwhile is not undone by Save.
  const [user] = useState(now)
  const [draft, setDraft] = useState(() => /** @type {any} */ (user ?? blank))
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  /** @param {Record<string, unknown>} change */
  const edit = change => setDraft({ ...draft, ...change })
  const isSaved = useRef(false)
  useUnsaved(() => !isSaved.current && Object.keys(toChange(user ?? blank, draft)).length > 0)

  /** @param {Event} event */
  const store = async event => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem('')
    try {
      const saved = user
        ? await live.send('PATCH', `users/${user.USER_ID}`, toChange(user, draft))
        : await live.send('POST', 'users', toChange({}, draft))
      say(`Saved ${toPlain(toName(saved))}.`)
      isSaved.current = true
      onClose()
    } catch (error) {
      setProblem(toWords(error, labels))
      setBusy(false)
    }
  }

  return html`
    <${Dialog} title=${user ? 'Edit User Settings' : 'Add New User'} onClose=${onClose}>
      <form onSubmit=${store}>
        ${user?.ACCOUNT_OWNER && html`<${Notice} icon="shield"><p>This is the account owner; SCIM cannot deactivate this user.</p><//>`}
        <${Problem} text=${problem} />
        <div class="grid">
          <${TextField} label="First Name" value=${draft.FIRST_NAME ?? ''} onInput=${(/** @type {string} */ value) => edit({ FIRST_NAME: value })} autocomplete="off" />
          <${TextField} label="Last Name" value=${draft.LAST_NAME ?? ''} onInput=${(/** @type {string} */ value) => edit({ LAST_NAME: value })} autocomplete="off" />
          <${TextField} wide label="Email Address" value=${draft.EMAIL_ADDRESS} onInput=${(/** @type {string} */ value) => edit({ EMAIL_ADDRESS: value })} required autocomplete="off" spellcheck="false" hint="The userName of SCIM." />
        </div>
        <fieldset>
          <legend>Status and rights</legend>
          <${CheckBox} label="Active" checked=${draft.ACTIVE} onChange=${(/** @type {boolean} */ ACTIVE) => edit({ ACTIVE })} />
          <${CheckBox} label="Administrator" checked=${draft.ADMINISTRATOR} onChange=${(/** @type {boolean} */ ADMINISTRATOR) => edit({ ADMINISTRATOR })} />
        </fieldset>
        <fieldset>
          <legend>Product User Licenses</legend>
          ${Object.entries(licenses).map(
            ([license, meaning]) => html`
              <${CheckBox} key=${license} label=${license} hint=${meaning} checked=${draft.LICENSES.includes(license)}
                onChange=${(/** @type {boolean} */ has) =>
                  edit({
                    LICENSES: Object.keys(licenses).filter(each =>
                      each === license ? has : draft.LICENSES.includes(each),
                    ),
                  })} />
            `,
          )}
        </fieldset>
        ${user && html`<p class="hint">USER_ID ${user.USER_ID}, created ${user.DATE_CREATED_UTC}, updated ${user.DATE_UPDATED_UTC} (UTC)</p>`}
        <footer>
          <${Button} onClick=${onClose}>Cancel<//>
          <${Button} kind="first" type="submit" aria-busy=${busy ? 'true' : undefined}>Save User Details<//>
        </footer>
      </form>
    <//>
  `
}

/** What was edited. @param {any} user @param {any} draft */
const toChange = (user, draft) =>
  Object.fromEntries(
    Object.keys(blank)
      .filter(field => JSON.stringify(draft[field]) !== JSON.stringify(user[field]))
      .map(field => [field, draft[field]]),
  )
