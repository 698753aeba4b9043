// A record's document as JSON text, joined from pieces that the table gives once: the only form in which users are
// shown. It is stored beside the record up to its last value, the user's URL, which depends on the client. Pure.

import { storedFields } from '../insightly/record.ts'
import { attribute, parentOf, rows } from './attribute.ts'
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

const nameOf = (row: AttributeRow): string => `"${row.path.slice(row.path.indexOf('.') + 1)}":`

function toWriter(row: AttributeRow): Writer {
  const name = nameOf(row)
  if (row.type === 'complex') {
    const writers = rows.filter(each => parentOf(each) === row.path).map(toWriter)
    const [open, close] = row.multiValued ? ['[{', '}]'] : ['{', '}']
    return record => {
      const members = join(writers, record)
      return members === '' ? '' : name + open + members + close
    }
  }
  if (row.path in constants) {
    const member = name + JSON.stringify(constants[row.path])
    return () => member
  }
  const read = readerOf(row)
  return record => {
    const value = read(record, '')
    return value === null ? '' : name + JSON.stringify(value)
  }
}

const location = attribute('meta.location')
const meta = attribute(parentOf(location)!)
const metaWriters = rows.filter(row => parentOf(row) === meta.path && row !== location).map(toWriter)
const writers = rows.filter(row => parentOf(row) === undefined && row !== meta).map(toWriter)
const [metaStart, locationStart] = [`,${nameOf(meta)}{`, `,${nameOf(location)}"`]

/**
 * The JSON text of a record's document up to the value of `meta.location`, which comes last and differs from client to
 * client: see `toDocument`.
 */
export const toText = (record: ScimRecord): string =>
  `{${join(writers, record)}${metaStart}${join(metaWriters, record)}${locationStart}`

/** What ends every document, behind the user's id: the location, meta, and the document itself. */
export const documentEnd = '"}}'

/** The form of the texts. When that of stored texts is another, another version wrote them. */
export const textForm = toText(
  Object.fromEntries(
    storedFields.map(({ name, type }) => [name, type === 'text' ? name : type === 'flag' ? true : 0]),
  ) as unknown as ScimRecord,
)

/** What stands in a document between its stored text and the user's id. */
export const toLocationStart = (usersUrl: string): string => `${JSON.stringify(usersUrl).slice(1, -1)}/`

/**
 * A document as a client sees it.
 * @param text what `toText` made of its record
 * @param usersUrl where users are, without a slash at the end
 */
export const toDocument = (text: string, userId: number, usersUrl: string): string =>
  text + toLocationStart(usersUrl) + userId + documentEnd

/** The id and userName of the user that a document shows. */
export const readIdentity = (document: string): { id: string; userName: string } => JSON.parse(document)
