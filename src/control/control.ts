// The control API: how a test suite and the console arrange an instance and look into it. Its input is checked with
// zod, loaded with the first request that has any.

import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Instance, type Settings, toDescription, toInitialState } from '../account/instance.ts'
import { isSameSecret } from '../account/secrets.ts'
import { ApiError, quote, toApiError, toProblem } from '../errors.ts'
import { maxInput, parseJson } from '../http/body.ts'
import { limits } from '../http/limits.ts'
import { collectMethods, refuseMethod } from '../http/methods.ts'
import { queryValue, toOrigin } from '../http/request.ts'
import type { Context } from '../http/server.ts'
import type { UserRecord } from '../insightly/record.ts'
import { toInsightly } from '../insightly/rest-form.ts'
import { behaviourRows, presets } from '../scim/behaviour.ts'
import { checkQuery, readNumber, readWait, requestRoutes, waitForUsers } from './requests.ts'

/** Registers the control API below the prefix it is given. */
export function controlSurface(context: Context) {
  const { instances } = context
  const inputs = () => import('./input.ts')

  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
      const holdsState = request.routeOptions.bodyLimit === limits.stateBytes
      try {
        done(null, parseJson(body as Buffer, holdsState ? Number.POSITIVE_INFINITY : maxInput))
      } catch (error) {
        done(error as Error)
      }
    })
    const methodsFor = collectMethods(app)
    app.addHook('onRequest', (request, _reply, done) => {
      const [, key] = /^bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? '') ?? []
      if (key === undefined || !isSameSecret(key, context.adminKey)) {
        const challenge = { 'www-authenticate': 'Bearer' }
        done(new ApiError('unauthorized', 'Send "Authorization: Bearer" and the admin key.', undefined, challenge))
        return
      }
      const methods = request.is404 ? methodsFor(request.url.replace(/[?].*/s, '')) : []
      if (methods.length === 0) done()
      else {
        try {
          refuseMethod(request.method, methods)
        } catch (error) {
          done(error as Error)
        }
      }
    })
    app.setErrorHandler((thrown, _request, reply) => {
      const error = toApiError(thrown)
      if (error.code === 'internal') context.log.error({ err: thrown }, error.message)
      const problems = (error as { problems?: unknown }).problems
      return reply
        .code(error.status)
        .headers(error.headers)
        .header('content-type', 'application/problem+json; charset=utf-8')
        .send(JSON.stringify(toProblem(error, problems ? { errors: problems } : {})))
    })
    app.setNotFoundHandler(() => {
      throw new ApiError('notFound', 'There is nothing here; the control API is described in /openapi.yaml.')
    })

    app.get('/', () => ({
      version: context.version,
      uptimeSeconds: Math.round((Date.now() - context.startedAt) / 1000),
      instances: instances.list().map(({ name }) => name),
    }))

    app.get('/behaviours', () => behaviourTable)

    app.get('/instances', request => instances.list().map(instance => describe(request, instance)))
    app.post('/instances', { bodyLimit: limits.stateBytes }, async (request, reply) => {
      const { parseNewInstance } = await inputs()
      const { name, scimToken, state } = parseNewInstance(
        request.body === undefined ? {} : request.body,
        context.behaviours,
      )
      const instance = instances.create({ name, scimToken, state })
      return reply.code(201).send(describe(request, instance))
    })
    app.get<WithName>('/instances/:name', request => describe(request, instances.get(request.params.name)))
    app.delete<WithName>('/instances/:name', (request, reply) => {
      const instance = instances.get(request.params.name)
      if (instance.name === 'default')
        throw new ApiError('conflict', 'The default instance cannot be deleted; reset it instead.')
      instances.delete(instance)
      return reply.code(204).send()
    })

    app.get<WithName>('/instances/:name/settings', request => instances.get(request.params.name).settings)
    app.patch<WithName>('/instances/:name/settings', async request => {
      const instance = instances.get(request.params.name)
      const { parseSettings } = await inputs()
      instances.changeSettings(instance, parseSettings(request.body) as Partial<Settings>)
      return instance.settings
    })
    app.post<WithName>('/instances/:name/scim-token/regenerate', request => ({
      scimToken: instances.regenerateToken(instances.get(request.params.name)),
    }))

    app.get<WithName>('/instances/:name/users', async (request, reply) => {
      const instance = instances.get(request.params.name)
      checkQuery(request.query, ['userName', 'active', 'wait', 'count'])
      const find = toUserSearch(request.query)
      const wait = readWait(request.query)
      const count = readNumber(request.query, 'count', 1)
      if (wait !== undefined) {
        const isMet = () => find(instance).length >= count
        reply.code((await waitForUsers(request, context, instance, isMet, wait)) ? 200 : 408)
        instances.get(request.params.name) // It may have been deleted meanwhile.
      }
      return find(instance).map(record => showUser(record, instance))
    })
    app.get<WithId>('/instances/:name/users/:id', request => {
      const instance = instances.get(request.params.name)
      return showUser(instance.records.get(request.params.id), instance)
    })
    app.post<WithName>('/instances/:name/users', async (request, reply) => {
      const instance = instances.get(request.params.name)
      const { parseNewUser } = await inputs()
      return reply.code(201).send(showUser(instance.users.insert(parseNewUser(request.body)), instance))
    })
    app.patch<WithId>('/instances/:name/users/:id', async request => {
      const instance = instances.get(request.params.name)
      const { parseUserChange } = await inputs()
      return showUser(instance.users.edit(request.params.id, parseUserChange(request.body)), instance)
    })

    app.get<WithName>('/instances/:name/state', async (request, reply) => {
      const { exportState } = await import('../account/state.ts')
      const pieces = exportState(instances.get(request.params.name))
      return reply.type('application/json; charset=utf-8').send(Readable.from(pieces))
    })
    app.register(async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, body, done) => done(null, body))
      scope.put<WithName>('/instances/:name/state', async (request, reply) => {
        const instance = instances.get(request.params.name)
        const { readState } = await import('./state-stream.ts')
        const base = toInitialState(context.behaviours)
        try {
          await instance.withStagedUsers(async staged =>
            instances.importState(instance, await readState(request.body as Readable | undefined, staged, base)),
          )
        } catch (error) {
          instances.get(request.params.name) // Deleted while its state arrived, it is not found.
          throw error
        }
        return reply.code(204).send()
      })
    })
    app.post<WithName>('/instances/:name/reset', (request, reply) => {
      instances.get(request.params.name).reset()
      return reply.code(204).send()
    })

    app.get<WithName>('/instances/:name/faults', request => instances.get(request.params.name).faults.list())
    app.put<WithName>('/instances/:name/faults', async request => {
      const { faults } = instances.get(request.params.name)
      const { parseFaults } = await inputs()
      faults.set(parseFaults(request.body))
      return faults.list()
    })

    app.get<WithName>('/instances/:name/clock', request => showClock(instances.get(request.params.name)))
    app.put<WithName>('/instances/:name/clock', async request => {
      const instance = instances.get(request.params.name)
      const { parseClock } = await inputs()
      const { mode, now } = parseClock(request.body)
      instance.clock.set(mode, now)
      return showClock(instance)
    })
    app.post<WithName>('/instances/:name/clock/advance', async request => {
      const instance = instances.get(request.params.name)
      const { parseAdvance } = await inputs()
      instance.clock.advance(parseAdvance(request.body))
      return showClock(instance)
    })

    requestRoutes(app, context)

    function describe(request: FastifyRequest, instance: Instance) {
      const origin = instance.settings.publicUrl ?? context.config.publicUrl ?? toOrigin(request.raw, context.config)
      return toDescription(instance, origin)
    }
  }
}

const behaviourTable = {
  behaviours: behaviourRows.map(({ values, ...row }) => ({
    ...row,
    values: values.map(([value, meaning]) => ({ value, meaning })),
  })),
  presets,
}

interface WithName {
  Params: { name: string }
}
interface WithId {
  Params: { name: string; id: string }
}

const showClock = ({ clock }: Instance) => ({ mode: clock.mode, now: new Date(clock.now()).toISOString() })

const showUser = (record: UserRecord, instance: Instance) => ({
  ...toInsightly(record, instance.instanceId),
  LICENSES: record.LICENSES,
})

/** Reads which users are asked for. @throws invalidInput */
function toUserSearch(query: unknown): (instance: Instance) => UserRecord[] {
  const userName = queryValue(query, 'userName')
  const active = queryValue(query, 'active')
  if (active !== undefined && active !== 'true' && active !== 'false')
    throw new ApiError('invalidInput', `active is ${quote(active)}; expected true or false.`)
  return ({ records }) => records.match({ userName, active: active === undefined ? undefined : active === 'true' })
}
