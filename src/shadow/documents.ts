// What the answers of another SCIM endpoint say about users, and which fields of a record that is.

import type { UserRecord } from '../insightly/record.ts'
import { writableRows } from '../scim/attribute.ts'
import { findTextProblem } from '../scim/text.ts'
import type { AttributeRow, WritableFields } from '../scim/user.ts'

export type Json = Record<string, unknown>

/** The body of an answer. */
export type Answer = { kind: 'empty' } | { kind: 'text' } | { kind: 'json'; value: unknown }

/** The body of an answer from its text. */
export function toAnswer(text: string): Answer {
  if (text === '') return { kind: 'empty' }
  try {
    return { kind: 'json', value: JSON.parse(text) }
  } catch {
    return { kind: 'text' }
  }
}

/** A text as JSON; undefined when it is not JSON. */
export function findJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The members of a JSON object; none of anything else. */
export const toObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

/** The members of the JSON object that an answer is; none of any other answer. */
export const membersOf = (answer: Answer): Json => (answer.kind === 'json' ? toObject(answer.value) : {})

/** The value of an attribute in a document; null when it is not there. */
export function toShownValue({ path }: AttributeRow, document: Json): unknown {
  const [name = '', part] = path.split('.')
  return (part === undefined ? document[name] : toObject(document[name])[part]) ?? null
}

/** A user as an answer shows it, with the id it has there. */
export interface ShownUser {
  id: string
  document: Json
}

/** The user that a document describes, if it describes one. */
export function fromDocument(value: unknown): ShownUser | undefined {
  const document = toObject(value)
  const isUser = !('Resources' in document) && !('detail' in document)
  return isUser && typeof document.id === 'string' ? { id: document.id, document } : undefined
}

/** The one user that an answer shows, if it shows one. */
export const toShownUser = (answer: Answer): ShownUser | undefined =>
  answer.kind === 'json' ? fromDocument(answer.value) : undefined

/** The attributes of a document that a record holds as text. */
const storedTexts = writableRows.filter(({ type }) => type === 'string')

/** Whether a text can be stored. */
export const isStorable = (text: string): boolean => text !== '' && findTextProblem(text) === undefined

type Told = Omit<Pick<UserRecord, keyof WritableFields>, 'EMAIL_ADDRESS'>

/** What a document says about the fields of a record beside the userName; what it leaves out is null, and active true. */
export function toFields(document: Json): Told {
  const texts = storedTexts.map(row => {
    const value = toShownValue(row, document)
    return [row.field, typeof value === 'string' && isStorable(value) ? value : null]
  })
  const { EMAIL_ADDRESS, ...fields } = Object.fromEntries(texts)
  return { ...fields, ACTIVE: document.active !== false } as unknown as Told
}
