// The SCIM surface: from a bearer token to an instance, from a request to a verb of its user service, and from what
// that did to an answer. What SCIM means is in ../scim, what happens to users in ../users.ts.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, toApiError, toScimError } from '../errors.ts'
import type { FaultTarget } from '../faults.ts'
import type { Instance } from '../instance.ts'
import { type Projection, toProjection } from '../scim/document.ts'
import { withUrl } from '../scim/document-text.ts'
import { changeOperation, filteredUserName, listOperation, type Operation, readAsked } from '../scim/operation.ts'
import { parsePatch } from '../scim/patch.ts'
import {
  defaultCount,
  maxResults,
  toList,
  toPageText,
  toServiceProviderConfig,
  toUserResourceType,
  toUserSchema,
} from '../scim/schema.ts'
import { type ScimRecord, userUrn } from '../scim/user.ts'
import type { Context } from '../server.ts'
import type { Written } from '../users.ts'
import { beginExchange, countRequest, parseJson, queryValue, toOrigin } from './exchange.ts'
import { injectFault, sendOrSpoil } from './faulty.ts'
import { collectMethods, refuseMethod } from './methods.ts'

/** Registers the SCIM surface below the prefix it is given. */
export function scimSurface(context: Context) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers()
    // The first two are '*' as well, but found without taking the header apart.
    app.addContentTypeParser(
      ['application/scim+json', 'application/json', '*'],
      { parseAs: 'buffer' },
      (request, body, done) => {
        try {
          request.exchange.bodyLength = body.length
          request.exchange.body = parseJson(body as Buffer)
          done(null, request.exchange.body)
        } catch (error) {
          done(error as Error)
        }
      },
    )

    const methodsFor = collectMethods(app)
    app.addHook('onRequest', (request, _reply, done) => {
      beginExchange(request)
      try {
        authenticate(request, context)
        countRequest(request)
        refuseUnserved(request, methodsFor)
        checkMediaType(request)
      } catch (error) {
        done(error as Error)
        return
      }
      done()
    })
    app.addHook('preHandler', (request, reply, done) => {
      if (request.instance.faults.isEmpty) done()
      else injectFault(request, reply, context, toFaultTarget(request), toScimError, done)
    })
    app.addHook('preHandler', ({ instance, url }, _reply, done) => {
      refuseHidden(instance, url)
      done()
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      const isRefused = reply.statusCode >= 400 || request.exchange.notRun
      const operation = isRefused ? 'refused' : toOperation(request, request.exchange.before)
      done(null, sendOrSpoil(request, reply, context, operation, payload))
    })

    app.setErrorHandler((thrown, request, reply) => {
      const error = toApiError(thrown)
      if (error.code === 'internal') context.log.error({ err: thrown }, error.message)
      if (error.rule) request.exchange.notes.push(`${error.message} (${error.rule})`)
      const { id } = request.params as { id?: string }
      if (id !== undefined && request.instance) request.exchange.before = request.instance.users.find(id)
      return answer(
        request,
        reply.headers(error.headers),
        error.status,
        toScimError(error.status, error.scimType, error.message),
      )
    })
    app.setNotFoundHandler(() => {
      throw new ApiError('notFound', 'There is nothing here.', 'D-05')
    })

    app.get('/Users', (request, reply) => {
      const { instance, query } = request
      const filter = queryValue(query, 'filter')
      const startIndex = Math.max(1, readInteger(query, 'startIndex', 1))
      const count = Math.min(maxResults, Math.max(0, readInteger(query, 'count', defaultCount)))
      const usersUrl = toUsersUrl(request, context)
      const project = readProjection(query)
      // Before the first user there is none to repeat.
      const drift = request.fault?.drift ?? 0
      const page = instance.users.list({
        startIndex: startIndex + (startIndex === 1 ? Math.abs(drift) : drift),
        count,
        filter,
        usersUrl,
      })
      const texts = project ? page.texts.map(text => toPart(project, withUrl(text, usersUrl))) : page.texts
      return answerText(request, reply, 200, withUrl(toPageText(page.total, startIndex, texts), usersUrl))
    })

    app.get<WithId>('/Users/:id', (request, reply) => {
      const record = request.instance.users.show(request.params.id)
      request.exchange.shown = record
      return answerUser(request, reply, 200, record.DOCUMENT)
    })

    app.post('/Users', (request, reply) => {
      const { after } = written(request, request.instance.users.create(requireObject(request)))
      reply.header('location', `${toUsersUrl(request, context)}/${after.USER_ID}`)
      return answerUser(request, reply, 201, after.DOCUMENT)
    })

    app.put<WithId>('/Users/:id', (request, reply) => {
      const document = requireObject(request)
      const { after } = written(request, request.instance.users.replace(request.params.id, document))
      return answerUser(request, reply, 200, after.DOCUMENT)
    })

    app.patch<WithId>('/Users/:id', (request, reply) => {
      const { instance } = request
      const document = requireObject(request)
      const operations = parsePatch(document, instance.settings.behaviours)
      const { after } = written(request, instance.users.patch(request.params.id, operations))
      if (instance.settings.behaviours.patchAnswer === 'no-content') return reply.code(204).send()
      return answerUser(request, reply, 200, after.DOCUMENT)
    })

    app.delete<WithId>('/Users/:id', (request, reply) => {
      const { exchange, instance, params } = request
      if (instance.settings.behaviours.delete === 'remove') exchange.before = instance.users.remove(params.id)
      else written(request, instance.users.deactivate(params.id))
      return reply.code(204).send()
    })

    app.get('/Schemas', (request, reply) =>
      answer(
        request,
        reply,
        200,
        toList([toUserSchema(request.instance.settings.behaviours, toScimUrl(request, context))]),
      ),
    )
    app.get<WithId>('/Schemas/:id', (request, reply) => {
      if (request.params.id.toLowerCase() !== userUrn.toLowerCase())
        throw new ApiError('notFound', `There is no such schema; the only one is ${userUrn}.`, 'D-01')
      return answer(
        request,
        reply,
        200,
        toUserSchema(request.instance.settings.behaviours, toScimUrl(request, context)),
      )
    })
    app.get('/ServiceProviderConfig', (request, reply) => {
      return answer(request, reply, 200, toServiceProviderConfig(toScimUrl(request, context)))
    })
    app.get('/ResourceTypes', (request, reply) => {
      return answer(request, reply, 200, toList([toUserResourceType(toScimUrl(request, context))]))
    })
    app.get<WithId>('/ResourceTypes/:id', (request, reply) => {
      if (request.params.id.toLowerCase() !== 'user')
        throw new ApiError('notFound', 'There is no such resource type; the only one is User.', 'D-02')
      return answer(request, reply, 200, toUserResourceType(toScimUrl(request, context)))
    })
    app.get('/Groups', (request, reply) => answer(request, reply, 200, toList([])))

    function answerUser(request: FastifyRequest, reply: FastifyReply, status: number, stored: string): FastifyReply {
      const text = withUrl(stored, toUsersUrl(request, context))
      const project = readProjection(request.query)
      return answerText(request, reply, status, project ? toPart(project, text) : text)
    }
  }
}

interface WithId {
  Params: { id: string }
}

/** Finds the instance that the bearer token chooses, and lets nobody else in. */
function authenticate(request: FastifyRequest, context: Context): void {
  const { authorization } = request.headers
  if (authorization === undefined) refuseToken('Authorization is missing; send "Bearer" and the SCIM token.', false)
  const [, token] = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization) ?? []
  if (token === undefined) refuseToken('Authorization is not of the form "Bearer" and a SCIM token.', false)
  const instance = context.instances.findByToken(token) ?? context.makeInstanceFor(token)
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

/** The path of a SCIM request, the collection it names, and what stands below that. */
const toParts = (url: string): string[] => /^\/scim\/v2\/?([^/?]*)([^?]*)/.exec(url) ?? []

const usersOrUser = /^\/scim\/v2\/Users(?:\/\d+)?(?:\?|$)/

/** Refuses what is not built, then what is not there, then a method that a path does not answer to (D-03, D-05). */
function refuseUnserved(
  { instance, method, url, is404 }: FastifyRequest,
  methodsFor: (path: string) => string[],
): void {
  if (!is404 && usersOrUser.test(url)) return
  const [path = '', collection, below] = toParts(url)
  if (/^(?:Bulk|Me|\.search|Users\/\.search)$/.test(`${collection}${below}`))
    throw new ApiError('notImplemented', `Insightly's SCIM has no ${path}.`, 'D-03')
  if (!is404) return
  refuseHidden(instance, url)
  const methods = methodsFor(path)
  if (methods.length > 0) refuseMethod(method, methods)
  throw new ApiError('notFound', 'There is nothing here; users are at /scim/v2/Users.', 'D-05')
}

/** Refuses what a switch says is not there. */
function refuseHidden({ settings: { behaviours } }: Instance, url: string): void {
  const [, collection, below] = toParts(url)
  if (collection === 'Groups' && (behaviours.groups === 'absent' || below !== ''))
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
function checkMediaType({ method, headers }: FastifyRequest): void {
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return
  const type = headers['content-type']
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  const isJson = type === undefined ? !hasBody : isJsonType(type)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (isJson && encoding.toLowerCase() === 'identity') return
  throw new ApiError(
    'unsupportedMediaType',
    'The body must be application/scim+json or application/json in UTF-8, uncompressed; say so in Content-Type.',
    'D-04',
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

const readProjection = (query: unknown) =>
  toProjection(queryValue(query, 'attributes'), queryValue(query, 'excludedAttributes'))

const toPart = (project: Projection, text: string): string => JSON.stringify(project(JSON.parse(text)))

const toScimUrl = (request: FastifyRequest, { config }: Context): string =>
  `${request.instance.settings.publicUrl ?? config.publicUrl ?? toOrigin(request, config.trustProxy)}/scim/v2`

const toUsersUrl = (request: FastifyRequest, context: Context): string => `${toScimUrl(request, context)}/Users`

/** Remembers for the journal what a write did. */
function written({ exchange }: FastifyRequest, result: Written): Written {
  exchange.before = result.before
  exchange.after = result.after
  exchange.notes.push(...result.notes)
  return result
}

/** What a request asks for, given the user as it is. */
function toOperation({ method, url, params, query, body }: FastifyRequest, before: ScimRecord | undefined): Operation {
  if (!url.startsWith('/scim/v2/Users')) return 'discover'
  if ((params as { id?: string }).id === undefined) {
    if (method === 'POST') return 'create'
    return listOperation(queryValue(query, 'filter'), Number(queryValue(query, 'count') ?? defaultCount))
  }
  if (method === 'DELETE') return 'delete'
  return method === 'PUT' || method === 'PATCH' ? changeOperation(body, before) : 'read'
}

/** What the fault rules look at, known before the request runs. */
function toFaultTarget(request: FastifyRequest): FaultTarget {
  const { instance, method, url, query, body, params } = request
  const before = instance.users.find((params as { id?: string }).id ?? '')
  request.exchange.before = before
  const filter = queryValue(query, 'filter')
  const asked = filter === undefined ? readAsked(body).userName : filteredUserName(filter)
  return {
    method,
    path: url.replace(/\?.*/s, ''),
    operation: toOperation(request, before),
    userNames: [before?.EMAIL_ADDRESS, asked].filter(name => name !== undefined),
    isPage: request.routeOptions.url === '/scim/v2/Users' && method !== 'POST' && filter === undefined,
  }
}

function answer(request: FastifyRequest, reply: FastifyReply, status: number, document: object): FastifyReply {
  return answerText(request, reply, status, JSON.stringify(document))
}

/** Sends JSON text as SCIM, or as plain JSON to a client that accepts only that (D-04). */
function answerText({ headers }: FastifyRequest, reply: FastifyReply, status: number, text: string): FastifyReply {
  const { accept } = headers
  const type =
    accept !== undefined && /^application\/json\s*(?:;[^,]*)?$/i.test(accept)
      ? 'application/json; charset=utf-8'
      : 'application/scim+json; charset=utf-8'
  return reply.code(status).header('content-type', type).send(text)
}
