// What a SCIM request asks for: its body's type, its parameters, its operation and the user it names. Each is read once,
// and what the journal or a fault rule needs is kept on the exchange.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, quote } from '../errors.ts'
import {
  type Asked,
  type Operation,
  readAsked,
  readAskedByFilter,
  toChangeOperation,
  toListOperation,
} from '../scim/operation.ts'
import { type Projection, toProjection } from '../scim/projection.ts'
import { defaultCount } from '../scim/schema.ts'
import type { ScimRecord } from '../scim/user.ts'
import { hasBody } from './json-body.ts'
import { pathOf, queryValue, toToldOrigin } from './request.ts'

/** Whether a Content-Type is JSON and names no charset but UTF-8. */
const isJsonType = (type: string): boolean =>
  type === 'application/scim+json' ||
  type === 'application/json' ||
  (/^application\/(?:scim\+)?json\s*(?:;|$)/i.test(type) &&
    [...type.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi)].every(([, name]) => /^utf-?8$/i.test(name!)))

/** Refuses a body that is not JSON in UTF-8, or has no type, before it is read (D-04). */
export function requireJson(
  { raw }: FastifyRequest,
  _reply: FastifyReply,
  _payload: unknown,
  done: (error?: Error) => void,
): void {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = raw.headers
  const isJson = type === undefined ? !hasBody(raw) : isJsonType(type)
  if (isJson && encoding.toLowerCase() === 'identity') done()
  else
    done(
      new ApiError(
        'unsupportedMediaType',
        'The body must be application/scim+json or application/json in UTF-8, uncompressed; say so in Content-Type.',
        'D-04',
      ),
    )
}

/** The body, which must be a JSON object. @throws invalidSyntax (D-08) */
export function requireObject({ body }: FastifyRequest): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  const problem = body === undefined ? 'The body is empty' : 'The body is not a JSON object'
  throw new ApiError('invalidSyntax', `${problem}; expected a user or a PatchOp.`, 'D-08')
}

/** Reads an integer parameter. It may have any number of digits (U-02). @throws invalidValue */
export function readInteger(query: unknown, name: string, fallback: number): number {
  const text = queryValue(query, name)
  if (text === undefined) return fallback
  if (/^-?\d+$/.test(text)) return Math.min(Number.MAX_SAFE_INTEGER, Number(text))
  throw new ApiError('invalidValue', `${name} is ${quote(text)}; expected an integer.`, 'U-02')
}

/** Which part of users to show (U-05). It is read once for a request, since it can add a note. */
export function readProjection({ query, exchange }: FastifyRequest): Projection | undefined {
  const projection = toProjection(queryValue(query, 'attributes'), queryValue(query, 'excludedAttributes'))
  if (projection) exchange.notes.push(...projection.notes)
  return projection
}

/** The SCIM base URL under which the client finds the instance. */
export const toScimUrl = ({ instance, raw, server }: FastifyRequest): string =>
  `${toToldOrigin(instance, raw, server.context.config)}/scim/v2`

/** Where the client finds the users of the instance. */
export const toUsersUrl = (request: FastifyRequest): string => `${toScimUrl(request)}/Users`

const idOf = ({ params }: FastifyRequest): string | undefined => (params as { id?: string }).id

const isUsers = ({ url }: FastifyRequest): boolean => url.startsWith('/scim/v2/Users')

const isList = (request: FastifyRequest): boolean =>
  isUsers(request) && idOf(request) === undefined && request.method !== 'POST'

/** The user that the path of a request names, if there is one. */
export function findNamed(request: FastifyRequest): ScimRecord | undefined {
  if (!isUsers(request)) return undefined
  // When the method was refused, no route has read the path.
  const id = idOf(request) ?? /\/Users\/(\d+)$/.exec(pathOf(request))?.[1]
  return request.instance.users.find(id ?? '')
}

/** The filter of a GET /Users. */
export const filterOf = (request: FastifyRequest): string | undefined =>
  isList(request) ? queryValue(request.query, 'filter') : undefined

/** What a request asks for: read once, and kept for the journal. */
export function askedOf(request: FastifyRequest): Asked {
  const { exchange } = request
  const filter = filterOf(request)
  exchange.asked ??= filter === undefined ? readAsked(request.body) : readAskedByFilter(filter)
  return exchange.asked
}

/** The operation of a request, given the user before it. */
export function toOperation(request: FastifyRequest, before?: ScimRecord): Operation {
  const { method, query } = request
  if (!isUsers(request)) return 'discover'
  if (isList(request)) {
    const [startIndex, count] = [queryValue(query, 'startIndex') ?? 1, queryValue(query, 'count') ?? defaultCount]
    return toListOperation(filterOf(request) !== undefined, askedOf(request), Number(startIndex), Number(count))
  }
  if (method === 'POST') return 'create'
  if (method === 'DELETE') return 'delete'
  return method === 'PUT' || method === 'PATCH' ? toChangeOperation(askedOf(request), before) : 'read'
}

/** What fault rules are compared with. The user is only looked up when a rule needs it. */
export function toTarget(request: FastifyRequest) {
  const asked = askedOf(request)
  const find = once(() => findNamed(request))
  return {
    method: request.method,
    path: pathOf(request),
    isPage: isList(request) && filterOf(request) === undefined,
    get operation() {
      return toOperation(request, find())
    },
    get userNames() {
      return [find()?.EMAIL_ADDRESS, asked.userName].filter(name => name !== undefined)
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
