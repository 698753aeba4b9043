// The route of what was learned of a real endpoint: in which switches it differs, by which requests that is known, and
// which differences no switch explains. The answer is also a profile that --profile loads.

import * as z from 'zod/mini'
import { behaviourKey, someBehaviours } from '../account/profile.ts'
import type { Context } from '../http/context.ts'
import type { Seen } from '../shadow/evidence.ts'
import type { LearnedRow } from '../shadow/learned.ts'
import { type Differences, toFindings } from '../shadow/report.ts'
import type { Unexplained } from '../shadow/shadow.ts'
import type { MembersOf } from '../validation.ts'
import { type ControlApp, httpStatus, named, nothing, ofInstance, whole } from './route.ts'

const text = z.string()

const row = z.strictObject({
  key: behaviourKey,
  here: text.check(z.describe('The value in this instance.')),
  seen: z.nullable(text).check(z.describe('Null: not determined.')),
  confidence: z
    .nullable(z.enum(['exact', 'effect']))
    .check(z.describe('`exact`: status, scimType and effect are those of the value; `effect`: only the effect is.')),
  times: whole.check(z.describe('How many exchanges showed it.')),
  reading: text.check(z.describe('What was seen, or why it is not determined.')),
  evidence: z.array(
    z.strictObject({
      request: text,
      status: httpStatus,
      scimType: z.optional(text),
      otherwise: z.optional(text).check(z.describe('What another value would have given.')),
    } satisfies MembersOf<Seen>),
  ),
} satisfies MembersOf<LearnedRow>)

const unexplained = z.strictObject({
  request: text,
  what: text,
  there: text,
  here: text,
  times: whole,
} satisfies MembersOf<Unexplained>)

const differences = named(
  'Differences',
  z.strictObject({
    behaviours: someBehaviours.check(z.describe('The switches that are determined: with them, it is a profile.')),
    shadow: z.strictObject({
      upstream: z.nullable(text).check(z.describe('The SCIM URL of the real endpoint; null when there is none.')),
      forwarded: whole,
      compared: whole,
      differing: whole,
      summary: z.array(text).check(z.describe('A sentence for each switch that is another one there.')),
      switches: z.array(row),
      unexplained: z.array(unexplained).check(z.describe('What no switch explains.')),
    } satisfies MembersOf<Differences['shadow']>),
  } satisfies MembersOf<Differences>),
)

/** Registers the routes of what was learned. */
export function differenceRoutes(app: ControlApp, { instances, shadows }: Context): void {
  app.get(
    '/instances/:name/differences',
    {
      schema: {
        operationId: 'listDifferences',
        summary: 'Where a real endpoint differs, by switch; the answer is a profile, too',
        params: ofInstance,
        response: { 200: differences },
      },
    },
    ({ instance }) =>
      instances.mask.hide(
        toFindings(instance.settings.behaviours, shadows?.find(instance), shadows?.upstream.url ?? null),
      ),
  )

  app.delete(
    '/instances/:name/differences',
    {
      schema: {
        operationId: 'forgetDifferences',
        summary: 'Forgets what was learned, to begin anew',
        params: ofInstance,
        response: { 204: nothing },
      },
    },
    ({ instance }, reply) => {
      shadows?.find(instance)?.forget()
      reply.code(204).send()
    },
  )
}
