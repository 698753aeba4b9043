// Random requests in the neighbourhood of meaningful ones, and what must hold whatever they are: no 500, nothing left
// without an answer, nothing changed by what was refused. How often they are tried is the caller's choice.

import { Agent, request } from 'node:http'
import fc from 'fast-check'
import type { Insightly } from '../../src/client/insightly.ts'
import { behaviourRows } from '../../src/scim/behaviour.ts'
import { patchUrn } from '../../src/scim/patch.ts'
import { userAttributes, userUrn } from '../../src/scim/user.ts'

interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer | undefined
}

interface Got {
  status: number
  type: string
  text: string
}

const texts = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\0',
      '\ud800',
      '\udfff\ud800',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'İ',
      'ß',
      'ı',
    ],
    ...[
      'ann@example.com',
      'ANN@EXAMPLE.COM',
      'owner@default.example.com',
      'x'.repeat(255),
      'x'.repeat(256),
      '😀'.repeat(256),
    ],
    ...[
      'true',
      'False',
      '1',
      '-1',
      '1e999',
      '2026-01-01T00:00:00Z',
      '0000-00-00',
      '9'.repeat(40),
      '*',
      '%',
      "'",
      '"',
      '\\',
    ],
    ...[
      `urn:${'a:'.repeat(40)}`,
      userUrn,
      patchUrn,
      'emails[type eq "work"].value',
      'emails[',
      'name.',
      '.name',
      'a b',
    ],
    ...[
      'userName eq "ann@example.com"',
      'not (a pr)',
      '((((',
      'a eq "',
      `a eq ${'9'.repeat(400)}`,
      'replace',
      'Add',
      'PT1H',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 30 }),
)

const words = fc.oneof(
  fc.constantFrom(
    ...userAttributes.map(({ path }) => path),
    ...userAttributes.map(({ path }) => path.split('.').at(-1)!.toUpperCase()),
    ...behaviourRows.map(({ key }) => key),
    ...['schemas', 'Operations', 'op', 'path', 'value', 'name', 'password', userUrn, `${userUrn}:userName`],
    ...['settings', 'behaviours', 'users', 'highestUserId', 'samlEnabled', 'scimEnabled', 'rateLimit', 'publicUrl'],
    ...['EMAIL_ADDRESS', 'FIRST_NAME', 'LAST_NAME', 'ACTIVE', 'LICENSES', 'USER_ID', 'CONTACT_ID', 'DATE_CREATED_UTC'],
    ...[
      'match',
      'when',
      'do',
      'times',
      'atLeast',
      'status',
      'headers',
      'delayMs',
      'probability',
      'mode',
      'now',
      'by',
      'state',
    ],
  ),
  texts,
)

const json = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    texts,
    fc.constantFrom<unknown>(null, true, false, 0, -0, 1, 255, 1e21, -1e308, 5e-324, 2 ** 53, 1.5, [], {}),
    words,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(words, tie('value')), { maxLength: 5 }).map(toObject),
  ),
})).value

/** An object as JSON.parse makes it: `__proto__` is a member like any other. */
function toObject(members: readonly (readonly [string, unknown])[]): object {
  const object = {}
  for (const [name, value] of members)
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  return object
}

const users = fc.array(fc.tuple(words, json), { maxLength: 4 }).map(members => ({
  userName: 'ann@example.com',
  name: { givenName: 'Ann', familyName: 'Lee' },
  ...toObject(members),
}))
const patches = fc
  .array(
    fc.record(
      { op: fc.oneof(fc.constantFrom('replace', 'Replace', 'add'), texts), path: fc.oneof(words, json), value: json },
      { requiredKeys: ['op'] },
    ),
    { maxLength: 4 },
  )
  .map(Operations => ({ schemas: [patchUrn], Operations }))
const states = fc.record(
  {
    users: fc.array(
      fc
        .array(fc.tuple(words, json), { maxLength: 2 })
        .map(members => ({ EMAIL_ADDRESS: 'a@b.c', FIRST_NAME: 'A', LAST_NAME: null, ...toObject(members) })),
      { maxLength: 3 },
    ),
    settings: json,
    behaviours: json,
    highestUserId: json,
  },
  { requiredKeys: [] },
)
const rules = fc.array(
  fc.record(
    {
      match: fc.oneof(fc.constant({}), json),
      when: fc.oneof(fc.constant({ probability: 0 }), json),
      do: fc.oneof(fc.constant({ status: 503 }), fc.constant({ delayMs: 0 }), json),
    },
    { requiredKeys: ['do'] },
  ),
  { maxLength: 3 },
)

const toBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '')
const bodies = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(users, patches, states, rules, json).map(toBytes) },
  { weight: 1, arbitrary: fc.tuple(users, fc.nat(60)).map(([user, cut]) => toBytes(user).subarray(0, -cut)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)) },
)

/** What Node sends in a header and HTTP allows in one. */
const headerText = texts.map(text => text.replace(/[^\x20-\x7e]/g, '').trim())
const otherHeaders = fc.dictionary(
  fc.constantFrom(
    'accept',
    'host',
    'x-forwarded-host',
    'x-forwarded-proto',
    'user-agent',
    'origin',
    'cookie',
    'if-match',
  ),
  headerText,
  { maxKeys: 2 },
)
const contentTypes = fc.oneof(
  { weight: 4, arbitrary: fc.constant('application/scim+json') },
  fc.constantFrom('application/json; charset=utf-8', 'application/json;charset=utf-16', 'text/plain', ''),
  headerText,
)

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())
const raw = texts.map(text => text.replace(/[^\x21-\x7e]/g, '').replaceAll('#', ''))
const segment = fc.oneof(
  texts.map(encoded),
  raw,
  fc.constantFrom('1', '2', '999', '%', '%zz', '..', '.', '%2e%2e', '%00'),
)
const query = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('filter', 'startIndex', 'count', 'attributes', 'excludedAttributes', 'top', 'skip', 'email'),
        fc.constantFrom(
          'field_name',
          'field_value',
          'updated_after_utc',
          'count_total',
          'since',
          'limit',
          'format',
          'active',
        ),
        texts.map(encoded),
      ),
      fc.oneof(texts.map(encoded), raw),
    ),
    { maxLength: 3 },
  )
  .map(pairs => pairs.map(([name, value]) => `${name}=${value}`).join('&'))

const methods = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE') },
  fc.constantFrom('HEAD', 'OPTIONS', 'PROPFIND', 'LINK'),
)

const place = (...known: string[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...known), segment).map(parts => parts.join('/')) },
    { weight: 1, arbitrary: segment.map(each => `/${each}`) },
  )

const places = {
  scim: place('/Users', '/Users/1', '/Users/1', '/Users/2', '/Schemas', '/ResourceTypes', '/Groups', '/Bulk', '/Me'),
  rest: place('/Users', '/Users/1', '/Users/Me', '/Users/Search', '/Instance'),
  // Not /events, which never ends, nor what would take the instance away.
  control: place(
    ...['', '/settings', '/users', '/users/1', '/state', '/requests', '/requests/verify', '/faults', '/clock'],
    ...['/clock/advance', '/scim-token/regenerate', '/reset'],
  ),
}

/** The surfaces that are tried. */
export type Surface = keyof typeof places
export const surfaces = Object.keys(places) as Surface[]

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function send(origin: string, { method, path, headers, body }: Sent): Promise<Got> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, hostname, port, method, path, headers, timeout: 30_000 }, incoming => {
      const chunks: Buffer[] = []
      incoming.on('data', chunk => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode!,
          type: incoming.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Why an answer must not be given; undefined when it may. */
function findFault({ method }: Sent, { status, type, text }: Got): string | undefined {
  if (status >= 500 && status !== 501) return 'an internal error'
  if (/\bat .+:\d+:\d+|node_modules|SQLITE_/.test(text)) return 'it shows the inside of the server'
  if (status === 204 || method === 'HEAD') return text === '' ? undefined : 'a body where none may be'
  if (!/json|text\/html/.test(type)) return `it has the type ${JSON.stringify(type)}`
  if (status >= 400)
    try {
      JSON.parse(text)
    } catch {
      return 'it is no JSON'
    }
  return undefined
}

/**
 * Sends random requests to one surface of an instance.
 * @returns how many were sent, by status
 * @throws when an answer must not be given, or a refused request changed something; says which request
 */
export async function fuzz(insightly: Insightly, surface: Surface, numRuns: number): Promise<Map<number, number>> {
  const { origin, pathname } = new URL(
    { scim: insightly.scimUrl, rest: insightly.apiUrl, control: `${insightly.controlUrl}/instances/default` }[surface],
  )
  const authorization = {
    scim: () => `Bearer ${insightly.scimToken}`,
    rest: () => `Basic ${Buffer.from(`${insightly.apiKey}:`).toString('base64')}`,
    control: () => `Bearer ${insightly.adminKey}`,
  }[surface]
  const counted = new Map<number, number>()
  const requests = fc.record({
    method: methods,
    place: places[surface],
    query,
    isKnown: fc.integer({ min: 0, max: 9 }).map(chance => chance > 0),
    credentials: headerText,
    type: contentTypes,
    others: otherHeaders,
    body: bodies,
  })
  const property = fc.asyncProperty(
    requests,
    async ({ method, place, query, isKnown, credentials, type, others, body }) => {
      const hasBody = /^P(OST|UT|ATCH)$/.test(method)
      const sent: Sent = {
        method,
        path: `${pathname}${place}${query ? `?${query}` : ''}`,
        headers: {
          ...others,
          authorization: isKnown ? authorization() : credentials,
          ...(hasBody && { 'content-type': type, 'content-length': String(body.length) }),
        },
        body: hasBody ? body : undefined,
      }
      const before = JSON.stringify(await insightly.exportState())
      const got = await send(origin, sent)
      counted.set(got.status, (counted.get(got.status) ?? 0) + 1)
      const fault = findFault(sent, got)
      if (fault) throw new Error(`${fault}: ${got.status} ${got.text}`)
      const isChanged = JSON.stringify(await insightly.exportState()) !== before
      if (isChanged && (got.status >= 400 || !isKnown)) throw new Error(`${got.status}, but something changed`)
      if (isChanged || surface === 'control') {
        await insightly.setFaults([])
        await insightly.reset()
      }
    },
  )
  await fc.assert(property, { numRuns })
  return counted
}
