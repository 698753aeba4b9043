// Compare: sends the requests of a recorded conversation to a fresh instance and says where the answers differ.
// recording.ts reads the recording; shadow/answers.ts says when two answers differ.

import type { Difference } from '../../account/exchange.ts'
import { withProgress } from '../../account/progress.ts'
import type { StateDocument } from '../../account/state.ts'
import { type StartOptions, start } from '../../index.ts'
import { foldCase } from '../../scim/text.ts'
import { isCounted, toDifferences } from '../../shadow/answers.ts'
import {
  findJson,
  fromDocument,
  isStorable,
  type Json,
  toAnswer,
  toFields,
  toObject,
  toShownUser,
} from '../../shadow/documents.ts'
import { findNamedId, toOurBody, toOurPath, withoutId } from '../../shadow/ids.ts'
import type { Recorded, Recording } from './recording.ts'

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
  /** Users that the recording meets and does not create, by userName; they were seeded. */
  seeded: string[]
}

export interface CompareOptions {
  profile?: StartOptions['profile']
  seed?: StateDocument | undefined
}

/**
 * Sends the requests to a fresh instance in memory.
 * @throws StartError for a profile or a seed that cannot be used
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
  for (const recorded of withProgress('sending requests again', exchanges)) {
    const { method, path } = recorded
    const answer = await send(recorded, insightly.scimUrl, insightly.scimToken, ids)
    const here = toShownUser(answer.answer)?.id
    if (method === 'POST' && here !== undefined) {
      // An answer without a body does not tell the id. A later one may have told it, with the userName.
      const there = toShownUser(recorded.answer)?.id ?? assumed.ids.get(foldCase(findSentName(recorded) ?? ''))
      if (there !== undefined) ids.set(there, here)
    }
    const differences = toDifferences(recorded, answer, isCounted(path))
    if (differences.length > 0)
      differing.push({ number: recorded.number, request: `${method} ${toShown(path)}`, differences })
  }
  return { compared: exchanges.length, differing, seeded: assumed.users.map(user => user.EMAIL_ADDRESS) }
}

async function send(recorded: Recorded, scimUrl: string, token: string, ids: ReadonlyMap<string, string>) {
  const { method, contentType, accept, status, hadCredentials } = recorded
  // A recording keeps whether its credentials were refused, not what they were.
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
  return { status: answer.status, answer: toAnswer(await answer.text()) }
}

/** Without ids and without parameters that SCIM does not know, which may be secrets. */
function toShown(path: string): string {
  const [pathname, query] = path.split('?')
  const known = [...new URLSearchParams(query)].filter(([name]) =>
    /^(filter|startIndex|count|attributes|excludedAttributes|sortBy|sortOrder)$/i.test(name),
  )
  const shown = known.map(([name, value]) => `${name}=${value}`).join('&')
  return withoutId(pathname!) + (shown ? `?${shown}` : '')
}

/** The userName that the body of a request names. */
function findSentName({ body }: Recorded): string | undefined {
  const { userName } = toObject(body === undefined ? undefined : findJson(body))
  return typeof userName === 'string' ? userName : undefined
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
    users.push({ ...toFields(document), EMAIL_ADDRESS: userName })
  }
  for (const recorded of exchanges) {
    const { method, path, status, answer } = recorded
    if (!/^\/+Users\b/i.test(path)) continue
    if (method === 'POST') {
      const id = toShownUser(answer)?.id
      const sent = findSentName(recorded)
      const wasThere =
        id === undefined
          ? [...documents.values()].some(({ userName }) => foldCase(String(userName)) === foldCase(sent ?? ''))
          : documents.has(id)
      if (status < 300 && !wasThere) {
        if (id !== undefined) created.add(id)
        if (sent !== undefined) known.add(foldCase(sent))
      } else if (status === 409 && sent !== undefined && isStorable(sent)) add(sent)
    } else if (status < 300) {
      const list = answer.kind === 'json' ? toObject(answer.value).Resources : undefined
      const id = findNamedId(path)
      const shown = Array.isArray(list) ? list.map(fromDocument) : [toShownUser(answer)]
      const met = [...shown, id === undefined ? undefined : { id, document: {} }]
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
