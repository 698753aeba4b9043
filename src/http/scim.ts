// The SCIM surface: finds the instance of a bearer token, calls its user service, and answers with the result. What SCIM
// means is in ../scim; what happens to users is in ../account.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Instance } from '../account/instance.ts'
import type { DocumentList, Page } from '../account/users/documents.ts'
import type { StoredRecord } from '../account/users/user-sql.ts'
import type { Written } from '../account/users/users.ts'
import { ApiError, toScimError } from '../errors.ts'
import { toDocument } from '../scim/document-text.ts'
import { parsePatch } from '../scim/patch.ts'
import type { Projection } from '../scim/projection.ts'
import { defaultCount, listEnd, maxResults, toListStart } from '../scim/schema.ts'
import { collectMethods, refuseMethod } from './errors.ts'
import { countRequest, keepExchanges, type Surface } from './exchange.ts'
import { toShownStart } from './fault-effects.ts'
import { countHeader, findBearerToken, pathOf } from './request.ts'
import { refuseHidden, serveDiscovery } from './scim-discovery.ts'
import {
  askedOf,
  filterOf,
  findNamed,
  readInteger,
  readProjection,
  requireJson,
  requireObject,
  toOperation,
  toScimUrl,
  toTarget,
  toUsersUrl,
} from './scim-request.ts'
import { runInTurns } from './turns.ts'

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
    askedOf,
    findNamed,
    notFound,
    authenticate,
    findFormer,
    toScimUrl,
    admit(request) {
      if (!app.context.inner) countRequest(request.instance)
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
  serveDiscovery(app)
  // Otherwise the router would take this for the path of a user.
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: '/Users/.search',
    onRequest: refuseUnbuilt,
    handler: refuseUnbuilt,
  })
}

function listUsers(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
  const { exchange, instance, query } = request
  const startIndex = Math.max(1, readInteger(query, 'startIndex', 1))
  const count = Math.min(maxResults, Math.max(0, readInteger(query, 'count', defaultCount)))
  const page = { startIndex: toShownStart(request, startIndex), count, usersUrl: toUsersUrl(request) }
  const projection = readProjection(request)
  const answer = (list: Buffer | string): void => {
    exchange.operation = toOperation(request)
    reply.answerText(200, list)
  }
  if (filterOf(request) === undefined && !projection) return answer(instance.documents.listBytes(page, startIndex))
  const show = (list: DocumentList): void => answer(toListText(list, startIndex, projection))
  const found = findDocuments(request, page)
  return found instanceof Promise ? found.then(show) : show(found)
}

function findDocuments(request: FastifyRequest, page: Page): DocumentList | Promise<DocumentList> {
  const { documents } = request.instance
  const filter = filterOf(request)
  if (filter === undefined) return documents.list(page)
  const { userName } = askedOf(request)
  if (userName !== undefined) return documents.findByUserName(userName, page)
  return runInTurns(documents.search(filter, page), () => request.readmit())
}

function toListText({ total, documents }: DocumentList, startIndex: number, projection?: Projection): string {
  const shown = projection ? documents.map(document => toPart(projection, document)) : documents
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
  const { after } = noteWrite(request, request.instance.users.create(requireObject(request)))
  const usersUrl = toUsersUrl(request)
  reply.header('location', `${usersUrl}/${after.USER_ID}`)
  answerUser(request, reply, 201, after, usersUrl)
}

function replaceUser(request: Request, reply: FastifyReply): void {
  const document = requireObject(request)
  const { after } = noteWrite(request, request.instance.users.replace(request.params.id, document))
  answerUser(request, reply, 200, after)
}

function patchUser(request: Request, reply: FastifyReply): void {
  const { instance, params } = request
  const { behaviours } = instance.settings
  const operations = parsePatch(requireObject(request), behaviours)
  const { after } = noteWrite(request, instance.users.patch(params.id, operations))
  if (behaviours.patchAnswer === 'no-content') reply.answerText(204)
  else answerUser(request, reply, 200, after)
}

function deleteUser(request: Request, reply: FastifyReply): void {
  const { exchange, instance, params } = request
  if (instance.settings.behaviours.delete === 'remove') {
    exchange.before = instance.users.remove(params.id)
    exchange.operation = 'delete'
  } else noteWrite(request, instance.users.deactivate(params.id))
  reply.answerText(204)
}

/** Notes in the exchange what a write did. */
function noteWrite(request: FastifyRequest, result: Written): Written {
  const { exchange } = request
  exchange.before = result.before
  exchange.after = result.after
  exchange.notes.push(...result.notes)
  exchange.operation = toOperation(request, result.before)
  return result
}

const answerUser = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  user: StoredRecord,
  usersUrl = toUsersUrl(request),
): void => answerDocument(request, reply, status, toDocument(user.DOCUMENT, user.USER_ID, usersUrl))

/** Answers with a user's document, or the part of it that was asked for (U-05). */
function answerDocument(request: FastifyRequest, reply: FastifyReply, status: number, document: string): void {
  const projection = readProjection(request)
  reply.answerText(status, projection ? toPart(projection, document) : document)
}

/** Finds the instance of the bearer token. @throws unauthorized, forbidden */
function authenticate(request: FastifyRequest): void {
  const { instances, makeInstanceFor } = request.server.context
  const { authorization } = request.raw.headers
  if (authorization === undefined) refuseToken('Authorization is missing; send "Bearer" and the SCIM token.', false)
  const token = findBearerToken(authorization)
  if (token === undefined) refuseToken('Authorization is not of the form "Bearer" and a SCIM token.', false)
  const instance = instances.findByToken(token) ?? makeInstanceFor(token)
  if (!instance) refuseToken('The SCIM token is not known, or a newer one has replaced it.', true)
  request.instance = instance
  const sent = countHeader(request.raw, 'authorization')
  if (sent > 1) refuseToken(`The request has ${sent} Authorization headers; send one.`, false)
  const { scimEnabled, behaviours } = instance.settings
  if (scimEnabled) return
  if (behaviours.disabledScim === 'unauthorized') refuseToken('SCIM is disabled.', true)
  throw new ApiError('forbidden', 'SCIM is disabled; an administrator enables it under SAML and SCIM.', 'A-06')
}

/** The instance of a token that was replaced: its owner looks for the refusal there. */
function findFormer(request: FastifyRequest): Instance | undefined {
  const token = findBearerToken(request.raw.headers.authorization ?? '')
  return token === undefined ? undefined : request.server.context.instances.findByReplacedToken(token)
}

/** Refuses a request for its credentials; `wasSent` says whether they were a token. @throws unauthorized */
export function refuseToken(detail: string, wasSent: boolean): never {
  const challenge = wasSent ? 'Bearer error="invalid_token"' : 'Bearer'
  throw new ApiError('unauthorized', detail, 'A-02', { 'www-authenticate': challenge })
}

/** What RFC 7644 has and Insightly does not: 501 for any method (D-03). */
const unbuilt = new Set(['/Bulk', '/Me', '/.search', '/Users/.search'].map(path => `/scim/v2${path}`))

function refuseUnbuilt(request: FastifyRequest): never {
  throw new ApiError('notImplemented', `Insightly's SCIM has no ${pathOf(request)}.`, 'D-03')
}

/** Refuses a path that does not exist, or a method that the path does not have (D-03, D-05). */
function refuseUnserved(request: FastifyRequest, methodsFor: (path: string) => string[]): never {
  refuseHidden(request)
  if (unbuilt.has(pathOf(request))) refuseUnbuilt(request)
  const methods = methodsFor(pathOf(request))
  if (methods.length > 0) refuseMethod(request.method, methods)
  throw notFound()
}

const notFound = (): ApiError => new ApiError('notFound', 'There is nothing here; users are at /scim/v2/Users.', 'D-05')

/** The media type of an answer: SCIM, or plain JSON for a client that accepts only that (D-04). */
const toType = (accept: string | undefined): string =>
  accept !== undefined && /^application\/json\s*(?:;[^,]*)?$/i.test(accept)
    ? 'application/json; charset=utf-8'
    : 'application/scim+json; charset=utf-8'

const toPart = ({ show }: Projection, document: string): string => JSON.stringify(show(JSON.parse(document)))
