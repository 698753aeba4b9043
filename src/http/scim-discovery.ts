// What the SCIM surface says of itself: /Schemas, /ServiceProviderConfig, /ResourceTypes and the empty /Groups, as far as
// the switches show them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../errors.ts'
import { toList, toServiceProviderConfig, toUserResourceType, toUserSchema } from '../scim/schema.ts'
import { userUrn } from '../scim/user.ts'
import { pathOf } from './request.ts'
import { toScimUrl } from './scim-request.ts'

type Request = FastifyRequest<{ Params: { id: string } }>

/** Adds the routes of discovery to the SCIM surface (RFC 7644 §4). */
export function serveDiscovery(app: FastifyInstance): void {
  app.get(
    '/Schemas',
    discover(request => toList([toSchema(request)])),
  )
  app.get('/Schemas/:id', discover(toNamedSchema))
  app.get(
    '/ServiceProviderConfig',
    discover(request => toServiceProviderConfig(toScimUrl(request))),
  )
  app.get(
    '/ResourceTypes',
    discover(request => toList([toUserResourceType(toScimUrl(request))])),
  )
  app.get('/ResourceTypes/:id', discover(toNamedResourceType))
  app.get(
    '/Groups',
    discover(() => toList([])),
  )
}

/** Answers with a document that does not depend on users. */
const discover =
  (describe: (request: Request) => object) =>
  (request: Request, reply: FastifyReply): void => {
    refuseHidden(request)
    const document = describe(request)
    request.exchange.operation = 'discover'
    reply.answer(200, document)
  }

const toSchema = (request: Request): Record<string, unknown> =>
  toUserSchema(request.instance.settings.behaviours, toScimUrl(request))

function toNamedSchema(request: Request): object {
  if (request.params.id.toLowerCase() === userUrn.toLowerCase()) return toSchema(request)
  throw new ApiError('notFound', `There is no such schema; the only one is ${userUrn}.`, 'D-01')
}

function toNamedResourceType(request: Request): object {
  if (request.params.id.toLowerCase() === 'user') return toUserResourceType(toScimUrl(request))
  throw new ApiError('notFound', 'There is no such resource type; the only one is User.', 'D-02')
}

/** Refuses a path that a switch hides. @throws notFound (D-02, D-03) */
export function refuseHidden(request: FastifyRequest): void {
  const { behaviours } = request.instance.settings
  const [, , , collection, below] = pathOf(request).split('/')
  if (collection === 'Groups' && (behaviours.groups === 'absent' || below !== undefined))
    throw new ApiError('notFound', "Insightly's SCIM has no groups.", 'D-03')
  if (behaviours.discovery === 'hidden' && (collection === 'ServiceProviderConfig' || collection === 'ResourceTypes'))
    throw new ApiError('notFound', 'There is nothing here (the switch discovery is hidden).', 'D-02')
}
