// The parts that openapi.yaml is built of: references, media types, parameters, and the errors of the error table.

import { type ErrorCode, errorCodes } from '../errors.ts'

/** Any part of the document. */
export type Json = Record<string, unknown>

/** Path → method → operation. */
export type Paths = Record<string, Json>

/** A reference to a named schema. */
export const schemaRef = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })

/** A `content` that holds one schema under each media type. */
export const content = (schema: Json, ...mediaTypes: readonly string[]): Json =>
  Object.fromEntries(mediaTypes.map(type => [type, { schema }]))

/** An object schema without other members; `optional` names the properties that may be left out. */
export const object = (properties: Json, optional: readonly string[] = []): Json => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter(name => !optional.includes(name)),
  additionalProperties: false,
})

/** An array schema. */
export const arrayOf = (items: Json, limits: Json = {}): Json => ({ type: 'array', items, ...limits })

/** A parameter of a query, which may be left out. */
export const queryParameter = (name: string, description: string, schema: Json, extra: Json = {}): Json => ({
  name,
  in: 'query',
  description,
  schema,
  ...extra,
})

/** A parameter of a path, which is any text. */
export const pathParameter = (name: string, description: string, example: string): Json => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', minLength: 1 },
  example,
})

/** A pattern for a word in any letter case; in a JSON Schema, a pattern has no flag for that. */
export const anyCase = (word: string): string =>
  word.replace('.', '\\.').replace(/[a-z]/gi, letter => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)

/** How the errors of a surface look. */
export interface ErrorForm {
  /** The start of the names of its shared responses. */
  prefix: string
  mediaTypes: readonly string[]
  /** The body of an error that has one of these codes, which share a status. */
  toSchema(codes: readonly ErrorCode[], status: number): Json
}

const headersOf: Partial<Record<ErrorCode, Json>> = {
  unauthorized: { 'WWW-Authenticate': { required: true, schema: { type: 'string' } } },
  tooManyRequests: { 'Retry-After': { required: true, schema: { type: 'integer', minimum: 0 } } },
}

const toError = ({ mediaTypes, toSchema }: ErrorForm, codes: readonly ErrorCode[]): Json => ({
  description: codes.map(code => errorCodes[code].title).join('; '),
  ...(headersOf[codes[0]!] && { headers: headersOf[codes[0]!] }),
  content: content(toSchema(codes, errorCodes[codes[0]!].status), ...mediaTypes),
})

const toResponseName = ({ prefix }: ErrorForm, code: ErrorCode): string =>
  `${prefix}${code[0]!.toUpperCase()}${code.slice(1)}`

/** The responses that operations share: one for each code of the error table. */
export const toErrorResponses = (form: ErrorForm): Record<string, Json> =>
  Object.fromEntries(
    (Object.keys(errorCodes) as ErrorCode[]).map(code => [toResponseName(form, code), toError(form, [code])]),
  )

/** The error responses of an operation, by status. */
export const toErrors = (form: ErrorForm, ...codes: readonly ErrorCode[]): Json =>
  Object.fromEntries(
    Object.entries(Object.groupBy(codes, code => errorCodes[code].status)).map(([status, group = []]) => [
      status,
      group.length > 1 ? toError(form, group) : { $ref: `#/components/responses/${toResponseName(form, group[0]!)}` },
    ]),
  )

/** The errors that every operation may answer with. */
export const anywhere = [
  'headersTooLarge',
  'internal',
  'unavailable',
  'storageFull',
] as const satisfies readonly ErrorCode[]
