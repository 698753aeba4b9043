// The routes of an instance's users, as Insightly's administrator sees and edits them.

import * as z from 'zod/mini'
import type { Instance } from '../account/instance.ts'
import { newUser, userChange } from '../account/state.ts'
import type { SearchedUser } from '../account/users/user-sql.ts'
import type { UserChange } from '../account/users/users.ts'
import type { Context } from '../http/context.ts'
import { inTurns } from '../http/turns.ts'
import type { UserRecord } from '../insightly/record.ts'
import { toInsightly } from '../insightly/rest-form.ts'
import { foldCase } from '../scim/text.ts'
import { type ControlApp, named, ofInstance, wholeInQuery } from './route.ts'
import { sendInSlices, toJsonPieces } from './slices.ts'
import type { InsightlyUser, UserMatch } from './types.ts'
import { waitParameters, waitUntil } from './waiting.ts'

/** openapi.yaml takes the members of a user from the table of records. */
const user = named('LicensedRecord', z.custom<InsightlyUser>())
const addition = named('UserAddition', newUser)
const edit = named('UserEdit', userChange)

const ofUser = z.extend(ofInstance, {
  USER_ID: z.string().check(z.minLength(1), z.meta({ description: 'The user.', examples: ['1'] })),
})

/** The parameter of a query that names a user. */
export const userNameInQuery = z
  .optional(z.string())
  .check(z.meta({ description: 'The userName, in any letter case.' }))

/** The longest search, in characters, and how many users one answer with a limit may have. */
const longestSearch = 1000
const mostInPage = 1000

const query = z.strictObject({
  userName: userNameInQuery,
  active: z.optional(
    z
      .pipe(
        z.pipe(
          z.enum(['true', 'false']),
          z.transform(text => text === 'true'),
        ),
        z.boolean(),
      )
      .check(z.meta({ description: 'Only the active users, or only the inactive ones.' })),
  ),
  q: z
    .optional(z.string().check(z.maxLength(longestSearch)))
    .check(z.describe('A search: words that name, e-mail address or USER_ID contain, in any letter case.')),
  limit: z
    .optional(wholeInQuery.check(z.maximum(mostInPage), z.meta({ maximum: mostInPage })))
    .check(z.describe('How many users to answer; then `X-Total-Count` tells how many match.')),
  after: z
    ._default(wholeInQuery, 0)
    .check(z.describe('A USER_ID, such as the last one of a page: only those above it.')),
  ...waitParameters,
})

/** Registers the routes of users. */
export function userRoutes(app: ControlApp, context: Context): void {
  app.get(
    '/instances/:name/users',
    {
      schema: {
        operationId: 'listRecords',
        summary: "The users as Insightly's records",
        params: ofInstance,
        querystring: query,
        response: { 200: z.array(user), 408: z.array(user) },
        answerHeaders: {
          'X-Total-Count': { description: 'Only with `limit`.', schema: { type: 'integer', minimum: 0 } },
        },
      },
    },
    async (request, reply) => {
      const { instance } = request
      const { wait, count, limit, after, ...match } = request.query
      const search = new UserSearch(instance, match)
      if (wait !== undefined) {
        let matched = search.count()
        const isMet = (change?: UserChange): boolean => {
          if (change) matched = countAfter(change)
          return matched >= count
        }
        // An empty change says that any user may have changed.
        const countAfter = ({ before, after }: UserChange): number =>
          before || after ? matched + Number(search.finds(after)) - Number(search.finds(before)) : search.count()
        const isSo = await waitUntil(request, context, instance, { event: 'user', milliseconds: wait, isMet })
        reply.code(isSo ? 200 : 408)
      }
      if (limit === undefined) {
        const found = search.all(after)
        await sendInSlices(
          reply,
          toJsonPieces('', found, record => toLicensedRecord(record, instance), ''),
        )
        return
      }
      const { records, total } = await search.page(after, limit)
      reply.header('x-total-count', total).send(records.map(record => toLicensedRecord(record, instance)))
    },
  )

  app.post(
    '/instances/:name/users',
    {
      schema: {
        operationId: 'addRecord',
        summary: 'Adds a user as an administrator does by hand',
        params: ofInstance,
        body: addition,
        response: { 201: user },
        errors: ['uniqueness'],
        links: { getRecord: { name: '$request.path.name', USER_ID: '$response.body#/USER_ID' } },
      },
    },
    ({ instance, body }, reply) => {
      reply.code(201).send(toLicensedRecord(instance.users.insert(body), instance))
    },
  )

  app.get(
    '/instances/:name/users/:USER_ID',
    { schema: { operationId: 'getRecord', summary: 'One user', params: ofUser, response: { 200: user } } },
    ({ instance, params }) => toLicensedRecord(instance.records.get(params.USER_ID), instance),
  )

  app.patch(
    '/instances/:name/users/:USER_ID',
    {
      schema: {
        operationId: 'editRecord',
        summary: "Edits a user behind the client's back",
        params: ofUser,
        body: edit,
        response: { 200: user },
        errors: ['forbidden', 'uniqueness'],
      },
    },
    ({ instance, params, body }) => toLicensedRecord(instance.users.edit(params.USER_ID, body), instance),
  )
}

/** A user as the control API shows it. */
export const toLicensedRecord = (record: UserRecord, instance: Instance): InsightlyUser => ({
  ...toInsightly(record, instance.instanceId),
  LICENSES: [...record.LICENSES],
})

/** A search of an instance's users. */
class UserSearch {
  readonly #records: Instance['records']
  readonly #match: UserMatch
  readonly #userName: string | undefined
  readonly #words: readonly string[]

  constructor({ records }: Instance, { q = '', ...match }: UserMatch & { q?: string }) {
    this.#records = records
    this.#match = match
    this.#userName = match.userName === undefined ? undefined : foldCase(match.userName)
    this.#words = foldCase(q).split(/\s+/).filter(Boolean)
  }

  /** Whether a user is meant; undefined is not. */
  finds<User extends SearchedUser>(user: User | undefined): user is User {
    if (user === undefined) return false
    const { active } = this.#match
    if (active !== undefined && user.ACTIVE !== active) return false
    if (this.#userName !== undefined && foldCase(user.EMAIL_ADDRESS) !== this.#userName) return false
    if (this.#words.length === 0) return true
    const text = foldCase(`${user.FIRST_NAME ?? ''} ${user.LAST_NAME ?? ''} ${user.EMAIL_ADDRESS} ${user.USER_ID}`)
    return this.#words.every(word => text.includes(word))
  }

  /** How many there are, at once. */
  count(): number {
    let count = 0
    for (const users of this.#batches()) for (const user of users) count += Number(this.finds(user))
    return count
  }

  /** Those above a USER_ID, as they are when the first is read. Each undefined says that a slice may end, although none was found. */
  *all(after: number): Iterable<UserRecord | undefined> {
    const areFew = this.#userName !== undefined || this.#records.total <= mostInPage
    const snapshot = areFew ? undefined : this.#records.openSnapshot()
    try {
      const next = (): UserRecord[] => snapshot?.next() ?? []
      for (let records = snapshot ? next() : this.#matching(); records.length > 0; records = next()) {
        for (const record of records) if (record.USER_ID > after && this.finds(record)) yield record
        yield undefined
      }
    } finally {
      snapshot?.close()
    }
  }

  /** The first of those above a USER_ID, and how many there are in all; read in turns. */
  async page(after: number, limit: number): Promise<{ records: UserRecord[]; total: number }> {
    const { active, userName } = this.#match
    if (active === undefined && userName === undefined && this.#words.length === 0)
      return { records: this.#records.pageAfter(after, limit), total: this.#records.total }
    const ids: number[] = []
    let total = 0
    for await (const users of inTurns(this.#batches()))
      for (const user of users) {
        if (!this.finds(user)) continue
        total += 1
        if (user.USER_ID > after && ids.length < limit) ids.push(user.USER_ID)
      }
    const found = ids.map(id => this.#records.find(String(id)))
    // Between two turns, a user may have changed, or gone.
    return { records: found.filter(record => this.finds(record)), total }
  }

  #batches(): Iterable<readonly SearchedUser[]> {
    return this.#userName === undefined ? this.#records.searched() : [this.#matching()]
  }

  #matching(): UserRecord[] {
    return this.#records.match(this.#match)
  }
}
