// Insightly's REST v3.1 view of the users, read-only, so that a test can look at the result as Insightly shows it.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError, toApiError, toMessage } from '../errors.ts'
import { insightlyFields, toInsightly } from '../records.ts'
import { foldCase } from '../scim/attribute.ts'
import type { UserRecord } from '../scim/user.ts'
import type { Context } from '../server.ts'
import { beginExchange, countRequest, queryValue } from './exchange.ts'
import { injectFault, sendOrSpoil } from './faulty.ts'
import { collectMethods } from './methods.ts'

/** The daily limit that Insightly's largest plan shows. */
const dailyLimit = 100_000
const defaultTop = 100
const maxTop = 500

/** Registers the REST surface below the prefix it is given. */
export function restSurface(context: Context) {
  return async (app: FastifyInstance): Promise<void> => {
    const methodsFor = collectMethods(app)
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume()
      done(null)
    })

    app.addHook('onRequest', (request, reply, done) => {
      beginExchange(request)
      try {
        authenticate(request, context)
        const perSecond = request.instance.settings.rateLimit?.requestsPerSecond
        reply.headers({ 'x-ratelimit-limit': perSecond ?? dailyLimit, 'x-ratelimit-remaining': 0 })
        const { limit, remaining } = countRequest(request) ?? { limit: dailyLimit, remaining: dailyLimit - 1 }
        reply.headers({ 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining })
        if (request.is404) refuseUnrouted(request, methodsFor)
      } catch (error) {
        done(error as Error)
        return
      }
      done()
    })
    app.addHook('preHandler', (request, reply, done) => {
      const { faults } = request.instance
      const [path] = request.url.split('?')
      const target = { method: request.method, path: path!, operation: 'read' as const, userNames: [], isPage: false }
      if (faults.isEmpty) done()
      else injectFault(request, reply, context, target, toMessage, done)
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      const isRefused = reply.statusCode >= 400 || request.exchange.notRun
      done(null, sendOrSpoil(request, reply, context, isRefused ? 'refused' : 'read', payload))
    })
    app.setErrorHandler((thrown, request, reply) => {
      const error = toApiError(thrown)
      if (error.code === 'internal') context.log.error({ err: thrown }, error.message)
      if (error.rule) request.exchange.notes.push(`${error.message} (${error.rule})`)
      return reply
        .code(error.status)
        .headers(error.headers)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(toMessage(error.status, error.scimType, error.message)))
    })
    app.setNotFoundHandler(() => {
      throw new ApiError('notFound', 'No resource was found.', 'R-01')
    })

    const route = { exposeHeadRoute: false }
    app.get('/Users', route, (request, reply) => {
      const { users, instanceId } = request.instance
      const { skip, top } = readPaging(request)
      if (wantsTotal(request)) reply.header('x-total-count', users.total)
      return users.page(skip + 1, top).map(record => toInsightly(record, instanceId))
    })
    app.get('/Users/Me', route, ({ instance }) => toInsightly(instance.apiUser!, instance.instanceId))
    app.get('/Users/Search', route, (request, reply) => {
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
      if (wantsTotal(request)) reply.header('x-total-count', total)
      return page.map(record => toInsightly(record, instanceId))
    })
    app.get<{ Params: { id: string } }>('/Users/:id', route, ({ instance, params }) => {
      try {
        return toInsightly(instance.users.getRecord(params.id), instance.instanceId)
      } catch {
        throw new ApiError('notFound', `No User with ID = ${params.id}`, 'R-06')
      }
    })
    app.get('/Instance', route, ({ instance }) => ({
      INSTANCE_NAME: instance.name,
      INSTANCE_SUBDOMAIN: instance.name,
      PLAN_NAME: 'Enterprise',
      NEW_USER_EXPERIENCE_ENABLED: true,
    }))
  }
}

/** Lets in whoever shows the API key of an instance for which an active user stands. */
function authenticate(request: FastifyRequest, context: Context): void {
  const [, encoded] = /^basic +([a-z0-9+/_-]+)=* *$/i.exec(request.headers.authorization ?? '') ?? []
  const [key] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const instance = key ? context.instances.findByApiKey(key) : undefined
  if (!instance?.apiUser)
    throw new ApiError('unauthorized', 'Authorization has been denied for this request.', 'R-02', {
      'www-authenticate': 'Basic',
    })
  request.instance = instance
}

/** A method other than GET is 405 wherever something is. */
function refuseUnrouted({ method, url }: FastifyRequest, methodsFor: (path: string) => string[]): void {
  const allow = methodsFor(url.replace(/\?.*/s, '')).join(', ')
  if (allow === '') return
  throw new ApiError('methodNotAllowed', `The requested resource does not support http method '${method}'.`, 'R-06', {
    allow,
  })
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

const wantsTotal = ({ query }: FastifyRequest): boolean => queryValue(query, 'count_total')?.toLowerCase() === 'true'

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
