// The clients of the crash harness: each keeps a book of what the server acknowledged and of the one request that was
// on its way, and says afterwards whether what it finds is the state before that request or after it.

import type { Agent } from 'node:http'
import type { Random } from './random.ts'
import { type Answer, ask, type Ready } from './server-process.ts'

/** The part of an Insightly record that the writers change. */
interface Known {
  EMAIL_ADDRESS: string
  FIRST_NAME: string
  LAST_NAME: string
  DISPLAY_NAME: string | null
  ACTIVE: boolean
  LICENSES: string[]
}

/** A record as the control API's state document holds it. */
export type StateUser = Known & { USER_ID: number }

/** Thrown when the server broke a promise. */
export class Broken extends Error {}

/** A running server as a writer sees it. */
export interface Target {
  agent: Agent
  ready: Ready
}

const control = ({ agent, ready }: Target, method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(agent, method, `${ready.controlUrl}/instances${path}`, ready.adminKey, body)

/** The state document of an instance. */
export async function readState(target: Target, name: string): Promise<{ users: StateUser[]; highestUserId: number }> {
  return expectStatus(await control(target, 'GET', `/${name}/state`), 200)
}

function expectStatus({ status, body }: Answer, wanted: number): Answer['body'] {
  if (status !== wanted) throw new Broken(`expected ${wanted}, got ${status}: ${JSON.stringify(body)}`)
  return body
}

/** One client: `step` does one thing, `check` compares after a restart. */
export interface Writer {
  acknowledged: number
  step(target: Target): Promise<void>
  check(target: Target): Promise<void>
}

const fieldsOf = ({ EMAIL_ADDRESS, FIRST_NAME, LAST_NAME, DISPLAY_NAME, ACTIVE, LICENSES }: Known): string =>
  JSON.stringify([EMAIL_ADDRESS, FIRST_NAME, LAST_NAME, DISPLAY_NAME, ACTIVE, LICENSES])

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** Creates, edits, deactivates and licenses users of its own in the default instance. */
export class UserWriter implements Writer {
  acknowledged = 0
  readonly users = new Map<number, Known>()
  readonly #name: string
  readonly #random: Random
  #pending: { id: number | undefined; after: Known } | undefined
  #serial = 0

  constructor(name: string, random: Random) {
    this.#name = name
    this.#random = random
  }

  async step(target: Target): Promise<void> {
    const ids = [...this.users.keys()]
    if (ids.length < 5 || this.#random.next() < 0.25) return this.#create(target)
    const id = this.#random.pick(ids)
    const before = this.users.get(id)!
    const serial = this.#next()
    const names = { FIRST_NAME: `First ${serial}`, LAST_NAME: `Last ${serial}`, DISPLAY_NAME: `Display ${serial}` }
    const { scimUrl, scimToken } = target.ready
    const scim = (method: string, body?: unknown) =>
      ask(target.agent, method, `${scimUrl}/Users/${id}`, scimToken, body)
    switch (this.#random.below(6)) {
      case 0:
        return this.#change(id, { ...before, ACTIVE: false }, 204, () => scim('DELETE'))
      case 1:
        return this.#change(id, { ...before, ACTIVE: !before.ACTIVE }, 200, () =>
          scim('PATCH', {
            schemas: [patchUrn],
            Operations: [{ op: 'replace', path: 'active', value: !before.ACTIVE }],
          }),
        )
      case 2: {
        const LICENSES = ['CRM', 'Marketing', 'Service', 'AppConnect'].filter(() => this.#random.next() < 0.5)
        return this.#change(id, { ...before, LICENSES }, 200, () =>
          control(target, 'PATCH', `/default/users/${id}`, { LICENSES }),
        )
      }
      case 3: {
        const EMAIL_ADDRESS = `${serial}@example.com`
        return this.#change(id, { ...before, ...names, EMAIL_ADDRESS }, 200, () =>
          scim('PUT', toDocument({ ...before, ...names, EMAIL_ADDRESS })),
        )
      }
      default:
        return this.#change(id, { ...before, ...names }, 200, () =>
          scim('PATCH', {
            schemas: [patchUrn],
            Operations: [
              { op: 'replace', path: 'name.givenName', value: names.FIRST_NAME },
              { op: 'replace', path: 'name.familyName', value: names.LAST_NAME },
              { op: 'replace', value: { displayName: names.DISPLAY_NAME } },
            ],
          }),
        )
    }
  }

  async #create({ agent, ready }: Target): Promise<void> {
    const serial = this.#next()
    const after: Known = {
      EMAIL_ADDRESS: `${serial}@example.com`,
      FIRST_NAME: `First ${serial}`,
      LAST_NAME: `Last ${serial}`,
      DISPLAY_NAME: `Display ${serial}`,
      ACTIVE: true,
      LICENSES: [],
    }
    this.#pending = { id: undefined, after }
    const body = expectStatus(
      await ask(agent, 'POST', `${ready.scimUrl}/Users`, ready.scimToken, toDocument(after)),
      201,
    )
    const id = Number(body.id)
    if (this.users.has(id)) throw new Broken(`the id ${id} was given twice`)
    this.users.set(id, after)
    this.#settle()
  }

  async #change(id: number, after: Known, status: number, send: () => Promise<Answer>): Promise<void> {
    this.#pending = { id, after }
    expectStatus(await send(), status)
    this.users.set(id, after)
    this.#settle()
  }

  #settle(): void {
    this.#pending = undefined
    this.acknowledged += 1
  }

  #next(): string {
    this.#serial += 1
    return `${this.#name}-${this.#serial}`
  }

  async check(): Promise<void> {
    throw new Error('users are checked together; see checkUsers')
  }

  /** Compares the users found with the book, and takes over what the interrupted request did. */
  reconcile(found: ReadonlyMap<number, StateUser>, byAddress: ReadonlyMap<string, StateUser>): void {
    const pending = this.#pending
    this.#pending = undefined
    for (const [id, known] of this.users) {
      const user = found.get(id)
      if (!user) throw new Broken(`user ${id} is gone: ${fieldsOf(known)}`)
      if (fieldsOf(user) === fieldsOf(known)) continue
      if (pending?.id !== id || fieldsOf(user) !== fieldsOf(pending.after))
        throw new Broken(`user ${id} is ${fieldsOf(user)}, was acknowledged as ${fieldsOf(known)}`)
      this.users.set(id, pending.after)
    }
    if (!pending || pending.id !== undefined) return
    const user = byAddress.get(pending.after.EMAIL_ADDRESS)
    if (!user) return
    if (fieldsOf(user) !== fieldsOf(pending.after)) throw new Broken(`user ${user.USER_ID} is half-made`)
    this.users.set(user.USER_ID, pending.after)
  }
}

const toDocument = (known: Known) => ({
  userName: known.EMAIL_ADDRESS,
  name: { givenName: known.FIRST_NAME, familyName: known.LAST_NAME },
  displayName: known.DISPLAY_NAME,
})

/** Compares all users of the default instance with the books of all writers, and the totals with both. */
export async function checkUsers(target: Target, writers: readonly UserWriter[], others: number): Promise<void> {
  const { users, highestUserId } = await readState(target, 'default')
  const found = new Map(users.map(user => [user.USER_ID, user]))
  const byAddress = new Map(users.map(user => [user.EMAIL_ADDRESS, user]))
  for (const writer of writers) writer.reconcile(found, byAddress)
  const expected = others + writers.reduce((sum, { users: { size } }) => sum + size, 0)
  if (users.length !== expected) throw new Broken(`${users.length} users are there, expected ${expected}`)
  if (users.some(({ USER_ID }) => USER_ID > highestUserId)) throw new Broken('highestUserId is too low')
  const { scimUrl, scimToken } = target.ready
  const list = expectStatus(await ask(target.agent, 'GET', `${scimUrl}/Users?count=0`, scimToken), 200)
  if (list.totalResults !== expected) throw new Broken(`totalResults is ${list.totalResults}, expected ${expected}`)
}

/** Creates and removes users where DELETE removes; no id may come back. */
export class RemovingWriter implements Writer {
  acknowledged = 0
  #highest = 0
  #alive: number | undefined
  #token = ''
  #serial = 0

  async prepare(target: Target): Promise<void> {
    const made = await control(target, 'POST', '', { name: 'removing', profile: 'rfc7644', state: { users: [] } })
    this.#token = expectStatus(made, 201).scimToken
  }

  async step({ agent, ready }: Target): Promise<void> {
    this.#serial += 1
    if (this.#alive === undefined) {
      const body = { userName: `removed-${this.#serial}@example.com` }
      const { id } = expectStatus(await ask(agent, 'POST', `${ready.scimUrl}/Users`, this.#token, body), 201)
      if (Number(id) <= this.#highest) throw new Broken(`the id ${id} was given before ${this.#highest}`)
      this.#highest = Number(id)
      this.#alive = this.#highest
    } else {
      const id = this.#alive
      this.#alive = undefined
      expectStatus(await ask(agent, 'DELETE', `${ready.scimUrl}/Users/${id}`, this.#token), 204)
    }
    this.acknowledged += 1
  }

  async check(target: Target): Promise<void> {
    const { users, highestUserId } = await readState(target, 'removing')
    if (highestUserId < this.#highest) throw new Broken(`ids from ${highestUserId + 1} would be given again`)
    if (this.#alive !== undefined && !users.some(user => user.USER_ID === this.#alive))
      throw new Broken(`user ${this.#alive} of "removing" is gone`)
    this.#highest = highestUserId
    this.#alive = users.at(-1)?.USER_ID
  }
}

/** Regenerates a token again and again; every earlier one must stay dead. */
export class TokenWriter implements Writer {
  acknowledged = 0
  #current = ''
  #dead: string[] = []
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  async prepare(target: Target): Promise<void> {
    this.#current = expectStatus(await control(target, 'POST', '', { name: 'tokens' }), 201).scimToken
  }

  async step(target: Target): Promise<void> {
    const { scimToken } = expectStatus(await control(target, 'POST', '/tokens/scim-token/regenerate'), 200)
    this.#dead.push(this.#current)
    this.#current = scimToken
    this.acknowledged += 1
    await this.#expect(target, this.#dead.at(-1)!, 401)
  }

  async check(target: Target): Promise<void> {
    const { scimToken } = expectStatus(await control(target, 'GET', '/tokens'), 200)
    if (this.#dead.includes(scimToken)) throw new Broken('an old token is the present one again')
    // A regeneration that was on its way may have happened; then what was the token before it is dead.
    if (scimToken !== this.#current) this.#dead.push(this.#current)
    this.#current = scimToken
    await this.#expect(target, scimToken, 200)
    for (const token of [...this.#dead.slice(-3), ...(this.#dead.length ? [this.#random.pick(this.#dead)] : [])])
      await this.#expect(target, token, 401)
  }

  async #expect({ agent, ready }: Target, token: string, wanted: number): Promise<void> {
    const { status } = await ask(agent, 'GET', `${ready.scimUrl}/Users?count=0`, token)
    if (status !== wanted) throw new Broken(`a ${wanted === 401 ? 'dead' : 'living'} token got ${status}`)
  }
}

const bulkSize = 400

/** Imports whole states and resets, of which no mixture may ever be seen. */
export class BulkWriter implements Writer {
  acknowledged = 0
  #generation = 0
  #present = 0
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  async prepare(target: Target): Promise<void> {
    expectStatus(await control(target, 'POST', '', { name: 'bulk', state: toBulkState(0) }), 201)
  }

  async step(target: Target): Promise<void> {
    const isReset = this.#present !== 0 && this.#random.next() < 0.4
    if (isReset) {
      this.#generation = 0
      expectStatus(await control(target, 'POST', '/bulk/reset'), 204)
    } else {
      this.#generation = this.#present + 1
      expectStatus(await control(target, 'PUT', '/bulk/state', toBulkState(this.#generation)), 204)
    }
    this.#present = this.#generation
    this.acknowledged += 1
  }

  async check(target: Target): Promise<void> {
    const { users } = await readState(target, 'bulk')
    const generations = new Set(users.map(({ LAST_NAME }) => Number(LAST_NAME)))
    const [generation = -1] = generations
    if (generations.size !== 1 || users.length !== bulkSize + generation)
      throw new Broken(`"bulk" holds ${users.length} users of the generations ${[...generations]}`)
    if (generation !== this.#present && generation !== this.#generation)
      throw new Broken(`"bulk" holds generation ${generation}, acknowledged was ${this.#present}`)
    this.#present = generation
  }
}

const toBulkState = (generation: number) => ({
  users: Array.from({ length: bulkSize + generation }, (_, index) => ({
    EMAIL_ADDRESS: `bulk-${generation}-${index}@example.com`,
    FIRST_NAME: 'Bulk',
    LAST_NAME: String(generation),
  })),
})

/** Makes and deletes instances, which are there whole or not at all. */
export class InstanceWriter implements Writer {
  acknowledged = 0
  readonly #there = new Set<string>()
  #pending: string | undefined
  #serial = 0

  async step(target: Target): Promise<void> {
    const [oldest] = this.#there
    const isMade = this.#there.size < 2
    if (isMade) this.#serial += 1
    const name = isMade ? `made-${this.#serial}` : oldest!
    this.#pending = name
    if (isMade) {
      expectStatus(await control(target, 'POST', '', { name, state: toBulkState(0) }), 201)
      this.#there.add(name)
    } else {
      expectStatus(await control(target, 'DELETE', `/${name}`), 204)
      this.#there.delete(name)
    }
    this.#pending = undefined
    this.acknowledged += 1
  }

  async check(target: Target): Promise<void> {
    const all: { name: string }[] = expectStatus(await control(target, 'GET', ''), 200)
    const found = new Set(all.map(({ name }) => name).filter(name => name.startsWith('made-')))
    for (const name of new Set([...found, ...this.#there]))
      if (found.has(name) !== this.#there.has(name) && name !== this.#pending)
        throw new Broken(`the instance ${name} is ${found.has(name) ? 'there again' : 'gone'}`)
    this.#there.clear()
    this.#pending = undefined
    for (const name of found) {
      this.#there.add(name)
      const { users } = await readState(target, name)
      if (users.length !== bulkSize) throw new Broken(`the instance ${name} has ${users.length} of ${bulkSize} users`)
    }
  }
}
