// What this server itself answers to a request: on the instance, where the request only reads, or else on a scratch copy
// of the users that it is about, so that nothing of the instance changes. Requests are run one after another.

import type { Exchange } from '../account/exchange.ts'
import { openInMemory } from '../account/files/database.ts'
import { Instance } from '../account/instance.ts'
import { Journal } from '../account/journal.ts'
import { JournalMemory } from '../account/journal-memory.ts'
import { toInitialState } from '../account/settings.ts'
import type { UserRecord } from '../insightly/record.ts'
import { type BehaviourKey, type Behaviours, presets } from '../scim/behaviour.ts'
import { readId } from '../scim/document-text.ts'
import { type Answer, toAnswer } from './documents.ts'
import type { PlainRequest } from './request.ts'

/** Where requests run on an instance without a client: no credentials, faults, limits or journal. */
export interface Inner {
  run(instance: Instance, request: PlainRequest): Promise<{ status: number; text: string; exchange: Exchange }>
  close(): Promise<unknown>
}

/** What this server answers. */
export interface OwnAnswer {
  status: number
  text: string
  answer: Answer
  exchange: Exchange
  /** The user that it was about, as it is afterwards; undefined when there is none. */
  after: UserRecord | undefined
  /** The switches that had a say, in the order in which they were asked. */
  asked: readonly BehaviourKey[]
}

/** What a request is run on. */
export interface Scene {
  users: readonly UserRecord[]
  highestUserId: number
  publicUrl: string | null
}

/** The scratch copy. */
export class Model {
  readonly #inner: Inner
  readonly #instance = Instance.create(
    'scratch',
    openInMemory(),
    { instanceId: 1, scimToken: undefined, journal: new Journal(0, new JournalMemory(0)) },
    { ...toInitialState(presets.insightly), users: [] },
  )

  constructor(inner: Inner) {
    this.#inner = inner
  }

  /** The answer of an instance with such users and switches. */
  async ask(
    request: PlainRequest,
    { users, highestUserId, publicUrl }: Scene,
    behaviours: Behaviours,
  ): Promise<OwnAnswer> {
    const asked = new Set<BehaviourKey>()
    const settings = { ...toInitialState(presets.insightly).settings, behaviours: watch(behaviours, asked), publicUrl }
    this.#instance.importState({ settings, users, highestUserId })
    // Storing the settings has read every switch.
    asked.clear()
    return { ...(await this.askOf(this.#instance, request)), asked: [...asked] }
  }

  /** The answer of an instance that exists, to a request that only reads. */
  async askOf(instance: Instance, request: PlainRequest): Promise<OwnAnswer> {
    const { status, text, exchange } = await this.#inner.run(instance, request)
    const { shown } = exchange
    const id = (exchange.after ?? exchange.before)?.USER_ID ?? (shown && readId(shown))
    const after = id === undefined ? undefined : instance.records.find(String(id))
    return { status, text, answer: toAnswer(text), exchange, after, asked: [] }
  }

  async close(): Promise<void> {
    this.#instance.close()
    await this.#inner.close()
  }
}

/** The same switches, which tell when they are read. */
function watch(behaviours: Behaviours, asked: Set<BehaviourKey>): Behaviours {
  const watched = {} as Behaviours
  for (const key of Object.keys(behaviours) as BehaviourKey[])
    Object.defineProperty(watched, key, {
      enumerable: true,
      get() {
        asked.add(key)
        return behaviours[key]
      },
    })
  return watched
}
