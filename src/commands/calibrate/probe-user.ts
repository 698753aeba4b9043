// The one user that calibrate creates: making it from the least body upwards, changing it, reading it back, and leaving
// it deactivated. It touches no user that it did not make.

import { NoAnswer } from '../../rehearse/send.ts'
import { patchUrn } from '../../scim/patch.ts'
import { toObject } from '../../shadow/documents.ts'
import type { LeftBehind } from '../endpoint.ts'
import { type Conversation, Interrupted } from './conversation.ts'
import { ladder, names, type Part, toBody, withoutDomain } from './probe-body.ts'
import { type Exchange, isDone, isRefused, toId, toUsers, Undeterminable } from './reading.ts'

type Document = Record<string, unknown>

/** One try to create the user. */
export interface Attempt {
  parts: readonly Part[]
  exchange: Exchange
}

/** A PATCH and what GET shows before and after it. */
export interface Change {
  exchange: Exchange
  readBack: Exchange
  before: Document
  after: Document
}

/** The user. */
export class ProbeUser {
  readonly userName: string
  readonly attempts: Attempt[] = []
  readonly #conversation: Conversation
  #id: string | undefined
  #mayExist = false
  #userNameNow: string
  #state: LeftBehind['state'] = 'nobody'
  /** As last read, while nothing was sent that may have changed it. */
  #document: Document | undefined
  /** Users that a POST of the same userName made beside the one. */
  readonly #doubles: string[] = []

  constructor(conversation: Conversation, userName: string) {
    this.#conversation = conversation
    this.userName = userName
    this.#userNameNow = userName
  }

  /** @throws Undeterminable when nobody could be created */
  get id(): string {
    if (this.#id === undefined) throw new Undeterminable('no user could be created')
    return this.#id
  }

  /** The exchange that created the user, if one did. */
  get created(): Attempt | undefined {
    return this.attempts.findLast(({ exchange }) => isDone(exchange))
  }

  /** Another address that belongs to nobody. */
  get otherUserName(): string {
    return this.userName.replace(/@/, '-renamed@')
  }

  /** A userName that is no address and belongs to nobody. */
  get noAddress(): string {
    return withoutDomain(this.userName)
  }

  /** Looks the user up by userName, as every identity provider does. */
  async lookUp(): Promise<Exchange> {
    const filter = encodeURIComponent(`userName eq ${JSON.stringify(this.userName)}`)
    return this.#conversation.ask('GET', `/Users?filter=${filter}`)
  }

  /** The id of the user in a list answer, if it is there. */
  findIn(list: Exchange): string | undefined {
    const isIt = (user: unknown) => String(toObject(user).userName).toLowerCase() === this.userName.toLowerCase()
    return toId(toUsers(list)?.find(isIt))
  }

  /**
   * Creates the user with the least body that is accepted.
   * @throws Undeterminable when none is
   */
  async create(): Promise<void> {
    for (const parts of ladder) if (await this.#attempt(parts, { active: false })) return
    if (await this.#attempt(ladder.at(-1)!, {})) return
    throw new Undeterminable(`no user could be created: POST answers ${this.attempts.at(-1)!.exchange.status}`)
  }

  async #attempt(parts: readonly Part[], extra: Document): Promise<boolean> {
    this.#mayExist = true
    const exchange = await this.#conversation.ask('POST', '/Users', toBody(this.userName, parts, extra))
    this.attempts.push({ parts, exchange })
    if (isDone(exchange)) {
      this.#id = toId(exchange.body) ?? this.findIn(await this.lookUp())
      this.#state = 'unknown'
      if (this.#id === undefined) throw new Undeterminable('the created user has no id')
      return true
    }
    if (exchange.status >= 500 && this.findIn(await this.lookUp()) !== undefined)
      throw new Undeterminable(`POST answers ${exchange.status} and creates the user all the same`)
    if (!isRefused(exchange) && exchange.status < 500)
      throw new Undeterminable(`no user could be created: POST answers ${exchange.status}`)
    return false
  }

  /** POSTs the userName once more; a second user that this makes is remembered, to be deactivated too. */
  async createAgain(familyName: string): Promise<Exchange> {
    const parts = new Set<Part>([...(this.created?.parts ?? []), 'givenName', 'familyName'])
    const body = toBody(this.userName, [...parts], { name: { ...names, familyName } })
    this.#document = undefined
    const exchange = await this.#conversation.ask('POST', '/Users', body)
    const id = isDone(exchange) ? toId(exchange.body) : undefined
    if (id !== undefined && id !== this.id) this.#doubles.push(id)
    return exchange
  }

  /** Reads the user. */
  async get(): Promise<Exchange> {
    const exchange = await this.#conversation.ask('GET', `/Users/${encodeURIComponent(this.id)}`)
    const { active, userName } = toObject(exchange.body)
    if (exchange.status === 200) {
      this.#state = this.#toState(active)
      if (typeof userName === 'string') this.#userNameNow = userName
    }
    if (exchange.status === 404) this.#state = 'removed'
    return exchange
  }

  /** @throws Undeterminable when it cannot be read */
  async read(): Promise<{ readBack: Exchange; document: Document }> {
    const readBack = await this.get()
    const document = toObject(readBack.body)
    if (readBack.status !== 200 || toId(document) !== this.id)
      throw new Undeterminable(`the user cannot be read back (GET answers ${readBack.status})`)
    this.#document = document
    return { readBack, document }
  }

  /**
   * PATCHes the user and reads it before and after.
   * @throws Undeterminable when it cannot be read
   */
  async change(...operations: object[]): Promise<Change> {
    const before = this.#document ?? (await this.read()).document
    const exchange = await this.patch(...operations)
    const { readBack, document: after } = await this.read()
    return { exchange, readBack, before, after }
  }

  /** PATCHes the user. */
  async patch(...operations: object[]): Promise<Exchange> {
    this.#state = 'unknown'
    this.#document = undefined
    return this.#conversation.ask('PATCH', `/Users/${encodeURIComponent(this.id)}`, {
      schemas: [patchUrn],
      Operations: operations,
    })
  }

  /** DELETEs the user. */
  async delete(): Promise<Exchange> {
    this.#state = 'unknown'
    this.#document = undefined
    return this.#conversation.ask('DELETE', `/Users/${encodeURIComponent(this.id)}`)
  }

  /**
   * Makes the user active or inactive, unless it is.
   * @throws Undeterminable when that does not work
   */
  async setActive(active: boolean): Promise<void> {
    const document = this.#document ?? (await this.read()).document
    if (document.active === active) return
    const { exchange, after } = await this.change({ op: 'replace', path: 'active', value: active })
    if (after.active !== active)
      throw new Undeterminable(
        `the user cannot be made ${active ? 'active' : 'inactive'} (PATCH answers ${exchange.status})`,
      )
  }

  /**
   * Gives the user back its first userName and names, where they differ.
   * @throws Undeterminable when it does not take the userName back
   */
  async restore(): Promise<void> {
    const document = this.#document ?? (await this.read()).document
    const name = toObject(document.name)
    const operations = [
      ...(document.userName !== this.userName ? [{ op: 'replace', path: 'userName', value: this.userName }] : []),
      ...(['givenName', 'familyName'] as const)
        .filter(part => name[part] !== names[part])
        .map(part => ({ op: 'replace', path: `name.${part}`, value: names[part] })),
    ]
    if (operations.length === 0) return
    const { exchange, after } = await this.change(...operations)
    if (after.userName !== this.userName)
      throw new Undeterminable(`the user does not take its first userName back (PATCH answers ${exchange.status})`)
  }

  /** Deactivates what was made and says what is left; never throws. */
  async leave(): Promise<LeftBehind> {
    try {
      if (this.#id === undefined && this.#mayExist) {
        const found = await this.lookUp()
        this.#id = this.findIn(found)
        this.#state = this.#id !== undefined || found.status !== 200 ? 'unknown' : 'nobody'
      }
      if (this.#id !== undefined) await this.#retire()
      for (const double of this.#doubles) await this.#conversation.ask('DELETE', `/Users/${encodeURIComponent(double)}`)
    } catch (error) {
      if (!(error instanceof Interrupted || error instanceof NoAnswer || error instanceof Undeterminable)) throw error
    }
    return { userName: this.#userNameNow, id: this.#id ?? null, state: this.#state }
  }

  async #retire(): Promise<void> {
    if ((await this.get()).status !== 200) return
    try {
      await this.restore()
    } catch (error) {
      if (!(error instanceof Undeterminable)) throw error
    }
    if ((await this.#look()) === 'inactive') return
    await this.patch({ op: 'replace', path: 'active', value: false })
    if ((await this.#look()) === 'inactive') return
    await this.delete()
    await this.#look()
  }

  async #look(): Promise<LeftBehind['state']> {
    await this.get()
    return this.#state
  }

  #toState(active: unknown): LeftBehind['state'] {
    return active === false ? 'inactive' : active === true ? 'active' : 'unknown'
  }
}
