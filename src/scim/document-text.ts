// Writes a record as the JSON text that SCIM shows, with writers that are made once from the table. The text is stored
// beside the record, up to its last value: the user's URL, which depends on the client. Pure.

import { attribute, parentOf, partsOf, rows } from './attribute.ts'
import { readerOf } from './document.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

/** Writes a member with its name, or nothing when the user has none. */
type Writer = (record: ScimRecord) => string

const escaped = /["\\\x00-\x1f\ud800-\udfff]/
const toJson = (value: unknown): string =>
  typeof value === 'string' && !escaped.test(value) ? `"${value}"` : JSON.stringify(value)

function join(writers: readonly Writer[], record: ScimRecord): string {
  let text = ''
  for (const write of writers) {
    const member = write(record)
    if (member !== '') text += text === '' ? member : `,${member}`
  }
  return text
}

const nameOf = (row: AttributeRow): string => `"${row.path.slice(row.path.indexOf('.') + 1)}":`

function toWriter(row: AttributeRow): Writer {
  const name = nameOf(row)
  if (row.type === 'complex') {
    const writers = partsOf(row).map(toWriter)
    const [open, close] = row.multiValued ? ['[{', '}]'] : ['{', '}']
    return record => {
      const members = join(writers, record)
      return members === '' ? '' : name + open + members + close
    }
  }
  const read = readerOf(row)
  // A reader without a parameter always gives the same value.
  if (read.length === 0) {
    const constant = name + JSON.stringify((read as () => unknown)())
    return () => constant
  }
  return record => {
    const value = read(record, '')
    return value === null ? '' : name + toJson(value)
  }
}

const location = attribute('meta.location')
const meta = attribute(parentOf(location)!)
const metaWriters = partsOf(meta)
  .filter(row => row !== location)
  .map(toWriter)
const writers = rows.filter(row => parentOf(row) === undefined && row !== meta).map(toWriter)
const [metaStart, locationStart] = [`,${nameOf(meta)}{`, `,${nameOf(location)}"`]

/**
 * The JSON text of a record's document up to the value of `meta.location`, which comes last and depends on the client.
 * `toDocument` completes it.
 */
export const toText = (record: ScimRecord): string =>
  `{${join(writers, record)}${metaStart}${join(metaWriters, record)}${locationStart}`

/** The end of every document, after the user's id. */
export const documentEnd = '"}}'

/** The text of an example. A database in which another example is stored was written by another version. */
export const textForm = toText({
  USER_ID: 1,
  EMAIL_ADDRESS: 'e',
  FIRST_NAME: 'f',
  LAST_NAME: 'l',
  DISPLAY_NAME: 'd',
  EXTERNAL_ID: 'x',
  ACTIVE: true,
  ACCOUNT_OWNER: false,
  DATE_CREATED_UTC: 0,
  DATE_UPDATED_UTC: 0,
})

/** The part of a document between its stored text and the user's id. */
export function toLocationStart(usersUrl: string): string {
  return escaped.test(usersUrl) ? `${JSON.stringify(usersUrl).slice(1, -1)}/` : `${usersUrl}/`
}

/**
 * A document as a client sees it.
 * @param text the result of `toText` for its record
 * @param usersUrl where users are, without a slash at the end
 */
export const toDocument = (text: string, userId: number, usersUrl: string): string =>
  text + toLocationStart(usersUrl) + userId + documentEnd

/** The id and the userName of the user in a document. */
export const readIdentity = (document: string): { id: string; userName: string } => JSON.parse(document)
