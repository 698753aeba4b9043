// The control API in openapi.yaml: collected from its routes, which describe themselves.

import Fastify, { type FastifySchema } from 'fastify'
import * as z from 'zod/mini'
import { controlSurface } from '../control/control.ts'
import { type ErrorCode, errorCodes } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { anywhere, content, type ErrorForm, type Json, type Paths, schemaRef, toErrors } from './parts.ts'

const json = 'application/json'
const problem = 'application/problem+json'

/** The errors of the control API (RFC 9457). */
export const controlErrors: ErrorForm = {
  prefix: 'Control',
  mediaTypes: [problem],
  toSchema: (_codes, status) => ({
    // Not a constant: code generators cannot narrow an integer to one.
    allOf: [schemaRef('Problem'), { properties: { status: { type: 'integer', minimum: status, maximum: status } } }],
  }),
}

/** How zod makes schemas: of bodies, what a client may send; of queries, the types that their texts are read as. */
const asInput = { io: 'input', unrepresentable: 'any', override: simplify } as const
const asOutput = { ...asInput, io: 'output' } as const

/** Writes a nullable schema in the form that code generators understand best. */
function simplify({ jsonSchema: schema }: { jsonSchema: Json }): void {
  const [type, or, ...more] = (schema.anyOf ?? []) as Json[]
  if (typeof type?.type !== 'string' || or?.type !== 'null' || more.length > 0 || type.enum || type.const) return
  delete schema.anyOf
  Object.assign(schema, { ...type, type: [type.type, 'null'] })
}

function toSchema(schema: z.ZodMiniType): Json {
  const { $schema, $defs, ...rest } = z.toJSONSchema(schema, asInput)
  return toAlternatives(JSON.parse(JSON.stringify(rest).replaceAll('#/$defs/', '#/components/schemas/')))
}

/** Writes several types as alternatives: code generators know a list of types only as one that may be null. */
const toAlternatives = <T>(schema: T): T =>
  JSON.parse(JSON.stringify(schema), (_name, value) => {
    if (!Array.isArray(value?.type) || value.type.length < 3) return value
    const { type: types, ...rest } = value
    return { ...rest, anyOf: types.map((type: string) => ({ type })) }
  })

/** The schemas that routes have named. */
export function controlSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { ...asInput, uri: id => schemaRef(id).$ref as string })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, toAlternatives(schema) as Json]),
  )
}

/** The parameters that an object schema describes. */
function toParameters(schema: z.ZodMiniObject | undefined, place: 'path' | 'query'): Json[] {
  const { properties = {} } = schema ? z.toJSONSchema(schema, asOutput) : {}
  return Object.entries(properties as Record<string, Json>).map(([name, { description, examples, ...rest }]) => ({
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    description,
    schema: rest,
    ...(examples !== undefined && { example: (examples as unknown[])[0] }),
  }))
}

/** How a route of the control API describes itself. */
interface Described extends FastifySchema {
  params?: z.ZodMiniObject
  querystring?: z.ZodMiniObject
  body?: z.ZodMiniType
  response: Record<string, z.ZodMiniType | { content: Record<string, { schema: z.ZodMiniType }> }>
}

const isSchema = (answer: Described['response'][string]): answer is z.ZodMiniType => '_zod' in answer

function toResponse(status: string, answer: Described['response'][string]): Json {
  if (!isSchema(answer)) return { description: 'Done.', content: withSchemas(answer.content) }
  if (status === '204') return { description: 'Done.' }
  const isLate = Number(status) === errorCodes.timeout.status
  const { description = isLate ? 'It did not happen in time; this is the present state.' : 'Done.' } =
    z.globalRegistry.get(answer) ?? {}
  const mediaType = status < '400' || isLate ? json : problem
  return { description, content: content(toSchema(answer), mediaType) }
}

const withSchemas = (content: Record<string, { schema: z.ZodMiniType }>): Json =>
  Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, { schema: toSchema(schema) }]))

function toOperation(described: Described): Json {
  const { operationId, summary, params, makesInstance, querystring, body, response, errors, answerHeaders, links } =
    described
  const codes: ErrorCode[] = ['unauthorized', ...anywhere, ...(errors ?? [])]
  if (params && !makesInstance) codes.push('notFound')
  if (querystring || body) codes.push('invalidInput')
  if (body) codes.push('invalidSyntax', 'tooLarge')
  const parameters = toParameters(querystring, 'query')
  const responses = Object.fromEntries(
    Object.entries(response).map(([status, answer]) => [status, toResponse(status, answer)]),
  )
  if (answerHeaders) Object.values(responses)[0]!.headers = answerHeaders
  if (links)
    Object.values(responses)[0]!.links = Object.fromEntries(
      Object.entries(links).map(([operationId, parameters]) => [operationId, { operationId, parameters }]),
    )
  return {
    tags: ['Control'],
    operationId,
    summary,
    security: [{ adminKey: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: !z.safeParse(body, undefined).success, content: content(toSchema(body), json) },
    }),
    responses: { ...toErrors(controlErrors, ...codes), ...responses },
  }
}

/** The paths of the control API. */
export async function controlPaths(): Promise<Paths> {
  const app = Fastify()
  const paths: Paths = {}
  app.addHook('onRoute', ({ url, method, schema }) => {
    if (method === 'HEAD') return
    const described = schema as Described
    const path = url.replace(/\/$/, '').replace(/:(\w+)/g, '{$1}')
    const parameters = toParameters(described.params, 'path')
    paths[path] ??= parameters.length > 0 ? { parameters } : {}
    paths[path][(method as string).toLowerCase()] = toOperation(described)
  })
  // The routes are registered but never called, so an empty context is enough.
  app.decorate('context', {} as Context)
  const { prefix, plugin } = controlSurface
  app.register(async scope => plugin(scope), { prefix })
  await app.ready()
  await app.close()
  return paths
}
