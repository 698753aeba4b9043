// THE SECOND TABLE: every field of an Insightly user record, in the order of Insightly's REST API. Columns, new
// records, state documents, what an administrator edits, the REST form and openapi.yaml derive from it. Pure: it knows
// neither SCIM nor SQLite.

/** The products an Insightly administrator can license a user for. */
export const licenses = ['CRM', 'Marketing', 'Service', 'AppConnect'] as const
export type License = (typeof licenses)[number]

/** The types of fields, with what a record holds for each. */
interface Values {
  text: string
  whole: number
  flag: boolean
  /** In milliseconds since 1970. */
  date: number
  licenses: readonly License[]
}

/** One field of a record. */
interface RowOf<Type extends keyof Values> {
  name: Uppercase<string>
  type: Type
  /** Insightly's REST API shows it, in the order of the rows. */
  inRest?: true
  /** An administrator may edit it by hand. */
  byHand?: true
  /** It must be given for a new user, by hand or in a state document. For a nullable field, null is enough. */
  required?: true
  nullable?: true
  /** The limits of a number in a state document. */
  min?: number
  max?: number
  minLength?: number
  /** The form of a text in a state document, and how an error names it. */
  form?: readonly [RegExp, inWords: string]
}

/** Where a field's value comes from when none is given: null, a constant, or a maker. */
type Source<Type extends keyof Values> =
  | { nullable: true }
  | { default: Values[Type] }
  | { made: true }
  | { required: true }
  /** The value belongs to the instance, so it is not part of the record. */
  | { ofInstance: true }

/** One field of a record, of any type. */
export type FieldRow = { [Type in keyof Values]: RowOf<Type> & Source<Type> }[keyof Values]

/** The fields of a user record. Those that REST shows are in its order. */
export const recordFields = [
  { name: 'USER_ID', type: 'whole', made: true, inRest: true, min: 1, max: 999_999_999_999 },
  { name: 'CONTACT_ID', type: 'whole', made: true, inRest: true, min: 0 },
  { name: 'FIRST_NAME', type: 'text', nullable: true, inRest: true, byHand: true, required: true },
  { name: 'LAST_NAME', type: 'text', nullable: true, inRest: true, byHand: true, required: true },
  { name: 'TIMEZONE_ID', type: 'text', default: 'Central Standard Time', inRest: true },
  { name: 'EMAIL_ADDRESS', type: 'text', inRest: true, byHand: true, required: true, minLength: 1 },
  {
    name: 'EMAIL_DROPBOX_IDENTIFIER',
    type: 'text',
    made: true,
    inRest: true,
    form: [/^[0-9A-Z]{6}$/, 'six of 0-9 and A-Z'],
  },
  { name: 'EMAIL_DROPBOX_ADDRESS', type: 'text', made: true, inRest: true },
  { name: 'ADMINISTRATOR', type: 'flag', default: false, inRest: true, byHand: true },
  { name: 'ACCOUNT_OWNER', type: 'flag', default: false, inRest: true },
  { name: 'ACTIVE', type: 'flag', default: true, inRest: true, byHand: true },
  { name: 'DATE_CREATED_UTC', type: 'date', made: true, inRest: true },
  { name: 'DATE_UPDATED_UTC', type: 'date', made: true, inRest: true },
  { name: 'USER_CURRENCY', type: 'text', default: 'USD', inRest: true },
  { name: 'CONTACT_DISPLAY', type: 'text', default: 'FirstLast', inRest: true },
  { name: 'CONTACT_ORDER', type: 'text', default: 'FirstLast', inRest: true },
  { name: 'TASK_WEEK_START', type: 'whole', default: 2, inRest: true },
  { name: 'INSTANCE_ID', type: 'whole', ofInstance: true, inRest: true },
  { name: 'PROFILE_ID', type: 'whole', nullable: true, inRest: true },
  { name: 'ROLE_ID', type: 'whole', nullable: true, inRest: true },
  { name: 'LICENSES', type: 'licenses', default: [], byHand: true },
  // What SCIM clients see as displayName; null while it follows the names (U-27). Insightly has no field for it.
  { name: 'DISPLAY_NAME', type: 'text', nullable: true },
  { name: 'EXTERNAL_ID', type: 'text', nullable: true },
] as const satisfies readonly FieldRow[]

type Row = (typeof recordFields)[number]
type StoredRow = Exclude<Row, { ofInstance: true }>
type NullOf<R> = R extends { nullable: true } ? null : never

/** One Insightly user as stored: dates are milliseconds since 1970, null means unset. */
export type UserRecord = { -readonly [R in StoredRow as R['name']]: Values[R['type']] | NullOf<R> }

/** The names of rows of a certain kind. */
export type FieldsThatAre<Kind> = Extract<StoredRow, Kind>['name']

/** The fields that are stored for a user and stand in state documents. */
export const storedFields: readonly (FieldRow & { name: keyof UserRecord })[] = recordFields.filter(
  (row): row is StoredRow => !('ofInstance' in row),
)

/** The fields of a new user. Insightly chooses what is left out. */
export type NewUser = Partial<UserRecord> &
  Pick<UserRecord, Exclude<FieldsThatAre<{ required: true }>, FieldsThatAre<{ nullable: true }>>>

type Maker<Field extends keyof UserRecord> = (record: UserRecord, userId: number, now: number) => UserRecord[Field]

/** How Insightly makes the fields that a new user lacks. A maker can use the fields above its own in the table. */
const makers: { [Field in FieldsThatAre<{ made: true }>]: Maker<Field> } = {
  USER_ID: (_, userId) => userId,
  CONTACT_ID: ({ USER_ID }) => 100_000_000 + USER_ID,
  EMAIL_DROPBOX_IDENTIFIER: makeIdentifier,
  EMAIL_DROPBOX_ADDRESS: ({ FIRST_NAME, EMAIL_DROPBOX_IDENTIFIER }) =>
    `${(FIRST_NAME ?? 'user').toLowerCase()}-${EMAIL_DROPBOX_IDENTIFIER}@mailbox.insight.ly`,
  DATE_CREATED_UTC: (_record, _userId, now) => now,
  DATE_UPDATED_UTC: ({ DATE_CREATED_UTC }) => DATE_CREATED_UTC,
}

/** Six characters of [0-9A-Z]. They keep dropbox addresses apart and are not secret. */
function makeIdentifier(): string {
  return Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .toUpperCase()
    .padStart(6, '0')
}

/** An empty record. All records are copies of it, so that they have one shape in V8. */
const blank = Object.fromEntries(
  storedFields.map(row => [row.name, 'default' in row ? row.default : null]),
) as unknown as UserRecord

const made = storedFields.map(({ name }) => name).filter(name => name in makers) as (keyof typeof makers)[]

/** The whole record of a new user; `userId` and `now` are used when the user has none. */
export function makeRecord(user: NewUser, userId: number, now: number): UserRecord {
  const record = { ...blank, ...user }
  const fields: Record<string, unknown> = record
  for (const field of made) if (user[field] === undefined) fields[field] = makers[field](record, userId, now)
  return record
}

/** Reads an id as SCIM and REST clients send it; undefined when it cannot be a USER_ID. */
export const toUserId = (id: string): number | undefined => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined)
