// The control API, by which a test suite and the console arrange an instance and look into it. This file has its
// authentication, its body parser and the routes of the server itself; the other routes are in one file for each noun.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod/mini'
import { allBehaviours, behaviourKey } from '../account/profile.ts'
import { isSameSecret } from '../account/secrets/secrets.ts'
import { ApiError } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { collectMethods, refuseMethod } from '../http/errors.ts'
import { maxInput, parseJson } from '../http/json-body.ts'
import { countHeader, findBearerToken, pathOf, refuseSeveralHosts } from '../http/request.ts'
import { version } from '../package.ts'
import { behaviourRows, presets } from '../scim/behaviour.ts'
import { ruleTable } from '../scim/rules.ts'
import { type Evidence, evidenceWords } from '../scim/user.ts'
import { type MembersOf, validate } from '../validation.ts'
import { clockRoutes } from './clock.ts'
import { conversationRoutes } from './conversations.ts'
import { differenceRoutes } from './differences.ts'
import { ruleId } from './entries.ts'
import { eventRoutes } from './events.ts'
import { faultRoutes } from './faults.ts'
import { instanceRoutes } from './instances.ts'
import { rehearsalRoutes } from './rehearsals.ts'
import { replayRoutes } from './replay.ts'
import { requestRoutes } from './requests.ts'
import { type ControlApp, describeWithZod, instant, named, whole } from './route.ts'
import { stateRoutes } from './state.ts'
import { userRoutes } from './users.ts'
import { verificationRoutes } from './verification.ts'

/** The control API. */
export const controlSurface = { prefix: '/_emulator', plugin: register }

const nouns = [
  serverRoutes,
  instanceRoutes,
  userRoutes,
  stateRoutes,
  requestRoutes,
  verificationRoutes,
  replayRoutes,
  conversationRoutes,
  rehearsalRoutes,
  differenceRoutes,
  faultRoutes,
  clockRoutes,
  eventRoutes,
]

function register(plugin: FastifyInstance): void {
  const { context } = plugin
  const app = plugin as unknown as ControlApp
  readJson(plugin)
  describeWithZod(app)
  guard(plugin, context)
  app.setNotFoundHandler(() => {
    throw new ApiError('notFound', 'There is nothing here; the control API is described in /openapi.yaml.')
  })
  for (const registerRoutes of nouns) registerRoutes(app, context)
}

function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, ({ routeOptions }, body, done) => {
    let parsed: unknown
    try {
      parsed = parseJson(body as Buffer, maxInput)
      const schema = routeOptions.schema?.body as z.ZodMiniType | undefined
      // Later, a null that was sent looks like a body that was not.
      if (parsed === null && schema) validate(schema, parsed)
    } catch (error) {
      done(error as Error)
      return
    }
    done(null, parsed)
  })
}

/** Requires the admin key, then a method and an instance that exist (D-05): handlers find it as `request.instance`. */
function guard(app: FastifyInstance, { instances }: Context): void {
  const methodsFor = collectMethods(app)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store')
    const key = findBearerToken(request.headers.authorization ?? '')
    const isOne = countHeader(request.raw, 'authorization') === 1
    if (key === undefined || !isOne || !isSameSecret(key, instances.adminKey)) {
      const challenge = { 'www-authenticate': 'Bearer' }
      throw new ApiError('unauthorized', 'Send one "Authorization: Bearer" and the admin key.', undefined, challenge)
    }
    refuseSeveralHosts(request.raw)
    const methods = request.is404 ? methodsFor(pathOf(request)) : []
    if (methods.length > 0) refuseMethod(request.method, methods)
    done()
  })
  const takeInstance = (request: FastifyRequest, _reply: unknown, done: () => void): void => {
    const { name } = request.params as { name?: string }
    if (name !== undefined && !request.routeOptions.schema?.makesInstance) request.instance = instances.get(name)
    done()
  }
  app.decorateRequest('instance', null as never)
  app.addHook('onRequest', takeInstance)
  // Once more: while the body came, the instance may have been deleted.
  app.addHook('preHandler', takeInstance)
}

const evidenceMark = z.enum(Object.keys(evidenceWords) as Evidence[])
const evidenceSchemas = Object.fromEntries(evidenceMark.options.map(mark => [mark, z.string()])) as unknown as {
  [Mark in Evidence]: z.ZodMiniString
}

const ruleTableSchema = named(
  'RuleTable',
  z.strictObject({
    rules: z.array(
      z.strictObject({
        id: ruleId,
        sentence: z.string(),
        evidence: evidenceMark,
        source: z.string(),
        switch: z.nullable(behaviourKey),
        accepts: z
          .array(z.string())
          .check(z.describe('The values of the switch under which a request that the rule refused may be accepted.')),
      }),
    ),
    evidence: z.strictObject(evidenceSchemas),
  }),
)

const serverInfo = named(
  'ServerInfo',
  z.strictObject({
    version: z.string(),
    startedAt: instant,
    uptimeSeconds: whole,
    publicUrl: z
      .nullable(z.url())
      .check(z.meta({ description: 'The start of the URLs that the server gives, where it was told one.' })),
    instances: z.array(z.string()),
  }),
)

const behaviourTable = named(
  'BehaviourTable',
  z.strictObject({
    behaviours: z.array(
      z.strictObject({
        key: behaviourKey,
        sentence: z.string(),
        evidence: evidenceMark,
        values: z.array(z.strictObject({ value: z.string(), meaning: z.string() })).check(z.minLength(2)),
        rfc7644: z.optional(z.string()),
      }),
    ),
    presets: z.strictObject({ insightly: allBehaviours, rfc7644: allBehaviours } satisfies MembersOf<typeof presets>),
  }),
)

function serverRoutes(app: ControlApp, { startedAt, config, instances }: Context): void {
  app.get(
    '/',
    {
      schema: {
        operationId: 'getServer',
        summary: 'Version, uptime, public URL and instances',
        response: { 200: serverInfo },
      },
    },
    () => ({
      version,
      startedAt: new Date(startedAt).toISOString(),
      uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
      publicUrl: config.publicUrl ?? null,
      instances: instances.list().map(({ name }) => name),
    }),
  )

  app.get(
    '/behaviours',
    {
      schema: {
        operationId: 'listBehaviours',
        summary: 'The behaviour switches, what their values mean, how the defaults are known, and the presets',
        response: { 200: behaviourTable },
      },
    },
    () => ({
      behaviours: behaviourRows.map(({ values, ...row }) => ({
        ...row,
        values: values.map(([value, meaning]) => ({ value, meaning })),
      })),
      presets,
    }),
  )

  app.get(
    '/rules',
    {
      schema: {
        operationId: 'listRules',
        summary: 'The rules that refusals and notes name: what each says, how it is known, which switch can change it',
        response: { 200: ruleTableSchema },
      },
    },
    () => ruleTable,
  )
}
