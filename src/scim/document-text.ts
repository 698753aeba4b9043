// A record's document as JSON text, joined from pieces that the table gives once: the only form in which users are
// shown. It is stored beside the record up to its last value, the user's URL, which depends on the client. Pure.

import { parentOf, rows } from './attribute.ts'
import { readerOf } from './document.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

/** Writes a member with its name, or nothing when the user has none. */
type Writer = (record: ScimRecord) => string

// Raw, it stands in no JSON text otherwise.
const placeOfUrl = '\n'

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

function toWriter(row: AttributeRow): Writer {
  const name = `"${row.path.slice(row.path.indexOf('.') + 1)}":`
  if (row.type === 'complex') {
    const writers = rows.filter(each => parentOf(each) === row.path).map(toWriter)
    const [open, close] = row.multiValued ? ['[{', '}]'] : ['{', '}']
    return record => {
      const members = join(writers, record)
      return members === '' ? '' : name + open + members + close
    }
  }
  const read = readerOf(row)
  // A reader that takes no record always reads the same.
  if (read.length === 0) {
    const constant = name + JSON.stringify((read as () => unknown)())
    return () => constant
  }
  // The only one that changes is the user's own URL.
  if (row.type === 'reference') return record => `${name}"${read(record, placeOfUrl)}"`
  return record => {
    const value = read(record, '')
    return value === null ? '' : name + toJson(value)
  }
}

const writers = rows.filter(row => parentOf(row) === undefined).map(toWriter)

/** The whole text, with a line feed in the place of the users' URL. */
const toWhole = (record: ScimRecord): string => `{${join(writers, record)}}`

/**
 * The JSON text of a record's document up to the users' URL in `meta.location`, which is its last attribute: what
 * follows differs from client to client, see `toDocument`.
 */
export function toText(record: ScimRecord): string {
  const whole = toWhole(record)
  return whole.slice(0, whole.lastIndexOf(placeOfUrl))
}

const sample: ScimRecord = {
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
}

/** The form of the texts: when it differs from that of stored ones, another version wrote them. */
export const textForm = toText(sample)

/** What ends every document, behind the user's id. */
export const documentEnd = toWhole(sample).slice(`${textForm}${placeOfUrl}/${sample.USER_ID}`.length)

/** What stands in a document between its stored text and the user's id. */
export function toLocationStart(usersUrl: string): string {
  return escaped.test(usersUrl) ? `${JSON.stringify(usersUrl).slice(1, -1)}/` : `${usersUrl}/`
}

/**
 * A document as a client sees it.
 * @param text what `toText` made of its record
 * @param usersUrl where users are, without a slash at the end
 */
export const toDocument = (text: string, userId: number, usersUrl: string): string =>
  text + toLocationStart(usersUrl) + userId + documentEnd

/** The userName that a document shows. */
export const readUserName = (document: string): string => JSON.parse(document).userName
