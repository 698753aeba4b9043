// The routes of the journal: read it, wait for requests, clear it.

import * as z from 'zod/mini'
import type { Exchange } from '../account/exchange.ts'
import type { Instance } from '../account/instance.ts'
import type { Context } from '../http/context.ts'
import { inTurns } from '../http/turns.ts'
import { version } from '../package.ts'
import { operations } from '../scim/operation.ts'
import type { MembersOf } from '../validation.ts'
import { entrySchema, toEntry } from './entries.ts'
import { harEnd, toHarEntry, toHarStart } from './har.ts'
import { isMatch } from './request-match.ts'
import { type ControlApp, named, nothing, ofInstance, whole, wholeInQuery } from './route.ts'
import { type Count, type countedKeys, longestSearch, Search } from './search.ts'
import { sendInSlices, toJsonPieces } from './slices.ts'
import type { RequestQuery } from './types.ts'
import { userNameInQuery } from './users.ts'
import { waitParameters, waitUntil } from './waiting.ts'

const q = z
  .optional(z.string().check(z.maxLength(longestSearch)))
  .check(
    z.describe(
      'A search: `status:409 op:create client:okta user:ann rule:U-14 method:POST path:/scim fault:* -status:404 "any text"`.',
    ),
  )
const idsInQuery = z
  .string()
  .check(
    z.regex(/^\d{1,15}(?:,\d{1,15}){0,199}$/, 'up to 200 ids, separated by commas'),
    z.meta({ pattern: '^[0-9]{1,15}(,[0-9]{1,15}){0,199}$', examples: ['1,2'] }),
  )

const query = z.strictObject({
  method: z.optional(z.string()).check(z.describe('The method, in any letter case.')),
  path: z.optional(z.string()).check(z.describe('The start of the full path.')),
  status: z.optional(wholeInQuery).check(z.describe('The status answered.')),
  operation: z.optional(z.enum(operations)).check(z.describe('What was asked for.')),
  userName: userNameInQuery,
  since: z._default(wholeInQuery, 0).check(z.describe('A cursor: only what came after it.')),
  limit: z._default(wholeInQuery, 1000).check(z.describe('How many entries to answer.')),
  q,
  ...waitParameters,
  ids: z.optional(idsInQuery).check(z.describe('Only those with these ids, separated by commas.')),
  format: z._default(z.enum(['json', 'har']), 'json').check(z.describe('`har` for an HTTP Archive.')),
} satisfies MembersOf<RequestQuery> & z.core.$ZodShape)

const count = z.strictObject({
  value: z.string(),
  count: whole,
  isOn: z.boolean(),
  q: z.string(),
} satisfies MembersOf<Count>)
const counts = z.array(count)
const index = named(
  'JournalIndex',
  z.strictObject({
    ids: z.array(whole).check(z.describe('Newest first.')),
    total: whole.check(z.describe('How many were found; `ids` holds the newest of them, up to `limit`.')),
    kept: whole.check(z.describe('How many the journal holds.')),
    counts: z
      .strictObject({ op: counts, status: counts, client: counts, rule: counts } satisfies Record<
        (typeof countedKeys)[number],
        unknown
      >)
      .check(z.describe('For each value, how many there are with it, all other terms of the search as they are.')),
    cursor: whole,
    dropped: whole,
  }),
)

const journal = named('Journal', z.strictObject({ requests: z.array(entrySchema), cursor: whole, dropped: whole }))
const har = named(
  'Har',
  z.strictObject({
    log: z.strictObject({
      version: z.literal('1.2'),
      creator: z.strictObject({ name: z.string(), version: z.string() }),
      entries: z.array(z.looseObject({})),
    }),
  }),
)

/** Registers the routes of the journal. */
export function requestRoutes(app: ControlApp, context: Context): void {
  app.get(
    '/instances/:name/requests',
    {
      schema: {
        operationId: 'listRequests',
        summary: 'The journal, oldest first',
        params: ofInstance,
        querystring: query,
        response: { 200: z.union([journal, har]), 408: z.union([journal, har]) },
      },
    },
    async (request, reply) => {
      const { instance } = request
      const { mask } = context.instances
      const { since, limit, wait, count, format, q, ids, ...match } = request.query
      const wanted = ids === undefined ? undefined : new Set(ids.split(',').map(Number))
      const search = q === undefined ? undefined : new Search(q, mask)
      const isMeant = (exchange: Exchange) =>
        (wanted?.has(exchange.id) ?? true) && isMatch(match, exchange) && (search?.finds(exchange) ?? true)
      if (wait !== undefined) {
        let matched = countMatches(instance, isMeant, since)
        const isMet = (exchange?: Exchange): boolean => {
          // A cursor of an earlier run of the server may be ahead of this journal.
          if (exchange && exchange.id > since && isMeant(exchange)) matched += 1
          return matched >= count
        }
        const isSo = await waitUntil(request, context, instance, { event: 'exchange', milliseconds: wait, isMet })
        reply.code(isSo ? 200 : 408)
      }
      const { found, cursor } = await findExchanges(instance, isMeant, since, limit)
      const left = stillKept(found)
      const end = `,"cursor":${cursor},"dropped":${instance.journal.dropped}}`
      await sendInSlices(
        reply,
        format === 'har'
          ? toJsonPieces(toHarStart(version), left, exchange => toHarEntry(toEntry(exchange, mask)), harEnd)
          : toJsonPieces('{"requests":', left, exchange => toEntry(exchange, mask), end),
      )
    },
  )

  app.get(
    '/instances/:name/requests/index',
    {
      schema: {
        operationId: 'indexRequests',
        summary: 'Which entries a search finds, and how many have each operation, status, client and rule',
        params: ofInstance,
        querystring: z.strictObject({
          q,
          limit: z._default(wholeInQuery, 5000).check(z.describe('How many ids to answer.')),
        }),
        response: { 200: index },
      },
    },
    async ({ instance: { journal }, query: { q = '', limit } }, reply) => {
      const { ids, counts } = await new Search(q, context.instances.mask).count(inTurns(stillKept(journal.since(0))))
      const { size: kept, cursor, dropped } = journal
      reply.send({ ids: ids.slice(0, limit), total: ids.length, kept, counts, cursor, dropped })
    },
  )

  app.delete(
    '/instances/:name/requests',
    {
      schema: {
        operationId: 'clearRequests',
        summary: 'Clears the journal alone',
        params: ofInstance,
        response: { 204: nothing },
      },
    },
    ({ instance }, reply) => {
      instance.journal.clear()
      reply.code(204).send()
    },
  )
}

/** Leaves out exchanges that are dropped for newer ones before their turn. */
function* stillKept(exchanges: Iterable<Exchange>): Iterable<Exchange> {
  for (const exchange of exchanges) if (exchange.isKept) yield exchange
}

type IsMeant = (exchange: Exchange) => boolean

async function findExchanges({ journal }: Instance, isMeant: IsMeant, since: number, limit: number) {
  const found: Exchange[] = []
  for await (const exchange of inTurns(stillKept(journal.since(since)))) {
    if (!isMeant(exchange)) continue
    // The cursor of the last entry leads to those that did not fit.
    if (found.length === limit) return { found, cursor: found.at(-1)?.id ?? since }
    found.push(exchange)
  }
  return { found, cursor: Math.max(since, journal.cursor) }
}

function countMatches({ journal }: Instance, isMeant: IsMeant, since: number): number {
  let count = 0
  for (const exchange of journal.since(since)) if (isMeant(exchange)) count += 1
  return count
}
