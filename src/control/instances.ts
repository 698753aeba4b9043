// The routes of instances, their settings and tokens.

import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod/mini'
import { instanceName } from '../account/data-folder.ts'
import { type Instance, toDescription } from '../account/instance.ts'
import type { NewInstance } from '../account/instances.ts'
import { type InitialState, mergeSettings, type Settings, toInitialState } from '../account/settings.ts'
import { StagedUsers } from '../account/staged-users.ts'
import {
  allBehaviours,
  calibratedProfile,
  plainSettings,
  someBehaviours,
  stateSchema,
  toInitial,
} from '../account/state.ts'
import { ApiError, quote } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { toOrigin } from '../http/request.ts'
import { type Behaviours, presetNames, presets } from '../scim/behaviour.ts'
import { type MembersOf, validate } from '../validation.ts'
import { BodyDigest } from './body-digest.ts'
import { type ControlApp, named, nothing, ofInstance, toStream, whole, withStreams } from './route.ts'
import { receiveState } from './state-stream.ts'
import type { InstanceOptions, SettingsChange } from './types.ts'

const secretOrNull = z.nullable(z.string().check(z.minLength(1)))
const url = z.url()

const description = named(
  'Instance',
  z.strictObject({
    name: z.string(),
    instanceId: whole,
    scimUrl: url,
    scimToken: secretOrNull,
    apiUrl: url,
    apiKey: secretOrNull,
  } satisfies MembersOf<ReturnType<typeof toDescription>>),
)

named('Behaviours', allBehaviours)
named('SomeBehaviours', someBehaviours)

const newName = z
  .string()
  .check(z.regex(instanceName, 'lower-case letters, digits and dashes, 1 to 63 of them, no dash first'))

const creation = named(
  'InstanceCreation',
  z.partial(
    z.strictObject({
      name: newName.check(z.describe('Lower-case letters, digits and dashes, at most 63. Made up unless given.')),
      scimToken: z
        .string()
        .check(
          z.regex(/^[\x21-\x7e]{1,500}$/, '1 to 500 printable ASCII characters without blanks'),
          z.describe('Made up unless given.'),
        ),
      profile: z
        .union([z.enum(presetNames), someBehaviours, calibratedProfile])
        .check(z.describe("A preset, or switches on top of the server's own.")),
      behaviours: someBehaviours.check(z.describe('Switches on top of the profile.')),
      samlEnabled: z.boolean().check(z.describe('On unless given; without SAML there is no SCIM.')),
      scimEnabled: z.boolean().check(z.describe('On unless given; SCIM that was never on has no token yet.')),
      state: stateSchema.check(z.describe('What to start from; the account owner alone unless given.')),
    } satisfies { [K in keyof InstanceOptions]-?: z.ZodMiniType }),
  ),
)

/** What makes an instance whose name stands in the path. */
const creationByName = named('NamedInstanceCreation', z.omit(creation, { name: true }))

const settings = named('Settings', z.extend(plainSettings, { behaviours: allBehaviours }))
const settingsChange = named(
  'SettingsChange',
  z.extend(z.partial(plainSettings), { behaviours: z.optional(someBehaviours) }),
)

/** Registers the routes of instances. */
export function instanceRoutes(app: ControlApp, context: Context): void {
  const { instances } = context

  app.get(
    '/instances',
    { schema: { operationId: 'listInstances', summary: 'All instances', response: { 200: z.array(description) } } },
    request => instances.list().map(instance => describe(request, instance)),
  )

  withStreams(app, scope => {
    scope.post(
      '/instances',
      {
        schema: {
          operationId: 'createInstance',
          summary: 'Makes an instance, by default one that accepts SCIM requests at once',
          body: z.optional(creation),
          response: { 201: description },
          errors: ['conflict'],
          links: {
            getInstance: { name: '$response.body#/name' },
            getSettings: { name: '$response.body#/name' },
            deleteInstance: { name: '$response.body#/name' },
          },
        },
      },
      async (request, reply) => {
        const made = await receiveInstance(toStream(request), creation, options => instances.create(options))
        reply.code(201)
        return describe(request, made)
      },
    )

    scope.put(
      '/instances/:name',
      {
        schema: {
          operationId: 'createOrFindInstance',
          summary:
            'Makes an instance of a name, or finds it: the same request can be sent again, by several clients too',
          params: z.strictObject({ name: newName }),
          makesInstance: true,
          body: z.optional(creationByName),
          response: { 200: description, 201: description },
          errors: ['conflict'],
        },
      },
      async (request, reply) => {
        const { name } = request.params
        const body = toStream(request)
        const asked = new BodyDigest()
        if (instances.find(name)) for await (const chunk of body ?? []) asked.take(chunk)
        const found = findMade(name, asked)
        if (found) return describe(request, found)
        const made = await receiveInstance(
          body,
          creationByName,
          options => {
            // While the body came, another request may have made it.
            const other = findMade(name, asked)
            reply.code(other ? 200 : 201)
            return other ?? instances.create({ ...options, name, madeWith: asked.text })
          },
          chunk => asked.take(chunk),
        )
        return describe(request, made)
      },
    )
  })

  app.get(
    '/instances/:name',
    {
      schema: {
        operationId: 'getInstance',
        summary: 'One instance, with its secrets',
        params: ofInstance,
        response: { 200: description },
      },
    },
    request => describe(request, instances.get(request.params.name)),
  )

  app.delete(
    '/instances/:name',
    {
      schema: {
        operationId: 'deleteInstance',
        summary: 'Removes an instance with its data; the default one cannot be removed',
        params: ofInstance,
        response: { 204: nothing },
        errors: ['conflict'],
      },
    },
    (request, reply) => {
      const instance = instances.get(request.params.name)
      if (instance.name === 'default')
        throw new ApiError('conflict', 'The default instance cannot be deleted; reset it instead.')
      instances.delete(instance)
      reply.code(204).send()
    },
  )

  app.get(
    '/instances/:name/settings',
    {
      schema: { operationId: 'getSettings', summary: 'The settings', params: ofInstance, response: { 200: settings } },
    },
    request => instances.get(request.params.name).settings,
  )

  app.patch(
    '/instances/:name/settings',
    {
      schema: {
        operationId: 'changeSettings',
        summary: 'Changes settings; turning SAML off turns SCIM off',
        params: ofInstance,
        body: settingsChange,
        response: { 200: settings },
        errors: ['conflict'],
      },
    },
    request => {
      const instance = instances.get(request.params.name)
      const change: SettingsChange = request.body
      instance.changeSettings(change as Partial<Settings>)
      return instance.settings
    },
  )

  app.post(
    '/instances/:name/scim-token/regenerate',
    {
      schema: {
        operationId: 'regenerateToken',
        summary: 'Makes a new SCIM token; earlier ones are rejected from then on',
        params: ofInstance,
        response: { 200: z.strictObject({ scimToken: z.string().check(z.minLength(1)) }) },
        errors: ['conflict'],
      },
    },
    request => ({ scimToken: instances.get(request.params.name).regenerateToken() }),
  )

  /** The instance of a name, if there is one. @throws conflict when it was made with another body */
  function findMade(name: string, asked: BodyDigest): Instance | undefined {
    const found = instances.find(name)
    if (!found || asked.isEmpty || asked.text === found.madeWith) return found
    throw new ApiError(
      'conflict',
      `There is an instance named ${quote(name)} already, made with another body; send that one, or none, to find it.`,
    )
  }

  /** Reads what an instance is to be made from, its users as they arrive. */
  async function receiveInstance(
    body: Readable | undefined,
    schema: typeof creation | typeof creationByName,
    make: (options: NewInstance) => Instance,
    seen?: (chunk: Buffer) => void,
  ): Promise<Instance> {
    let staged: StagedUsers | undefined
    try {
      const { document = {}, users } = await receiveState(
        body,
        ['state', 'users'],
        () => {
          staged ??= StagedUsers.ofNewInstance('state.users')
          context.metrics.imports.add(staged)
          return staged
        },
        seen,
      )
      const { name, scimToken, ...options }: z.output<typeof creation> = validate(schema, document)
      const initial = toInitialOf(options, context.behaviours)
      return make({ name, scimToken, state: users ? { ...initial, users: users.records() } : initial })
    } finally {
      if (staged) context.metrics.imports.delete(staged)
      staged?.close()
    }
  }

  function describe(request: FastifyRequest, instance: Instance) {
    const origin = instance.settings.publicUrl ?? context.config.publicUrl ?? toOrigin(request.raw, context.config)
    return toDescription(instance, origin)
  }
}

/**
 * The initial state that the options describe. What they leave out is as in every new instance.
 * @throws conflict for SCIM enabled with SAML off
 */
function toInitialOf(options: z.output<typeof creation>, defaults: Readonly<Behaviours>): InitialState {
  const { profile, behaviours, samlEnabled, scimEnabled, state } = options
  const switches = typeof profile === 'object' && 'behaviours' in profile ? profile.behaviours : profile
  const base = toInitialState(
    typeof switches === 'string' ? presets[switches] : ({ ...defaults, ...switches } as Behaviours),
  )
  const initial = state ? toInitial(state, base) : base
  const change = {
    ...(behaviours && { behaviours }),
    ...(samlEnabled !== undefined && { samlEnabled }),
    ...(scimEnabled !== undefined && { scimEnabled }),
  }
  return { ...initial, settings: mergeSettings(initial.settings, change as Partial<Settings>) }
}
