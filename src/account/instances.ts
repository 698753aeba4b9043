// All instances of one server: makes them, finds them by name, SCIM token or API key, and keeps them in memory or in a
// data folder.

import { ApiError, quote, StartError } from '../errors.ts'
import { findInstanceNames, makeFolder, toDatabasePath, toKeyPath } from './files/data-folder.ts'
import { type Database, makeFile, openFile, openInMemory, removeDrafts, removeFile } from './files/database.ts'
import { type FolderLock, lockFolder } from './files/folder-lock.ts'
import { finishRestore } from './files/restore.ts'
import { Instance } from './instance.ts'
import { Journal } from './journal.ts'
import { JournalMemory } from './journal-memory.ts'
import { withProgress } from './progress.ts'
import { KnownSecrets } from './secrets/known-secrets.ts'
import { Mask } from './secrets/mask.ts'
import { digest, isSameSecret, Keyring, keepSecret, makeSecret, toHidden } from './secrets/secrets.ts'
import type { InitialState } from './settings.ts'

/** What a new instance is made from. */
export interface NewInstance {
  name?: string | undefined
  scimToken?: string | undefined
  /** The digest of the request that asks for it. */
  madeWith?: string | undefined
  state: InitialState
}

/** The limits of journals, from the settings of a server. */
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
  /** The memory that the journals of all instances share. */
  readonly journalMemory: JournalMemory
  /** The control API's key; one that was made up for a data folder stays with it. */
  readonly adminKey: string
  /** All secrets that this server accepts or has accepted, so that they can be hidden. */
  readonly secrets = new KnownSecrets()
  /** Hides them in what is shown of exchanges. */
  readonly mask = new Mask(this.secrets)
  readonly #lock: FolderLock | undefined
  readonly #byName = new Map<string, Instance>()
  readonly #byToken = new Keyring<Instance>()
  /** By the digests of replaced tokens: whose they were. */
  readonly #replacedTokens = new Map<string, Instance>()
  readonly #byApiKey = new Keyring<Instance>()
  /** Counts changes that can affect authentication: new and deleted instances, settings, tokens. */
  changes = 0
  #lastInstanceId = 100_000
  #lastName = 0

  /**
   * Opens the instances of a data folder. Without a folder there are none yet, and new ones stay in memory.
   * @throws StartError when the folder is in use, or when it or a file in it cannot be used
   */
  constructor(folder: string | undefined, { journal, journalMemory }: JournalLimits, adminKey: string | undefined) {
    this.#folder = folder
    this.#journalSize = journal
    this.journalMemory = new JournalMemory(journalMemory * 1024 * 1024)
    if (folder === undefined) {
      this.adminKey = adminKey ?? makeSecret()
      this.secrets.add(this.adminKey)
      return
    }
    try {
      makeFolder(folder)
      this.#lock = lockFolder(folder)
      finishRestore(folder, this.#lock)
      removeDrafts(folder)
      this.adminKey = adminKey ?? keepSecret(toKeyPath(folder))
      this.secrets.add(this.adminKey)
    } catch (error) {
      this.#lock?.close()
      if (error instanceof StartError) throw error
      throw new StartError(`The data folder ${folder} cannot be used (${(error as Error).message}); check --data.`)
    }
    try {
      for (const name of withProgress('opening instances', findInstanceNames(folder))) this.#open(name)
      this.#lastInstanceId = Math.max(this.#lastInstanceId, this.#lock.highest())
      if (this.#byToken.find(this.adminKey) ?? this.#byApiKey.find(this.adminKey))
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
      // The reason is left out: a JSON error quotes the text, which contains secrets.
      throw new StartError(`The database ${this.#path(name)} is damaged; restore it or move it away.`)
    }
  }

  get size(): number {
    return this.#byName.size
  }

  /** All instances, in the order in which they were made. */
  list(): Instance[] {
    return [...this.#byName.values()]
  }

  /** The instance with a name, if there is one. */
  find(name: string): Instance | undefined {
    return this.#byName.get(name)
  }

  /** The instance with a name. @throws notFound */
  get(name: string): Instance {
    const instance = this.find(name)
    if (!instance) throw new ApiError('notFound', `There is no instance named ${quote(name)}.`)
    return instance
  }

  /** The instance whose current SCIM token this is. */
  findByToken(token: string): Instance | undefined {
    return this.#byToken.find(token)
  }

  /** The instance whose API key this is. */
  findByApiKey(key: string): Instance | undefined {
    return this.#byApiKey.find(key)
  }

  /** Whether a secret is or was in use. No secret opens two instances, and none is used a second time. */
  isTaken(secret: string): boolean {
    return (
      isSameSecret(secret, this.adminKey) ||
      this.#byToken.find(secret) !== undefined ||
      this.#byApiKey.find(secret) !== undefined ||
      this.findByReplacedToken(secret) !== undefined
    )
  }

  /** The instance that a token opened before a newer one replaced it; it is never accepted again. */
  findByReplacedToken(scimToken: string): Instance | undefined {
    return this.#replacedTokens.get(digest(scimToken))
  }

  /**
   * Makes an instance. Without a given name it gets a free one; without a given token it gets a new one if SCIM is enabled.
   * @throws conflict when the name or the token is taken
   */
  create({ name = this.#freeName(), scimToken, madeWith, state }: NewInstance): Instance {
    if (this.#byName.has(name)) throw new ApiError('conflict', `There is an instance named ${quote(name)} already.`)
    if (scimToken !== undefined && this.isTaken(scimToken)) throw takenToken()
    const parts = { instanceId: this.#lastInstanceId + 1, scimToken, madeWith, journal: this.#makeJournal() }
    const make = (database: Database) => Instance.create(name, database, parts, state)
    if (this.#folder === undefined) {
      this.#register(make(openInMemory()))
    } else {
      this.#lock!.keepHighest(parts.instanceId)
      makeFile(this.#path(name), make)
      try {
        this.#open(name)
      } catch (error) {
        removeFile(this.#path(name))
        throw new ApiError('unavailable', (error as Error).message)
      }
    }
    return this.get(name)
  }

  /**
   * Gives an instance a chosen token.
   * @throws conflict when the token is or was in use
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
      this.secrets.retire(toHidden(instance.scimToken))
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
      for (const token of instance.replacedTokens) this.#replacedTokens.set(token, instance)
      if (known !== null) {
        this.#byToken.delete(known)
        this.secrets.retire(toHidden(known))
      }
      if (scimToken !== null) {
        this.#byToken.set(scimToken, instance)
        this.secrets.add(toHidden(scimToken))
      }
      known = scimToken
    }
    // This listener comes first: when others hear of a new token, it can already be found.
    instance.events.on('settings', follow)
    follow()
    this.#lastInstanceId = Math.max(this.#lastInstanceId, instance.instanceId)
  }

  #makeJournal(): Journal {
    return new Journal(this.#journalSize, this.journalMemory)
  }

  #path(name: string): string {
    return toDatabasePath(this.#folder!, name)
  }

  #freeName(): string {
    do this.#lastName += 1
    while (this.#byName.has(`instance-${this.#lastName}`))
    return `instance-${this.#lastName}`
  }
}

const takenToken = (): ApiError =>
  new ApiError('conflict', 'The SCIM token is, or was, another secret of this server; choose a different one.')
