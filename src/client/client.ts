// The one implementation of what a program holds of an instance (insightly.ts), on top of the control API; how its
// requests travel is the transport's business: in this process (start) or over HTTP (connect).

import type { ClockMode } from '../account/clock.ts'
import type { FaultRule } from '../account/faults.ts'
import type { toDescription } from '../account/instance.ts'
import type { Settings } from '../account/settings.ts'
import type { StateDocument } from '../account/state.ts'
import type {
  Entry,
  InsightlyUser,
  InstanceOptions,
  RequestMatch,
  RequestQuery,
  Times,
  UserAddition,
  UserEdit,
  UserMatch,
} from '../control/types.ts'
import type { Duration, Insightly, InstanceClock, InstanceSettings, WaitOptions } from './insightly.ts'

/** The control API refused; the message tells why. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: number
  /** The answer's body. */
  readonly body: unknown

  constructor(message: string, status: number, body: unknown) {
    super(message)
    this.status = status
    this.body = body
  }
}

type Description = ReturnType<typeof toDescription>

/** How control requests travel. */
export interface Transport {
  url: string
  adminKey: string
  /** `path` is below the control URL; `text` is the answer's body as it came. */
  send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>
}

/** How to reach a server that runs elsewhere. */
export interface ConnectOptions {
  /** As its ready message tells it; it ends in `/_emulator`. */
  controlUrl: string
  /** As its ready message tells it, or as it was told. */
  adminKey: string
  /** Which instance; the one made at start unless said. */
  instance?: string
}

/**
 * Finds an instance of a server that runs elsewhere: another process, a container.
 * @throws ControlError 401 for a wrong key, 404 for an unknown instance; Error when nothing answers there
 */
export async function connect({ controlUrl, adminKey, instance = 'default' }: ConnectOptions): Promise<Insightly> {
  const base = controlUrl.replace(/\/+$/, '')
  const transport: Transport = {
    url: base.replace(/\/_emulator$/, ''),
    adminKey,
    async send(method, path, body) {
      const headers = { authorization: `Bearer ${adminKey}`, ...(body !== undefined && jsonType) }
      try {
        const answer = await fetch(base + path, {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
        })
        return { status: answer.status, text: await answer.text() }
      } catch (error) {
        const { cause, message } = error as Error
        throw new Error(`Nothing answers at ${controlUrl} (${(cause as Error | undefined)?.message || message}).`, {
          cause: error,
        })
      }
    },
  }
  const description = await ask(transport, 'GET', `/instances/${encodeURIComponent(instance)}`)
  return new Client(transport, description as Description, async () => {})
}

export const jsonType = { 'content-type': 'application/json' }

/** One instance, by way of the control API. */
export class Client implements Insightly {
  readonly name: string
  readonly instanceId: number
  readonly url: string
  readonly adminKey: string
  readonly close: () => Promise<void>
  readonly clock: InstanceClock
  readonly settings: InstanceSettings
  readonly #transport: Transport
  #description: Description

  /** `close` is what closing it does; it runs once. */
  constructor(transport: Transport, description: Description, close: () => Promise<void>) {
    this.name = description.name
    this.instanceId = description.instanceId
    this.url = transport.url
    this.adminKey = transport.adminKey
    this.#transport = transport
    this.#description = description
    let closing: Promise<void> | undefined
    this.close = () => (closing ??= close())
    const setClock = async (clock: { mode: ClockMode; now?: string }) => void (await this.#ask('PUT', '/clock', clock))
    this.clock = {
      get: () => this.#ask('GET', '/clock'),
      freeze: now => setClock({ mode: 'frozen', ...(now !== undefined && { now }) }),
      set: now => setClock({ mode: 'offset', now }),
      advance: async by => void (await this.#ask('POST', '/clock/advance', { by })),
      reset: () => setClock({ mode: 'real' }),
    }
    this.settings = {
      get: () => this.#ask('GET', '/settings'),
      change: async change => {
        const settings = await this.#ask<Settings>('PATCH', '/settings', change)
        await this.#refresh()
        return settings
      },
    }
  }

  get scimUrl(): string {
    return this.#description.scimUrl
  }

  get scimToken(): string {
    return this.#description.scimToken ?? ''
  }

  get apiUrl(): string {
    return this.#description.apiUrl
  }

  get apiKey(): string {
    return this.#description.apiKey ?? ''
  }

  get controlUrl(): string {
    return `${this.url}/_emulator`
  }

  users(match: UserMatch = {}): Promise<InsightlyUser[]> {
    return this.#ask('GET', `/users${toQuery(match)}`)
  }

  user(id: number | string): Promise<InsightlyUser> {
    return this.#ask('GET', `/users/${encodeURIComponent(id)}`)
  }

  async addUser(user: UserAddition): Promise<InsightlyUser> {
    const added = await this.#ask<InsightlyUser>('POST', '/users', user)
    await this.#refresh()
    return added
  }

  async editUser(id: number | string, edit: UserEdit): Promise<InsightlyUser> {
    const edited = await this.#ask<InsightlyUser>('PATCH', `/users/${encodeURIComponent(id)}`, edit)
    await this.#refresh()
    return edited
  }

  async waitForUser(match: UserMatch, { timeout = 4000 }: WaitOptions = {}): Promise<InsightlyUser> {
    const wait = toWait(timeout)
    const { status, text } = await this.#send('GET', `/users${toQuery({ ...match, wait })}`)
    if (status === 200) return (JSON.parse(text) as InsightlyUser[])[0]!
    if (status !== 408) throw toError(status, text)
    // What matched is nothing, by definition; what there is instead says more.
    const users = await this.users()
    const shown = users.slice(-10).map(user => `  ${user.EMAIL_ADDRESS}, ${user.ACTIVE ? 'active' : 'inactive'}`)
    throw new ControlError(
      `No user with ${toWords(match)} within ${wait}. ${toHeading('user', users.length, shown.length)}${shown.join('\n')}`,
      status,
      JSON.parse(text),
    )
  }

  async requests(query: RequestQuery = {}): Promise<Entry[]> {
    return (await this.#ask<{ requests: Entry[] }>('GET', `/requests${toQuery(query)}`)).requests
  }

  async waitForRequest(match: RequestQuery, { timeout = 4000 }: WaitOptions = {}): Promise<Entry> {
    const wait = toWait(timeout)
    const { status, text } = await this.#send('GET', `/requests${toQuery({ ...match, wait })}`)
    if (status === 200) return (JSON.parse(text) as { requests: Entry[] }).requests[0]!
    if (status !== 408) throw toError(status, text)
    const made = await this.requests(match.since === undefined ? {} : { since: match.since })
    const shown = made.slice(-10).map(entry => `  ${toLine(entry)}`)
    throw new ControlError(
      `No request with ${toWords(match)} within ${wait}. ${toHeading('request', made.length, shown.length)}${shown.join('\n')}`,
      status,
      JSON.parse(text),
    )
  }

  async verify(match: RequestMatch, times?: Times): Promise<number> {
    const input = { match, ...(times && { times }) }
    const { status, text } = await this.#send('POST', '/requests/verify', input)
    if (status === 200) return (JSON.parse(text) as { matched: number }).matched
    const error = toError(status, text)
    const { nearest = [] } = error.body as { nearest?: (Entry & { why: string[] })[] }
    const misses = nearest.map(miss => `\n  ${toLine(miss)}; missed, since ${miss.why.join(' and ')}`)
    throw new ControlError(`${error.message}${misses.join('')}`, status, error.body)
  }

  async clearRequests(): Promise<void> {
    await this.#ask('DELETE', '/requests')
  }

  async setFaults(rules: FaultRule[]): Promise<void> {
    await this.#ask('PUT', '/faults', rules)
  }

  faults(): Promise<(FaultRule & { fired: number })[]> {
    return this.#ask('GET', '/faults')
  }

  async regenerateToken(): Promise<string> {
    const { scimToken } = await this.#ask<{ scimToken: string }>('POST', '/scim-token/regenerate')
    this.#description = { ...this.#description, scimToken }
    return scimToken
  }

  exportState(): Promise<StateDocument> {
    return this.#ask('GET', '/state')
  }

  async importState(state: StateDocument): Promise<void> {
    await this.#ask('PUT', '/state', state)
    await this.#refresh()
  }

  async reset(): Promise<void> {
    await this.#ask('POST', '/reset')
    await this.#refresh()
  }

  async createInstance(options: InstanceOptions = {}): Promise<Insightly> {
    const description = (await ask(this.#transport, 'POST', '/instances', options)) as Description
    return new Client(this.#transport, description, async () => {
      const { status, text } = await this.#transport.send('DELETE', `/instances/${description.name}`)
      if (status >= 400 && status !== 404) throw toError(status, text)
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Token, key and URLs may have changed with the settings or the users. */
  async #refresh(): Promise<void> {
    this.#description = await this.#ask('GET', '')
  }

  #send(method: string, path: string, body?: unknown) {
    return this.#transport.send(method, `/instances/${this.name}${path}`, body)
  }

  #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return ask(this.#transport, method, `/instances/${this.name}${path}`, body) as Promise<T>
  }
}

async function ask(transport: Transport, method: string, path: string, body?: unknown): Promise<unknown> {
  const { status, text } = await transport.send(method, path, body)
  if (status >= 400) throw toError(status, text)
  return text === '' ? undefined : JSON.parse(text)
}

/** The refusal, with what its problem body says in words. */
function toError(status: number, text: string): ControlError {
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {}
  const { detail } = (body ?? {}) as { detail?: string }
  return new ControlError(detail ?? `The control API answered ${status}: ${text.slice(0, 200)}`, status, body)
}

const toWait = (timeout: Duration): string => (typeof timeout === 'number' ? `${Math.round(timeout)}ms` : timeout)

function toQuery(members: object): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(members)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

const toWords = (match: object): string =>
  Object.entries(match)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(' and ') || 'anything'

const toHeading = (noun: string, count: number, shown: number): string =>
  count === 0
    ? `There is no ${noun} at all.`
    : `There ${count === 1 ? `is 1 ${noun}` : `are ${count} ${noun}s`}${shown < count ? `, the last ${shown} being` : ''}:\n`

const toLine = ({ method, path, status, operation, userName, notes }: Entry): string =>
  [
    `${method} ${path} ${status} ${operation}`,
    userName,
    ...notes.map(({ rule, text }) => (rule ? `${text} (${rule})` : text)),
  ]
    .filter(Boolean)
    .join('; ')
