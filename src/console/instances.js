// The instances of this server: each an Insightly account of its own. Switch, create, reset, delete, and carry state
// in and out.

import { useEffect, useState } from 'preact/hooks'
import { toWords } from './api.js'
import { ask, Dialog } from './dialog.js'
import { SelectField, TextField, withValue } from './fields.js'
import { html } from './html.js'
import { useLive } from './live.js'
import { say } from './messages.js'
import { Badge, Button, Head, Problem, save } from './parts.js'
import { go, toHref } from './route.js'
import { toCount, toMinute } from './words.js'

/** @typedef {import('./api.js').Description} Description */

/** Servers started with --any-token may hold thousands. */
const mostShown = 100

/** @param {{ api: import('./api.js').ControlApi, live: import('./live.js').Live, route: import('./route.js').Route }} props */
export function Instances({ api, live, route }) {
  useLive(live)
  const [instances, setInstances] = useState(/** @type {Description[] | undefined} */ (undefined))
  const [isNew, setNew] = useState(false)
  const [search, setSearch] = useState('')
  const load = async () => setInstances(await api.send('GET', 'instances'))
  useEffect(() => {
    load().catch(() => {})
  }, [api, live.connection])

  /** @param {string} name */
  const reset = async name => {
    const text = `Users and settings of “${name}” go back to what it was created with; journal, faults and clock are cleared. Token and API key stay.`
    if (!(await ask({ title: `Reset ${name}?`, text, action: 'Reset' }))) return
    await api.send('POST', `instances/${name}/reset`)
    if (name === route.instance) await live.reload()
    say(`${name} is as it was created.`)
  }
  /** @param {string} name */
  const remove = async name => {
    const text = `“${name}” is gone with its users, its journal and its token.`
    if (!(await ask({ title: `Delete ${name}?`, text, action: 'Delete' }))) return
    await api.send('DELETE', `instances/${name}`)
    say(`${name} is deleted.`)
    if (name === route.instance) go(toHref('default', 'instances'))
    else await load()
  }
  /** @param {string} name */
  const download = async name => {
    const stamp = toMinute(new Date().toISOString()).replace(/\D/g, '')
    save(await api.download(`instances/${name}/state`), `${name}-${stamp}.json`)
  }
  /** @param {string} name */
  const upload = async name => {
    const file = await choose()
    if (!file) return
    const text = `Users, settings and behaviours of “${name}” are replaced by those of ${file.name}. Token and API key stay.`
    if (!(await ask({ title: `Load state into ${name}?`, text, action: 'Replace all' }))) return
    await api.send('PUT', `instances/${name}/state`, await file.text())
    if (name === route.instance) await live.reload()
    say(`Loaded ${file.name} into ${name}.`)
  }

  const found = (instances ?? []).filter(({ name }) => name.includes(search.trim().toLowerCase()))
  return html`
    <${Head} title="Instances" lead="Each is an Insightly account of its own, with its own users, settings and SCIM token.">
      <${Button} kind="first" icon="plus" onClick=${() => setNew(true)}>Create instance<//>
    <//>
    ${!instances && html`<p class="waiting">Loading the instances …</p>`}
    ${
      instances &&
      instances.length > 10 &&
      html`<div class="tools" role="search">
        <input type="search" aria-label="Search instances" placeholder="Search by name" value=${search} onInput=${withValue(setSearch)} />
        <span class="count" role="status">${found.length > mostShown ? `The first ${mostShown} of ${toCount(found.length, 'instance')}` : toCount(found.length, 'instance')}</span>
      </div>`
    }
    <ul class="cards" aria-label="Instances">
      ${found.slice(0, mostShown).map(
        ({ name, instanceId }) => html`
          <li key=${name} class="card instance">
            <div>
              <h2>${name} ${name === route.instance && html`<${Badge} tone="info">shown now<//>`}</h2>
              <p class="hint">INSTANCE_ID ${instanceId}</p>
            </div>
            <div class="actions">
              ${name !== route.instance && html`<${Button} icon="arrow" onClick=${() => go(toHref(name, 'instances'))} label=${`Switch to ${name}`}>Switch<//>`}
              <${Button} icon="download" label=${`Download state of ${name}`} onClick=${() => download(name)}>Download state<//>
              <${Button} icon="upload" label=${`Load state into ${name}`} onClick=${() => upload(name)}>Load state<//>
              <${Button} icon="refresh" label=${`Reset ${name}`} onClick=${() => reset(name)}>Reset<//>
              ${name !== 'default' && html`<${Button} icon="trash" label=${`Delete ${name}`} onClick=${() => remove(name)}>Delete<//>`}
            </div>
          </li>
        `,
      )}
    </ul>
    ${isNew && html`<${NewInstance} api=${api} onClose=${() => setNew(false)} />`}
  `
}

/** Lets the person choose a file. @returns {Promise<File | undefined>} */
const choose = () =>
  new Promise(resolve => {
    const input = document.createElement('input')
    Object.assign(input, { type: 'file', accept: 'application/json,.json' })
    input.addEventListener('change', () => resolve(input.files?.[0]))
    input.addEventListener('cancel', () => resolve(undefined))
    input.click()
  })

/** @param {{ api: import('./api.js').ControlApi, onClose: () => void }} props */
function NewInstance({ api, onClose }) {
  const [name, setName] = useState('')
  const [profile, setProfile] = useState('')
  const [begin, setBegin] = useState('ready')
  const [problem, setProblem] = useState('')
  /** @param {Event} event */
  const create = async event => {
    event.preventDefault()
    try {
      const made = await api.send('POST', 'instances', {
        ...(name && { name }),
        ...(profile && { profile }),
        ...(begin !== 'ready' && { samlEnabled: begin === 'beforeScim', scimEnabled: false }),
      })
      say(`Created ${made.name}.`)
      onClose()
      go(toHref(made.name, begin === 'ready' ? 'requests' : 'connect'))
    } catch (error) {
      setProblem(toWords(error, { name: 'Name' }))
    }
  }
  return html`
    <${Dialog} title="Create instance" onClose=${onClose}>
      <form onSubmit=${create}>
        <${Problem} text=${problem} />
        <${TextField} label="Name" value=${name} onInput=${setName} autocomplete="off" spellcheck="false" hint="Lower-case letters, digits and dashes; empty: one is made up." />
        <${SelectField} label="Behaviour" value=${profile} onChange=${setProfile} options=${[
          ['', 'As the server was started'],
          ['insightly', 'insightly'],
          ['rfc7644', 'rfc7644'],
        ]} />
        <${SelectField} label="Begin" value=${begin} onChange=${setBegin} options=${[
          ['ready', 'with SCIM on, ready for an identity provider'],
          ['beforeScim', 'before SCIM is on, as the guides of identity providers do'],
          ['beforeSaml', 'before SAML is on, as a new account'],
        ]} />
        <footer>
          <${Button} onClick=${onClose}>Cancel<//>
          <${Button} kind="first" type="submit">Create<//>
        </footer>
      </form>
    <//>
  `
}
