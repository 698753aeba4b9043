// The state document: seed, export and import have one format. Its schema, how it is checked, how it becomes records, and
// how it is made of them.

import * as z from 'zod/mini'
import { isPublicUrl } from '../config.ts'
import {
  type FieldRow,
  type FieldsThatAre,
  licenses,
  type NewUser,
  storedFields,
  type UserRecord,
} from '../insightly/record.ts'
import { findTextProblem, foldCase, textSchema } from '../scim/text.ts'
import { findProblems, InputError, type InputProblem, type MembersOf, validate } from '../validation.ts'
import { isClockTime } from './clock.ts'
import type { Instance } from './instance.ts'
import { someBehaviours } from './profile.ts'
import { tellProgress } from './progress.ts'
import { type InitialState, mergeSettings, type Settings } from './settings.ts'
import { refuseSecond } from './users/staged-users.ts'

const text = z.string().check(
  z.superRefine((value, context) => {
    const problem = findTextProblem(value)
    if (problem) context.addIssue({ code: 'custom', message: problem, input: value })
  }),
  z.meta(textSchema),
)
/** A date as people write it. */
export const date = z.iso
  .datetime({ offset: true, error: 'a date such as 2026-03-02T09:14:07.123Z' })
  .check(
    z.refine(isClockTime, 'a date in the years 1970 to 9999'),
    z.meta({ format: 'date-time', pattern: '^(19[789][0-9]|[2-9][0-9]{3})-' }),
  )
const licenseList = z.pipe(
  z.array(z.enum(licenses).check(z.meta({ id: 'License' }))).check(
    z.refine(value => new Set(value).size === value.length, 'each licence once'),
    z.meta({ uniqueItems: true }),
  ),
  z.transform(value => licenses.filter(license => value.includes(license))),
)

/** How a field is checked. */
function toFieldSchema(row: FieldRow): z.ZodMiniType {
  const schema = toTypeSchema(row)
  return 'nullable' in row ? z.nullable(schema) : schema
}

function toTypeSchema({ type, form, minLength = 0, min, max }: FieldRow): z.ZodMiniType {
  if (type === 'flag') return z.boolean()
  if (type === 'date') return date
  if (type === 'licenses') return licenseList
  if (type === 'whole') {
    const least = min === undefined ? z.int() : z.int().check(z.minimum(min))
    return max === undefined ? least : least.check(z.maximum(max))
  }
  if (form) return z.string().check(z.regex(...form))
  return minLength > 0 ? text.check(z.minLength(minLength)) : text
}

/** A user of a state document. */
export type StateUser = StateForm<FieldsThatAre<{ required: true }>> & Partial<StateForm<keyof UserRecord>>
type StateForm<Field extends keyof UserRecord> = {
  [Name in Field]: Name extends FieldsThatAre<{ type: 'date' }> ? string : UserRecord[Name]
}

/** The schema of some fields of a user. Those that are not required may be left out. */
function toFieldsSchema<User>(rows: readonly FieldRow[], isRequired: (row: FieldRow) => boolean) {
  const members = rows.map(row => {
    const schema = toFieldSchema(row)
    return [row.name, isRequired(row) ? schema : z.optional(schema)] as const
  })
  return z.strictObject(Object.fromEntries(members)) as unknown as z.ZodMiniType<User, User>
}

const byHand = storedFields.filter(row => row.byHand)
const isRequired = (row: FieldRow): boolean => row.required ?? false

/** A user that an administrator adds by hand. */
export const newUser = toFieldsSchema<NewUser>(byHand, isRequired)
/** What an administrator edits of a user by hand. */
export const userChange = toFieldsSchema<Partial<UserRecord>>(byHand, () => false)
const stateUser = toFieldsSchema<StateUser>(storedFields, isRequired)

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
/** A pattern for openapi.yaml, narrower than the check itself: of IPv6 addresses it allows only the loopback one. */
const publicUrlForm = `^https?://([a-z][a-z0-9]*([.-][a-z][a-z0-9]*)*|(${octet}\\.){3}${octet}|\\[::1\\])(:[1-9][0-9]{0,3})?(/[A-Za-z0-9._~-]+)*/?$`

/** The settings of an instance without its switches, for which a state document has a member of its own. */
export const plainSettings = z.strictObject({
  samlEnabled: z.boolean().check(z.describe('Without SAML there is no SCIM: turning it off turns SCIM off.')),
  scimEnabled: z.boolean().check(z.describe('Whether SCIM requests are let in; it cannot be on without SAML.')),
  rateLimit: z
    .nullable(z.strictObject({ requestsPerSecond: z.int().check(z.minimum(1), z.maximum(1_000_000)) }))
    .check(z.describe("How many requests are let in per second of the instance's clock; null lets all in.")),
  publicUrl: z
    .nullable(
      z.string().check(
        z.refine(isPublicUrl, 'a URL of printable ASCII that starts with http:// or https://'),
        z.overwrite(value => value.replace(/\/+$/, '')),
        z.meta({ pattern: publicUrlForm }),
      ),
    )
    .check(z.describe("The start of the URLs that are told, instead of the server's; null ends that.")),
} satisfies MembersOf<Omit<Settings, 'behaviours'>>)

/** The document itself. */
export const stateSchema = z.strictObject({
  settings: z.optional(z.partial(plainSettings)),
  behaviours: z.optional(someBehaviours),
  highestUserId: z.optional(z.int().check(z.minimum(0), z.maximum(999_999_999_999))),
  users: z.optional(z.array(stateUser)),
})

/** A state document as people write it. */
export type StateDocument = z.input<typeof stateSchema>

/**
 * Checks a state document: its form, that ids and addresses are unique, and that at most one user is the owner.
 * @throws InputError that names each bad value by its path; invalidInput for a duplicate
 */
export function parseState(value: unknown): StateDocument {
  const state = checkForm(value)
  const ids = new Map<number, number>()
  const addresses = new Map<string, number>()
  let owner: number | undefined
  let highest = 0
  for (const [index, user] of (state.users ?? []).entries()) {
    const address = foldCase(user.EMAIL_ADDRESS)
    refuseSecond('users', index, 'EMAIL_ADDRESS', addresses.get(address))
    addresses.set(address, index)
    // A user without an id gets the next one.
    const id = user.USER_ID ?? highest + 1
    refuseSecond('users', index, 'USER_ID', ids.get(id))
    ids.set(id, index)
    highest = Math.max(highest, id)
    if (!user.ACCOUNT_OWNER) continue
    refuseSecond('users', index, 'ACCOUNT_OWNER', owner)
    owner = index
  }
  return state
}

/**
 * Checks some users of a state document; the first one stands at `index` of the array `root`.
 * @throws InputError that names what is wrong with the first bad users
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

/** Checks users one by one and stops near the first bad one. zod alone would look for every problem of every user. */
function checkForm(value: unknown): StateDocument {
  const given = (value as { users?: unknown } | null | undefined)?.users
  if (!Array.isArray(given)) return validate(stateSchema, value) as StateDocument
  const users = given.map((user, index) => {
    tellProgress('checking users', index, given.length)
    const result = stateUser.safeParse(user)
    if (!result.success) validate(stateSchema, { ...(value as object), users: given.slice(0, index + 10) })
    return result.data
  })
  return { ...validate(stateSchema, { ...(value as object), users: [] }), users } as StateDocument
}

/** The record fields of a state document's user; dates become milliseconds. */
const fromStateUser = (user: StateUser): NewUser =>
  Object.fromEntries(
    Object.entries(user)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, dates.has(name) ? Date.parse(value as string) : value]),
  ) as NewUser

/** A record as a state document holds it, in the order of the table. */
const toStateUser = (record: UserRecord): StateUser =>
  Object.fromEntries(
    storedFields.map(({ name }) => [
      name,
      dates.has(name) ? new Date(record[name] as number).toISOString() : record[name],
    ]),
  ) as StateUser

const dates = new Set<string>(storedFields.filter(({ type }) => type === 'date').map(({ name }) => name))

/**
 * The initial state that a checked state document describes; what it leaves out is as in `base`.
 * @throws conflict for SCIM enabled with SAML off
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

/** The state document of an instance as it is when the first piece is read. A piece holds at most a hundred users. */
export function* exportState({ settings: { behaviours, ...settings }, records }: Instance): Iterable<string> {
  const head = JSON.stringify({ settings, behaviours, highestUserId: records.highestUserId })
  const snapshot = records.openSnapshot()
  try {
    yield `${head.slice(0, -1)},"users":[`
    let separator = ''
    for (let users = snapshot.next(); users.length > 0; users = snapshot.next()) {
      for (let at = 0; at < users.length; at += 100) {
        yield separator +
          users
            .slice(at, at + 100)
            .map(record => JSON.stringify(toStateUser(record)))
            .join(',')
        separator = ','
      }
    }
    yield ']}'
  } finally {
    snapshot.close()
  }
}
