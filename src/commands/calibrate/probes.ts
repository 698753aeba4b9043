// The probes: for each behaviour switch the exchanges that tell its alternatives apart, and the reading of the answers.
// A probe reads status, scimType and what GET shows afterwards, never the wording of a detail; what fits no alternative
// is not determined. Their order is the order of the conversation.

import { isDeepStrictEqual } from 'node:util'
import type { BehaviourKey, Behaviours } from '../../scim/behaviour.ts'
import { toObject } from '../../shadow/documents.ts'
import type { Conversation } from './conversation.ts'
import type { Part } from './probe-body.ts'
import type { Change, ProbeUser } from './probe-user.ts'
import {
  type Exchange,
  is,
  isDocument,
  isDone,
  isRefused,
  schemaAttributes,
  tell,
  toId,
  toUsers,
  Undeterminable,
} from './reading.ts'

/** What probes work with. */
export interface Subject {
  conversation: Conversation
  user: ProbeUser
  /** How renaming was answered, once it was tried. */
  renaming?: Change
  /** Resolves once an administrator has switched SCIM off; left out when nobody will. */
  whenDisabled?: (() => Promise<void>) | undefined
}

/** Which alternative an endpoint shows. */
interface Finding<V extends string = string> {
  value: V
  /** Whether status and scimType are ours too, not only the effect. */
  isExact: boolean
  /** What was seen, in a few words. */
  reading: string
}

/** A finding in which status and scimType are ours, too. */
const exact = <V extends string>(value: V, reading: string): Finding<V> => ({ value, isExact: true, reading })

interface Probe<K extends BehaviourKey> {
  /** How this row is settled at a real endpoint, in one sentence. */
  settle: string
  /** @throws Undeterminable */
  ask(subject: Subject): Promise<Finding<Behaviours[K]>>
}

/** A probe for every switch, in the order of the conversation. */
export const probes: { readonly [K in BehaviourKey]: Probe<K> } = {
  discovery: {
    settle: 'reads /ServiceProviderConfig and /ResourceTypes',
    async ask({ conversation }) {
      const answers = [
        await conversation.ask('GET', '/ServiceProviderConfig'),
        await conversation.ask('GET', '/ResourceTypes'),
      ]
      const reading = `GET /ServiceProviderConfig answers ${tell(answers[0]!)}, /ResourceTypes ${tell(answers[1]!)}`
      if (answers.every(isDocument)) return exact('served', reading)
      if (answers.every(({ status }) => status === 404)) return exact('hidden', reading)
      throw new Undeterminable(reading)
    },
  },
  groups: {
    settle: 'reads /Groups',
    async ask({ conversation }) {
      const answer = await conversation.ask('GET', '/Groups')
      const total = toObject(answer.body).totalResults
      const reading = `GET /Groups answers ${tell(answer)}`
      if (answer.status === 404) return exact('absent', reading)
      if (answer.status === 501) return { value: 'absent', isExact: false, reading }
      if (answer.status === 200 && total === 0) return exact('empty', `${reading}, an empty list`)
      throw new Undeterminable(typeof total === 'number' ? `there are ${total} groups` : reading)
    },
  },
  requiredAttributes: {
    settle: 'creates its user from the least body upwards: each refused POST creates nobody and says what is required',
    async ask({ user }) {
      await user.create()
      const { parts, exchange } = user.created!
      const refused = user.attempts.slice(0, -1).map(attempt => attempt.exchange)
      const sufficient = `POST with ${['userName', ...parts].join(', ')} answers ${tell(exchange)}`
      if (!('active' in toObject(exchange.sent))) throw new Undeterminable('POST is refused whenever it holds active')
      if (!refused.every(isRefused))
        throw new Undeterminable(`POST with less answers ${[...new Set(refused.map(tell))].join(' and ')}`)
      const value = requirements.get(parts.join())
      if (!value) throw new Undeterminable(`${sufficient}, which is no alternative`)
      const isExact = exchange.status === 201 && refused.every(answer => is(answer, 400, 'invalidValue'))
      return {
        value,
        isExact,
        reading: refused.length > 0 ? `${sufficient}, with less ${tell(refused[0]!)}` : sufficient,
      }
    },
  },
  createActive: {
    settle: 'creates its user with `active: false` and reads it back',
    async ask({ user }) {
      const { document } = await user.read()
      if (!('active' in toObject(user.created?.exchange.sent)))
        throw new Undeterminable('POST is refused whenever it holds active')
      const reading = `POST with active false; GET shows ${JSON.stringify(document.active)}`
      if (document.active === true) return exact('always-true', reading)
      if (document.active === false) return exact('as-sent', reading)
      throw new Undeterminable('active does not come back')
    },
  },
  filters: {
    settle: 'looks its own user up with `sw` and with `and`',
    async ask({ conversation, user }) {
      const { document } = await user.read()
      const documented = toUsers(await user.lookUp())
      if (documented?.length !== 1 || toId(documented[0]) !== user.id)
        throw new Undeterminable('userName eq does not find exactly the user')
      const start = `userName sw ${JSON.stringify(user.noAddress)}`
      const filters = [start, `${start} and active eq ${document.active !== true}`]
      const answers: Exchange[] = []
      for (const filter of filters)
        answers.push(await conversation.ask('GET', `/Users?filter=${encodeURIComponent(filter)}`))
      const reading = `GET with userName sw answers ${tell(answers[0]!)}, with sw and eq ${tell(answers[1]!)}`
      if (answers.every(isRefused)) {
        const isExact = answers.every(answer => is(answer, 400, 'invalidFilter'))
        return { value: 'userName-eq', isExact, reading }
      }
      const [matching, none] = answers.map(toUsers)
      // The second filter matches nobody. An endpoint that finds the user all the same ignores filters.
      if (matching?.length === 1 && toId(matching[0]) === user.id && none?.length === 0)
        return exact('all', `${reading}; both find what they should`)
      throw new Undeterminable(`${reading}, finding ${matching?.length ?? 'no list'} and ${none?.length ?? 'no list'}`)
    },
  },
  patchAnswer: {
    settle: 'changes the names of its own user',
    async ask({ user }) {
      const { exchange, after } = await user.change({ op: 'replace', path: 'name.givenName', value: 'Renamed' })
      if (!isDone(exchange)) throw new Undeterminable(`PATCH of name.givenName answers ${tell(exchange)}`)
      if (toObject(after.name).givenName !== 'Renamed')
        throw new Undeterminable(`PATCH of name.givenName answers ${tell(exchange)} and has no effect`)
      const reading = `PATCH of name.givenName answers ${tell(exchange)}`
      if (exchange.status === 204 && exchange.isEmpty) return exact('no-content', reading)
      if (toId(exchange.body) === user.id)
        return { value: 'resource', isExact: exchange.status === 200, reading: `${reading} with the user` }
      throw new Undeterminable(`${reading}, but not with the user`)
    },
  },
  patchOperations: {
    settle: 'sends its own user an `add` and a `remove`, each behind a `replace`, and looks which of them took effect',
    async ask({ user }) {
      const { document } = await user.read()
      const optional = document.externalId === undefined ? 'displayName' : 'externalId'
      const changes = [
        await user.change(
          { op: 'replace', path: 'name.givenName', value: 'First' },
          { op: 'add', path: 'name.familyName', value: 'Added' },
        ),
        await user.change({ op: 'replace', path: 'name.givenName', value: 'Second' }, { op: 'remove', path: optional }),
      ]
      const [added, removed] = changes as [Change, Change]
      const reading = `PATCH with add answers ${tell(added.exchange)}, with remove ${tell(removed.exchange)}`
      if (changes.every(isRefusedWhole)) {
        const isExact = changes.every(({ exchange }) => is(exchange, 400, 'invalidSyntax'))
        return { value: 'replace-only', isExact, reading: `${reading}; nothing changed` }
      }
      const first = toObject(added.after.name)
      const took =
        first.givenName === 'First' &&
        first.familyName === 'Added' &&
        toObject(removed.after.name).givenName === 'Second' &&
        optional in removed.before &&
        !(optional in removed.after)
      if (changes.every(({ exchange }) => isDone(exchange)) && took) return exact('all', `${reading}; both took effect`)
      throw new Undeterminable(`${reading}; ${took ? 'both' : 'not both'} took effect`)
    },
  },
  readOnlyPatch: {
    settle: 'asks to replace `emails` and `meta.created` of its own user',
    async ask({ user }) {
      const { document } = await user.read()
      const others = [
        { path: 'emails', value: [{ value: user.otherUserName, type: 'work', primary: true }] },
        { path: 'meta.created', value: '2001-02-03T04:05:06Z' },
      ].filter(({ path }) => (path === 'emails' ? document.emails : toObject(document.meta).created) !== undefined)
      if (others.length === 0) throw new Undeterminable('neither emails nor meta.created come back')
      const changes: Change[] = []
      for (const other of others) changes.push(await user.change({ op: 'replace', ...other }))
      const reading = `PATCH of ${changes.map(({ exchange }, index) => `${others[index]!.path} answers ${tell(exchange)}`).join(', of ')}`
      if (changes.every(isRefusedWhole)) {
        const isExact = changes.every(({ exchange }) => is(exchange, 400, 'mutability'))
        return { value: 'refused', isExact, reading: `${reading}; nothing changed` }
      }
      if (changes.every(isIgnored)) return exact('ignored', `${reading}; nothing changed`)
      throw new Undeterminable(`${reading}; ${changes.every(isUnchanged) ? 'nothing changed' : 'something changed'}`)
    },
  },
  unmappedPath: {
    settle: 'asks to replace an attribute of its own user that /Schemas does not list',
    async ask({ conversation, user }) {
      const listed = schemaAttributes(conversation.exchanges)
      const path = ['title', 'nickName', 'userType', 'preferredLanguage'].find(name => !listed.includes(name))
      if (path === undefined) throw new Undeterminable('/Schemas lists every attribute that it would try')
      const change = await user.change({ op: 'replace', path, value: 'Calibration' })
      const reading = `PATCH of ${path} answers ${tell(change.exchange)}`
      if (isRefusedWhole(change)) return { value: 'refused', isExact: is(change.exchange, 400, 'invalidPath'), reading }
      if (isIgnored(change)) return exact('ignored', `${reading}; nothing changed`)
      throw new Undeterminable(`${reading}; ${path in change.after ? 'it is stored' : 'it is not refused'}`)
    },
  },
  userNameChange: {
    settle: 'renames its own user to another address of the same domain, and back',
    async ask(subject) {
      const { user } = subject
      const change = await user.change(renaming(user.otherUserName))
      subject.renaming = change
      const reading = `PATCH of userName answers ${tell(change.exchange)}`
      if (isRefusedWhole(change))
        return {
          value: 'refused',
          isExact: is(change.exchange, 400, 'mutability'),
          reading: `${reading}; nothing changed`,
        }
      if (!isDone(change.exchange) || change.after.userName !== user.otherUserName)
        throw new Undeterminable(`${reading}; GET shows the ${isUnchanged(change) ? 'old' : 'neither'} userName`)
      const addresses = toAddresses(change.after)
      const isMoved = addresses.every(address => address === user.otherUserName)
      return {
        value: 'allowed',
        isExact: isMoved && addresses.length > 0,
        reading: `${reading}; ${addresses.length === 0 ? 'there are no emails' : isMoved ? 'emails moved' : 'emails did not move'}`,
      }
    },
  },
  userNameFormat: {
    settle: 'asks to rename its own user to something that is no e-mail address, and back',
    async ask({ user, renaming: renamed }) {
      if (renamed && isRefusedWhole(renamed)) return askFormatWithoutRenaming(user, renamed.exchange)
      if (renamed?.after.userName !== user.otherUserName)
        throw new Undeterminable('renaming is neither allowed nor refused')
      const change = await user.change(renaming(user.noAddress))
      const reading = `PATCH of userName to no address answers ${tell(change.exchange)}`
      if (isRefusedWhole(change))
        return {
          value: 'email',
          isExact: is(change.exchange, 400, 'invalidValue'),
          reading: `${reading}; nothing changed`,
        }
      if (isDone(change.exchange) && change.after.userName === user.noAddress) return exact('any', reading)
      throw new Undeterminable(`${reading}; GET shows another userName`)
    },
  },
  inactiveDuplicate: {
    settle: 'deactivates its own user and POSTs the same userName once more',
    async ask({ user }) {
      await user.restore()
      await user.setActive(false)
      const again = await user.createAgain('Again')
      const { document } = await user.read()
      const reading = `POST of the same userName answers ${tell(again)}; the user is ${document.active === true ? 'active' : 'inactive'}`
      if ((again.status === 409 || isRefused(again)) && document.active === false)
        return { value: 'conflict', isExact: is(again, 409, 'uniqueness'), reading }
      if (isDone(again) && toId(again.body) === user.id && document.active === true) {
        const isUpdated = toObject(document.name).familyName === 'Again'
        return {
          value: 'reactivate',
          isExact: again.status === 201 && isUpdated,
          reading: `${reading}, with the old id`,
        }
      }
      throw new Undeterminable(isDone(again) && toId(again.body) !== user.id ? 'POST makes a second user' : reading)
    },
  },
  // After this one there may be no user any more.
  delete: {
    settle: 'activates its own user, DELETEs it and reads it back',
    async ask({ user }) {
      await user.setActive(true)
      await user.restore()
      const answer = await user.delete()
      const readBack = await user.get()
      const reading = `DELETE answers ${tell(answer)}, GET then ${tell(readBack)}`
      if (!isDone(answer)) throw new Undeterminable(reading)
      const isExact = answer.status === 204
      if (readBack.status === 404) return { value: 'remove', isExact, reading }
      if (readBack.status === 200 && toObject(readBack.body).active === false)
        return { value: 'deactivate', isExact, reading: `${reading} with active false` }
      throw new Undeterminable(reading)
    },
  },
  // The last of all: nothing can be tidied up afterwards.
  disabledScim: {
    settle:
      'asks once while an administrator has SCIM switched off (`--ask-to-disable`); from outside it cannot be seen',
    async ask({ conversation, whenDisabled }) {
      if (!whenDisabled) throw new Undeterminable('SCIM was not switched off; --ask-to-disable asks you to')
      await whenDisabled()
      const answer = await conversation.ask('GET', '/Users?startIndex=1&count=1')
      const reading = `GET answers ${tell(answer)}`
      if (answer.status === 403) return exact('forbidden', reading)
      if (answer.status === 401) return exact('unauthorized', reading)
      throw new Undeterminable(answer.status === 200 ? 'SCIM was still on' : reading)
    },
  },
}

const requirements = new Map<string, Behaviours['requiredAttributes']>([
  ['', 'userName'],
  [(['givenName', 'familyName'] satisfies Part[]).join(), 'userName+names'],
  [(['givenName', 'familyName', 'displayName', 'emails'] satisfies Part[]).join(), 'userName+names+displayName+email'],
])

/**
 * Where renaming is refused, one PATCH sets a userName that is no address and then the first one again. When this is
 * refused in another way than a renaming, the form of the userName is refused.
 */
async function askFormatWithoutRenaming(user: ProbeUser, renamed: Exchange): Promise<Finding<'any' | 'email'>> {
  const change = await user.change(renaming(user.noAddress), renaming(user.userName))
  const reading = `PATCH of userName to no address and back answers ${tell(change.exchange)}`
  // The endpoint may have looked at the last value alone, so this shows less than a renaming would.
  if (isIgnored(change)) return { value: 'any', isExact: false, reading }
  const isOfTheForm = change.exchange.scimType === 'invalidValue' && renamed.scimType !== 'invalidValue'
  if (isRefusedWhole(change) && isOfTheForm) return { value: 'email', isExact: change.exchange.status === 400, reading }
  throw new Undeterminable(`renaming is refused, and ${reading}`)
}

const renaming = (value: string) => ({ op: 'replace', path: 'userName', value })

const withoutMeta = ({ meta, ...document }: Record<string, unknown>) => document

/** Whether GET shows the same user as before; only lastModified may differ. */
const isUnchanged = ({ before, after }: Pick<Change, 'before' | 'after'>): boolean =>
  isDeepStrictEqual(withoutMeta(before), withoutMeta(after)) &&
  toObject(before.meta).created === toObject(after.meta).created

const isRefusedWhole = (change: Change): boolean => isRefused(change.exchange) && isUnchanged(change)

const isIgnored = (change: Change): boolean => isDone(change.exchange) && isUnchanged(change)

function toAddresses({ emails }: Record<string, unknown>): unknown[] {
  return Array.isArray(emails) ? emails.map(email => toObject(email).value) : []
}
