// Shadow: an instance stands between a provider and the real endpoint. The provider gets the real answer. The same request
// is answered here, the two answers are compared, and the instance takes over what the real one shows.

import type { Difference, Shadowed } from '../account/exchange.ts'
import type { Instance } from '../account/instance.ts'
import { quote } from '../errors.ts'
import type { UserRecord } from '../insightly/record.ts'
import { writableRows } from '../scim/attribute.ts'
import { readerOf } from '../scim/document.ts'
import type { ScimRecord } from '../scim/user.ts'
import { Analysis } from './analysis.ts'
import { type Answered, isCounted, toDifferences } from './answers.ts'
import { toAnswer, toShownUser, toShownValue } from './documents.ts'
import { Followed } from './followed.ts'
import { findNamedId, toOurBody, toOurPath } from './ids.ts'
import type { Model, OwnAnswer, Scene } from './model.ts'
import { findFiltered, type PlainRequest, toLine } from './request.ts'

/** The real answer; without a text when it is too long or cannot be decoded. */
export interface Told {
  status: number
  text: string | undefined
}

/** What came of an exchange, for the journal: the user that it was about before and after it, and the comparison. */
export interface Outcome {
  before: ScimRecord | undefined
  after: ScimRecord | undefined
  shadowed: Shadowed
}

/** A difference that no switch explains. */
export interface Unexplained extends Difference {
  request: string
  times: number
}

/** How many unexplained differences are remembered. */
const mostUnexplained = 100

/** How many users a filter is tried on at most. */
const mostSearched = 200

/** How many exchanges may wait for being compared. A provider does not wait for more. */
const mostWaiting = 100

const isWrite = (method: string): boolean => /^(POST|PUT|PATCH|DELETE)$/.test(method)

/** The shadow of one instance. */
export class Shadow {
  readonly token: string
  readonly #instance: Instance
  readonly #model: Model
  readonly #followed: Followed
  analysis = new Analysis()
  /** Differences that no switch explains, and how often each was seen. */
  readonly unexplained = new Map<string, Unexplained>()
  /** How many requests were passed on, and how many of them answered differently. */
  readonly counts = { forwarded: 0, compared: 0, differing: 0 }
  #waiting = 0
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>

  constructor(instance: Instance, token: string, model: Model, inTurn: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#instance = instance
    this.token = token
    this.#model = model
    this.#followed = new Followed(instance)
    instance.events.on('user', ({ before, after }) => {
      if (!before && !after) this.analysis.beliefs.clear()
    })
    this.#inTurn = inTurn
  }

  /** Forgets what was learned. */
  forget(): void {
    this.analysis = new Analysis()
    this.unexplained.clear()
    Object.assign(this.counts, { forwarded: 0, compared: 0, differing: 0 })
  }

  /** The id here for the id there that a path names; undefined when that user was never met. */
  toOurId(id: string): string | undefined {
    return this.#followed.ids.get(id)
  }

  /** Compares an exchange with what this server would have answered, and follows it. Never throws. */
  async compare(request: PlainRequest, there: Told): Promise<Outcome> {
    this.counts.forwarded += 1
    if (there.text === undefined)
      return toUncompared('the real answer is too long to be read, or in no form that can be')
    if (this.#waiting >= mostWaiting)
      return toUncompared(`more than ${mostWaiting} exchanges waited for being compared`)
    this.#waiting += 1
    try {
      return await this.#inTurn(() => this.#compare(request, there.status, there.text!))
    } catch (error) {
      // Nothing that goes wrong here is the provider's concern.
      return toUncompared(`it could not be compared (${(error as Error).message})`)
    } finally {
      this.#waiting -= 1
    }
  }

  async #compare(request: PlainRequest, status: number, text: string): Promise<Outcome> {
    const there: Answered = { status, answer: toAnswer(text) }
    const { method, path } = request
    const followed = this.#followed
    if (isUnspoken(status))
      return toUncompared(`the real endpoint answered ${status}, which says nothing about the request`)
    followed.meet(request, there)
    const namedId = findNamedId(path)
    if (namedId !== undefined && status < 300 && followed.ids.get(namedId) === undefined)
      return toUncompared('the instance has not met this user yet')
    const own: PlainRequest = {
      ...request,
      path: toOurPath(path, followed.ids),
      body: request.body && Buffer.from(toOurBody(request.body.toString(), followed.ids)),
    }
    const before = followed.findConcerned(request)
    const here = await this.#ask(own, before)
    const named = before.find(({ USER_ID }) => namedId !== undefined && String(USER_ID) === followed.ids.get(namedId))
    const differences = [
      ...toDifferences(there, here, isCounted(path)),
      ...(isWrite(method) ? toEffects(named, there, here) : []),
    ]
    this.counts.compared += 1
    if (differences.length > 0) this.counts.differing += 1
    const explained = await this.analysis.explain({
      request,
      namedId: named?.USER_ID,
      there,
      scene: this.#toScene(request, before),
      behaviours: this.#instance.settings.behaviours,
      ids: followed.ids,
      ask: (scene, behaviours) => this.#model.ask(own, scene, behaviours),
    })
    this.#noteUnexplained(request, explained ? toDifferences(there, explained, isCounted(path)) : differences)
    const after = followed.follow(request, there, explained ?? here)
    const { notes } = here.exchange
    return { before: named, after, shadowed: { status: here.status, answer: here.text, notes, differences } }
  }

  #ask(own: PlainRequest, users: readonly UserRecord[]): Promise<OwnAnswer> {
    if (!isWrite(own.method)) return this.#model.askOf(this.#instance, own)
    return this.#model.ask(own, this.#toScene(own, users), this.#instance.settings.behaviours)
  }

  /** What a request is run on: the users that it is about, or all that are known there where a filter is not just a look-up. */
  #toScene({ path }: PlainRequest, users: readonly UserRecord[]): Scene {
    const { records, settings } = this.#instance
    const isSearch = isCounted(path) && findFiltered(path) === undefined
    return {
      users: (isSearch ? this.#followed.findShown(mostSearched) : undefined) ?? users,
      highestUserId: records.highestUserId,
      publicUrl: settings.publicUrl,
    }
  }

  #noteUnexplained(plain: PlainRequest, differences: readonly Difference[]): void {
    const request = toLine(plain)
    for (const difference of differences) {
      const key = [request, ...Object.values(difference)].join('\n')
      const known = this.unexplained.get(key)
      if (known) known.times += 1
      else if (this.unexplained.size < mostUnexplained) this.unexplained.set(key, { request, ...difference, times: 1 })
    }
  }
}

const toUncompared = (why: string): Outcome => ({
  before: undefined,
  after: undefined,
  shadowed: { uncompared: why, notes: [], differences: [] },
})

/** Whether a status is about the caller, the moment or the way, rather than about what was asked. */
const isUnspoken = (status: number): boolean =>
  status === 401 ||
  status === 407 ||
  status === 408 ||
  status === 429 ||
  (status >= 500 && status !== 501) ||
  (status >= 300 && status < 400)

/** The attributes that differ in the user after the request, as far as the real answer shows it. */
function toEffects(before: ScimRecord | undefined, there: Answered, here: OwnAnswer): Difference[] {
  const shown = toShownUser(there.answer)
  const { after } = here
  if (!shown || !after || there.status >= 300 || here.status >= 300) return []
  return writableRows.flatMap(row => {
    const one = toShownValue(row, shown.document)
    const [was, other] = [before && readerOf(row)(before, ''), readerOf(row)(after, '')]
    // A missing attribute is already a difference of shape.
    if (one === null || other === null) return []
    if (one === other || (one === was && other === was)) return []
    return [{ what: `${row.path} afterwards`, there: quote(one), here: quote(other) }]
  })
}
