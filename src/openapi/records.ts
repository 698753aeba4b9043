// What openapi.yaml says about Insightly's own user records, from the table of fields.

import { type FieldRow, recordFields } from '../insightly/record.ts'
import { insightlyFields } from '../insightly/rest-form.ts'
import { arrayOf, type Json, object, schemaRef } from './parts.ts'

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
