// Insightly's REST v3.1 view of the users, read-only, so that a test can look at the result as Insightly shows it.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, toMessage } from '../errors.ts'
import { insightlyFields, toInsightly } from '../insightly/record.ts'
import { foldCase } from '../scim/attribute.ts'
import type { UserRecord } from '../scim/user.ts'
import { collectMethods } from './errors.ts'
import { countRequest, keepExchanges, type Surface } from './exchange.ts'
import { queryValue } from './request.ts'

/** The daily limit that Insightly's largest plan shows. */
const dailyLimit = 100_000
const defaultTop = 100
const maxTop = 500

interface WithId {
  Params: { id: string }
}

/** The REST surface. */
export const restSurface = { prefix: '/v3.1', plugin: register }

function register(app: FastifyInstance): void {
  const methodsFor = collectMethods(app)
  const surface: Surface = {
    toErrorBody: toMessage,
    toType: () => 'application/json; charset=utf-8',
    findNamed: () => undefined,
    notFound: () => new ApiError('notFound', 'No resource was found.', 'R-01'),
    toTarget: ({ method, url }) => ({
      method,
      path: url.replace(/\?.*/s, ''),
      operation: 'read',
      userNames: [],
      isPage: false,
    }),
    findAskedName: () => undefined,
    authenticate,
    /** 401 precedes 404 and 405. */
    admit(request, reply) {
      const perSecond = request.instance.settings.rateLimit?.requestsPerSecond
      reply.headers({ 'x-ratelimit-limit': perSecond ?? dailyLimit, 'x-ratelimit-remaining': 0 })
      reply.header('x-ratelimit-remaining', countRequest(request.instance) ?? dailyLimit - 1)
      if (request.method !== 'GET') refuseMethod(request, methodsFor)
    },
  }
  keepExchanges(app, surface)

  app.get('/Users', listUsers)
  app.get<WithId>('/Users/:id', (request, reply) => showUser(request, reply, getUser(request)))
  app.get('/Users/Me', (request, reply) => showUser(request, reply, request.instance.apiUser!))
  app.get('/Users/Search', searchUsers)
  app.get('/Instance', showInstance)
}

/** A method other than GET is 405 wherever something is; what is not there is left to fault rules first. */
function refuseMethod({ method, url }: FastifyRequest, methodsFor: (path: string) => string[]): void {
  const methods = methodsFor(url.replace(/\?.*/s, ''))
  if (methods.length === 0) return
  throw new ApiError('methodNotAllowed', `The requested resource does not support http method '${method}'.`, 'R-06', {
    allow: methods.join(', '),
  })
}

function listUsers(request: FastifyRequest, reply: FastifyReply): void {
  const { users, instanceId } = request.instance
  const { skip, top } = readPaging(request)
  answerRead(
    request,
    reply,
    users.page(skip + 1, top).map(record => toInsightly(record, instanceId)),
    users.total,
  )
}

function showUser(request: FastifyRequest, reply: FastifyReply, user: UserRecord): void {
  answerRead(request, reply, toInsightly(user, request.instance.instanceId))
}

function getUser({ instance, params: { id } }: FastifyRequest<WithId>): UserRecord {
  try {
    return instance.users.getRecord(id)
  } catch {
    throw new ApiError('notFound', `No User with ID = ${id}`, 'R-06')
  }
}

function searchUsers(request: FastifyRequest, reply: FastifyReply): void {
  const { users, instanceId } = request.instance
  const { skip, top } = readPaging(request)
  const isMeant = readSearch(request)
  let total = 0
  const page: UserRecord[] = []
  for (const record of users.records()) {
    if (!isMeant(record, instanceId)) continue
    total += 1
    if (total > skip && page.length < top) page.push(record)
  }
  answerRead(
    request,
    reply,
    page.map(record => toInsightly(record, instanceId)),
    total,
  )
}

function showInstance(request: FastifyRequest, reply: FastifyReply): void {
  const { name } = request.instance
  answerRead(request, reply, {
    INSTANCE_NAME: name,
    INSTANCE_SUBDOMAIN: name,
    PLAN_NAME: 'Enterprise',
    NEW_USER_EXPERIENCE_ENABLED: true,
  })
}

/** Answers with what was read; of a list, the total too if that was asked for. */
function answerRead({ exchange, query }: FastifyRequest, reply: FastifyReply, document: object, total?: number): void {
  if (total !== undefined && queryValue(query, 'count_total')?.toLowerCase() === 'true')
    reply.header('x-total-count', total)
  exchange.operation = 'read'
  reply.answer(200, document)
}

/** Lets in whoever shows the API key of an instance for which an active user stands. */
function authenticate(request: FastifyRequest): void {
  const { instances } = request.server.context
  const [, encoded] = /^basic +([a-z0-9+/_-]+)=* *$/i.exec(request.raw.headers.authorization ?? '') ?? []
  const [key] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const instance = key ? instances.findByApiKey(key) : undefined
  if (!instance?.apiUser)
    throw new ApiError('unauthorized', 'Authorization has been denied for this request.', 'R-02', {
      'www-authenticate': 'Basic',
    })
  request.instance = instance
}

const invalid = (): ApiError => new ApiError('invalidSyntax', 'The request is invalid.', 'R-06')

function readPaging({ query }: FastifyRequest): { skip: number; top: number } {
  const read = (name: string, fallback: number) => {
    const text = queryValue(query, name)
    if (text === undefined) return fallback
    if (!/^\d+$/.test(text)) throw invalid()
    return Math.min(Number.MAX_SAFE_INTEGER - 1, Number(text))
  }
  return { skip: read('skip', 0), top: Math.min(maxTop, read('top', defaultTop)) }
}

type Condition = (record: UserRecord, instanceId: number) => boolean

/** What a search asks for: every condition that is given must hold. */
function readSearch({ query }: FastifyRequest): Condition {
  const conditions: Condition[] = []
  const equal = (field: string, wanted: string) =>
    conditions.push((record, instanceId) => {
      const shown = toInsightly(record, instanceId)[field]
      return shown !== null && foldCase(String(shown)) === foldCase(wanted)
    })
  const name = queryValue(query, 'field_name')
  const value = queryValue(query, 'field_value')
  if ((name === undefined) !== (value === undefined)) throw invalid()
  if (name !== undefined && value !== undefined) {
    if (!searchable.has(name.toUpperCase())) throw invalid()
    equal(name.toUpperCase(), value)
  }
  for (const [parameter, field] of [
    ['email', 'EMAIL_ADDRESS'],
    ['first_name', 'FIRST_NAME'],
    ['last_name', 'LAST_NAME'],
  ] as const) {
    const wanted = queryValue(query, parameter)
    if (wanted !== undefined) equal(field, wanted)
  }
  const after = queryValue(query, 'updated_after_utc')
  if (after !== undefined) {
    const instant = /^\d{4}-\d\d-\d\d/.test(after) ? Date.parse(toUtc(after)) : Number.NaN
    if (Number.isNaN(instant)) throw invalid()
    const toSeconds = (milliseconds: number) => Math.floor(milliseconds / 1000)
    conditions.push(record => toSeconds(record.DATE_UPDATED_UTC) > toSeconds(instant))
  }
  return (record, instanceId) => conditions.every(isMet => isMet(record, instanceId))
}

/** A date without a zone is meant as UTC, as the parameter's name says. */
const toUtc = (text: string): string =>
  /[zZ]$|[+-]\d\d:?\d\d$/.test(text.slice(10)) ? text : `${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`

const searchable = new Set<string>(insightlyFields)
