// The SCIM surface: from a bearer token to an instance, from a request to a verb of its user service, and from what
// that did to an answer. What SCIM means is in ../scim, what happens to users in ../users.ts.

import type { DocumentList } from '../account/documents.ts'
import type { StoredRecord } from '../account/user-sql.ts'
import type { Written } from '../account/users.ts'
import { ApiError, toScimError } from '../errors.ts'
import { type Projection, toProjection } from '../scim/document.ts'
import { toDocument } from '../scim/document-text.ts'
import { changeOperation, filteredUserName, listOperation, type Operation, readAsked } from '../scim/operation.ts'
import { parsePatch } from '../scim/patch.ts'
import {
  defaultCount,
  listEnd,
  maxResults,
  toList,
  toListStart,
  toServiceProviderConfig,
  toUserResourceType,
  toUserSchema,
} from '../scim/schema.ts'
import { type ScimRecord, userUrn } from '../scim/user.ts'
import { hasBody } from './body.ts'
import { answer, answerText, type Call, countRequest, findNamed } from './call.ts'
import { refuseMethod } from './methods.ts'
import { toOrigin } from './request.ts'
import { type Handler, Routes, type Surface } from './surface.ts'

/** The paths of SCIM. */
export const scimRoutes = new Routes({
  Users: { GET: listUsers, POST: createUser },
  'Users/:id': { GET: showUser, PUT: replaceUser, PATCH: patchUser, DELETE: deleteUser },
  Schemas: { GET: discover(call => toList([toSchema(call)])) },
  'Schemas/:id': { GET: discover(toNamedSchema) },
  ServiceProviderConfig: { GET: discover(call => toServiceProviderConfig(toScimUrl(call))) },
  ResourceTypes: { GET: discover(call => toList([toUserResourceType(toScimUrl(call))])) },
  'ResourceTypes/:id': { GET: discover(toNamedResourceType) },
  Groups: { GET: discover(() => toList([])) },
})

/** The SCIM surface. */
export const scimSurface: Surface = {
  toErrorBody: toScimError,

  /** SCIM, or plain JSON for a client that accepts only that (D-04). */
  toType: accept =>
    accept !== undefined && /^application\/json\s*(?:;[^,]*)?$/i.test(accept)
      ? 'application/json; charset=utf-8'
      : 'application/scim+json; charset=utf-8',

  /** The order of these lines is the order of checks that D-05 promises. */
  admit(call) {
    authenticate(call)
    countRequest(call)
    const handler = findHandler(call)
    checkMediaType(call)
    return handler
  },

  readsBody: method => method === 'POST' || method === 'PUT' || method === 'PATCH',

  /** What the fault rules look at, known before the request runs. */
  toFaultTarget(call) {
    const { exchange, path, body, collection, id } = call
    const before = findNamed(call)
    exchange.before = before
    const filter = call.query('filter')
    const asked = filter === undefined ? readAsked(body).userName : filteredUserName(filter)
    return {
      method: exchange.method,
      path,
      operation: toOperation(call, before),
      userNames: [before?.EMAIL_ADDRESS, asked].filter(name => name !== undefined),
      isPage: collection === 'Users' && id === undefined && exchange.method !== 'POST' && filter === undefined,
    }
  },
}

function listUsers(call: Call): void {
  const { exchange, instance, fault } = call
  const filter = call.query('filter')
  const shownIndex = Math.max(1, readInteger(call, 'startIndex', 1))
  const count = Math.min(maxResults, Math.max(0, readInteger(call, 'count', defaultCount)))
  // Before the first user there is none to repeat.
  const drift = fault ? (shownIndex === 1 ? Math.abs(fault.drift) : fault.drift) : 0
  const page = { startIndex: shownIndex + drift, count, usersUrl: toUsersUrl(call) }
  const project = readProjection(call)
  const list =
    filter === undefined && !project
      ? instance.documents.listText(page, shownIndex)
      : toListText(
          filter === undefined ? instance.documents.list(page) : instance.documents.search(filter, page),
          shownIndex,
          project,
        )
  exchange.operation = toOperation(call)
  answerText(call, 200, list)
}

function toListText({ total, documents }: DocumentList, shownIndex: number, project: Projection | undefined): string {
  const shown = project ? documents.map(document => toPart(project, document)) : documents
  return toListStart(total, shownIndex, shown.length) + shown.join(',') + listEnd
}

function showUser(call: Call): void {
  const { exchange, instance, id } = call
  const document = instance.documents.get(id!, toUsersUrl(call))
  exchange.shown = document
  exchange.operation = 'read'
  answerDocument(call, 200, document)
}

function createUser(call: Call): void {
  const { after } = written(call, call.instance.users.create(requireObject(call)))
  call.headers = { location: `${toUsersUrl(call)}/${after.USER_ID}` }
  answerUser(call, 201, after)
}

function replaceUser(call: Call): void {
  const document = requireObject(call)
  const { after } = written(call, call.instance.users.replace(call.id!, document))
  answerUser(call, 200, after)
}

function patchUser(call: Call): void {
  const { instance, id } = call
  const { behaviours } = instance.settings
  const operations = parsePatch(requireObject(call), behaviours)
  const { after } = written(call, instance.users.patch(id!, operations))
  if (behaviours.patchAnswer === 'no-content') answerText(call, 204)
  else answerUser(call, 200, after)
}

function deleteUser(call: Call): void {
  const { exchange, instance, id } = call
  if (instance.settings.behaviours.delete === 'remove') {
    exchange.before = instance.users.remove(id!)
    exchange.operation = 'delete'
  } else written(call, instance.users.deactivate(id!))
  answerText(call, 204)
}

/** Remembers for the journal what a write did. */
function written(call: Call, result: Written): Written {
  const { exchange } = call
  exchange.before = result.before
  exchange.after = result.after
  exchange.notes.push(...result.notes)
  exchange.operation = toOperation(call, result.before)
  return result
}

/** Answers with what does not depend on users. */
function discover(describe: (call: Call) => object): Handler {
  return call => {
    const document = describe(call)
    call.exchange.operation = 'discover'
    answer(call, 200, document)
  }
}

const toSchema = (call: Call): Record<string, unknown> =>
  toUserSchema(call.instance.settings.behaviours, toScimUrl(call))

function toNamedSchema(call: Call): object {
  if (call.id!.toLowerCase() === userUrn.toLowerCase()) return toSchema(call)
  throw new ApiError('notFound', `There is no such schema; the only one is ${userUrn}.`, 'D-01')
}

function toNamedResourceType(call: Call): object {
  if (call.id!.toLowerCase() === 'user') return toUserResourceType(toScimUrl(call))
  throw new ApiError('notFound', 'There is no such resource type; the only one is User.', 'D-02')
}

const answerUser = (call: Call, status: number, { DOCUMENT, USER_ID }: StoredRecord): void =>
  answerDocument(call, status, toDocument(DOCUMENT, USER_ID, toUsersUrl(call)))

/** Answers with a user's document, or the part of it that was asked for (U-05). */
function answerDocument(call: Call, status: number, document: string): void {
  const project = readProjection(call)
  answerText(call, status, project ? toPart(project, document) : document)
}

/** Finds the instance that the bearer token chooses, and lets nobody else in. */
function authenticate(call: Call): void {
  const authorization = call.header('authorization')
  if (authorization === undefined) refuseToken('Authorization is missing; send "Bearer" and the SCIM token.', false)
  const [, token] = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization) ?? []
  if (token === undefined) refuseToken('Authorization is not of the form "Bearer" and a SCIM token.', false)
  const instance = call.context.instances.findByToken(token) ?? call.context.makeInstanceFor(token)
  if (!instance) refuseToken('The SCIM token is not known, or a newer one has replaced it.', true)
  call.instance = instance
  const { scimEnabled, behaviours } = instance.settings
  if (scimEnabled) return
  if (behaviours.disabledScim === 'unauthorized') refuseToken('SCIM is disabled.', true)
  throw new ApiError('forbidden', 'SCIM is disabled; an administrator enables it under SAML and SCIM.', 'A-06')
}

function refuseToken(detail: string, wasSent: boolean): never {
  const challenge = wasSent ? 'Bearer error="invalid_token"' : 'Bearer'
  throw new ApiError('unauthorized', detail, 'A-02', { 'www-authenticate': challenge })
}

/** What RFC 7644 has and Insightly does not (D-03). */
const notBuilt = /^\/scim\/v2\/(?:Bulk|Me|\.search|Users\/\.search)(?:\?|$)/

/** Refuses what is not built, then what is not there, then a method that a path does not answer to (D-03, D-05). */
function findHandler(call: Call): Handler {
  const { method } = call.exchange
  if (notBuilt.test(call.url)) throw new ApiError('notImplemented', `Insightly's SCIM has no ${call.path}.`, 'D-03')
  const methods = scimRoutes.find(call)
  const handler = methods?.[method === 'HEAD' ? 'GET' : method]
  if (handler) return call.collection === 'Users' ? handler : unlessHidden(handler)
  refuseHidden(call)
  if (methods) refuseMethod(method, Object.keys(methods))
  throw new ApiError('notFound', 'There is nothing here; users are at /scim/v2/Users.', 'D-05')
}

// Hidden or not, fault rules are asked about it.
const unlessHidden =
  (handler: Handler): Handler =>
  call => {
    refuseHidden(call)
    handler(call)
  }

/** Refuses what a switch says is not there. */
function refuseHidden({ instance, collection, id }: Call): void {
  const { behaviours } = instance.settings
  if (collection === 'Groups' && (behaviours.groups === 'absent' || id !== undefined))
    throw new ApiError('notFound', "Insightly's SCIM has no groups.", 'D-03')
  if (behaviours.discovery === 'hidden' && (collection === 'ServiceProviderConfig' || collection === 'ResourceTypes'))
    throw new ApiError('notFound', 'There is nothing here (the switch discovery is hidden).', 'D-02')
}

/** Whether a Content-Type is JSON, in UTF-8 as far as it says. */
const isJsonType = (type: string): boolean =>
  type === 'application/scim+json' ||
  type === 'application/json' ||
  (/^application\/(?:scim\+)?json\s*(?:;|$)/i.test(type) &&
    [...type.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi)].every(([, name]) => /^utf-?8$/i.test(name!)))

/** Only JSON in UTF-8 is read; a body without a type is refused before it is looked at (D-04). */
function checkMediaType({ exchange: { method, headers }, request }: Call): void {
  if (!scimSurface.readsBody(method)) return
  const type = headers['content-type']
  const isJson = type === undefined ? !hasBody(request) : isJsonType(type)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (isJson && encoding.toLowerCase() === 'identity') return
  throw new ApiError(
    'unsupportedMediaType',
    'The body must be application/scim+json or application/json in UTF-8, uncompressed; say so in Content-Type.',
    'D-04',
  )
}

function requireObject({ body }: Call): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  const problem = body === undefined ? 'The body is empty' : 'The body is no JSON object'
  throw new ApiError('invalidSyntax', `${problem}; expected a user or a PatchOp.`, 'D-08')
}

/** Reads an integer parameter, however long (U-02). */
function readInteger(call: Call, name: string, fallback: number): number {
  const text = call.query(name)
  if (text === undefined) return fallback
  if (/^-?\d+$/.test(text)) return Math.min(Number.MAX_SAFE_INTEGER, Number(text))
  throw new ApiError('invalidValue', `${name} is ${JSON.stringify(text.slice(0, 100))}; expected an integer.`, 'U-02')
}

const readProjection = (call: Call): Projection | undefined =>
  toProjection(call.query('attributes'), call.query('excludedAttributes'))

const toPart = (project: Projection, document: string): string => JSON.stringify(project(JSON.parse(document)))

const toScimUrl = ({ instance, request, context: { config } }: Call): string =>
  `${instance.settings.publicUrl ?? config.publicUrl ?? toOrigin(request, config)}/scim/v2`

const toUsersUrl = (call: Call): string => `${toScimUrl(call)}/Users`

/** What a request asks for, given the user as it is. */
function toOperation(call: Call, before?: ScimRecord): Operation {
  const { collection, id, body } = call
  const { method } = call.exchange
  if (collection !== 'Users') return 'discover'
  if (id === undefined) {
    if (method === 'POST') return 'create'
    return listOperation(call.query('filter'), Number(call.query('count') ?? defaultCount))
  }
  if (method === 'DELETE') return 'delete'
  return method === 'PUT' || method === 'PATCH' ? changeOperation(body, before) : 'read'
}
