// A record's document as JSON text, joined from pieces that the table gives once: the only form in which users are
// shown. It is stored beside the record; only the users' URL goes in when it is sent. Pure.

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

/** The JSON text of a record's document, the same for every client but for one place: see `withUrl`. */
export const toText = (record: ScimRecord): string => `{${join(writers, record)}}`

/** The form of those texts: when it differs from that of stored ones, another version wrote them. */
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

/**
 * Texts of documents, one or several, with the users' URL in its place.
 * @param usersUrl where users are, without a slash at the end
 */
export function withUrl(text: string, usersUrl: string): string {
  const url = escaped.test(usersUrl) ? JSON.stringify(usersUrl).slice(1, -1) : usersUrl
  let whole = ''
  let from = 0
  for (let at = text.indexOf(placeOfUrl); at >= 0; at = text.indexOf(placeOfUrl, from)) {
    whole += text.slice(from, at) + url
    from = at + 1
  }
  return whole + text.slice(from)
}
