// All instances of one server: made, found by name, SCIM token or API key, kept in memory or in a data folder.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ApiError, quote, StartError } from '../errors.ts'
import { withProgress } from '../progress.ts'
import { type Database, lockFolder, openFile, openInMemory } from './database.ts'
import { type InitialState, Instance } from './instance.ts'
import { Journal, JournalBudget } from './journal.ts'
import { digest, isSameSecret, Keyring, keepSecret, toToken } from './secrets.ts'

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
  readonly journalBudget: JournalBudget
  /** The control API's key; one that was made up for a data folder stays with it. */
  readonly adminKey: string
  readonly #lock: { close(): void } | undefined
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
  constructor(folder: string | undefined, { journal, journalMemory }: JournalLimits, adminKey: string | undefined) {
    this.#folder = folder
    this.#journalSize = journal
    this.journalBudget = new JournalBudget(journalMemory * 1024 * 1024)
    if (folder === undefined) {
      this.adminKey = adminKey ?? toToken()
      return
    }
    try {
      makeFolder(folder)
      this.#lock = lockFolder(folder)
      this.adminKey = adminKey ?? keepSecret(join(folder, 'admin-key'))
    } catch (error) {
      this.#lock?.close()
      if (error instanceof StartError) throw error
      throw new StartError(`The data folder ${folder} cannot be used (${(error as Error).message}); check --data.`)
    }
    try {
      const names = readdirSync(folder)
        .filter(file => file.endsWith('.sqlite'))
        .map(file => file.slice(0, -'.sqlite'.length))
        .filter(name => instanceName.test(name))
      for (const name of withProgress('opening instances', names.sort())) this.#open(name)
    } catch (error) {
      this.close()
      throw error
    }
  }

  #open(name: string): void {
    const database = openFile(this.#path(name))
    try {
      const instance = Instance.open(name, database, this.#makeJournal())
      if (instance) this.#register(instance)
      else this.#discard(name, database)
    } catch {
      database.close()
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
      isSameSecret(secret, this.adminKey) ||
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
    const token = scimToken ?? (state.settings.scimEnabled ? toToken() : undefined)
    const database = this.#folder === undefined ? openInMemory() : openFile(this.#path(name))
    try {
      const options = { instanceId: this.#lastInstanceId + 1, scimToken: token, journal: this.#makeJournal() }
      const instance = Instance.create(name, database, options, state)
      this.#register(instance)
      return instance
    } catch (error) {
      this.#discard(name, database)
      throw error
    }
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
    if (instance.scimToken !== null) this.#byToken.delete(instance.scimToken)
    for (const token of instance.replacedTokens) this.#replacedTokens.delete(token)
    this.#discard(instance.name, instance)
  }

  close(): void {
    for (const instance of this.#byName.values()) instance.close()
    this.#byName.clear()
    this.#byToken.clear()
    this.#replacedTokens.clear()
    this.#byApiKey.clear()
    this.#lock?.close()
  }

  #register(instance: Instance): void {
    this.#byName.set(instance.name, instance)
    this.#byApiKey.set(instance.storedApiKey, instance)
    let known: string | null = null
    const follow = (): void => {
      this.changes += 1
      const { scimToken } = instance
      if (scimToken === known) return
      for (const token of instance.replacedTokens) this.#replacedTokens.add(token)
      if (known !== null) this.#byToken.delete(known)
      if (scimToken !== null) this.#byToken.set(scimToken, instance)
      known = scimToken
    }
    // The first who listens, so that nobody hears of a token that finds nothing yet.
    instance.events.on('settings', follow)
    follow()
    this.#lastInstanceId = Math.max(this.#lastInstanceId, instance.instanceId)
  }

  #makeJournal(): Journal {
    return new Journal(this.#journalSize, this.journalBudget)
  }

  #discard(name: string, open: Database | Instance): void {
    open.close()
    if (this.#folder !== undefined)
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(this.#path(name) + suffix, { force: true })
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
