// Compare: holds a recorded conversation once more with a fresh instance and says where the answers differ. What a
// recording is, is in recording.ts; when two bodies differ, in shape.ts.

import { withProgress } from '../../account/progress.ts'
import type { StateDocument } from '../../account/state.ts'
import { type StartOptions, start } from '../../index.ts'
import { foldCase, rows } from '../../scim/attribute.ts'
import { findTextProblem } from '../../scim/text.ts'
import { type Answer, type Recorded, type Recording, toAnswer } from './recording.ts'
import { differencesOfShape } from './shape.ts'

/** One thing in which an answer differs: `status`, `scimType`, or the place in the body. */
interface Difference {
  what: string
  there: string
  here: string
}

/** The differences of one exchange. */
interface DifferingExchange {
  number: number
  /** As recorded, ids and what is no SCIM parameter left out. */
  request: string
  differences: Difference[]
}

export interface Comparison {
  compared: number
  differing: DifferingExchange[]
  /** Users that the recording takes for granted and that were therefore seeded, by userName. */
  seeded: string[]
}

export interface CompareOptions {
  profile?: StartOptions['profile']
  seed?: StateDocument | undefined
}

/**
 * Holds the conversation with a fresh instance in memory.
 * @throws StartError for a profile or seed that is none
 */
export async function compare({ exchanges }: Recording, { profile, seed }: CompareOptions): Promise<Comparison> {
  const assumed = findAssumedUsers(exchanges, seed?.users ?? [])
  const users = [...(seed?.users ?? []), ...assumed.users]
  await using insightly = await start({ profile, seed: { ...seed, ...(users.length > 0 && { users }) } })
  /** Recorded ids and ours. */
  const ids = new Map<string, string>()
  for (const { USER_ID, EMAIL_ADDRESS } of await insightly.users()) {
    const recorded = assumed.ids.get(foldCase(EMAIL_ADDRESS))
    if (recorded !== undefined) ids.set(recorded, String(USER_ID))
  }
  const differing: DifferingExchange[] = []
  for (const recorded of withProgress('holding exchanges again', exchanges)) {
    const answer = await send(recorded, insightly.scimUrl, insightly.scimToken, ids)
    const { method, path } = recorded
    const [there, here] = [toUser(recorded.answer)?.id, toUser(answer.body)?.id]
    if (method === 'POST' && there !== undefined && here !== undefined) ids.set(there, here)
    const differences = toDifferences(recorded, answer)
    if (differences.length > 0)
      differing.push({ number: recorded.number, request: `${method} ${toShown(path)}`, differences })
  }
  return { compared: exchanges.length, differing, seeded: assumed.users.map(user => user.EMAIL_ADDRESS) }
}

function toDifferences(recorded: Recorded, answer: { status: number; body: Answer }): Difference[] {
  const differences: Difference[] = []
  if (recorded.status !== answer.status)
    differences.push({ what: 'status', there: String(recorded.status), here: String(answer.status) })
  const [there, here] = [scimTypeOf(recorded.answer), scimTypeOf(answer.body)]
  if (there !== here) differences.push({ what: 'scimType', there, here })
  // Of a refusal and a success it says enough that they are.
  if (recorded.status < 400 !== answer.status < 400) return differences
  const isCounted = /[?&]filter=/i.test(recorded.path)
  for (const { place, ...sides } of differencesOfShape(recorded.answer, answer.body, isCounted))
    differences.push({ what: place || 'body', ...sides })
  return differences
}

async function send(recorded: Recorded, scimUrl: string, token: string, ids: ReadonlyMap<string, string>) {
  const { method, contentType, accept, status, hadCredentials } = recorded
  // What made the recorded credentials bad was not kept; that they were is.
  const credentials = status !== 401 ? token : hadCredentials ? 'a-token-that-is-not-known' : undefined
  const answer = await fetch(scimUrl + toOurPath(recorded.path, ids), {
    method,
    redirect: 'manual',
    headers: {
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(accept !== undefined && { accept }),
      ...(credentials !== undefined && { authorization: `Bearer ${credentials}` }),
    },
    ...(recorded.body !== undefined && method !== 'GET' && { body: Buffer.from(toOurBody(recorded.body, ids)) }),
  })
  return { status: answer.status, body: toAnswer(await answer.text()) }
}

/** A number that no user here has, for a recorded one that was nobody's there. */
const nobody = '999999999999999'

const toOurId = (id: string, ids: ReadonlyMap<string, string>): string =>
  ids.get(id) ?? (/^\d+$/.test(id) ? nobody : id)

function toOurPath(path: string, ids: ReadonlyMap<string, string>): string {
  return path
    .replace(
      /^(\/+Users\/+)([^/?]+)/i,
      (_, start: string, id: string) => start + encodeURIComponent(toOurId(decode(id), ids)),
    )
    .replace(
      /([?&]filter=(?:[^&]*?(?:%20|\+|\(|%28))?id(?:%20|\+)eq(?:%20|\+)(?:"|%22))([^"%&]+)/i,
      (_, start: string, id: string) => start + toOurId(id, ids),
    )
}

function toOurBody(body: string, ids: ReadonlyMap<string, string>): string {
  try {
    return JSON.stringify(JSON.parse(body), (name, value: unknown) => {
      if (typeof value !== 'string') return value
      if (name === 'id') return ids.get(value) ?? value
      return value.replace(/(\/Users\/)([^/?]+)$/, (whole, start: string, id: string) =>
        ids.has(id) ? start + ids.get(id) : whole,
      )
    })
  } catch {
    return body
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Without ids and without parameters that SCIM does not know, which may be secrets. */
function toShown(path: string): string {
  const [pathname, query] = path.split('?')
  const known = [...new URLSearchParams(query)].filter(([name]) =>
    /^(filter|startIndex|count|attributes|excludedAttributes|sortBy|sortOrder)$/i.test(name),
  )
  const shown = known.map(([name, value]) => `${name}=${value}`).join('&')
  return pathname!.replace(/^(\/+Users\/+)[^/]+/i, '$1{id}') + (shown ? `?${shown}` : '')
}

type Json = Record<string, unknown>

const toObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

const scimTypeOf = (answer: Answer): string =>
  String((answer.kind === 'json' && toObject(answer.value).scimType) || 'absent')

type RecordedUser = { id: string; document: Json }

const toUser = (answer: Answer): RecordedUser | undefined =>
  answer.kind === 'json' ? fromDocument(answer.value) : undefined

function fromDocument(value: unknown): RecordedUser | undefined {
  const document = toObject(value)
  const isUser = !('Resources' in document) && !('detail' in document)
  return isUser && typeof document.id === 'string' ? { id: document.id, document } : undefined
}

type StateUser = NonNullable<StateDocument['users']>[number]

/**
 * The users that a recording does not create and yet meets: each is seeded as it is first shown.
 * @returns them, and the recorded id by userName
 */
function findAssumedUsers(exchanges: readonly Recorded[], seeded: readonly StateUser[]) {
  const created = new Set<string>()
  const known = new Set(seeded.map(user => foldCase(user.EMAIL_ADDRESS)))
  const documents = new Map<string, Json>()
  const users: StateUser[] = []
  const add = (userName: string, document: Json = {}): void => {
    if (known.has(foldCase(userName))) return
    known.add(foldCase(userName))
    const texts = storedTexts.map(({ path, field }) => {
      const [name = '', part] = path.split('.')
      const value = part === undefined ? document[name] : toObject(document[name])[part]
      return [field, typeof value === 'string' && isStorable(value) ? value : null]
    })
    const fields = Object.fromEntries(texts) as Omit<StateUser, 'EMAIL_ADDRESS'>
    users.push({ ...fields, EMAIL_ADDRESS: userName, ACTIVE: document.active !== false })
  }
  for (const { method, path, status, answer, body } of exchanges) {
    if (!/^\/+Users\b/i.test(path)) continue
    if (method === 'POST') {
      const id = toUser(answer)?.id
      const sent = toObject(body === undefined ? undefined : parse(body)).userName
      if (status < 300 && id !== undefined && !documents.has(id)) {
        created.add(id)
        if (typeof sent === 'string') known.add(foldCase(sent))
      } else if (status === 409 && typeof sent === 'string' && isStorable(sent)) add(sent)
    } else if (status < 300) {
      const list = answer.kind === 'json' ? toObject(answer.value).Resources : undefined
      const [, inPath] = /^\/+Users\/+([^/?]+)/i.exec(path) ?? []
      const shown = Array.isArray(list) ? list.map(fromDocument) : [toUser(answer)]
      const met = [...shown, inPath === undefined ? undefined : { id: decode(inPath), document: {} }]
      for (const user of met)
        if (user && !created.has(user.id)) documents.set(user.id, { ...user.document, ...documents.get(user.id) })
    }
  }
  const ids = new Map<string, string>()
  for (const [id, document] of documents) {
    const { userName } = document
    const name = typeof userName === 'string' && isStorable(userName) ? userName : `user-${ids.size + 1}@example.com`
    ids.set(foldCase(name), id)
    add(name, document)
  }
  return { users, ids }
}

/** The attributes of a document that a state document can hold as text. */
const storedTexts = rows.filter(
  ({ type, mutability, field }) => type === 'string' && mutability === 'readWrite' && field,
)

const isStorable = (text: string): boolean => text !== '' && findTextProblem(text) === undefined

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
