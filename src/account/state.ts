// The state document: seed, snapshot and restore in one format. Its schema, and its two ways: out of an instance's
// records and into columns. Loaded only when someone has such a document, since zod takes its time to load.

import * as z from 'zod/mini'
import { isPublicUrl } from '../config.ts'
import { ApiError } from '../errors.ts'
import { type NewUser, recordColumns } from '../insightly/record.ts'
import { tellProgress } from '../progress.ts'
import { foldCase } from '../scim/attribute.ts'
import { type BehaviourKey, type Behaviours, behaviourRows, presets } from '../scim/behaviour.ts'
import { findTextProblem } from '../scim/text.ts'
import { licenses, type UserRecord } from '../scim/user.ts'
import { findProblems, InputError, type InputProblem, type MembersOf, validate } from '../validation.ts'
import { isClockTime } from './clock.ts'
import { type InitialState, type Instance, mergeSettings, type Settings } from './instance.ts'

const text = z.string().check(
  z.superRefine((value, context) => {
    const problem = findTextProblem(value)
    if (problem) context.addIssue({ code: 'custom', message: problem, input: value })
  }),
  z.meta({ maxLength: 255, pattern: '^[^\\x00-\\x1f]*$' }),
)
const nonEmpty = text.check(z.minLength(1))
const textOrNull = z.nullable(text)
/** A date as people write it. */
export const date = z.iso
  .datetime({ offset: true, error: 'a date such as 2026-03-02T09:14:07.123Z' })
  .check(
    z.refine(isClockTime, 'a date in the years 1970 to 9999'),
    z.meta({ format: 'date-time', pattern: '^(19[789][0-9]|[2-9][0-9]{3})-' }),
  )
/** Far from where numbers lose precision, so that many more ids follow. */
const highest = z.maximum(999_999_999_999)

/** The members of a user that an administrator may set, each as it is checked. */
export const editableUser = z.strictObject({
  EMAIL_ADDRESS: nonEmpty,
  FIRST_NAME: textOrNull,
  LAST_NAME: textOrNull,
  ACTIVE: z.boolean(),
  ADMINISTRATOR: z.boolean(),
  LICENSES: z.pipe(
    z.array(z.enum(licenses)).check(
      z.refine(value => new Set(value).size === value.length, 'each licence once'),
      z.meta({ uniqueItems: true }),
    ),
    z.transform(value => licenses.filter(license => value.includes(license))),
  ),
})

/** A user who is added: only the address and the names must be given. */
export const addedUser = z.partial(editableUser, { ACTIVE: true, ADMINISTRATOR: true, LICENSES: true })

const stateUser = z.extend(addedUser, {
  USER_ID: z.optional(z.int().check(z.minimum(1), highest)),
  CONTACT_ID: z.optional(z.int().check(z.minimum(0))),
  TIMEZONE_ID: z.optional(text),
  EMAIL_DROPBOX_IDENTIFIER: z.optional(z.string().check(z.regex(/^[0-9A-Z]{6}$/, 'six of 0-9 and A-Z'))),
  EMAIL_DROPBOX_ADDRESS: z.optional(text),
  ACCOUNT_OWNER: z.optional(z.boolean()),
  DATE_CREATED_UTC: z.optional(date),
  DATE_UPDATED_UTC: z.optional(date),
  USER_CURRENCY: z.optional(text),
  CONTACT_DISPLAY: z.optional(text),
  CONTACT_ORDER: z.optional(text),
  TASK_WEEK_START: z.optional(z.int()),
  PROFILE_ID: z.optional(z.nullable(z.int())),
  ROLE_ID: z.optional(z.nullable(z.int())),
  DISPLAY_NAME: z.optional(textOrNull),
  EXTERNAL_ID: z.optional(textOrNull),
})

/** Every behaviour switch. */
export const allBehaviours = z.strictObject(
  Object.fromEntries(behaviourRows.map(row => [row.key, z.enum(row.values.map(([value]) => value))])) as unknown as {
    [K in BehaviourKey]: z.ZodMiniType<Behaviours[K], Behaviours[K]>
  },
)
/** Some or all behaviour switches. */
export const someBehaviours = z.partial(allBehaviours)

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
/** The URLs that a pattern can tell to be accepted: of IPv6 only the loopback address. */
const publicUrlForm = `^https?://([a-z][a-z0-9]*([.-][a-z][a-z0-9]*)*|(${octet}\\.){3}${octet}|\\[::1\\])(:[1-9][0-9]{0,3})?(/[A-Za-z0-9._~-]+)*/?$`

/** The settings of an instance without its switches, which a state document holds in a member of their own. */
export const plainSettings = z.strictObject({
  samlEnabled: z.boolean(),
  scimEnabled: z.boolean(),
  rateLimit: z.nullable(z.strictObject({ requestsPerSecond: z.int().check(z.minimum(1), z.maximum(1_000_000)) })),
  publicUrl: z.nullable(
    z.string().check(
      z.refine(isPublicUrl, 'a URL of printable ASCII that starts with http:// or https://'),
      z.overwrite(value => value.replace(/\/+$/, '')),
      z.meta({ pattern: publicUrlForm }),
    ),
  ),
} satisfies MembersOf<Omit<Settings, 'behaviours'>>)

/** The document itself. */
export const stateSchema = z.strictObject({
  settings: z.optional(z.partial(plainSettings)),
  behaviours: z.optional(someBehaviours),
  highestUserId: z.optional(z.int().check(z.minimum(0), highest)),
  users: z.optional(z.array(stateUser)),
})

export type StateDocument = z.input<typeof stateSchema>
/** A user of a state document. */
export type StateUser = z.input<typeof stateUser>

/**
 * Checks a state document.
 * @throws InputError that names each bad value by its path; ids and addresses must differ, and one user may be the owner
 */
export function parseState(value: unknown, root = ''): StateDocument {
  const state = checkForm(value, root)
  const at = (index: number, field: string) => `${root ? `${root}.` : ''}users[${index}].${field}`
  const ids = new Map<number, number>()
  const addresses = new Map<string, number>()
  let owner: number | undefined
  for (const [index, user] of (state.users ?? []).entries()) {
    const key = foldCase(user.EMAIL_ADDRESS)
    const sameAddress = addresses.get(key)
    if (sameAddress !== undefined)
      refuse(at(index, 'EMAIL_ADDRESS'), `is the address of users[${sameAddress}] too; each must be unique`)
    addresses.set(key, index)
    if (user.USER_ID !== undefined) {
      const sameId = ids.get(user.USER_ID)
      if (sameId !== undefined) refuse(at(index, 'USER_ID'), `is the id of users[${sameId}] too; each must be unique`)
      ids.set(user.USER_ID, index)
    }
    if (user.ACCOUNT_OWNER) {
      if (owner !== undefined)
        refuse(at(index, 'ACCOUNT_OWNER'), `is true for users[${owner}] too; an account has one owner`)
      owner = index
    }
  }
  return state
}

/**
 * Checks some users of a state document, the first of which stands at `index` of the array `root`.
 * @throws InputError that names what is wrong with the first bad ones
 */
export function parseUsers(values: readonly unknown[], index: number, root: string): NewUser[] {
  const users: NewUser[] = []
  const problems: InputProblem[] = []
  for (const [offset, value] of values.entries()) {
    const result = stateUser.safeParse(value)
    if (result.success) users.push(fromStateUser(result.data))
    else problems.push(...findProblems(stateUser, value, `${root}[${index + offset}]`))
    if (problems.length >= 10) break
  }
  if (problems.length > 0) throw new InputError(problems)
  return users
}

/** Checks user after user and stops near the first bad one: zod would look for all that is wrong with all of them. */
function checkForm(value: unknown, root: string): StateDocument {
  const given = (value as { users?: unknown } | null | undefined)?.users
  if (!Array.isArray(given)) return validate(stateSchema, value, root) as StateDocument
  const users = given.map((user, index) => {
    tellProgress('checking users', index, given.length)
    const result = stateUser.safeParse(user)
    if (!result.success) validate(stateSchema, { ...(value as object), users: given.slice(0, index + 10) }, root)
    return result.data
  })
  return { ...validate(stateSchema, { ...(value as object), users: [] }, root), users } as StateDocument
}

function refuse(path: string, message: string): never {
  throw new ApiError('invalidInput', `${path} ${message}.`)
}

/** The record fields of a state document's user; dates become milliseconds. */
function fromStateUser({
  DATE_CREATED_UTC,
  DATE_UPDATED_UTC,
  ...user
}: StateUser): Partial<UserRecord> & { EMAIL_ADDRESS: string } {
  const given = Object.fromEntries(Object.entries(user).filter(([, value]) => value !== undefined))
  return {
    ...(given as Partial<UserRecord>),
    EMAIL_ADDRESS: user.EMAIL_ADDRESS,
    ...(DATE_CREATED_UTC !== undefined && { DATE_CREATED_UTC: Date.parse(DATE_CREATED_UTC) }),
    ...(DATE_UPDATED_UTC !== undefined && { DATE_UPDATED_UTC: Date.parse(DATE_UPDATED_UTC) }),
  }
}

/** A record as a state document holds it, in the order of Insightly's fields. */
const toStateUser = (record: UserRecord): StateUser =>
  Object.fromEntries(
    recordColumns.map(column => [
      column,
      column === 'DATE_CREATED_UTC' || column === 'DATE_UPDATED_UTC'
        ? new Date(record[column]).toISOString()
        : record[column],
    ]),
  ) as StateUser

/**
 * What an instance starts from, of a checked state document; what the document leaves out is as in `base`.
 * @throws conflict for SCIM enabled with SAML off (A-03)
 */
export function toInitial(state: StateDocument, base: InitialState): InitialState {
  const settings = mergeSettings(base.settings, {
    ...state.settings,
    behaviours: state.behaviours,
  } as Partial<Settings>)
  return {
    settings,
    ...(state.users && { users: state.users.map(fromStateUser) }),
    highestUserId: state.highestUserId,
  }
}

/** The state document of an instance, in pieces of text that never hold more than a hundred users. */
export function* exportState({ settings: { behaviours, ...settings }, users }: Instance): Iterable<string> {
  const head = JSON.stringify({ settings, behaviours, highestUserId: users.highestUserId })
  yield `${head.slice(0, -1)},"users":[`
  let texts: string[] = []
  let separator = ''
  for (const record of users.records()) {
    texts.push(JSON.stringify(toStateUser(record)))
    if (texts.length < 100) continue
    yield separator + texts.join(',')
    separator = ','
    texts = []
  }
  yield `${texts.length > 0 ? separator : ''}${texts.join(',')}]}`
}

/** A profile as `calibrate` writes it: switches, and how they came to be known, which is not read. */
export const calibratedProfile = z.strictObject({
  behaviours: someBehaviours,
  calibration: z.optional(z.record(z.string(), z.unknown())),
})

/** Reads a profile: some or all switches, plain or as `calibrate` writes them, on top of the defaults. @throws InputError */
export function parseProfile(value: unknown): Behaviours {
  const isCalibrated = typeof value === 'object' && value !== null && Object.hasOwn(value, 'behaviours')
  const switches = isCalibrated ? validate(calibratedProfile, value).behaviours : validate(someBehaviours, value)
  return { ...presets.insightly, ...switches } as Behaviours
}
