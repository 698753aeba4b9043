// How a control route describes itself: zod schemas beside its handler. Fastify checks requests with them, TypeScript
// infers the handler's types from them, and openapi.yaml shows them.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchemaCompiler,
  FastifySerializerCompiler,
  FastifyTypeProvider,
} from 'fastify'
import * as z from 'zod/mini'
import type { ErrorCode } from '../errors.ts'
import { type InputProblem, type MembersOf, validate } from '../validation.ts'

declare module 'fastify' {
  // What openapi.yaml shows of a route besides its schemas.
  interface FastifySchema {
    /** The operation's own name. */
    operationId?: string
    summary?: string
    /** Errors besides those that follow from the schemas, which are an unknown instance and a bad query or body. */
    errors?: readonly ErrorCode[]
    /** Whether the instance that the path names need not be there. */
    makesInstance?: true
    /** Headers of the answer that say something, each with what it says. */
    answerHeaders?: Readonly<Record<string, { description: string; schema: object }>>
    /** Operations that may follow, each with the places of its parameters in the answer. */
    links?: Readonly<Record<string, Readonly<Record<string, string>>>>
  }
}

/** The type of checked input. In JSON and in a query, a member is undefined only if it was left out. */
type Checked<T> = T extends readonly (infer Element)[]
  ? Checked<Element>[]
  : T extends object
    ? { [K in keyof T]: Checked<object extends Pick<T, K> ? Exclude<T[K], undefined> : T[K]> }
    : T

interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.core.$ZodType ? Checked<z.output<this['schema']>> : unknown
  serializer: this['schema'] extends z.core.$ZodType ? z.input<this['schema']> : unknown
}

/** A Fastify scope whose routes have zod schemas. */
export type ControlApp = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypes>

/** Makes a scope check requests with the schemas of its routes. Answers are checked by the compiler and the tests only. */
export function describeWithZod(app: ControlApp): void {
  app.setValidatorCompiler(checkPart)
  app.setSerializerCompiler(toText)
}

/** Registers routes whose handlers read the body as it arrives. Its schema is shown, but not checked before the handler. */
export function withStreams(app: ControlApp, register: (scope: ControlApp) => void): void {
  app.register(async (plugin: FastifyInstance) => {
    const scope = plugin as unknown as ControlApp
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body))
    scope.setValidatorCompiler<z.ZodMiniType>(part => (part.httpPart === 'body' ? () => true : checkPart(part)))
    register(scope)
  })
}

/** The body of a request to such a route; undefined when it has none. */
export const toStream = ({ body }: { body: unknown }): Readable | undefined => body as Readable | undefined

const toText: FastifySerializerCompiler<z.ZodMiniType> = () => JSON.stringify

const checkPart: FastifySchemaCompiler<z.ZodMiniType> =
  ({ schema, httpPart }) =>
  given => {
    try {
      // Fastify gives null for a body that was not sent.
      return { value: validate(schema, httpPart === 'querystring' ? firstOfEach(given) : (given ?? undefined)) }
    } catch (error) {
      return { error: error as Error }
    }
  }

/** The first value of a repeated parameter counts. */
const firstOfEach = (query: object): object =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]))

/** Names a schema, so that openapi.yaml defines it once for all its uses. */
export function named<S extends z.ZodMiniType>(id: string, schema: S): S {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id })
  return schema
}

/** The answer without a body. */
export const nothing = z.undefined()

/** The path parameters of every route of one instance. */
export const ofInstance = z.strictObject({
  name: z.string().check(z.minLength(1), z.meta({ description: 'The instance.', examples: ['default'] })),
})

/** A whole number from 0. */
export const whole = z.int().check(z.minimum(0))

/** A whole number of a query. */
export const wholeInQuery = z.pipe(
  z.pipe(z.string().check(z.regex(/^\d{1,15}$/, 'a whole number from 0')), z.transform(Number)),
  whole.check(z.maximum(999_999_999_999_999)),
)

/** The status of an answer. */
export const httpStatus = z.int().check(z.minimum(100), z.maximum(599))

/** A date as the control API shows it. */
export const instant = z.string().check(z.meta({ format: 'date-time' }))

/** The members of every problem body (RFC 9457). */
export const problemMembers = {
  type: z.string(),
  title: z.string().check(z.minLength(1)),
  status: httpStatus,
  detail: z.string().check(z.minLength(1)),
}
named(
  'Problem',
  z.strictObject({
    ...problemMembers,
    errors: z.optional(
      z
        .array(z.strictObject({ path: z.string(), message: z.string() } satisfies MembersOf<InputProblem>))
        .check(z.minLength(1)),
    ),
  }),
)
