// What calibrate sees beside the switches: the outer form of answers, read from the exchanges it made anyway. Each
// shape is a short text that two endpoints can be compared by; no user's data is in it.

import { defaultCount, maxResults } from '../../scim/schema.ts'
import { typeName } from '../../shadow/answers.ts'
import { toObject } from '../../shadow/documents.ts'
import { type Exchange, schemaAttributes, toUsers } from './reading.ts'

/** The list requests that show how long a page is, up to a thousand; who they show is of no interest. */
export const pageRequests = { default: '/Users?attributes=userName', cap: '/Users?attributes=userName&count=1001' }

/** A request for a user that no endpoint has. */
export const strangerRequest = '/Users/no-such-user'

/** Shapes by name; what was not seen is left out. */
export type Shapes = Record<string, string>

/** Reads the shapes off exchanges. */
export function readShapes(exchanges: readonly Exchange[]): Shapes {
  const lists = exchanges.filter(exchange => exchange.path.startsWith('/Users?') && toUsers(exchange))
  const errors = exchanges.filter(({ status, isEmpty }) => status >= 400 && !isEmpty)
  const created = exchanges.find(({ method, path, status }) => method === 'POST' && path === '/Users' && status < 300)
  const read = exchanges.find(
    ({ method, path, status }) => method === 'GET' && /^\/Users\/[^?]/.test(path) && status === 200,
  )
  const config = exchanges.find(({ path, status }) => path === '/ServiceProviderConfig' && status === 200)
  const stranger = exchanges.find(({ path }) => path === strangerRequest)
  const listed = schemaAttributes(exchanges)
  const shapes: Record<string, string | undefined> = {
    'content type of answers': toMediaTypes(lists),
    'content type of errors': toMediaTypes(errors),
    'members of a list': toMembers(lists),
    'members of an error': toMembers(errors),
    'an unknown user': stranger && String(stranger.status),
    'default page': toPage(exchanges, pageRequests.default),
    'longest page': toPage(exchanges, pageRequests.cap),
    'attributes in /Schemas': listed.length > 0 ? listed.toSorted().join(', ') : undefined,
    '/ServiceProviderConfig': config && toFeatures(config),
    ...(created && read && toUserShapes(created, toObject(read.body))),
  }
  return Object.fromEntries(Object.entries(shapes).flatMap(([name, shape]) => (shape ? [[name, toPlain(shape)]] : [])))
}

/** The shapes of this server. How long its pages are cannot be seen with few users, so that is taken from its limits. */
export const ourShapes = (exchanges: readonly Exchange[]): Shapes => ({
  ...readShapes(exchanges),
  'default page': String(defaultCount),
  'longest page': String(maxResults),
})

/** Whether two shapes are the same as far as one can tell. */
export function isSameShape(one: string, other: string): boolean {
  const [, atLeast] = /^at least (\d+)$/.exec(one) ?? []
  return one === other || (atLeast !== undefined && Number(atLeast) <= Number(other))
}

function toUserShapes(created: Exchange, user: Record<string, unknown>): Record<string, string> {
  const sent = toObject(created.sent)
  const meta = toObject(user.meta)
  const { emails } = user
  return {
    'status of a created user': String(created.status),
    'Location of a created user':
      created.location === undefined ? 'absent' : created.location === meta.location ? 'meta.location' : 'another URL',
    'id of a user': toIdForm(user.id),
    'members of a user': Object.keys(user).toSorted().join(', '),
    'dates in meta': toDateForm(meta.created),
    emails: !Array.isArray(emails)
      ? 'absent'
      : `${emails.length} of ${Object.keys(toObject(emails[0])).toSorted().join(', ')}`,
    displayName: typeof user.displayName === 'string' ? 'comes back' : 'absent',
    externalId:
      user.externalId === undefined ? 'absent' : user.externalId === sent.externalId ? 'as sent' : 'another value',
  }
}

function toIdForm(id: unknown): string {
  if (typeof id !== 'string') return typeName(id)
  if (/^\d+$/.test(id)) return 'digits in a string'
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? 'UUID' : 'string'
}

const toDateForm = (date: unknown): string =>
  typeof date === 'string' ? date.replace(/\d/g, '0').replace(/[^0TZ:.+ -]/g, '?') : typeName(date)

function toPage(exchanges: readonly Exchange[], wanted: string): string | undefined {
  const exchange = exchanges.find(({ path }) => path === wanted)
  const users = exchange && toUsers(exchange)
  if (!users) return undefined
  return users.length < Number(toObject(exchange.body).totalResults) ? String(users.length) : `at least ${users.length}`
}

function toFeatures({ body }: Exchange): string {
  const config = toObject(body)
  const features = ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag'].map(
    name => `${name} ${toObject(config[name]).supported}`,
  )
  return [...features, `maxResults ${toObject(config.filter).maxResults}`].join(', ')
}

const toMediaTypes = (exchanges: readonly Exchange[]): string =>
  [...new Set(exchanges.map(({ contentType }) => contentType.toLowerCase().replace(/\s+/g, ' ') || 'none'))]
    .toSorted()
    .join('; or ')

/** The members and their types; `?` marks those that are not always there. */
function toMembers(exchanges: readonly Exchange[]): string {
  const bodies = exchanges.map(({ body }) => toObject(body))
  const names = [...new Set(bodies.flatMap(Object.keys))].toSorted()
  return names
    .map(name => {
      const types = new Set(bodies.filter(body => name in body).map(body => typeName(body[name])))
      return `${name}${bodies.every(body => name in body) ? '' : '?'} (${[...types].join(' or ')})`
    })
    .join(', ')
}

/** Fit for a terminal, whatever the endpoint says. */
const toPlain = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 500)
