// SCIMMY, another SCIM implementation, as a reader: what clients send and we accept, and what we answer, must be something
// that it understands too; and a PATCH must make of a user what it makes of it.

import { isDeepStrictEqual } from 'node:util'
import { type PlayedStep, playSteps } from '../src/rehearse/play.ts'
import { acceptedConversations } from './conversations.ts'
import { npmVersion } from './pins.ts'
import { type Outcome, type Target, type Tool, toolsFolder } from './tool.ts'

// biome-ignore lint/suspicious/noExplicitAny: it comes without types that this project could see
type Scimmy = any

const load = async (): Promise<Scimmy> => (await import(`${toolsFolder}node_modules/scimmy/dist/scimmy.js`)).default

export const scimmy: Tool = {
  name: 'SCIMMY',
  needs: ['node'],
  presets: ['insightly', 'rfc7644'],
  version: () => npmVersion('scimmy'),
  async run(target) {
    const library = await load()
    const outcomes: Outcome[] = []
    for (const conversation of acceptedConversations) {
      // A conversation that sets switches of its own is about those.
      const behaviours = conversation.behaviours ?? {}
      const instance = await target.server.createInstance({ behaviours, state: { users: [] } } as never)
      const failures: string[] = []
      let before: Record<string, unknown> | undefined
      for await (const played of playSteps(conversation, { scimUrl: instance.scimUrl, token: instance.scimToken })) {
        failures.push(...(await readBodies(library, played, before)))
        if (played.answer.body?.userName) before = played.answer.body
      }
      outcomes.push({ check: conversation.id, failure: failures.join('\n') || undefined })
    }
    const searches = target.preset === 'rfc7644' ? await compareSearches(library, target) : []
    return [...outcomes, ...searches, ...(await readDiscovery(library, target))]
  },
}

async function readBodies(
  library: Scimmy,
  { step, sent, answer }: PlayedStep,
  before: Record<string, unknown> | undefined,
): Promise<string[]> {
  const failures: string[] = []
  const attempt = async (what: string, read: () => unknown): Promise<void> => {
    try {
      await read()
    } catch (error) {
      failures.push(`${step.method} ${step.path}: ${what}: ${(error as Error).message}`)
    }
  }
  const { status, body } = answer
  if (status < 400 && sent !== undefined) {
    if (step.method !== 'PATCH') await attempt('the body sent', () => new library.Schemas.User(sent, 'in'))
    else {
      await attempt('the PATCH sent', () => new library.Messages.PatchOp(sent))
      if (before?.id === body?.id) await attempt('the PATCH done', () => comparePatch(library, sent, before!, body))
    }
  }
  const isOfUsers = step.path.startsWith('/Users')
  if (body !== undefined && (isOfUsers || status >= 400))
    await attempt('the answer', () => readAnswer(library, body, status))
  return failures
}

function readAnswer(library: Scimmy, body: Record<string, unknown>, status: number): void {
  if (status >= 400) {
    readError(library, body)
  } else if (Array.isArray(body.Resources)) {
    const list = new library.Messages.ListResponse(body)
    if (list.totalResults !== body.totalResults) throw new Error(`totalResults is read as ${list.totalResults}`)
    for (const resource of body.Resources) readUser(library, resource)
  } else readUser(library, body)
}

/** SCIMMY throws the errors that it reads; said again by it, the error must be what was answered. */
function readError(library: Scimmy, body: Record<string, unknown>): void {
  let read: unknown
  try {
    new library.Messages.ErrorResponse(body)
  } catch (error) {
    read = error
  }
  if (!(read instanceof library.Types.Error)) throw new Error('it is not read as a SCIM Error')
  const { schemas, status, scimType, detail } = new library.Messages.ErrorResponse(read)
  const said = { schemas, status, ...(scimType && { scimType }), detail }
  if (!isDeepStrictEqual(toPlain(said), body)) throw new Error(`it is read as ${JSON.stringify(said)}`)
}

/** Reads a user and compares what was understood with what was served. */
function readUser(library: Scimmy, user: Record<string, unknown>): void {
  const understood = toPlain(new library.Schemas.User(user, 'out'))
  for (const [name, value] of Object.entries(user))
    if (name !== 'meta' && !isDeepStrictEqual(understood[name], value))
      throw new Error(`${name} is read as ${JSON.stringify(understood[name])}, not ${JSON.stringify(value)}`)
}

/** Does the PATCH with SCIMMY, on the user as it was, and compares with what the server made of it. */
async function comparePatch(
  library: Scimmy,
  sent: unknown,
  before: Record<string, unknown>,
  after: Record<string, unknown> | undefined,
): Promise<void> {
  if (!after?.userName) return
  const user = new library.Schemas.User(before, 'out')
  const patched = await new library.Messages.PatchOp(sent).apply(user)
  const expected = toPlain(patched ?? user)
  for (const name of ['userName', 'active', 'externalId'])
    if (!isDeepStrictEqual(expected[name], after[name]))
      throw new Error(`${name} should be ${JSON.stringify(expected[name])}, not ${JSON.stringify(after[name])}`)
}

const toPlain = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value))

async function readDiscovery(library: Scimmy, { server }: Target): Promise<Outcome[]> {
  const get = async (path: string) =>
    (await fetch(`${server.scimUrl}${path}`, { headers: { authorization: `Bearer ${server.scimToken}` } })).json()
  const readers: Record<string, (body: Record<string, unknown>) => unknown> = {
    '/ServiceProviderConfig': body => new library.Schemas.ServiceProviderConfig(body, 'out'),
    '/ResourceTypes/User': body => new library.Schemas.ResourceType(body, 'out'),
    '/ResourceTypes': body => new library.Messages.ListResponse(body),
    '/Schemas': body => new library.Messages.ListResponse(body),
  }
  return Promise.all(
    Object.entries(readers).map(async ([path, read]) => {
      try {
        read((await get(path)) as Record<string, unknown>)
        return { check: `GET ${path}` }
      } catch (error) {
        return { check: `GET ${path}`, failure: (error as Error).message }
      }
    }),
  )
}

const people = [
  ['ann@example.com', 'Ann', 'Lee', 'ext-1', true],
  ['BOB@example.com', 'Bob', 'Stone', 'ext-2', false],
  ['carol@example.org', 'Carol', 'Leeds', undefined, true],
  ['dave.o@example.com', 'Dave', "O'Neil", 'EXT-1', true],
  ['eve@example.net', 'Ève', 'Lee', 'ext-3', false],
] as const

// SCIMMY compares every string in its letter case and orders only numbers and dates, so that neither is asked.
const filters = [
  'userName eq "BOB@example.com"',
  'userName ne "ann@example.com"',
  'userName co "example.com"',
  'userName sw "carol"',
  'userName ew ".org"',
  'name.familyName eq "Lee"',
  'externalId pr',
  'not (externalId pr)',
  'externalId eq "ext-1"',
  'active eq false',
  'active ne false',
  'active eq true and name.familyName sw "Lee"',
  'active eq false or externalId eq "ext-1"',
  'userName sw "a" or userName sw "B" and active eq true',
  '(userName sw "a" or userName sw "B") and active eq true',
  'not (active eq true)',
  'emails[type eq "work" and value co "example.com"]',
  'emails[type eq "home"]',
  'emails.value ew ".net"',
  'displayName co " L"',
]

/** Asks the server and SCIMMY for the users that filters mean. */
async function compareSearches(library: Scimmy, { server }: Target): Promise<Outcome[]> {
  const instance = await server.createInstance({ state: { users: [] } } as never)
  const headers = { authorization: `Bearer ${instance.scimToken}`, 'content-type': 'application/scim+json' }
  const users: unknown[] = []
  for (const [userName, givenName, familyName, externalId, active] of people) {
    const body = JSON.stringify({ userName, name: { givenName, familyName }, externalId, active })
    users.push(await (await fetch(`${instance.scimUrl}/Users`, { method: 'POST', headers, body })).json())
  }
  const toNames = (found: unknown[]) => found.map(user => (user as { userName: string }).userName).sort()
  const outcomes: Outcome[] = []
  for (const filter of filters) {
    const answer = await fetch(`${instance.scimUrl}/Users?filter=${encodeURIComponent(filter)}`, { headers })
    const { Resources = [], detail } = (await answer.json()) as { Resources?: unknown[]; detail?: string }
    const [here, there] = [toNames(Resources), toNames(new library.Types.Filter(filter).match(users))]
    const same = isDeepStrictEqual(here, there)
    outcomes.push({
      check: `filter ${filter}`,
      failure: same
        ? undefined
        : `found ${here.join(', ') || detail || 'nobody'}; SCIMMY finds ${there.join(', ') || 'nobody'}`,
    })
  }
  return outcomes
}
