// What this server itself answers to a request: on the instance, where the request only reads, or else on a scratch copy
// of the users that it is about, so that nothing of the instance changes. Requests are run one after another.

import { openInMemory } from '../account/database.ts'
import { Instance } from '../account/instance.ts'
import type { Exchange } from '../account/journal.ts'
import { Journal } from '../account/journal.ts'
import { JournalMemory } from '../account/journal-memory.ts'
import { toInitialState } from '../account/settings.ts'
import type { UserRecord } from '../insightly/record.ts'
import { type Behaviours, presets } from '../scim/behaviour.ts'
import { type Answer, toAnswer } from './documents.ts'
import type { PlainRequest } from './ids.ts'

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
    const settings = { ...toInitialState(presets.insightly).settings, behaviours, publicUrl }
    this.#instance.importState({ settings, users, highestUserId })
    return this.askOf(this.#instance, request)
  }

  /** The answer of an instance that exists, to a request that only reads. */
  async askOf(instance: Instance, request: PlainRequest): Promise<OwnAnswer> {
    const { status, text, exchange } = await this.#inner.run(instance, request)
    const id = (exchange.after ?? exchange.before)?.USER_ID
    const after = id === undefined ? undefined : instance.records.find(String(id))
    return { status, text, answer: toAnswer(text), exchange, after }
  }

  async close(): Promise<void> {
    this.#instance.close()
    await this.#inner.close()
  }
}
