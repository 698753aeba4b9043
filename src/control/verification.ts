// The route that verifies requests: whether those that a match means happened as often as expected, and if not, which
// came closest.

import * as z from 'zod/mini'
import type { Journal } from '../account/journal.ts'
import type { Mask } from '../account/secrets/mask.ts'
import { ApiError, errorCodes, toProblem } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { problemType } from '../http/errors.ts'
import type { MembersOf } from '../validation.ts'
import { entrySchema, toEntry } from './entries.ts'
import { matchMembers } from './faults.ts'
import { findMismatches, isMatch } from './request-match.ts'
import { type ControlApp, httpStatus, named, ofInstance, problemMembers, whole } from './route.ts'
import type { RequestMatch, Times } from './types.ts'

/** How many near misses a failed verification shows. */
const shownMisses = 5

/** An entry that nearly matched, with what kept it from doing so. */
const miss = z.extend(
  z.pick(entrySchema, {
    id: true,
    method: true,
    path: true,
    status: true,
    operation: true,
    userName: true,
    notes: true,
  }),
  { why: z.array(z.string()).check(z.minLength(1)) },
)

const times = z.optional(z.int().check(z.minimum(0), z.maximum(1_000_000)))
const verification = named(
  'Verification',
  z.strictObject({
    match: z.strictObject({
      ...matchMembers,
      status: z.optional(httpStatus),
    } satisfies MembersOf<RequestMatch>),
    times: z.optional(
      z.strictObject({ exactly: times, atLeast: times, atMost: times }).check(
        z.refine(value => Object.keys(value).length > 0, 'exactly, atLeast or atMost'),
        z.refine(
          ({ exactly, atLeast, atMost }) => exactly === undefined || (atLeast === undefined && atMost === undefined),
          'exactly alone, or atLeast and atMost',
        ),
        z.meta({ minProperties: 1, dependentSchemas: { exactly: { maxProperties: 1 } } }),
      ),
    ),
  }),
)
const verificationProblem = named(
  'VerificationProblem',
  z
    .strictObject({
      ...problemMembers,
      status: httpStatus.check(z.meta({ const: errorCodes.conflict.status })),
      matched: whole,
      dropped: whole,
      nearest: z.array(miss),
    })
    .check(z.describe('The requests did not happen as often as expected; the nearest misses say why.')),
)

/** Registers the route that verifies requests. */
export function verificationRoutes(app: ControlApp, { instances }: Context): void {
  app.post(
    '/instances/:name/requests/verify',
    {
      schema: {
        operationId: 'verifyRequests',
        summary: 'Whether requests happened, and how often',
        params: ofInstance,
        body: verification,
        response: { 200: z.strictObject({ matched: whole }), 409: verificationProblem },
      },
    },
    ({ instance: { journal }, body: { match, times = { atLeast: 1 } } }, reply) => {
      let matched = 0
      for (const exchange of journal.since(0)) if (isMatch(match, exchange)) matched += 1
      const { exactly, atLeast = exactly ?? 0, atMost = exactly ?? Number.POSITIVE_INFINITY } = times
      if (matched >= atLeast && matched <= atMost) {
        reply.send({ matched })
        return
      }
      const { dropped } = journal
      const lost =
        dropped > 0
          ? ` The journal dropped ${toCount(dropped, 'older request')}, which ${dropped === 1 ? 'was' : 'were'} not counted.`
          : ''
      const detail = `${toCount(matched, 'request')} matched; expected ${toExpected(times)}.${lost}`
      const error = new ApiError('conflict', detail)
      const nearest = findNearMisses(journal, match, instances.mask)
      reply.code(409).type(problemType).send(toProblem(error, { matched, dropped, nearest }))
    },
  )
}

/** The exchanges that came closest to a match, each with the reasons why it does not match. */
function findNearMisses(journal: Journal, match: RequestMatch, mask: Mask): z.output<typeof miss>[] {
  return Array.from(journal.since(0), exchange => ({
    exchange,
    differences: [...findMismatches(match, exchange)].length,
  }))
    .filter(({ differences }) => differences > 0)
    .sort((a, b) => a.differences - b.differences || b.exchange.id - a.exchange.id)
    .slice(0, shownMisses)
    .map(({ exchange }) => {
      const { id, method, path, status, operation, userName, notes } = toEntry(exchange, mask)
      const why = mask.hide([...findMismatches(match, exchange, mask)])
      return { id, method, path, status, operation, userName, notes, why }
    })
}

const toCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

function toExpected(times: Times): string {
  if ('exactly' in times) return `exactly ${times.exactly}`
  const { atLeast, atMost } = times
  return [atLeast !== undefined && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`]
    .filter(Boolean)
    .join(' and ')
}
