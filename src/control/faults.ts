// The routes of fault rules, and the schema of a rule. Rules are evaluated in account/faults.ts and carried out in
// http/fault-effects.ts.

import * as z from 'zod/mini'
import { type FaultEffect, type FaultKind, type FaultRule, faultKinds } from '../account/faults.ts'
import { operations } from '../scim/operation.ts'
import type { MembersOf } from '../validation.ts'
import { type ControlApp, named, ofInstance, whole } from './route.ts'

/** The members that select requests by what is known before they run. */
export const matchMembers = {
  method: z.optional(z.string().check(z.minLength(1))),
  path: z.optional(z.string().check(z.regex(/^\//, 'the start of a full path, such as /scim/v2/Users'))),
  operation: z.optional(z.enum(operations)),
  userName: z.optional(z.string()),
} satisfies MembersOf<NonNullable<FaultRule['match']>>

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/
/** The headers that frame an answer. Only the server may set them. */
const framing = ['Content-Length', 'Transfer-Encoding', 'Connection', 'Trailer']
const isFraming = (name: string): boolean => framing.some(each => each.toLowerCase() === name.toLowerCase())

const headers = z.record(z.string(), z.string()).check(
  z.refine(value => Object.keys(value).every(name => headerName.test(name)), 'header names of RFC 9110'),
  z.refine(
    value => Object.values(value).every(each => headerValue.test(each)),
    'header values without control characters',
  ),
  z.refine(value => !Object.keys(value).some(isFraming), `headers other than ${framing.join(', ')}`),
  z.meta({
    propertyNames: { pattern: headerName.source, not: { enum: framing } },
    additionalProperties: { type: 'string', pattern: headerValue.source },
  }),
)

const isTrue = z.literal(true)

/** The value of each kind of fault. */
const effects = {
  status: z.int().check(z.minimum(300), z.maximum(599)),
  delayMs: z.int().check(z.minimum(0), z.maximum(600_000)),
  reset: isTrue,
  hang: isTrue,
  html: isTrue,
  malformed: isTrue,
  emptyBody: isTrue,
  commitThenReset: isTrue,
  pageDrift: isTrue,
} satisfies { [K in FaultKind]: z.ZodMiniType<FaultEffect[K]> }

/** The members that may stand beside `status`. */
const statusDetails = {
  scimType: z.string().check(z.minLength(1), z.maxLength(100)),
  detail: z.string().check(z.maxLength(1000)),
  headers,
} satisfies { [K in Exclude<keyof FaultEffect, FaultKind>]-?: z.ZodMiniType<FaultEffect[K]> }

const kinds = Object.keys(faultKinds) as FaultKind[]
const details = Object.keys(statusDetails) as (keyof typeof statusDetails)[]

const effect = z.partial(z.strictObject({ ...effects, ...statusDetails })).check(
  z.refine(value => kinds.filter(kind => value[kind] !== undefined).length === 1, `exactly one of ${kinds.join(', ')}`),
  z.refine(
    value => value.status !== undefined || details.every(each => value[each] === undefined),
    'scimType, detail and headers only beside status',
  ),
  z.meta({
    oneOf: kinds.map(kind => ({ required: [kind] })),
    dependentRequired: Object.fromEntries(details.map(each => [each, ['status']])),
  }),
)

const rule = z.strictObject({
  match: z.optional(z.strictObject(matchMembers)),
  when: z.optional(
    z.strictObject({
      times: z.optional(whole),
      after: z.optional(whole),
      every: z.optional(z.int().check(z.minimum(1))),
      probability: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
      seed: z.optional(whole),
    } satisfies MembersOf<NonNullable<FaultRule['when']>>),
  ),
  do: effect,
} satisfies MembersOf<FaultRule>)

const rules = named(
  'FaultRules',
  z
    .array(
      z.extend(rule, {
        fired: z.optional(
          z.unknown().check(z.meta({ description: 'Ignored, so that the answer of GET may be sent back.' })),
        ),
      }),
    )
    .check(z.maxLength(1000)),
)

const firedRules = named('Faults', z.array(z.extend(rule, { fired: whole })))

/** Registers the routes of the fault rules. */
export function faultRoutes(app: ControlApp): void {
  app.get(
    '/instances/:name/faults',
    {
      schema: {
        operationId: 'listFaults',
        summary: 'The fault rules, with how often each fired',
        params: ofInstance,
        response: { 200: firedRules },
      },
    },
    ({ instance }) => instance.faults.list(),
  )

  app.put(
    '/instances/:name/faults',
    {
      schema: {
        operationId: 'setFaults',
        summary: 'Replaces all fault rules',
        params: ofInstance,
        body: rules,
        response: { 200: firedRules },
      },
    },
    ({ instance: { faults }, body }) => {
      faults.set(body.map(({ fired: _, ...rule }) => rule))
      return faults.list()
    },
  )
}
