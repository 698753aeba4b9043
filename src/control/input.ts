// What the control API accepts, as zod schemas, and how it becomes what the instances understand.

import { z } from 'zod'
import type { ClockMode } from '../account/clock.ts'
import { type FaultKind, type FaultRule, faultKinds } from '../account/faults.ts'
import { type InitialState, mergeSettings, type Settings, toInitialState } from '../account/instance.ts'
import { instanceName } from '../account/instances.ts'
import {
  behavioursSchema,
  calibratedProfile,
  newUser,
  parseState,
  settingsSchema,
  toInitial,
  userChange,
} from '../account/state.ts'
import type { NewUser, UserRecord } from '../insightly/record.ts'
import { type Behaviours, type PresetName, presetNames, presets } from '../scim/behaviour.ts'
import { operations } from '../scim/operation.ts'
import { validate } from '../validation.ts'
import type { RequestMatch } from './entries.ts'

const secret = z.string().regex(/^[\x21-\x7e]{1,500}$/, '1 to 500 printable ASCII characters without blanks')

/** What makes an instance. */
export const newInstance = z
  .strictObject({
    name: z.string().regex(instanceName, 'lower-case letters, digits and dashes, 1 to 63 of them'),
    scimToken: secret,
    profile: z.union([z.enum(presetNames), behavioursSchema, calibratedProfile]),
    behaviours: behavioursSchema,
    samlEnabled: z.boolean(),
    scimEnabled: z.boolean(),
    state: z.unknown(),
  })
  .partial()

/**
 * Reads the body that makes an instance; what it does not say is as in every new instance.
 * @throws InputError, and conflict for SCIM enabled with SAML off
 */
export function parseNewInstance(body: unknown, defaults: Readonly<Behaviours>) {
  const { name, scimToken, profile, behaviours, samlEnabled, scimEnabled, state } = validate(newInstance, body)
  const switches = (typeof profile === 'object' && 'behaviours' in profile ? profile.behaviours : profile) as
    | PresetName
    | Partial<Behaviours>
    | undefined
  const base = toInitialState(typeof switches === 'string' ? presets[switches] : { ...defaults, ...switches })
  const initial: InitialState = state === undefined ? base : toInitial(parseState(state, 'state'), base)
  const change: Partial<Settings> = {
    ...(behaviours && { behaviours: behaviours as Behaviours }),
    ...(samlEnabled !== undefined && { samlEnabled }),
    ...(scimEnabled !== undefined && { scimEnabled }),
  }
  return { name, scimToken, state: { ...initial, settings: mergeSettings(initial.settings, change) } }
}

/** What changes settings. */
export const settingsChange = settingsSchema.extend({ behaviours: behavioursSchema.optional() })

/** Reads a change of settings. @throws InputError */
export const parseSettings = (body: unknown): Partial<Settings> => validate(settingsChange, body) as Partial<Settings>

/** Reads a user that an administrator adds. @throws InputError */
export const parseNewUser = (body: unknown): NewUser => withoutUndefined(validate(newUser, body)) as NewUser

/** Reads what an administrator edits. @throws InputError */
export const parseUserChange = (body: unknown): Partial<UserRecord> =>
  withoutUndefined(validate(userChange, body)) as Partial<UserRecord>

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

const times = z.int().min(0).max(1_000_000)
const match = z
  .strictObject({
    method: z.string().min(1),
    path: z.string().regex(/^\//, 'the start of a full path, such as /scim/v2/Users'),
    operation: z.enum(operations),
    userName: z.string(),
  })
  .partial()

/** What is to be verified. */
export const verification = z.strictObject({
  match: match.extend({ status: z.int().min(100).max(599).optional() }),
  times: z
    .strictObject({ exactly: times, atLeast: times, atMost: times })
    .partial()
    .refine(value => Object.keys(value).length > 0, 'exactly, atLeast or atMost')
    .refine(
      ({ exactly, atLeast, atMost }) => exactly === undefined || (atLeast === undefined && atMost === undefined),
      'exactly alone, or atLeast and atMost',
    )
    .meta({ minProperties: 1, dependentSchemas: { exactly: { maxProperties: 1 } } })
    .optional(),
})

/** Reads what is to be verified; without `times`, at least once. @throws InputError */
export function parseVerification(body: unknown): { match: RequestMatch; times: Times } {
  const { match: wanted, times: wantedTimes = { atLeast: 1 } } = validate(verification, body)
  return { match: wanted as RequestMatch, times: wantedTimes as Times }
}

interface Times {
  exactly?: number
  atLeast?: number
  atMost?: number
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headers = z
  .record(z.string(), z.string())
  .refine(value => Object.keys(value).every(name => headerName.test(name)), 'header names of RFC 9110')
  .refine(
    value => Object.values(value).every(each => /^[\t\x20-\x7e\x80-\xff]*$/.test(each)),
    'header values without control characters',
  )
  .refine(
    value => !Object.keys(value).some(name => /^(content-length|transfer-encoding|connection)$/i.test(name)),
    'headers other than Content-Length, Transfer-Encoding and Connection',
  )
  .meta({
    propertyNames: {
      pattern: headerName.source,
      not: { enum: ['Content-Length', 'Transfer-Encoding', 'Connection'] },
    },
    additionalProperties: { type: 'string', pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$' },
  })

const isTrue = z.literal(true)
const kinds = Object.keys(faultKinds) as FaultKind[]
const effect = z
  .strictObject({
    status: z.int().min(300).max(599),
    scimType: z.string().min(1).max(100),
    detail: z.string().max(1000),
    headers,
    delayMs: z.int().min(0).max(600_000),
    reset: isTrue,
    hang: isTrue,
    html: isTrue,
    malformed: isTrue,
    emptyBody: isTrue,
    commitThenReset: isTrue,
    pageDrift: isTrue,
  })
  .partial()
  .refine(value => kinds.filter(kind => value[kind] !== undefined).length === 1, `exactly one of ${kinds.join(', ')}`)
  .refine(
    value => value.status !== undefined || !(value.scimType ?? value.detail ?? value.headers),
    'scimType, detail and headers only beside status',
  )
  .meta({
    oneOf: kinds.map(kind => ({ required: [kind] })),
    dependentRequired: { scimType: ['status'], detail: ['status'], headers: ['status'] },
  })

/** The fault rules of an instance. */
export const faultRules = z
  .array(
    z.strictObject({
      match: match.optional(),
      when: z
        .strictObject({
          times: z.int().min(0),
          after: z.int().min(0),
          every: z.int().min(1),
          probability: z.number().min(0).max(1),
          seed: z.int().min(0),
        })
        .partial()
        .optional(),
      do: effect,
      // What GET tells may be sent back.
      fired: z.unknown().optional(),
    }),
  )
  .max(1000)

/** Reads a list of fault rules. @throws InputError */
export const parseFaults = (body: unknown): FaultRule[] =>
  validate(faultRules, body).map(({ fired: _, ...rule }) => withoutUndefined(rule) as FaultRule)

/** How a clock is set. */
export const clock = z
  .strictObject({
    mode: z.enum(['real', 'frozen', 'offset']),
    now: z.iso
      .datetime({ offset: true, error: 'a date such as 2026-03-02T09:14:07.123Z' })
      .meta({ format: 'date-time', pattern: '^(19[789][0-9]|[2-9][0-9]{3})-' })
      .optional(),
  })
  .refine(({ mode, now }) => mode !== 'real' || now === undefined, 'no now with real')
  .meta({ not: { properties: { mode: { const: 'real' }, now: {} }, required: ['mode', 'now'] } })

/** Reads how a clock is to be set, `now` in milliseconds. @throws InputError */
export function parseClock(body: unknown): { mode: ClockMode; now: number | undefined } {
  const { mode, now } = validate(clock, body)
  return { mode, now: now === undefined ? undefined : Date.parse(now) }
}

const duration = /^(-?)P(?=.)(?:(\d{1,7})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{1,3})?)S)?)?$/
/** By how much a clock moves. */
export const advance = z.strictObject({
  by: z.string().regex(duration, 'an ISO 8601 duration of days to seconds, such as PT1H'),
})

/** Reads by how many milliseconds a clock is to move. @throws InputError */
export function parseAdvance(body: unknown): number {
  const [, sign, ...parts] = duration.exec(validate(advance, body).by)!
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map(part => Number(part ?? 0))
  return (sign === '-' ? -1 : 1) * Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
}
