// Insightly's REST v3.1 view in openapi.yaml: reading only. Its records derive from the table of fields.

import type { ErrorCode } from '../errors.ts'
import { defaultTop, maxTop, searchParameters } from '../http/rest.ts'
import { type FieldRow, recordFields } from '../insightly/record.ts'
import { insightlyFields } from '../insightly/rest-form.ts'
import {
  anyCase,
  anywhere,
  arrayOf,
  content,
  type ErrorForm,
  type Json,
  object,
  type Paths,
  pathParameter,
  queryParameter,
  schemaRef,
  toErrors,
} from './parts.ts'

const json = 'application/json'

/** The errors of the REST surface. */
export const restErrors: ErrorForm = { prefix: 'Rest', mediaTypes: [json], toSchema: () => schemaRef('Message') }

const whole: Json = { type: 'integer', minimum: 0 }
const shown: Json = { required: true, schema: { type: 'integer' } }
const limits: Json = { 'X-RateLimit-Limit': shown, 'X-RateLimit-Remaining': shown }
const total: Json = { 'X-Total-Count': { description: 'Only with `count_total=true`.', schema: whole } }

const paging = [
  queryParameter('skip', 'How many users to skip.', { ...whole, default: 0 }),
  queryParameter('top', `How many users to show; more than ${maxTop} counts as ${maxTop}.`, {
    ...whole,
    default: defaultTop,
  }),
  queryParameter('count_total', 'With `true` in any letter case, X-Total-Count tells the total.', { type: 'string' }),
]

const text: Json = { type: 'string' }
const search = [
  queryParameter('field_name', 'A field of the record, in any letter case; only together with field_value.', {
    type: 'string',
    pattern: `^(${insightlyFields.map(anyCase).join('|')})$`,
  }),
  queryParameter('field_value', 'The value of that field, compared without regard to letter case.', text),
  ...Object.entries(searchParameters).map(([name, field]) => queryParameter(name, `The value of ${field}.`, text)),
  queryParameter('updated_after_utc', 'Only users changed after this second; UTC unless it names a zone.', {
    type: 'string',
    format: 'date-time',
  }),
]

const operation = (
  operationId: string,
  summary: string,
  answer: Json,
  {
    headers,
    parameters,
    codes = [],
    links,
  }: { headers?: Json; parameters?: readonly Json[]; codes?: readonly ErrorCode[]; links?: Json },
): Json => ({
  get: {
    tags: ['REST'],
    operationId,
    summary,
    security: [{ apiKey: [] }],
    ...(parameters && { parameters }),
    responses: {
      200: {
        description: 'Success.',
        headers: { ...limits, ...headers },
        content: content(answer, json),
        ...(links && { links }),
      },
      ...toErrors(restErrors, 'unauthorized', 'tooManyRequests', ...codes, ...anywhere),
    },
  },
})

const records = arrayOf(schemaRef('Record'), { maxItems: maxTop })

/** The paths of the REST surface. */
export const restPaths: Paths = {
  '/v3.1/Users': operation('listInsightlyUsers', 'Users in ascending USER_ID', records, {
    headers: total,
    parameters: paging,
    codes: ['invalidSyntax'],
    links: {
      getInsightlyUser: { operationId: 'getInsightlyUser', parameters: { USER_ID: '$response.body#/0/USER_ID' } },
    },
  }),
  '/v3.1/Users/Me': operation('getInsightlyMe', 'The user for whom the API key acts', schemaRef('Record'), {}),
  '/v3.1/Users/Search': operation('searchInsightlyUsers', 'Users that meet every condition', records, {
    headers: total,
    parameters: [...search, ...paging],
    codes: ['invalidSyntax'],
  }),
  '/v3.1/Users/{USER_ID}': operation('getInsightlyUser', 'One user', schemaRef('Record'), {
    parameters: [pathParameter('USER_ID', 'The user.', '1')],
    codes: ['notFound'],
  }),
  '/v3.1/Instance': operation('getInsightlyInstance', 'The account', schemaRef('InsightlyInstance'), {}),
}

/** The schemas of the REST surface besides its records. */
export const restSchemas: Record<string, Json> = {
  Message: object({ Message: { type: 'string', minLength: 1 } }),
  InsightlyInstance: object({
    INSTANCE_NAME: text,
    INSTANCE_SUBDOMAIN: text,
    PLAN_NAME: text,
    NEW_USER_EXPERIENCE_ENABLED: { type: 'boolean' },
  }),
}

const types: Record<FieldRow['type'], Json> = {
  text: { type: 'string' },
  whole: { type: 'integer' },
  flag: { type: 'boolean' },
  date: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$' },
  licenses: arrayOf(schemaRef('License'), { uniqueItems: true }),
}

function toSchema(row: FieldRow): Json {
  const schema = types[row.type]
  return {
    ...schema,
    ...('nullable' in row && { type: [schema.type, 'null'] }),
    ...(row.min !== undefined && { minimum: row.min }),
    ...(row.minLength !== undefined && { minLength: row.minLength }),
    ...(row.form && { pattern: row.form[0].source }),
  }
}

const toProperties = (names: readonly string[]): Json =>
  Object.fromEntries(recordFields.filter(({ name }) => names.includes(name)).map(row => [row.name, toSchema(row)]))

/** The schemas of a record as the REST API shows it, and as the control API does, with its licences. */
export const recordSchemas: Record<string, Json> = {
  Record: object(toProperties(insightlyFields)),
  LicensedRecord: object(toProperties([...insightlyFields, 'LICENSES'])),
}
