// Every error this server answers with: one table of codes, one class, and the three forms of an error body
// (SCIM Error, Insightly's {"Message"}, RFC 9457 problem).

import { randomUUID } from 'node:crypto'
import type { RuleId } from './scim/rules.ts'

interface ErrorRow {
  status: number
  /** The detail error keyword of RFC 7644 §3.12, where there is one. */
  scimType?: string
  title: string
}

/** Code → status and scimType: the only place that connects them. */
export const errorCodes = {
  invalidFilter: { status: 400, scimType: 'invalidFilter', title: 'The filter is not supported' },
  invalidPath: { status: 400, scimType: 'invalidPath', title: 'The path is malformed' },
  invalidSyntax: { status: 400, scimType: 'invalidSyntax', title: 'The request is malformed' },
  invalidValue: { status: 400, scimType: 'invalidValue', title: 'A value is missing or not acceptable' },
  mutability: { status: 400, scimType: 'mutability', title: 'The attribute is read-only' },
  noTarget: { status: 400, scimType: 'noTarget', title: 'The operation has no target' },
  unauthorized: { status: 401, title: 'The credentials are missing or wrong' },
  forbidden: { status: 403, title: 'The operation is not permitted' },
  notFound: { status: 404, title: 'There is no such resource' },
  methodNotAllowed: { status: 405, title: 'The method is not supported here' },
  timeout: { status: 408, title: 'It did not happen in time' },
  conflict: { status: 409, title: 'The state does not permit it' },
  uniqueness: { status: 409, scimType: 'uniqueness', title: 'The value is already taken' },
  tooLarge: { status: 413, title: 'The body is too large' },
  unsupportedMediaType: { status: 415, title: 'The media type is not supported' },
  expectationFailed: { status: 417, title: 'The expectation cannot be met' },
  invalidInput: { status: 422, title: 'The input is not acceptable' },
  tooManyRequests: { status: 429, title: 'Too many requests' },
  headersTooLarge: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Internal error' },
  notImplemented: { status: 501, title: 'Not supported' },
  badGateway: { status: 502, title: 'The real endpoint cannot be reached' },
  unavailable: { status: 503, title: 'The store cannot be used' },
  storageFull: { status: 507, title: 'The store is full' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorCodes

/** What handlers and services throw: a code of the table, and a detail for someone reading a failed test's log. */
export class ApiError extends Error {
  readonly code: ErrorCode
  /** The rule that refuses; shown in the journal, never to the client. */
  readonly rule: RuleId | undefined
  readonly headers: Record<string, string>

  constructor(code: ErrorCode, detail: string, rule?: RuleId, headers: Record<string, string> = {}) {
    super(detail)
    this.name = 'ApiError'
    this.code = code
    this.rule = rule
    this.headers = headers
  }

  get status(): number {
    return errorCodes[this.code].status
  }

  get title(): string {
    return errorCodes[this.code].title
  }

  get scimType(): string | undefined {
    return (errorCodes[this.code] as ErrorRow).scimType
  }
}

/** The errors of SQLite that say that a database cannot be used. */
const unusable = /^SQLITE_(BUSY|LOCKED|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB)/

/** Turns anything thrown into an ApiError. An unknown error becomes a 500 that shows a request id and nothing else. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT')
    return new ApiError('storageFull', 'The disk that holds the data is full; nothing was changed.')
  if (code === 'EMFILE' || code === 'ENFILE')
    return new ApiError('unavailable', 'Too many files are open; delete instances, or raise the limit of open files.')
  if (typeof code === 'string' && unusable.test(code))
    return new ApiError('unavailable', `The data cannot be used now (${code}); nothing was changed.`)
  const framework = typeof code === 'string' ? frameworkCodes[code] : undefined
  if (framework) return new ApiError(...framework)
  return new ApiError('internal', `Internal error; request id ${randomUUID()}.`)
}

/** The refusal of a body that is too long. */
export const bodyTooLarge: [ErrorCode, string, RuleId] = [
  'tooLarge',
  'The body is larger than is accepted here.',
  'D-08',
]

/** Errors of Fastify before a handler runs, and Node's error for a connection that ended too soon, in our codes and words. */
const frameworkCodes: Record<string, [ErrorCode, string, RuleId]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupportedMediaType',
    'The Content-Type is malformed; send application/json.',
    'D-04',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLarge,
  ECONNRESET: ['invalidSyntax', 'The connection ended before the body was whole.', 'D-08'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalidSyntax', 'The body is not as long as its Content-Length says.', 'D-08'],
}

/** Makes a surface's error body. */
export type ErrorBody = (status: number, scimType: string | undefined, detail: string) => object

export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'

/** The SCIM Error body (RFC 7644 §3.12). */
export const toScimError = (status: number, scimType: string | undefined, detail: string): Record<string, unknown> => ({
  schemas: [errorUrn],
  status: String(status),
  ...(scimType && { scimType }),
  detail,
})

/** Insightly's REST error body; it has no place for status and scimType. */
export const toMessage = (_status: number, _scimType: string | undefined, detail: string): Record<string, unknown> => ({
  Message: detail,
})

/** The problem body of the control API (RFC 9457); `extra` members are added to it. */
export const toProblem = <Extra extends object>({ title, status, message }: ApiError, extra = {} as Extra) => ({
  type: 'about:blank',
  title,
  status,
  detail: message,
  ...extra,
})

/** Quotes a value for an error text: short, escaped, and never the inside of an object. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/**
 * The end of a sentence on an unknown word: names the nearest known one, or all of them when none is near.
 * @param prefix stands before each of them
 */
export function toSuggestion(word: string, known: readonly string[], prefix = ''): string {
  const [nearest] = known
    .map(each => ({ each, distance: distanceBetween(word.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  if (!nearest) return ''
  if (nearest.distance <= Math.max(2, word.length / 3)) return `; did you mean ${prefix}${nearest.each}`
  return `; known are ${known.map(each => prefix + each).join(', ')}`
}

/** Levenshtein's distance between two words, each cut to 40 characters. */
function distanceBetween(a: string, b: string): number {
  const [from, to] = [a.slice(0, 40), b.slice(0, 40)]
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= to.length; j += 1)
      current[j] = Math.min(
        current[j - 1]! + 1,
        previous[j]! + 1,
        previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1),
      )
    previous = current
  }
  return previous[to.length]!
}

/** Why the server cannot start: one line that says what to do. The command prints it and exits with status 1. */
export class StartError extends Error {}
