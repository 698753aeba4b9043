// How the answers of an endpoint are read: by status, scimType and the members of the body, whatever that is.

import { userUrn } from '../../scim/user.ts'
import { toObject } from '../../shadow/documents.ts'

/** A request and its answer, as far as they may be told. */
export interface Exchange {
  method: string
  /** Below the SCIM URL, with the query. */
  path: string
  sent: unknown
  status: number
  /** Empty when the answer names none. */
  scimType: string
  contentType: string
  location: string | undefined
  /** Parsed; undefined when it was empty or no JSON. */
  body: unknown
  isEmpty: boolean
}

/** Something cannot be found out at this endpoint; the message says why. */
export class Undeterminable extends Error {}

/** Whether an answer says that it was done. */
export const isDone = ({ status }: Exchange): boolean => status >= 200 && status < 300

/** Whether an answer refuses what was asked, rather than the caller, the address or the moment. */
export const isRefused = ({ status }: Exchange): boolean =>
  status === 400 || status === 403 || status === 422 || status === 501

/** An answer in a few letters. */
export const tell = ({ status, scimType }: Exchange): string => (scimType ? `${status} ${scimType}` : String(status))

/** Whether an answer is exactly so. */
export const is = (exchange: Exchange, status: number, scimType: string): boolean =>
  exchange.status === status && exchange.scimType === scimType

/** Whether an answer is JSON that says something. */
export const isDocument = ({ status, body }: Exchange): boolean =>
  status === 200 && (Array.isArray(body) || Object.keys(toObject(body)).length > 0)

/** The id in a document. */
export function toId(document: unknown): string | undefined {
  const { id } = toObject(document)
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : undefined
}

/** The users that a list answer shows; undefined when it is no list. */
export function toUsers({ status, body }: Exchange): unknown[] | undefined {
  const { Resources, totalResults } = toObject(body)
  if (status !== 200 || typeof totalResults !== 'number') return undefined
  return Array.isArray(Resources) ? Resources : totalResults === 0 ? [] : undefined
}

/** The names of a user's attributes that /Schemas told, if it was asked. */
export function schemaAttributes(exchanges: readonly Exchange[]): string[] {
  const { body } = exchanges.find(({ path }) => path === '/Schemas') ?? {}
  const schemas = Array.isArray(body) ? body : toObject(body).Resources
  const ofUser = Array.isArray(schemas) ? schemas.find(schema => toObject(schema).id === userUrn) : undefined
  const { attributes } = toObject(ofUser)
  return (Array.isArray(attributes) ? attributes : [])
    .map(attribute => toObject(attribute).name)
    .filter(name => typeof name === 'string')
}
