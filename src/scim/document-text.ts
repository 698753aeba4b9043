// Writes a record as the JSON text that SCIM shows, with writers that are made once from the table. The text is stored
// beside the record, up to its last value: the user's URL, which depends on the client. Pure.

import { storedFields } from '../insightly/record.ts'
import { attribute, nameOf, parentOf, partsOf, rows } from './attribute.ts'
import { constants, readerOf } from './document.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

/** Writes a member with its name, or nothing when the user has none. */
type Writer = (record: ScimRecord) => string

function join(writers: readonly Writer[], record: ScimRecord): string {
  let text = ''
  for (const write of writers) {
    const member = write(record)
    if (member !== '') text += text === '' ? member : `,${member}`
  }
  return text
}

const toStart = (row: AttributeRow): string => `"${nameOf(row)}":`

/** How a value of each type is written. Only texts can hold what JSON escapes. */
const jsonOf: Record<Exclude<AttributeRow['type'], 'complex'>, (value: unknown) => string> = {
  string: JSON.stringify,
  reference: JSON.stringify,
  boolean: String,
  dateTime: value => `"${value}"`,
}

function toWriter(row: AttributeRow): Writer {
  const start = toStart(row)
  if (row.type === 'complex') {
    const writers = partsOf(row).map(toWriter)
    const [open, close] = row.multiValued ? ['[{', '}]'] : ['{', '}']
    return record => {
      const members = join(writers, record)
      return members === '' ? '' : start + open + members + close
    }
  }
  if (row.path in constants) {
    const member = start + JSON.stringify(constants[row.path])
    return () => member
  }
  const read = readerOf(row)
  const toJson = jsonOf[row.type]
  return record => {
    const value = read(record, '')
    return value === null ? '' : start + toJson(value)
  }
}

const location = attribute('meta.location')
const meta = attribute(parentOf(location)!)
const metaWriters = partsOf(meta)
  .filter(row => row !== location)
  .map(toWriter)
const writers = rows.filter(row => parentOf(row) === undefined && row !== meta).map(toWriter)
const [metaStart, locationStart] = [`,${toStart(meta)}{`, `,${toStart(location)}"`]

/**
 * The JSON text of a record's document up to the value of `meta.location`, which comes last and depends on the client.
 * `toDocument` completes it.
 */
export const toText = (record: ScimRecord): string =>
  `{${join(writers, record)}${metaStart}${join(metaWriters, record)}${locationStart}`

/** The end of every document, after the user's id. */
export const documentEnd = '"}}'

/** The text of an example. A database in which another example is stored was written by another version. */
export const textForm = toText(
  Object.fromEntries(
    storedFields.map(({ name, type }) => [name, type === 'text' ? name : type === 'flag' ? true : 0]),
  ) as unknown as ScimRecord,
)

/** The part of a document between its stored text and the user's id. */
export const toLocationStart = (usersUrl: string): string => `${JSON.stringify(usersUrl).slice(1, -1)}/`

/**
 * A document as a client sees it.
 * @param text the result of `toText` for its record
 * @param usersUrl where users are, without a slash at the end
 */
export const toDocument = (text: string, userId: number, usersUrl: string): string =>
  text + toLocationStart(usersUrl) + userId + documentEnd

/** The value of a member in a document that `toDocument` made; no value contains a member's name between plain quotation marks. */
function readString(document: string, member: 'id' | 'userName'): string {
  const start = document.indexOf(`"${member}":"`) + member.length + 4
  const text = document.slice(start, document.indexOf('"', start))
  // A quotation mark behind a backslash is no end. Most values have none, and are read without a regular expression.
  return text.includes('\\') ? JSON.parse(/"(?:[^"\\]|\\.)*"/.exec(document.slice(start - 1))![0]) : text
}

/** The id of the user in a document. The rest is not parsed. */
export const readId = (document: string): string => readString(document, 'id')

/** The userName of the user in a document. The rest is not parsed. */
export const readUserName = (document: string): string => readString(document, 'userName')
