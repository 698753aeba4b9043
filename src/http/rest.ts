// Insightly's REST v3.1 view of the users, read-only, so that a test can look at the result as Insightly shows it.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, toMessage } from '../errors.ts'
import type { UserRecord } from '../insightly/record.ts'
import { insightlyFields, type RestForm, toInsightly } from '../insightly/rest-form.ts'
import { foldCase } from '../scim/text.ts'
import { collectMethods } from './errors.ts'
import { countRequest, keepExchanges, type Surface } from './exchange.ts'
import { countHeader, pathOf, queryValue } from './request.ts'
import { runInTurns } from './turns.ts'

/** The daily limit that Insightly's largest plan shows. */
const dailyLimit = 100_000
/** How many users a list shows when `top` is not sent, and at most. */
export const [defaultTop, maxTop] = [100, 500]

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
    askedOf: () => ({}),
    findNamed: () => undefined,
    notFound: () => new ApiError('notFound', 'No resource was found.', 'R-01'),
    toTarget: request => ({
      method: request.method,
      path: pathOf(request),
      operation: 'read',
      userNames: [],
      isPage: false,
    }),
    authenticate,
    // An API key stays as long as its instance.
    findFormer: () => undefined,
    /** 401 precedes 404 and 405. */
    admit(request, reply) {
      const perSecond = request.instance.settings.rateLimit?.requestsPerSecond
      // The refusal of a request above the limit has these headers, too.
      reply.headers({ 'x-ratelimit-limit': perSecond ?? dailyLimit, 'x-ratelimit-remaining': 0 })
      reply.header('x-ratelimit-remaining', countRequest(request.instance) ?? dailyLimit - 1)
      if (request.method !== 'GET') refuseChange(request, methodsFor)
    },
  }
  keepExchanges(app, surface)

  app.get('/Users', listUsers)
  app.get<WithId>('/Users/:id', (request, reply) => showUser(request, reply, getUser(request)))
  app.get('/Users/Me', (request, reply) => showUser(request, reply, request.instance.apiUser!))
  app.get('/Users/Search', searchUsers)
  app.get('/Instance', showInstance)
}

/**
 * Refuses a method other than GET where a route is, since the view is read-only. A path without a route is refused
 * after fault rules have acted.
 */
function refuseChange(request: FastifyRequest, methodsFor: (path: string) => string[]): void {
  const methods = methodsFor(pathOf(request))
  if (methods.length === 0) return
  throw new ApiError(
    'methodNotAllowed',
    `The requested resource does not support http method '${request.method}'.`,
    'R-06',
    { allow: methods.join(', ') },
  )
}

function listUsers(request: FastifyRequest, reply: FastifyReply): void {
  const { records, instanceId } = request.instance
  const { skip, top } = readPaging(request)
  answerRead(
    request,
    reply,
    records.page(skip + 1, top).map(record => toInsightly(record, instanceId)),
    records.total,
  )
}

function showUser(request: FastifyRequest, reply: FastifyReply, user: UserRecord): void {
  answerRead(request, reply, toInsightly(user, request.instance.instanceId))
}

function getUser({ instance, params: { id } }: FastifyRequest<WithId>): UserRecord {
  const record = instance.records.find(id)
  if (!record) throw new ApiError('notFound', `No User with ID = ${id}`, 'R-06')
  return record
}

function searchUsers(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
  const show = ({ page, total }: Found): void => answerRead(request, reply, page, total)
  const found = runInTurns(search(request), () => request.readmit())
  return found instanceof Promise ? found.then(show) : show(found)
}

/** Users that a search has found: how many, and a page of them. */
interface Found {
  page: RestForm[]
  total: number
}

function* search(request: FastifyRequest): Generator<void, Found> {
  const { records, instanceId } = request.instance
  const { skip, top } = readPaging(request)
  const isMeant = readSearch(request)
  const page: RestForm[] = []
  let total = 0
  for (const record of records.all()) {
    yield
    if (!isMeant(record, instanceId)) continue
    total += 1
    if (total > skip && page.length < top) page.push(toInsightly(record, instanceId))
  }
  return { page, total }
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

/** Answers with what was read, and with the total of a list if the client asked for it. */
function answerRead({ exchange, query }: FastifyRequest, reply: FastifyReply, document: object, total?: number): void {
  if (total !== undefined && queryValue(query, 'count_total')?.toLowerCase() === 'true')
    reply.header('x-total-count', total)
  exchange.operation = 'read'
  reply.answer(200, document)
}

/** Accepts the API key of an instance that has an active user to act for. */
function authenticate(request: FastifyRequest): void {
  const { instances } = request.server.context
  const [, encoded] = /^basic +([a-z0-9+/_-]+)=* *$/i.exec(request.raw.headers.authorization ?? '') ?? []
  const [key] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const instance = key ? instances.findByApiKey(key) : undefined
  if (!instance?.apiUser || countHeader(request.raw, 'authorization') > 1)
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

/** The parameters of a search that give the value of one field. */
export const searchParameters = { email: 'EMAIL_ADDRESS', first_name: 'FIRST_NAME', last_name: 'LAST_NAME' }

type Condition = (record: UserRecord, instanceId: number) => boolean

/** What a search asks for: every condition that is given must hold. */
function readSearch({ query }: FastifyRequest): Condition {
  const conditions: Condition[] = []
  const equal = (field: string, wanted: string) =>
    conditions.push((record, instanceId) => {
      const shown = toInsightly(record, instanceId)[field as keyof RestForm]
      return shown !== null && foldCase(String(shown)) === foldCase(wanted)
    })
  const name = queryValue(query, 'field_name')
  const value = queryValue(query, 'field_value')
  if (name !== undefined || value !== undefined) {
    if (name === undefined || value === undefined || !searchable.has(name.toUpperCase())) throw invalid()
    equal(name.toUpperCase(), value)
  }
  for (const [parameter, field] of Object.entries(searchParameters)) {
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
const toUtc = (text: string): string => (/[zZ]$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)

const searchable = new Set<string>(insightlyFields)
