// The one implementation of what a program holds of an instance (insightly.ts), on top of the control API; a transport
// carries its requests: in this process (start.ts) or over HTTP (connect.ts).

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
import { ask, ControlError, type Transport, toError } from './transport.ts'

/** What the control API says of an instance: its name, URLs and secrets. */
export type Description = ReturnType<typeof toDescription>

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

  /** `close` runs once, when this handle is closed. */
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

  async waitForUser(match: UserMatch, options?: WaitOptions): Promise<InsightlyUser> {
    const users = await this.#waitFor('user', match, options, async () =>
      (await this.users()).map(user => `  ${user.EMAIL_ADDRESS}, ${user.ACTIVE ? 'active' : 'inactive'}`),
    )
    return (users as InsightlyUser[])[0]!
  }

  async requests(query: RequestQuery = {}): Promise<Entry[]> {
    return (await this.#ask<{ requests: Entry[] }>('GET', `/requests${toQuery(query)}`)).requests
  }

  async waitForRequest(match: RequestQuery, options?: WaitOptions): Promise<Entry> {
    const found = await this.#waitFor('request', match, options, async () =>
      (await this.requests({ since: match.since ?? 0 })).map(entry => `  ${toLine(entry)}`),
    )
    return (found as { requests: Entry[] }).requests[0]!
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

  /** What a list answers as soon as it has a match. @throws ControlError 408 that tells what `tellAll` finds instead */
  async #waitFor(
    noun: 'user' | 'request',
    match: object,
    { timeout = 4000 }: WaitOptions = {},
    tellAll: () => Promise<string[]>,
  ): Promise<unknown> {
    const wait = toWait(timeout)
    const { status, text } = await this.#send('GET', `/${noun}s${toQuery({ ...match, wait })}`)
    if (status === 200) return JSON.parse(text)
    if (status !== 408) throw toError(status, text)
    const lines = await tellAll()
    const shown = lines.slice(-10)
    throw new ControlError(
      `No ${noun} with ${toWords(match)} within ${wait}. ${toHeading(noun, lines.length, shown.length)}${shown.join('\n')}`,
      status,
      JSON.parse(text),
    )
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
