// All instances of one server: made, found by name, SCIM token or API key, kept in memory or in a data folder.

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ApiError, quote, StartError } from '../errors.ts'
import {
  type Database,
  type FolderLock,
  lockFolder,
  makeFile,
  openFile,
  openInMemory,
  removeDrafts,
  removeFile,
} from './database.ts'
import { type InitialState, Instance } from './instance.ts'
import { Journal } from './journal.ts'
import { JournalMemory } from './journal-memory.ts'
import { KnownSecrets } from './known-secrets.ts'
import { digest, isSameSecret, Keyring, makeToken } from './secrets.ts'

/** An instance's name; the rule is also what makes it safe as a file's name. */
export const instanceName = /^[a-z0-9-]{1,63}$/

export interface NewInstance {
  name?: string | undefined
  scimToken?: string | undefined
  state: InitialState
}

/** What journals are bounded by, as the settings of a server say it. */
export interface JournalLimits {
  /** How many exchanges each instance remembers. */
  journal: number
  /** How many MiB the exchanges of all instances may take together. */
  journalMemory: number
}

/** The instances of one server. */
export class Instances {
  readonly #folder: string | undefined
  readonly #journalSize: number
  /** What the journals of all instances may hold together. */
  readonly journalMemory: JournalMemory
  readonly #adminKey: string
  /** All secrets that open a door here, or did: nothing that is told shows one. */
  readonly secrets = new KnownSecrets()
  readonly #lock: FolderLock | undefined
  readonly #byName = new Map<string, Instance>()
  readonly #byToken = new Keyring<Instance>()
  /** Their digests. */
  readonly #replacedTokens = new Set<string>()
  readonly #byApiKey = new Keyring<Instance>()
  /** Counts what may make another answer of who is let in: instances that come and go, settings, tokens. */
  changes = 0
  #lastInstanceId = 100_000
  #lastName = 0

  /**
   * Opens the instances of a data folder, or none in memory.
   * @throws StartError when the folder is in use or something in it cannot be
   */
  constructor(folder: string | undefined, { journal, journalMemory }: JournalLimits, adminKey: string) {
    this.#adminKey = adminKey
    this.secrets.add(adminKey)
    this.#folder = folder
    this.#journalSize = journal
    this.journalMemory = new JournalMemory(journalMemory * 1024 * 1024)
    if (folder === undefined) return
    try {
      makeFolder(folder)
      this.#lock = lockFolder(folder)
      removeDrafts(folder)
    } catch (error) {
      if (error instanceof StartError) throw error
      throw new StartError(`The data folder ${folder} cannot be used (${(error as Error).message}); check --data.`)
    }
    try {
      for (const file of readdirSync(folder).sort()) {
        const name = file.endsWith('.sqlite') ? file.slice(0, -'.sqlite'.length) : ''
        if (!instanceName.test(name)) continue
        this.#open(name)
      }
      this.#lastInstanceId = Math.max(this.#lastInstanceId, this.#lock.highest())
      if (this.#byToken.find(adminKey) ?? this.#byApiKey.find(adminKey))
        throw new StartError(
          'The admin key is also the SCIM token or the API key of an instance; choose another with --admin-key.',
        )
    } catch (error) {
      this.close()
      throw error
    }
  }

  #open(name: string): void {
    const database = openFile(this.#path(name))
    try {
      this.#register(Instance.open(name, database, this.#makeJournal()))
    } catch (error) {
      database.close()
      if (error instanceof StartError) throw error
      // What is wrong is not said: a JSON error quotes the text, which holds secrets.
      throw new StartError(`The database ${this.#path(name)} is damaged; restore it or move it away.`)
    }
  }

  get size(): number {
    return this.#byName.size
  }

  /** All, in the order in which they were made. */
  list(): Instance[] {
    return [...this.#byName.values()]
  }

  find(name: string): Instance | undefined {
    return this.#byName.get(name)
  }

  /** @throws notFound */
  get(name: string): Instance {
    const instance = this.find(name)
    if (!instance) throw new ApiError('notFound', `There is no instance named ${quote(name)}.`)
    return instance
  }

  /** The instance whose present SCIM token this is. */
  findByToken(token: string): Instance | undefined {
    return this.#byToken.find(token)
  }

  /** The instance whose API key this is. */
  findByApiKey(key: string): Instance | undefined {
    return this.#byApiKey.find(key)
  }

  /** Whether a secret opens a door already, or did: one never opens two, and none comes back. */
  isTaken(secret: string): boolean {
    return (
      isSameSecret(secret, this.#adminKey) ||
      this.#byToken.find(secret) !== undefined ||
      this.#byApiKey.find(secret) !== undefined ||
      this.isReplaced(secret)
    )
  }

  /** Whether a newer token has replaced this one, which stays dead. */
  isReplaced(scimToken: string): boolean {
    return this.#replacedTokens.has(digest(scimToken))
  }

  /**
   * Makes an instance; its name and, when SCIM is enabled, its token are made up unless given.
   * @throws conflict when the name or the token is taken
   */
  create({ name = this.#freeName(), scimToken, state }: NewInstance): Instance {
    if (this.#byName.has(name)) throw new ApiError('conflict', `There is an instance named ${quote(name)} already.`)
    if (scimToken !== undefined && this.isTaken(scimToken)) throw takenToken()
    const token = scimToken ?? (state.settings.scimEnabled ? makeToken() : undefined)
    const options = { instanceId: this.#lastInstanceId + 1, scimToken: token, journal: this.#makeJournal() }
    const make = (database: Database) => Instance.create(name, database, options, state)
    if (this.#folder === undefined) {
      this.#register(make(openInMemory()))
    } else {
      this.#lock!.keepHighest(options.instanceId)
      makeFile(this.#path(name), make)
      this.#open(name)
    }
    return this.get(name)
  }

  /**
   * Gives an instance a chosen token.
   * @throws conflict when it belongs to another instance
   */
  setToken(instance: Instance, scimToken: string): void {
    if (this.isTaken(scimToken)) throw takenToken()
    instance.setToken(scimToken)
  }

  /** Removes an instance with its data. */
  delete(instance: Instance): void {
    this.changes += 1
    this.#byName.delete(instance.name)
    this.#byApiKey.delete(instance.storedApiKey)
    this.secrets.retire(instance.storedApiKey)
    if (instance.scimToken !== null) {
      this.#byToken.delete(instance.scimToken)
      this.secrets.retire(instance.scimToken)
    }
    for (const token of instance.replacedTokens) this.#replacedTokens.delete(token)
    instance.close()
    if (this.#folder !== undefined) removeFile(this.#path(instance.name))
  }

  close(): void {
    for (const instance of this.#byName.values()) instance.close()
    this.#byName.clear()
    this.#byToken.clear()
    this.#replacedTokens.clear()
    this.#byApiKey.clear()
    this.secrets.clear()
    this.#lock?.close()
  }

  #register(instance: Instance): void {
    this.#byName.set(instance.name, instance)
    this.#byApiKey.set(instance.storedApiKey, instance)
    this.secrets.add(instance.storedApiKey)
    let known: string | null = null
    const follow = (): void => {
      this.changes += 1
      const { scimToken } = instance
      if (scimToken === known) return
      for (const token of instance.replacedTokens) this.#replacedTokens.add(token)
      if (known !== null) {
        this.#byToken.delete(known)
        this.secrets.retire(known)
      }
      if (scimToken !== null) {
        this.#byToken.set(scimToken, instance)
        this.secrets.add(scimToken)
      }
      known = scimToken
    }
    // The first who listens, so that nobody hears of a token that finds nothing yet.
    instance.events.on('settings', follow)
    follow()
    this.#lastInstanceId = Math.max(this.#lastInstanceId, instance.instanceId)
  }

  #makeJournal(): Journal {
    return new Journal(this.#journalSize, this.journalMemory)
  }

  #path(name: string): string {
    return join(this.#folder!, `${name}.sqlite`)
  }

  #freeName(): string {
    do this.#lastName += 1
    while (this.#byName.has(`instance-${this.#lastName}`))
    return `instance-${this.#lastName}`
  }
}

const takenToken = (): ApiError =>
  new ApiError('conflict', 'The SCIM token is, or was, another secret of this server; choose a different one.')

/** Makes a folder and its parents, one by one: told to do so itself, Node never ends where one cannot be made (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(resolve(folder)))
  mkdirSync(folder, { mode: 0o700 })
}
