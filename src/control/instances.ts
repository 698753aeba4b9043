// The routes of instances, their settings and tokens.

import type { FastifyRequest } from 'fastify'
import * as z from 'zod/mini'
import { type Instance, toDescription } from '../account/instance.ts'
import { allBehaviours, someBehaviours } from '../account/profile.ts'
import type { Settings } from '../account/settings.ts'
import { plainSettings } from '../account/state.ts'
import { ApiError, quote } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { toToldOrigin } from '../http/request.ts'
import type { MembersOf } from '../validation.ts'
import { BodyDigest, creation, creationByName, newName, receiveInstance } from './instance-creation.ts'
import { type ControlApp, named, nothing, ofInstance, toStream, whole, withStreams } from './route.ts'
import { sendInSlices, toJsonPieces } from './slices.ts'
import type { SettingsChange } from './types.ts'

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
    async (request, reply) => {
      await sendInSlices(
        reply,
        toJsonPieces('', thoseStillThere(instances.list()), each => describe(request, each), ''),
      )
    },
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
        const made = await receiveInstance(context, toStream(request), creation, options => instances.create(options))
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
          context,
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
    request => describe(request, request.instance),
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
    ({ instance }, reply) => {
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
    ({ instance }) => instance.settings,
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
    ({ instance, body }) => {
      const change: SettingsChange = body
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
    ({ instance }) => ({ scimToken: instance.regenerateToken() }),
  )

  /** Leaves out what is deleted before its turn. */
  function* thoseStillThere(list: readonly Instance[]): Iterable<Instance> {
    for (const instance of list) if (instances.find(instance.name) === instance) yield instance
  }

  /** The instance of a name, if there is one. @throws conflict when it was made with another body */
  function findMade(name: string, asked: BodyDigest): Instance | undefined {
    const found = instances.find(name)
    if (!found || asked.isEmpty || asked.text === found.madeWith) return found
    throw new ApiError(
      'conflict',
      `There is an instance named ${quote(name)} already, made with another body; send that one, or none, to find it.`,
    )
  }

  function describe(request: FastifyRequest, instance: Instance) {
    return toDescription(instance, toToldOrigin(instance, request.raw, context.config))
  }
}
