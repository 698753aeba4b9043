// Where conversations are played: on a stand-in of our own, an instance each, whose journal tells why; or at any SCIM
// endpoint, where nothing is known but its answers, and the users that were made are left deactivated.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Insightly } from '../../client/insightly.ts'
import type { Conversation } from '../../rehearse/conversations.ts'
import type { Seen } from '../../rehearse/outcome.ts'
import type { Endpoint } from '../../rehearse/play.ts'
import { type Answer, readRetryAfter, type Sending, send } from '../../rehearse/send.ts'
import { patchUrn } from '../../scim/patch.ts'
import { toTarget } from '../../shadow/upstream.ts'
import type { LeftBehind } from '../endpoint.ts'

/** A place where one conversation is played. */
interface Scene {
  endpoint: Endpoint
  /** What is known of the step that was just played besides its answer. */
  see(): Promise<Seen | undefined>
  close(): Promise<void>
}

/** Where conversations are played. */
export interface Stage {
  /** Why a conversation cannot be played there, if it cannot. */
  findObstacle(conversation: Conversation): string | undefined
  open(conversation: Conversation): Promise<Scene>
}

/** A stand-in of our own, each conversation on an instance without users. */
export function toOwnStage(insightly: Insightly, pace: Pick<Endpoint, 'longestWait' | 'signal'> = {}): Stage {
  return {
    findObstacle: () => undefined,
    async open(conversation) {
      const instance = await insightly.createInstance({ state: { users: [] } })
      if (conversation.faults) await instance.setFaults(conversation.faults)
      let entries = 0
      return {
        endpoint: { scimUrl: instance.scimUrl, token: instance.scimToken, ...pace },
        async see() {
          const own = await instance.requests()
          // A request without the token of the instance is in the journal of the default instance.
          const entry = own.length > entries ? own.at(-1) : (await insightly.requests()).at(-1)
          entries = own.length
          return entry
        },
        close: () => instance.close(),
      }
    },
  }
}

/** How often a request is sent again because the endpoint asks for patience, and how long it may ask to wait. */
const patience = { repeats: 5, longestWait: 60_000 }

/** Any SCIM endpoint. */
export class ForeignStage implements Stage {
  readonly #url: URL
  readonly #token: string
  readonly #signal: AbortSignal
  /** The ids of the users that were made, by their userNames; null while no answer told it. */
  readonly #made = new Map<string, string | null>()

  constructor(url: URL, token: string, signal: AbortSignal) {
    this.#url = url
    this.#token = token
    this.#signal = signal
  }

  findObstacle({ faults }: Conversation): string | undefined {
    return faults && 'only the endpoint itself can bring it about'
  }

  async open(): Promise<Scene> {
    const send = (path: string, sending: Sending): Promise<Answer> => this.#play(path, sending)
    return {
      endpoint: { scimUrl: '', token: this.#token, send, signal: this.#signal },
      see: async () => undefined,
      close: async () => {},
    }
  }

  /** The answer to a look at the first user, which tells what kind of endpoint it is. @throws NoAnswer */
  look(): Promise<Answer> {
    return this.#send('/Users?startIndex=1&count=1', this.#ask('GET'))
  }

  /** Deactivates the users that were made, and says how each is left. */
  async tidy(): Promise<LeftBehind[]> {
    const left: LeftBehind[] = []
    for (const [userName, known] of this.#made) {
      const id = known ?? (await this.#findId(userName))
      if (id === undefined) left.push({ userName, id: null, state: 'unknown' })
      else if (id !== null) left.push({ userName, id, state: await this.#deactivate(id) })
    }
    this.#made.clear()
    return left
  }

  /** Sends a step. A stop does not interrupt it, so that no user is made without being noticed. */
  async #play(path: string, sending: Sending): Promise<Answer> {
    const isCreation = sending.method === 'POST' && /^\/Users\b/.test(path)
    const { userName } = (isCreation ? sending.body : {}) as { userName?: unknown }
    const isNew = typeof userName === 'string' && !this.#made.has(userName)
    if (isNew) this.#made.set(userName, null)
    for (let repeats = 0; ; repeats += 1) {
      const answer = await this.#send(path, sending)
      const wait = readRetryAfter(answer) ?? 1000
      if (
        answer.status === 429 &&
        repeats < patience.repeats &&
        wait <= patience.longestWait &&
        !this.#signal.aborted
      ) {
        await sleep(wait, undefined, { signal: this.#signal }).catch(() => {})
        continue
      }
      const { id } = answer.body ?? {}
      if (isNew && answer.status >= 400) this.#made.delete(userName)
      else if (isNew && typeof id === 'string') this.#made.set(userName, id)
      return answer
    }
  }

  /** The id of a user whose creation was not answered: null when there is none, undefined when nobody knows. */
  async #findId(userName: string): Promise<string | null | undefined> {
    try {
      const filter = encodeURIComponent(`userName eq ${JSON.stringify(userName)}`)
      const { status, body } = await this.#send(`/Users?filter=${filter}`, this.#ask('GET'))
      if (status !== 200 || !Array.isArray(body?.Resources)) return undefined
      const [user] = body.Resources
      return typeof user?.id === 'string' ? user.id : null
    } catch {
      return undefined
    }
  }

  async #deactivate(id: string): Promise<LeftBehind['state']> {
    const path = `/Users/${encodeURIComponent(id)}`
    const operations = [{ op: 'replace', path: 'active', value: false }]
    const body = { schemas: [patchUrn], Operations: operations }
    let state: LeftBehind['state'] = 'unknown'
    for (const change of [undefined, this.#ask('PATCH', body), this.#ask('DELETE')]) {
      try {
        if (change) await this.#send(path, change)
        const { status, body: user } = await this.#send(path, this.#ask('GET'))
        if (status === 404) return 'removed'
        if (status === 200 && user?.active === false) return 'inactive'
        if (status === 200) state = 'active'
      } catch {
        // The next request may succeed; otherwise `state` says that the user is active.
      }
    }
    return state
  }

  #ask(method: string, body?: unknown): Sending {
    const type = body === undefined ? undefined : { 'Content-Type': 'application/scim+json' }
    const headers = { Authorization: `Bearer ${this.#token}`, Accept: 'application/scim+json', ...type }
    return { method, headers, ...(body !== undefined && { body }) }
  }

  #send(path: string, sending: Sending): Promise<Answer> {
    return send(this.#url.origin + toTarget(this.#url, path), sending)
  }
}
