// Whether a real answer is one that this server could have given: by status, scimType and what became of the user, as
// calibrate reads answers, never by the wording of a message.

import type { UserRecord } from '../insightly/record.ts'
import { findAttribute, rows, type WritableRow, writableRows } from '../scim/attribute.ts'
import { readerOf } from '../scim/document.ts'
import { foldCase } from '../scim/text.ts'
import type { AttributeRow, ScimRecord } from '../scim/user.ts'
import type { Alternative } from './alternatives.ts'
import { type Answered, scimTypeOf } from './answers.ts'
import { fromDocument, type Json, membersOf, toObject, toShownUser, toShownValue } from './documents.ts'
import type { Ids } from './ids.ts'
import { findOperations } from './request.ts'

const toValue = (row: AttributeRow, record: ScimRecord): unknown => readerOf(row)(record, '')

const isDone = (status: number): boolean => status >= 200 && status < 300

/** The alternatives that a real answer matches: by status and scimType too (`exact`), or by its effect alone. */
export interface Match {
  matching: Alternative[]
  confidence: 'exact' | 'effect'
}

/** What an answer is compared with beside the alternatives. */
export interface Hints {
  ids: Ids
  /** Attributes in which an earlier request may have changed the user. */
  telling: ReadonlySet<string>
}

/** Finds the alternatives that a real answer matches; undefined when it matches none. */
export function findMatch(there: Answered, all: readonly Alternative[], hints: Hints): Match | undefined {
  const alike = all.filter(({ answer }) => isAlike(there, answer))
  const telling = writableRows.filter(row => hints.telling.has(row.path) || isTelling(row, all))
  const matching = alike.filter(each => isSameEffect(there, each, telling, hints))
  const exact = matching.filter(({ answer }) => isExact(there, answer))
  if (exact.length > 0) return { matching: exact, confidence: 'exact' }
  return matching.length > 0 ? { matching, confidence: 'effect' } : undefined
}

const isExact = (there: Answered, here: Answered): boolean =>
  there.status === here.status && scimTypeOf(there.answer) === scimTypeOf(here.answer)

/** Whether two answers are of one kind. A refusal counts only with its own status and scimType: others have many reasons. */
function isAlike(there: Answered, here: Answered): boolean {
  if (!isDone(there.status) || !isDone(here.status)) return isExact(there, here)
  if (there.answer.kind !== here.answer.kind) return false
  return (
    isList(there) === isList(here) &&
    (toShownUser(there.answer) === undefined) === (toShownUser(here.answer) === undefined)
  )
}

const isList = ({ answer }: Answered): boolean => typeof membersOf(answer).totalResults === 'number'

/** What is stored of an attribute; what follows from others, as a displayName may, is not. */
export const toStored = ({ field }: WritableRow, record: UserRecord | undefined): unknown => record?.[field] ?? null

/** Whether the request may have changed an attribute: some alternative did, or they differ in it. */
function isTelling(row: WritableRow, all: readonly Alternative[]): boolean {
  const values = all.flatMap(({ answer: { after }, scene }) => {
    if (!after) return []
    const before = scene.users.find(({ USER_ID }) => USER_ID === after.USER_ID)
    return [after, before].map(record => toStored(row, record))
  })
  return new Set(values).size > 1
}

function isSameEffect(
  there: Answered,
  { answer, scene }: Alternative,
  telling: readonly AttributeRow[],
  { ids }: Hints,
): boolean {
  if (!isDone(there.status)) return true
  if (isList(there)) return isSameList(there, answer, ids)
  const shown = toShownUser(there.answer)
  const { after } = answer
  if (!shown || !after) return true
  const known = ids.get(shown.id)
  const isNew = !scene.users.some(({ USER_ID }) => USER_ID === after.USER_ID)
  if (isNew ? known !== undefined : known !== String(after.USER_ID)) return false
  return telling.every(row => {
    if (isNew && isOptional(row)) return true
    const [one, other] = [toShownValue(row, shown.document), toValue(row, after)]
    const isName = row.path === 'userName' && typeof one === 'string' && typeof other === 'string'
    return one === other || (isName && foldCase(one) === foldCase(other))
  })
}

/** Not every endpoint keeps these. */
const isOptional = ({ path }: AttributeRow): boolean => path === 'displayName' || path === 'externalId'

function isSameList(there: Answered, here: Answered, ids: Ids): boolean {
  const [one, other] = [membersOf(there.answer), membersOf(here.answer)]
  const theirs = toList(one).map(id => ids.get(id))
  const ours = new Set(toList(other))
  // A list of resource types or schemas shows no users; how many there are is not compared.
  if (ours.size === 0 && Number(other.totalResults) > 0) return true
  return (
    one.totalResults === other.totalResults &&
    theirs.length === ours.size &&
    theirs.every(id => id !== undefined && ours.has(id))
  )
}

/** The ids of the users in a list; other resources are no users. */
const toList = ({ Resources }: Json): string[] =>
  (Array.isArray(Resources) ? Resources : []).flatMap(each => {
    const user = fromDocument(each)
    return user && 'userName' in user.document ? [user.id] : []
  })

/** What a PATCH asks of an attribute that is read-only or not served, by its path. */
export interface Wish {
  /** The switch that says what becomes of it; no value of that switch fulfils it. */
  key: 'readOnlyPatch' | 'unmappedPath'
  name: string
  value: unknown
}

const mostWishes = 20

/** Finds the wishes of a request. */
export function findWishes(body: Buffer | undefined): Wish[] {
  const operations = findOperations(body).slice(0, mostWishes)
  return operations.flatMap(({ path, value }): Wish[] => {
    const row = typeof path === 'string' ? findAttribute(path) : undefined
    if (typeof path !== 'string' || row?.mutability === 'readWrite') return []
    const name = path.replace(/[.[].*/s, '').toLowerCase()
    return [{ key: row ? 'readOnlyPatch' : 'unmappedPath', name, value }]
  })
}

/** Whether a user shows what was asked: it was taken, and not ignored. */
export function isFulfilled({ name, value }: Wish, document: Json): boolean {
  if (name === 'emails')
    return toAddresses(value).some(each => toAddresses(document.emails).includes(each) && each !== document.userName)
  if (name === 'meta') return toObject(document.meta).created === value
  return !rows.some(({ path }) => path === name) && Object.keys(document).some(key => key.toLowerCase() === name)
}

const toAddresses = (emails: unknown): unknown[] =>
  Array.isArray(emails) ? emails.map(email => toObject(email).value) : [emails]
