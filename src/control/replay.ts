// Sends a request of the journal again, as it was or edited, over a connection of its own, so that it meets everything
// that a client's request meets. The answer names the exchange that came of it.

import { randomUUID } from 'node:crypto'
import { type ClientRequest, request as sendHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod/mini'
import type { Exchange } from '../account/exchange.ts'
import type { Instance } from '../account/instance.ts'
import { ApiError, quote } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { maxKept } from '../http/exchange.ts'
import { replayHeader, toOwnHost } from '../http/request.ts'
import { toCanonicalUrl } from '../paths.ts'
import type { MembersOf } from '../validation.ts'
import { ownHeaders } from './curl.ts'
import { type ControlApp, httpStatus, named, ofInstance, whole } from './route.ts'
import type { Replay, Replayed } from './types.ts'

/** How long to wait for the exchange: longer than a fault is likely to delay an answer. */
const patience = 30_000

const credentials = z.enum(['current', 'as-sent', 'none'])

const replay = named(
  'Replay',
  z.strictObject({
    credentials: z
      ._default(credentials, 'current')
      .check(
        z.describe('`current`: the present SCIM token, or API key; `as-sent`: what the request had; `none`: nothing.'),
      ),
    method: z.optional(z.string().check(z.regex(/^[A-Z]{1,20}$/, 'a method in capital letters'))),
    url: z.optional(
      z.string().check(
        z.regex(/^\/[\x21-\x7e]{0,60000}$/, 'a path and query that begin with a slash, without spaces'),
        z.refine(isServed, 'a path below /scim/v2 or /v3.1'),
        z.meta({
          description: 'Path and query, below `/scim/v2` or `/v3.1`.',
          // Narrower than the check: other spellings of the two are served, too.
          pattern: '^/(scim/v2|v3\\.1)(/[!-~]{0,60000})?$',
        }),
      ),
    ),
    headers: z.optional(
      z
        .record(
          z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]{1,200}$/, 'a header name')),
          z.string().check(z.regex(/^[\t\x20-\x7e\x80-\xff]{0,20000}$/, 'a header value')),
        )
        .check(
          z.describe(
            'All headers, instead of those that were sent, but for Authorization and those that a connection needs.',
          ),
        ),
    ),
    body: z.optional(z.nullable(z.string())).check(z.describe('Null for none.')),
  } satisfies MembersOf<Replay>),
)

const replayed = named(
  'Replayed',
  z.strictObject({
    instance: z.string().check(z.describe('Where the exchange is: a token of nobody leads to `default`.')),
    id: whole,
    status: z.nullable(httpStatus),
    credentials,
  } satisfies MembersOf<Replayed>),
)

/** Registers the route that sends a request again. */
export function replayRoutes(app: ControlApp, context: Context): void {
  app.post(
    '/instances/:name/requests/:id/replay',
    {
      schema: {
        operationId: 'replayRequest',
        summary: 'Sends a request of the journal again, as it was or edited',
        params: z.extend(ofInstance, {
          id: z
            .string()
            .check(
              z.regex(/^\d{1,15}$/, 'the id of an entry, a whole number'),
              z.meta({ description: 'The id of the entry.', examples: ['1'] }),
            ),
        }),
        body: replay,
        response: { 200: replayed },
        errors: ['notFound', 'timeout', 'conflict'],
      },
    },
    async ({ instance, params: { name, id }, body }, reply) => {
      const exchange = instance.journal.find(Number(id))
      if (!exchange) throw new ApiError('notFound', `The journal of ${quote(name)} has no exchange ${id} (any more).`)
      const mark = `${name}/${id} ${randomUUID()}`
      const parts = toRequest(exchange, body, instance, mark)
      const { port, address } = app.server.address() as AddressInfo
      reply.send({ ...(await send(parts, mark, { port, address }, context)), credentials: body.credentials })
    },
  )
}

interface Parts {
  method: string
  path: string
  /** Names and values in turn. */
  headers: string[]
  body: Buffer | undefined
}

function toRequest(
  exchange: Exchange,
  { credentials, method = exchange.method, url = exchange.url, headers, body }: z.output<typeof replay>,
  instance: Instance,
  mark: string,
): Parts {
  if (body === undefined && exchange.body === undefined && exchange.bodyLength > 0)
    throw new ApiError(
      'conflict',
      `The body had ${exchange.bodyLength} bytes, and of a body longer than ${maxKept} only the length is kept; send it again with a body.`,
    )
  const bytes = body === undefined ? exchange.body : body === null ? undefined : Buffer.from(body)
  const sent = headers ? Object.entries(headers).flat() : exchange.rawHeaders
  const kept: string[] = []
  const given = toCredentials(credentials, exchange, url, instance)
  for (let at = 0; at < sent.length; at += 2) {
    const name = sent[at]!.toLowerCase()
    // In the same place: the order of a client's headers may be what someone looks into.
    if (name === 'authorization') kept.push(...given.splice(0))
    else if (name === 'host' || !ownHeaders.has(name)) kept.push(sent[at]!, sent[at + 1]!)
  }
  // Without it, Node would end the request in chunks, or leave a server to guess.
  if (bytes || /^P(?:OST|UT|ATCH)$/.test(method)) kept.push('Content-Length', String(bytes?.length ?? 0))
  kept.push(...given, replayHeader, mark, 'Connection', 'close')
  return { method, path: url, headers: kept, body: bytes }
}

function toCredentials(
  credentials: Replay['credentials'],
  { rawHeaders }: Exchange,
  url: string,
  instance: Instance,
): string[] {
  if (credentials === 'none') return []
  if (credentials === 'as-sent')
    return rawHeaders.flatMap((name, at) =>
      at % 2 === 0 && name.toLowerCase() === 'authorization' ? [name, rawHeaders[at + 1]!] : [],
    )
  if (/^\/v3\.1/i.test(toCanonicalUrl(url))) {
    if (!instance.apiUser) throw new ApiError('conflict', 'No user is active, so that there is no API key now.')
    return ['Authorization', `Basic ${btoa(`${instance.storedApiKey}:`)}`]
  }
  return ['Authorization', `Bearer ${getToken(instance)}`]
}

/** The SCIM token of an instance. @throws conflict when it never had one */
export function getToken({ scimToken }: Instance): string {
  if (scimToken !== null) return scimToken
  throw new ApiError('conflict', 'SCIM was never enabled, so that there is no token; enable it first.')
}

/** Whether a path is one of the two surfaces that keep a journal. */
function isServed(url: string): boolean {
  return /^\/(?:scim\/v2|v3\.1)(?:[/?]|$)/i.test(toCanonicalUrl(url))
}

/** Sends a request to this server. @throws timeout, conflict when nothing of it reaches a journal */
async function send(
  { method, path, headers, body }: Parts,
  mark: string,
  { address, port }: Pick<AddressInfo, 'address' | 'port'>,
  { replays, config }: Context,
): Promise<Omit<Replayed, 'credentials'>> {
  let outgoing: ClientRequest | undefined
  const ask = config.tlsCert === undefined ? sendHttp : (await import('node:https')).request
  return await new Promise<Omit<Replayed, 'credentials'>>((resolve, reject) => {
    const fail = (code: 'conflict' | 'timeout', why: string) =>
      reject(new ApiError(code, `The request cannot be sent again: ${why}`))
    const timer = setTimeout(() => fail('timeout', `no exchange came of it within ${patience / 1000} s.`), patience)
    replays.set(mark, ({ name }, { id, status }) => {
      clearTimeout(timer)
      resolve({ instance: name, id, status })
    })
    const options = {
      host: toOwnHost(address),
      port,
      method,
      path,
      headers,
      agent: false as const,
      // It calls itself.
      rejectUnauthorized: false,
    }
    try {
      outgoing = ask(options)
    } catch (error) {
      fail('conflict', (error as Error).message)
      return
    }
    outgoing.on('response', answer => {
      answer.resume()
      answer.on('error', () => {})
      // It comes after the exchange, where there is one.
      answer.on('end', () => fail('conflict', `it was answered ${answer.statusCode} before it could be read.`))
    })
    outgoing.on('error', error => setImmediate(() => fail('conflict', error.message)))
    outgoing.end(body)
  }).finally(() => {
    replays.delete(mark)
    // A fault may hold the answer for ever.
    setTimeout(() => outgoing?.destroy(), 1000).unref()
  })
}
