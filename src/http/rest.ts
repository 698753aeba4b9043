// Insightly's REST v3.1 view of the users, read-only, so that a test can look at the result as Insightly shows it.

import { ApiError, toMessage } from '../errors.ts'
import type { UserRecord } from '../insightly/record.ts'
import { insightlyFields, type RestForm, toInsightly } from '../insightly/rest-form.ts'
import { foldCase } from '../scim/attribute.ts'
import { answer, type Call, countRequest } from './call.ts'
import { type Handler, Routes, type Surface } from './surface.ts'

/** The daily limit that Insightly's largest plan shows. */
const dailyLimit = 100_000
const defaultTop = 100
const maxTop = 500

/** The paths of REST. */
export const restRoutes = new Routes({
  Users: { GET: listUsers },
  'Users/:id': { GET: call => showUser(call, getUser(call)) },
  'Users/Me': { GET: call => showUser(call, call.instance.apiUser!) },
  'Users/Search': { GET: searchUsers },
  Instance: { GET: showInstance },
})

/** The REST surface. */
export const restSurface: Surface = {
  toErrorBody: toMessage,
  toType: () => 'application/json; charset=utf-8',

  /** 401 precedes 404 and 405. */
  admit(call) {
    authenticate(call)
    const perSecond = call.instance.settings.rateLimit?.requestsPerSecond
    call.headers = { 'x-ratelimit-limit': perSecond ?? dailyLimit, 'x-ratelimit-remaining': 0 }
    call.headers['x-ratelimit-remaining'] = countRequest(call) ?? dailyLimit - 1
    return findHandler(call)
  },

  readsBody: () => false,
  toFaultTarget: ({ exchange: { method }, path }) => ({
    method,
    path,
    operation: 'read',
    userNames: [],
    isPage: false,
  }),
}

/** A method other than GET is 405 wherever something is. */
function findHandler(call: Call): Handler {
  const { method } = call.exchange
  const methods = restRoutes.find(call)
  const handler = methods?.[method]
  if (handler) return handler
  // Fault rules are asked about what is not there, too.
  if (!methods)
    return () => {
      throw new ApiError('notFound', 'No resource was found.', 'R-01')
    }
  throw new ApiError('methodNotAllowed', `The requested resource does not support http method '${method}'.`, 'R-06', {
    allow: Object.keys(methods).join(', '),
  })
}

function listUsers(call: Call): void {
  const { records, instanceId } = call.instance
  const { skip, top } = readPaging(call)
  answerRead(
    call,
    records.page(skip + 1, top).map(record => toInsightly(record, instanceId)),
    records.total,
  )
}

function showUser(call: Call, user: UserRecord): void {
  answerRead(call, toInsightly(user, call.instance.instanceId))
}

function getUser({ instance, id }: Call): UserRecord {
  const record = instance.records.find(id!)
  if (!record) throw new ApiError('notFound', `No User with ID = ${id}`, 'R-06')
  return record
}

function searchUsers(call: Call): void {
  const { records, instanceId } = call.instance
  const { skip, top } = readPaging(call)
  const isMeant = readSearch(call)
  let total = 0
  const page: UserRecord[] = []
  for (const record of records.all()) {
    if (!isMeant(record, instanceId)) continue
    total += 1
    if (total > skip && page.length < top) page.push(record)
  }
  answerRead(
    call,
    page.map(record => toInsightly(record, instanceId)),
    total,
  )
}

function showInstance(call: Call): void {
  const { name } = call.instance
  answerRead(call, {
    INSTANCE_NAME: name,
    INSTANCE_SUBDOMAIN: name,
    PLAN_NAME: 'Enterprise',
    NEW_USER_EXPERIENCE_ENABLED: true,
  })
}

/** Answers with what was read; of a list, the total too if that was asked for. */
function answerRead(call: Call, document: object, total?: number): void {
  if (total !== undefined && call.query('count_total')?.toLowerCase() === 'true')
    call.headers = { ...call.headers, 'x-total-count': total }
  call.exchange.operation = 'read'
  answer(call, 200, document)
}

/** Lets in whoever shows the API key of an instance for which an active user stands. */
function authenticate(call: Call): void {
  const [, encoded] = /^basic +([a-z0-9+/_-]+)=* *$/i.exec(call.header('authorization') ?? '') ?? []
  const [key] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const instance = key ? call.context.instances.findByApiKey(key) : undefined
  if (!instance?.apiUser)
    throw new ApiError('unauthorized', 'Authorization has been denied for this request.', 'R-02', {
      'www-authenticate': 'Basic',
    })
  call.instance = instance
}

const invalid = (): ApiError => new ApiError('invalidSyntax', 'The request is invalid.', 'R-06')

function readPaging(call: Call): { skip: number; top: number } {
  const read = (name: string, fallback: number) => {
    const text = call.query(name)
    if (text === undefined) return fallback
    if (!/^\d+$/.test(text)) throw invalid()
    return Math.min(Number.MAX_SAFE_INTEGER - 1, Number(text))
  }
  return { skip: read('skip', 0), top: Math.min(maxTop, read('top', defaultTop)) }
}

type Condition = (record: UserRecord, instanceId: number) => boolean

/** What a search asks for: every condition that is given must hold. */
function readSearch(call: Call): Condition {
  const conditions: Condition[] = []
  const equal = (field: string, wanted: string) =>
    conditions.push((record, instanceId) => {
      const shown = toInsightly(record, instanceId)[field as keyof RestForm]
      return shown !== null && foldCase(String(shown)) === foldCase(wanted)
    })
  const name = call.query('field_name')
  const value = call.query('field_value')
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
    const wanted = call.query(parameter)
    if (wanted !== undefined) equal(field, wanted)
  }
  const after = call.query('updated_after_utc')
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
