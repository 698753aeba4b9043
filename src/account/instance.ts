// One emulated Insightly account: its users, settings, tokens and clock, in a database of its own. What concerns several
// instances (lookup by token, files) is in instances.ts.

import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { ApiError } from '../errors.ts'
import type { UserRecord } from '../insightly/record.ts'
import { textForm } from '../scim/document-text.ts'
import { Clock } from './clock.ts'
import type { Exchange } from './exchange.ts'
import { Faults } from './faults.ts'
import type { Database } from './files/database.ts'
import type { Journal } from './journal.ts'
import { RateLimit } from './rate-limit.ts'
import { digest, makeToken } from './secrets/secrets.ts'
import { type InitialState, mergeSettings, ownerOf, parseStored, type Settings, type Stored } from './settings.ts'
import { Documents } from './users/documents.ts'
import type { Records } from './users/records.ts'
import { StagedUsers } from './users/staged-users.ts'
import { UserTable } from './users/user-table.ts'
import { type UserChange, Users } from './users/users.ts'

/** What an instance is made with besides its state. */
export interface InstanceParts {
  instanceId: number
  /** Undefined: one is made when SCIM is enabled. */
  scimToken: string | undefined
  /** The digest of the request that asks for it. */
  madeWith?: string | undefined
  journal: Journal
}

/** The events of an instance. */
interface InstanceEvents {
  exchange: [Exchange]
  /** An empty change means that any user may have changed. */
  user: [UserChange]
  /** The token may have changed, too. */
  settings: []
  close: []
}

/** One emulated Insightly account. */
export class Instance {
  readonly name: string
  readonly clock = new Clock()
  /** What can be done to users. */
  readonly users: Users
  /** The users as SCIM shows them. */
  readonly documents: Documents
  /** The users as Insightly has them. */
  readonly records: Records
  readonly journal: Journal
  readonly faults = new Faults()
  readonly rateLimit = new RateLimit()
  readonly events = new EventEmitter<InstanceEvents>().setMaxListeners(0)
  readonly #database: Database
  readonly #table: UserTable
  #stored: Stored
  #isImporting = false

  private constructor(name: string, database: Database, stored: Stored, journal: Journal) {
    this.name = name
    this.journal = journal
    this.#database = database
    this.#stored = stored
    this.#table = new UserTable(database)
    this.records = this.#table
    const behaviours = () => this.#stored.settings.behaviours
    this.documents = new Documents(database, this.#table, behaviours)
    this.users = new Users(
      this.#table,
      () => this.clock.now(),
      behaviours,
      change => void this.events.emit('user', change),
    )
  }

  /** Makes an instance on an empty database. */
  static create(name: string, database: Database, parts: InstanceParts, state: InitialState): Instance {
    const { instanceId, scimToken, madeWith, journal } = parts
    const stored: Stored = {
      instanceId,
      apiKey: randomUUID(),
      scimToken: scimToken ?? firstToken(name, state.settings),
      settings: state.settings,
      initial: { settings: state.settings, highestUserId: 0 },
      madeWith,
      textForm,
    }
    const instance = new Instance(name, database, stored, journal)
    database.transaction(() => {
      stored.initial.highestUserId = instance.#replaceUsers(state)
      instance.#table.keepInitial()
      database.prepare('INSERT INTO instance (document) VALUES (?)').run(JSON.stringify(stored))
    })
    return instance
  }

  /**
   * The instance that a database holds.
   * @throws Error when it is incomplete
   */
  static open(name: string, database: Database, journal: Journal): Instance {
    const document = database.prepare('SELECT document FROM instance').pluck().get()
    const stored = parseStored(JSON.parse(document as string))
    const instance = new Instance(name, database, stored, journal)
    instance.#rewriteTexts()
    return instance
  }

  get instanceId(): number {
    return this.#stored.instanceId
  }

  get settings(): Readonly<Settings> {
    return this.#stored.settings
  }

  /** The SCIM token; null before SCIM was first enabled. */
  get scimToken(): string | null {
    return this.#stored.scimToken
  }

  /** The stored API key. Nobody can use it while the instance has no active user. */
  get storedApiKey(): string {
    return this.#stored.apiKey
  }

  /** The digest of the request that made it by its name. */
  get madeWith(): string | undefined {
    return this.#stored.madeWith
  }

  /** Digests of the tokens that were replaced; these are never accepted again. */
  get replacedTokens(): readonly string[] {
    return this.#stored.replacedTokens ?? []
  }

  /** The user for whom the API key acts: the account owner, or else the first active user. */
  get apiUser(): UserRecord | undefined {
    return this.#table.findActor()
  }

  /**
   * Saves settings, as Insightly's SAML and SCIM page does: turning SAML off turns SCIM off, and the first save with
   * SCIM enabled makes the token.
   * @throws conflict when SCIM is to be enabled while SAML is off
   */
  changeSettings(change: Partial<Settings>): void {
    const settings = mergeSettings(this.#stored.settings, change)
    this.#store({
      ...this.#stored,
      settings,
      scimToken: this.#stored.scimToken ?? firstToken(this.name, settings),
    })
    this.events.emit('settings')
  }

  /**
   * Makes a new token. All earlier ones are rejected from now on.
   * @throws conflict before SCIM was ever enabled
   */
  regenerateToken(): string {
    if (this.#stored.scimToken === null)
      throw new ApiError('conflict', 'There is no token yet; enable SCIM first, which makes one.', 'A-04')
    const scimToken = makeToken(this.name)
    this.setToken(scimToken)
    return scimToken
  }

  /** Replaces the token with a given one. */
  setToken(scimToken: string): void {
    const { scimToken: old, replacedTokens = [] } = this.#stored
    this.#store({
      ...this.#stored,
      scimToken,
      replacedTokens: old === null ? replacedTokens : [...replacedTokens, digest(old)],
    })
    this.events.emit('settings')
  }

  /** Replaces settings and users, all or nothing; token and API key stay. */
  importState(state: InitialState): void {
    this.#atomically(() => {
      this.#replaceUsers(state)
      const scimToken = this.#stored.scimToken ?? firstToken(this.name, state.settings)
      this.#store({ ...this.#stored, settings: state.settings, scimToken })
    })
    this.#announce()
  }

  /**
   * Runs an import: `work` stages users, which nobody sees before all of them are there.
   * @throws conflict while another import is running
   */
  async withStagedUsers(work: (staged: StagedUsers) => Promise<void>): Promise<void> {
    if (this.#isImporting)
      throw new ApiError('conflict', 'Another import is on its way; wait until it is done and send this one again.')
    this.#isImporting = true
    try {
      const staged = new StagedUsers(this.#database, this.clock.now())
      try {
        await work(staged)
      } finally {
        staged.clear()
      }
    } finally {
      this.#isImporting = false
    }
  }

  /** Adds a finished exchange to the journal and notifies listeners. */
  addExchange(exchange: Exchange): void {
    if (this.journal.add(exchange)) this.events.emit('exchange', exchange)
  }

  /** Restores the state that the instance was created with and clears journal, faults and clock; token and API key stay. */
  reset(): void {
    const { initial } = this.#stored
    this.#atomically(() => {
      this.#table.replaceAll('initial_users', initial.highestUserId, this.clock.now())
      this.#store({ ...this.#stored, settings: initial.settings })
    })
    this.clock.set('real')
    this.journal.clear()
    this.faults.set([])
    this.#announce()
  }

  close(): void {
    this.events.emit('close')
    this.events.removeAllListeners()
    this.journal.clear()
    this.#database.close()
  }

  /** Tells listeners that everything may have changed. */
  #announce(): void {
    this.events.emit('settings')
    this.events.emit('user', {})
  }

  /** Runs `work` in a transaction. When that fails, what is kept in memory is restored, too. */
  #atomically(work: () => void): void {
    const stored = this.#stored
    try {
      this.#database.transaction(work)
    } catch (error) {
      this.#stored = stored
      this.#table.forgetCounts()
      throw error
    }
  }

  #rewriteTexts(): void {
    if (this.#stored.textForm === textForm) return
    this.#database.transaction(() => {
      this.#table.rewriteDocuments()
      this.#store({ ...this.#stored, textForm })
    })
  }

  #store(stored: Stored): void {
    this.#database.prepare('UPDATE instance SET document = ?').run(JSON.stringify(stored))
    this.#stored = stored
  }

  /**
   * Replaces all users by those of a state.
   * @returns the highest USER_ID that counts as given
   */
  #replaceUsers({ users = [ownerOf(this.name)], highestUserId = 0 }: InitialState): number {
    const source = users instanceof StagedUsers ? 'staged_users' : users
    return this.#table.replaceAll(source, highestUserId, this.clock.now())
  }
}

/** SCIM has a token from when it is first enabled. */
const firstToken = (name: string, { scimEnabled }: Settings): string | null => (scimEnabled ? makeToken(name) : null)

/** The URLs of an instance and the secrets that open them. */
export const toDescription = (instance: Instance, origin: string) => ({
  name: instance.name,
  instanceId: instance.instanceId,
  scimUrl: `${origin}/scim/v2`,
  scimToken: instance.scimToken,
  apiUrl: `${origin}/v3.1`,
  apiKey: instance.apiUser ? instance.storedApiKey : null,
})
