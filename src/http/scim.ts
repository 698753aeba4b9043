// The SCIM surface: from a bearer token to an instance, from a request to a verb of its user service, and from what
// that did to an answer. What SCIM means is in ../scim, what happens to users in ../account.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { DocumentList } from '../account/documents.ts'
import type { Written } from '../account/users.ts'
import { ApiError, toScimError } from '../errors.ts'
import type { StoredRecord } from '../insightly/record.ts'
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
import { collectMethods, refuseMethod } from './errors.ts'
import { countRequest, keepExchanges, type Surface } from './exchange.ts'
import { toShownStart } from './fault-effects.ts'
import { hasBody } from './json-body.ts'
import { queryValue, toOrigin } from './request.ts'

interface WithId {
  Params: { id: string }
}
type Request = FastifyRequest<WithId>

/** The SCIM surface. */
export const scimSurface = { prefix: '/scim/v2', plugin: register }

function register(app: FastifyInstance): void {
  const methodsFor = collectMethods(app)
  const surface: Surface = {
    toErrorBody: toScimError,
    toType,
    toTarget,
    findAskedName,
    findNamed,
    notFound,
    authenticate,
    admit(request) {
      countRequest(request.instance)
      if (request.is404) refuseUnserved(request, methodsFor)
    },
  }
  keepExchanges(app, surface)

  app.get('/Users', listUsers)
  app.post('/Users', { preParsing: requireJson }, createUser)
  app.get('/Users/:id', showUser)
  app.put<WithId>('/Users/:id', { preParsing: requireJson }, replaceUser)
  app.patch<WithId>('/Users/:id', { preParsing: requireJson }, patchUser)
  app.delete('/Users/:id', deleteUser)

  app.get(
    '/Schemas',
    discover(request => toList([toSchema(request)])),
  )
  app.get('/Schemas/:id', discover(toNamedSchema))
  app.get(
    '/ServiceProviderConfig',
    discover(request => toServiceProviderConfig(toScimUrl(request))),
  )
  app.get(
    '/ResourceTypes',
    discover(request => toList([toUserResourceType(toScimUrl(request))])),
  )
  app.get('/ResourceTypes/:id', discover(toNamedResourceType))
  app.get(
    '/Groups',
    discover(() => toList([])),
  )

  // What RFC 7644 has and Insightly does not (D-03): with any method, before anything is said of it.
  for (const path of ['/Bulk', '/Me', '/.search', '/Users/.search'])
    app.all(path, { onRequest: (request, _reply, done) => done(toUnbuilt(request)) }, () => undefined)
}

function listUsers(request: FastifyRequest, reply: FastifyReply): void {
  const { exchange, instance, query } = request
  const filter = queryValue(query, 'filter')
  const startIndex = Math.max(1, readInteger(query, 'startIndex', 1))
  const count = Math.min(maxResults, Math.max(0, readInteger(query, 'count', defaultCount)))
  const page = { startIndex: toShownStart(request, startIndex), count, usersUrl: toUsersUrl(request) }
  const project = readProjection(query)
  const list =
    filter === undefined && !project
      ? instance.documents.listText(page, startIndex)
      : toListText(
          filter === undefined ? instance.documents.list(page) : instance.documents.search(filter, page),
          startIndex,
          project,
        )
  exchange.operation = toOperation(request)
  reply.answerText(200, list)
}

function toListText({ total, documents }: DocumentList, startIndex: number, project: Projection | undefined): string {
  const shown = project ? documents.map(document => toPart(project, document)) : documents
  return toListStart(total, startIndex, shown.length) + shown.join(',') + listEnd
}

function showUser(request: Request, reply: FastifyReply): void {
  const { exchange, instance, params } = request
  const document = instance.documents.get(params.id, toUsersUrl(request))
  exchange.shown = document
  exchange.operation = 'read'
  answerDocument(request, reply, 200, document)
}

function createUser(request: FastifyRequest, reply: FastifyReply): void {
  const { after } = written(request, request.instance.users.create(requireObject(request)))
  reply.header('location', `${toUsersUrl(request)}/${after.USER_ID}`)
  answerUser(request, reply, 201, after)
}

function replaceUser(request: Request, reply: FastifyReply): void {
  const document = requireObject(request)
  const { after } = written(request, request.instance.users.replace(request.params.id, document))
  answerUser(request, reply, 200, after)
}

function patchUser(request: Request, reply: FastifyReply): void {
  const { instance, params } = request
  const { behaviours } = instance.settings
  const operations = parsePatch(requireObject(request), behaviours)
  const { after } = written(request, instance.users.patch(params.id, operations))
  if (behaviours.patchAnswer === 'no-content') reply.answerText(204)
  else answerUser(request, reply, 200, after)
}

function deleteUser(request: Request, reply: FastifyReply): void {
  const { exchange, instance, params } = request
  if (instance.settings.behaviours.delete === 'remove') {
    exchange.before = instance.users.remove(params.id)
    exchange.operation = 'delete'
  } else written(request, instance.users.deactivate(params.id))
  reply.answerText(204)
}

/** Remembers for the journal what a write did. */
function written(request: FastifyRequest, result: Written): Written {
  const { exchange } = request
  exchange.before = result.before
  exchange.after = result.after
  exchange.notes.push(...result.notes)
  exchange.operation = toOperation(request, result.before)
  return result
}

/** Answers with what does not depend on users. */
const discover =
  (describe: (request: Request) => object) =>
  (request: Request, reply: FastifyReply): void => {
    refuseHidden(request)
    const document = describe(request)
    request.exchange.operation = 'discover'
    reply.answer(200, document)
  }

const toSchema = (request: Request): Record<string, unknown> =>
  toUserSchema(request.instance.settings.behaviours, toScimUrl(request))

function toNamedSchema(request: Request): object {
  if (request.params.id.toLowerCase() === userUrn.toLowerCase()) return toSchema(request)
  throw new ApiError('notFound', `There is no such schema; the only one is ${userUrn}.`, 'D-01')
}

function toNamedResourceType(request: Request): object {
  if (request.params.id.toLowerCase() === 'user') return toUserResourceType(toScimUrl(request))
  throw new ApiError('notFound', 'There is no such resource type; the only one is User.', 'D-02')
}

const answerUser = (request: FastifyRequest, reply: FastifyReply, status: number, user: StoredRecord): void =>
  answerDocument(request, reply, status, toDocument(user.DOCUMENT, user.USER_ID, toUsersUrl(request)))

/** Answers with a user's document, or the part of it that was asked for (U-05). */
function answerDocument({ query }: FastifyRequest, reply: FastifyReply, status: number, document: string): void {
  const project = readProjection(query)
  reply.answerText(status, project ? toPart(project, document) : document)
}

/** Finds the instance that the bearer token chooses, and lets nobody else in. */
function authenticate(request: FastifyRequest): void {
  const { instances, makeInstanceFor } = request.server.context
  const { authorization } = request.raw.headers
  if (authorization === undefined) refuseToken('Authorization is missing; send "Bearer" and the SCIM token.', false)
  const [, token] = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization) ?? []
  if (token === undefined) refuseToken('Authorization is not of the form "Bearer" and a SCIM token.', false)
  const instance = instances.findByToken(token) ?? makeInstanceFor(token)
  if (!instance) refuseToken('The SCIM token is not known, or a newer one has replaced it.', true)
  request.instance = instance
  const { scimEnabled, behaviours } = instance.settings
  if (scimEnabled) return
  if (behaviours.disabledScim === 'unauthorized') refuseToken('SCIM is disabled.', true)
  throw new ApiError('forbidden', 'SCIM is disabled; an administrator enables it under SAML and SCIM.', 'A-06')
}

function refuseToken(detail: string, wasSent: boolean): never {
  const challenge = wasSent ? 'Bearer error="invalid_token"' : 'Bearer'
  throw new ApiError('unauthorized', detail, 'A-02', { 'www-authenticate': challenge })
}

/** The path of a request without its query. */
const pathOf = ({ url }: FastifyRequest): string => {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

function toUnbuilt(request: FastifyRequest): ApiError {
  return new ApiError('notImplemented', `Insightly's SCIM has no ${pathOf(request)}.`, 'D-03')
}

/** Refuses what is not there, or a method that a path does not answer to (D-03, D-05). */
function refuseUnserved(request: FastifyRequest, methodsFor: (path: string) => string[]): never {
  refuseHidden(request)
  const methods = methodsFor(pathOf(request))
  if (methods.length > 0) refuseMethod(request.method, methods)
  throw notFound()
}

const notFound = (): ApiError => new ApiError('notFound', 'There is nothing here; users are at /scim/v2/Users.', 'D-05')

/** Refuses what a switch says is not there. */
function refuseHidden(request: FastifyRequest): void {
  const { behaviours } = request.instance.settings
  const [, , , collection, below] = pathOf(request).split('/')
  if (collection === 'Groups' && (behaviours.groups === 'absent' || below !== undefined))
    throw new ApiError('notFound', "Insightly's SCIM has no groups.", 'D-03')
  if (behaviours.discovery === 'hidden' && (collection === 'ServiceProviderConfig' || collection === 'ResourceTypes'))
    throw new ApiError('notFound', 'There is nothing here (the switch discovery is hidden).', 'D-02')
}

/** SCIM, or plain JSON for a client that accepts only that (D-04). */
const toType = (accept: string | undefined): string =>
  accept !== undefined && /^application\/json\s*(?:;[^,]*)?$/i.test(accept)
    ? 'application/json; charset=utf-8'
    : 'application/scim+json; charset=utf-8'

/** Whether a Content-Type is JSON, in UTF-8 as far as it says. */
const isJsonType = (type: string): boolean =>
  type === 'application/scim+json' ||
  type === 'application/json' ||
  (/^application\/(?:scim\+)?json\s*(?:;|$)/i.test(type) &&
    [...type.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi)].every(([, name]) => /^utf-?8$/i.test(name!)))

/** Only JSON in UTF-8 is read; a body without a type is refused before it is looked at (D-04). */
function requireJson(
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

function requireObject({ body }: FastifyRequest): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  const problem = body === undefined ? 'The body is empty' : 'The body is no JSON object'
  throw new ApiError('invalidSyntax', `${problem}; expected a user or a PatchOp.`, 'D-08')
}

/** Reads an integer parameter, however long (U-02). */
function readInteger(query: unknown, name: string, fallback: number): number {
  const text = queryValue(query, name)
  if (text === undefined) return fallback
  if (/^-?\d+$/.test(text)) return Math.min(Number.MAX_SAFE_INTEGER, Number(text))
  throw new ApiError('invalidValue', `${name} is ${JSON.stringify(text.slice(0, 100))}; expected an integer.`, 'U-02')
}

const readProjection = (query: unknown): Projection | undefined =>
  toProjection(queryValue(query, 'attributes'), queryValue(query, 'excludedAttributes'))

const toPart = (project: Projection, document: string): string => JSON.stringify(project(JSON.parse(document)))

const toScimUrl = ({ instance, raw, server }: FastifyRequest): string => {
  const { config } = server.context
  return `${instance.settings.publicUrl ?? config.publicUrl ?? toOrigin(raw, config)}/scim/v2`
}

const toUsersUrl = (request: FastifyRequest): string => `${toScimUrl(request)}/Users`

const idOf = ({ params }: FastifyRequest): string | undefined => (params as { id?: string }).id

const isUsers = ({ url }: FastifyRequest): boolean => url.startsWith('/scim/v2/Users')

function findNamed(request: FastifyRequest): ScimRecord | undefined {
  if (!isUsers(request)) return undefined
  // Where a method is refused, no route has taken the path apart.
  const id = idOf(request) ?? /\/Users\/(\d+)$/.exec(pathOf(request))?.[1]
  return id === undefined ? undefined : request.instance.users.find(id)
}

/** What a request asks for, given the user as it is. */
function toOperation(request: FastifyRequest, before?: ScimRecord): Operation {
  const { method, query } = request
  if (!isUsers(request)) return 'discover'
  if (idOf(request) === undefined) {
    if (method === 'POST') return 'create'
    return listOperation(queryValue(query, 'filter'), Number(queryValue(query, 'count') ?? defaultCount))
  }
  if (method === 'DELETE') return 'delete'
  return method === 'PUT' || method === 'PATCH' ? changeOperation(request.body, before) : 'read'
}

/** What the fault rules look at, read as far as one of them asks. */
function toTarget(request: FastifyRequest) {
  const { method, query } = request
  const filter = queryValue(query, 'filter')
  const find = once(() => findNamed(request))
  return {
    method,
    path: pathOf(request),
    isPage: isUsers(request) && idOf(request) === undefined && method !== 'POST' && filter === undefined,
    get operation() {
      return toOperation(request, find())
    },
    get userNames() {
      return [find()?.EMAIL_ADDRESS, findAskedName(request)].filter(name => name !== undefined)
    },
  }
}

function findAskedName({ query, body }: FastifyRequest): string | undefined {
  const filter = queryValue(query, 'filter')
  return filter === undefined ? readAsked(body).userName : filteredUserName(filter)
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
