// What openapi.yaml says about Insightly's own user records.

import { licenses } from '../scim/user.ts'
import { arrayOf, type Json, object } from './parts.ts'

const text: Json = { type: 'string' }
const whole: Json = { type: 'integer' }
const flag: Json = { type: 'boolean' }
const textOrNull: Json = { type: ['string', 'null'] }
const wholeOrNull: Json = { type: ['integer', 'null'] }
const date: Json = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$' }

/** The fields of a record in their order. */
export const recordFields: Json = {
  USER_ID: { type: 'integer', minimum: 1 },
  CONTACT_ID: whole,
  FIRST_NAME: textOrNull,
  LAST_NAME: textOrNull,
  TIMEZONE_ID: text,
  EMAIL_ADDRESS: { type: 'string', minLength: 1 },
  EMAIL_DROPBOX_IDENTIFIER: { type: 'string', pattern: '^[0-9A-Z]{6}$' },
  EMAIL_DROPBOX_ADDRESS: text,
  ADMINISTRATOR: flag,
  ACCOUNT_OWNER: flag,
  ACTIVE: flag,
  DATE_CREATED_UTC: date,
  DATE_UPDATED_UTC: date,
  USER_CURRENCY: text,
  CONTACT_DISPLAY: text,
  CONTACT_ORDER: text,
  TASK_WEEK_START: whole,
  INSTANCE_ID: whole,
  PROFILE_ID: wholeOrNull,
  ROLE_ID: wholeOrNull,
}

/** The schemas of a record as the REST API shows it, and as the control API does, with its licences. */
export const recordSchemas: Record<string, Json> = {
  Record: object(recordFields),
  LicensedRecord: object({ ...recordFields, LICENSES: arrayOf({ enum: licenses }, { uniqueItems: true }) }),
}
