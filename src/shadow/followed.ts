// How an instance follows the real endpoint: it takes over users as they are shown there, knows them by both ids, and
// forgets those that are gone there.

import type { Instance } from '../account/instance.ts'
import type { NewUser, UserRecord } from '../insightly/record.ts'
import { writableFields } from '../scim/attribute.ts'
import { foldCase } from '../scim/text.ts'
import type { Answered } from './answers.ts'
import { fromDocument, isStorable, membersOf, type ShownUser, toFields } from './documents.ts'
import { findNamedId } from './ids.ts'
import type { OwnAnswer } from './model.ts'
import { findFiltered, findUserName, type PlainRequest } from './request.ts'

/** The users of an instance, as the real endpoint shows them. */
export class Followed {
  readonly #instance: Instance
  /** The ids here by those there. */
  readonly #ids = new Map<string, string>()

  constructor(instance: Instance) {
    this.#instance = instance
    instance.events.on('user', ({ before, after }) => {
      // Everything may have changed, and ids may be given anew.
      if (!before && !after) this.#ids.clear()
    })
  }

  /** The ids here by those there. */
  readonly ids = {
    get: (id: string): string | undefined => {
      const known = this.#ids.get(id)
      if (known === undefined || this.#instance.users.find(known)) return known
      this.#ids.delete(id)
      return undefined
    },
  }

  /** The users that the real endpoint has shown, at most so many; undefined when there are more. */
  findShown(most: number): UserRecord[] | undefined {
    if (this.#ids.size > most) return undefined
    return [...this.#ids.keys()].flatMap(id => this.#instance.records.find(this.ids.get(id) ?? '') ?? [])
  }

  /** The users here that a request is about: the one that its path names, and those with a userName that it names. */
  findConcerned(request: PlainRequest): UserRecord[] {
    const { records } = this.#instance
    const id = this.ids.get(findNamedId(request.path) ?? '')
    const named = id === undefined ? undefined : records.find(id)
    const userName = findUserName(request)
    const others = userName?.isWellFormed() ? records.match({ userName }) : []
    return [...(named ? [named] : []), ...others.filter(({ USER_ID }) => USER_ID !== named?.USER_ID)]
  }

  /** Takes over what an answer says about the users before the request, as far as the instance did not know it. */
  meet(request: PlainRequest, { status, answer }: Answered): void {
    const { method } = request
    if (status === 409 && method === 'POST') {
      const userName = findUserName(request)
      if (userName !== undefined) this.#meetName(userName)
    }
    if (status >= 300 || method === 'POST') return
    for (const user of toShownUsers(answer)) if (this.ids.get(user.id) === undefined) this.#take(user)
  }

  /**
   * Takes over what an exchange made of the users.
   * @returns the user that it was about, as it is now
   */
  follow({ method, path }: PlainRequest, there: Answered, here: OwnAnswer): UserRecord | undefined {
    const { records, users } = this.#instance
    const namedId = findNamedId(path)
    const ours = namedId === undefined ? undefined : this.ids.get(namedId)
    const shown = there.status < 300 ? toShownUsers(there.answer) : []
    for (const user of shown) this.#take(user)
    if (there.status === 404 && ours !== undefined) this.#forget(ours)
    if (method === 'GET' && there.status === 200 && shown.length === 0) {
      const userName = namedId === undefined ? findFiltered(path) : undefined
      const [missing] = userName?.isWellFormed() ? records.match({ userName }) : []
      if (missing && membersOf(there.answer).totalResults === 0) this.#forget(String(missing.USER_ID))
    }
    if (method !== 'GET' && there.status < 300 && shown.length === 0 && ours !== undefined && here.status < 300) {
      // The real answer does not show the user, who is then taken to be as here.
      if (here.after) this.#change(ours, here.after)
      else if (method === 'DELETE') users.remove(ours)
    }
    const now = method === 'POST' ? this.ids.get(shown[0]?.id ?? '') : ours
    return now === undefined ? undefined : records.find(now)
  }

  #take({ id, document }: ShownUser): void {
    const { userName } = document
    if (typeof userName !== 'string' || !isStorable(userName) || id.length > 255) return
    const fields = { ...toFields(document), EMAIL_ADDRESS: userName }
    const known = this.ids.get(id) ?? this.#findByName(userName)
    if (known === undefined) {
      this.#ids.set(id, String(this.#instance.users.insert(withoutDerived(fields)).USER_ID))
      return
    }
    this.#ids.set(id, known)
    this.#change(known, withoutDerived(fields))
  }

  #meetName(userName: string): void {
    if (!isStorable(userName) || this.#findByName(userName) !== undefined) return
    this.#instance.users.insert({ FIRST_NAME: null, LAST_NAME: null, EMAIL_ADDRESS: userName })
  }

  #findByName(userName: string): string | undefined {
    const [found] = this.#instance.records.match({ userName })
    return found && String(found.USER_ID)
  }

  #change(id: string, user: NewUser): void {
    const wanted: Partial<UserRecord> = Object.fromEntries(writableFields.map(field => [field, user[field]]))
    const { users, records } = this.#instance
    const holder = this.#findByName(user.EMAIL_ADDRESS)
    // There the name has another owner by now.
    if (holder !== undefined && holder !== id) this.#forget(holder)
    const isOwner = records.find(id)?.ACCOUNT_OWNER === true
    users.edit(id, isOwner ? { ...wanted, ACTIVE: true } : wanted)
  }

  /** Removes a user that is not there any more. The account owner, whom Insightly never loses, stays. */
  #forget(id: string): void {
    if (this.#instance.records.find(id)?.ACCOUNT_OWNER === false) this.#instance.users.remove(id)
  }
}

/** A displayName that follows from the names is not stored (U-27). */
const withoutDerived = (fields: NewUser): NewUser =>
  foldCase(fields.DISPLAY_NAME ?? '') === foldCase(`${fields.FIRST_NAME} ${fields.LAST_NAME}`)
    ? { ...fields, DISPLAY_NAME: null }
    : fields

function toShownUsers(answer: Answered['answer']): ShownUser[] {
  const value = membersOf(answer)
  const all = Array.isArray(value.Resources) ? value.Resources : [value]
  return all.map(fromDocument).filter(user => user !== undefined)
}
