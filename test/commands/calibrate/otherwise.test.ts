// Endpoints that behave as no alternative says, or nearly: what is told of them is what they showed, never a guess.

import { expect, test } from 'vitest'
import { calibrate } from '../../../src/commands/calibrate/calibrate.ts'
import type { Conversation } from '../../../src/commands/calibrate/conversation.ts'
import { ProbeUser } from '../../../src/commands/calibrate/probe-user.ts'
import type { BehaviourKey, Behaviours } from '../../../src/scim/behaviour.ts'
import { useServer } from '../../support.ts'
import { type Asked, inFrontOf, type Telling, type Told } from './front.ts'

const servers = useServer()

/** Answers so where a request is meant, else as the instance does. */
const where =
  (
    isMeant: (asked: Asked) => boolean,
    tell: (asked: Asked, ask: (sent?: string) => Promise<Told>) => unknown,
  ): Telling =>
  async (asked, ask) =>
    isMeant(asked) ? ((await tell(asked, ask)) as Told) : ask()

const at = (path: string) => (asked: Asked) => asked.path.startsWith(path)
const patchOf = (word: string) => (asked: Asked) => asked.method === 'PATCH' && asked.sent.includes(`"${word}"`)
const post = ({ method }: Asked) => method === 'POST'
const read = ({ method, path }: Asked) => method === 'GET' && /^\/Users\/\d/.test(path)
const list = (...Resources: unknown[]) => ({ status: 200, body: { totalResults: Resources.length, Resources } })
const refused = (status: number, scimType?: string) => ({ status, body: { scimType } })

/** Another status for what was done. */
const as = (status: number) => async (_: Asked, ask: (sent?: string) => Promise<Told>) => {
  const told = await ask()
  return told.status < 300 ? { ...told, status } : told
}

/** Shows the body without some members. */
const without =
  (...names: string[]) =>
  async (_: Asked, ask: (sent?: string) => Promise<Told>) => {
    const { status, body } = await ask()
    return { status, body: Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name))) }
  }

type Row = [what: string, key: BehaviourKey, told: Telling, seen: string, reading: string, set?: Partial<Behaviours>]

// What is seen: the alternative, `~` before it where only its effect shows; or nothing.
const rows: Row[] = [
  ['half of discovery', 'discovery', where(at('/ResourceTypes'), () => refused(404)), '', '/ResourceTypes 404'],
  ['groups that are not made yet', 'groups', where(at('/Groups'), () => refused(501)), '~absent', 'answers 501'],
  ['groups', 'groups', where(at('/Groups'), () => list({}, {})), '', 'there are 2 groups'],
  ['a list under another status', 'groups', where(at('/Groups'), () => ({ ...list(), status: 202 })), '', '0 groups'],
  [
    '200 for what is created',
    'requiredAttributes',
    where(post, as(200)),
    '~userName+names',
    'answers 200, with less 400',
  ],
  [
    'another refusal of less',
    'requiredAttributes',
    where(
      ({ method, sent }) => method === 'POST' && !sent.includes('"name"'),
      () => refused(422),
    ),
    '~userName+names',
    'with less 422',
  ],
  [
    'less that is an accident',
    'requiredAttributes',
    where(
      ({ method, sent }) => method === 'POST' && !sent.includes('familyName'),
      () => refused(500),
    ),
    '',
    'POST with less answers 500 and 400 invalidValue',
  ],
  [
    'a need of one name',
    'requiredAttributes',
    where(
      ({ method, sent }) => method === 'POST' && !sent.includes('familyName'),
      () => refused(400, 'invalidValue'),
    ),
    '',
    'POST with userName, familyName answers 201, which is no alternative',
    { requiredAttributes: 'userName' },
  ],
  ...(['requiredAttributes', 'createActive'] as const).map(
    (key): Row => [
      'no active in what is created',
      key,
      where(
        ({ method, sent }) => method === 'POST' && sent.includes('"active"'),
        () => refused(400),
      ),
      '',
      'POST is refused whenever it holds active',
    ],
  ),
  ['no active in what is read', 'createActive', where(read, without('active')), '', 'active does not come back'],
  [
    'a look-up that finds two',
    'filters',
    where(
      ({ path }) => /userName eq/.test(path),
      async (_, ask) => {
        const { body } = await ask()
        return body.totalResults === 0 ? list() : list(...body.Resources, {})
      },
    ),
    '',
    'userName eq does not find exactly the user',
  ],
  [
    'another refusal of filters',
    'filters',
    where(
      ({ path }) => / and /.test(path),
      () => refused(400),
    ),
    '~userName-eq',
    'with userName sw answers 400 invalidFilter, with sw and eq 400',
  ],
  [
    'a filter that finds another user',
    'filters',
    where(
      ({ path }) => /userName sw/.test(path),
      ({ path }) => (/ and /.test(path) ? list() : list({ id: '1' })),
    ),
    '',
    'finding 1 and 0',
  ],
  [
    'a filter of which half is read',
    'filters',
    where(
      ({ path }) => / and /.test(path),
      () => list({}),
    ),
    '',
    'finding 1 and 1',
    { filters: 'all' },
  ],
  [
    '202 for what is patched',
    'patchAnswer',
    where(patchOf('Renamed'), as(202)),
    '~resource',
    'answers 202 with the user',
  ],
  [
    'a patched user that is another',
    'patchAnswer',
    where(patchOf('Renamed'), async (_, ask) => ({ ...(await ask()), body: { id: '1' } })),
    '',
    'answers 200, but not with the user',
  ],
  [
    'a PATCH without effect',
    'patchAnswer',
    where(patchOf('Renamed'), () => ({ status: 204 })),
    '',
    'answers 204 and has no effect',
  ],
  ['a PATCH that is refused and done', 'patchAnswer', where(patchOf('Renamed'), as(400)), '', 'answers 400'],
  ['a PATCH that is not found', 'patchAnswer', where(patchOf('Renamed'), () => refused(404)), '', 'answers 404'],
  [
    'add and remove without effect',
    'patchOperations',
    where(
      ({ sent }) => /"(add|remove)"/.test(sent),
      () => ({ status: 204 }),
    ),
    '',
    'not both took effect',
  ],
  [
    'add without effect',
    'patchOperations',
    where(patchOf('add'), () => ({ status: 204 })),
    '',
    'not both took effect',
    { patchOperations: 'all' },
  ],
  [
    'remove without effect',
    'patchOperations',
    where(patchOf('remove'), () => ({ status: 204 })),
    '',
    'not both took effect',
    { patchOperations: 'all' },
  ],
  [
    'add and remove without what stands before them',
    'patchOperations',
    where(
      ({ sent }) => /"(add|remove)"/.test(sent),
      ({ sent }, ask) => {
        const { Operations, ...others } = JSON.parse(sent)
        return ask(JSON.stringify({ ...others, Operations: Operations.slice(1) }))
      },
    ),
    '',
    'not both took effect',
    { patchOperations: 'all' },
  ],
  [
    'another refusal of add',
    'patchOperations',
    where(patchOf('add'), () => refused(501)),
    '~replace-only',
    'with add answers 501, with remove 400 invalidSyntax; nothing changed',
  ],
  [
    'add that is refused and done',
    'patchOperations',
    where(patchOf('add'), as(400)),
    '',
    'both took effect',
    { patchOperations: 'all' },
  ],
  [
    'neither emails nor meta',
    'readOnlyPatch',
    where(read, without('emails', 'meta')),
    '',
    'neither emails nor meta.created come back',
  ],
  [
    'no emails',
    'readOnlyPatch',
    where(read, without('emails')),
    'refused',
    'PATCH of meta.created answers 400 mutability; nothing changed',
  ],
  [
    'one read-only attribute refused, one ignored',
    'readOnlyPatch',
    where(patchOf('meta.created'), () => ({ status: 204 })),
    '',
    'emails answers 400 mutability, of meta.created answers 204; nothing changed',
  ],
  [
    'another refusal of what is read-only',
    'readOnlyPatch',
    where(patchOf('emails'), () => refused(403)),
    '~refused',
    'emails answers 403',
  ],
  [
    'another refusal of a path',
    'unmappedPath',
    where(patchOf('title'), () => refused(400, 'invalidSyntax')),
    '~refused',
    'PATCH of title answers 400 invalidSyntax',
  ],
  [
    'a path that nobody finds',
    'unmappedPath',
    where(patchOf('title'), () => refused(404)),
    '',
    'PATCH of title answers 404; it is not refused',
  ],
  [
    '/Schemas that lists a title',
    'unmappedPath',
    where(at('/Schemas'), () =>
      list({ id: 'urn:ietf:params:scim:schemas:core:2.0:User', attributes: [{ name: 'title' }] }),
    ),
    'ignored',
    'PATCH of nickName answers 200; nothing changed',
  ],
  [
    '/Schemas that lists them all',
    'unmappedPath',
    where(at('/Schemas'), () =>
      list({
        id: 'urn:ietf:params:scim:schemas:core:2.0:User',
        attributes: ['title', 'nickName', 'userType', 'preferredLanguage'].map(name => ({ name })),
      }),
    ),
    '',
    '/Schemas lists every attribute that it would try',
  ],
  ['no emails that could move', 'userNameChange', where(read, without('emails')), '~allowed', 'there are no emails'],
  [
    'emails that do not move',
    'userNameChange',
    where(read, async (_, ask) => {
      const { status, body } = await ask()
      return { status, body: { ...body, emails: [{ value: 'calibration@example.com' }] } }
    }),
    '~allowed',
    'emails did not move',
  ],
  [
    'a renaming that does nothing',
    'userNameChange',
    where(patchOf('calibration-renamed@example.com'), () => ({ status: 204 })),
    '',
    'GET shows the old userName',
  ],
  [
    'another refusal of renaming',
    'userNameChange',
    where(patchOf('calibration-renamed@example.com'), () => refused(403)),
    '~refused',
    'answers 403; nothing changed',
  ],
  [
    'a renaming that does nothing',
    'userNameFormat',
    where(patchOf('calibration-renamed@example.com'), () => ({ status: 204 })),
    '',
    'renaming is neither allowed nor refused',
  ],
  [
    'a userName that is mended',
    'userNameFormat',
    where(patchOf('calibration'), async (_, ask) => ({ ...(await ask()), status: 200 })),
    '',
    'GET shows another userName',
    { userNameFormat: 'email' },
  ],
  [
    'another refusal of what is no address',
    'userNameFormat',
    where(patchOf('calibration'), () => refused(422)),
    '~email',
    'answers 422; nothing changed',
  ],
  [
    'a refusal of renaming that is one of values',
    'userNameFormat',
    where(
      ({ method, sent }) => method === 'PATCH' && sent.includes('"userName"'),
      () => refused(400, 'invalidValue'),
    ),
    '',
    'renaming is refused, and PATCH of userName to no address and back answers 400 invalidValue',
  ],
  [
    '200 for what is reactivated',
    'inactiveDuplicate',
    where(post, as(200)),
    '~reactivate',
    'answers 200; the user is active, with the old id',
    { inactiveDuplicate: 'reactivate' },
  ],
  [
    'a duplicate that is not made and not refused',
    'inactiveDuplicate',
    where(
      ({ sent }) => sent.includes('"Again"'),
      () => refused(404),
    ),
    '',
    'answers 404; the user is inactive',
  ],
  [
    '200 for what is deleted',
    'delete',
    where(({ method }) => method === 'DELETE', as(200)),
    '~deactivate',
    'answers 200, GET then 200',
  ],
  [
    'a DELETE without effect',
    'delete',
    where(
      ({ method }) => method === 'DELETE',
      () => ({ status: 204 }),
    ),
    '',
    'DELETE answers 204, GET then 200',
  ],
]

test.for(rows)('%s: what is found of %s', async ([, key, told, seen, reading, set]) => {
  const instance = await servers.make(set && { behaviours: set })
  await using endpoint = await inFrontOf(instance, told)
  const calibration = await calibrate({
    url: endpoint.url,
    token: instance.scimToken,
    userName: 'calibration@example.com',
    userAgent: 'test',
    timeout: 20_000,
    longestWait: 20_000,
  })
  const row = calibration.rows.find(each => each.key === key)!
  expect(`${row.confidence === 'effect' ? '~' : ''}${row.seen ?? ''}`).toBe(seen)
  expect(row.reading).toContain(reading)
})

test('a user that was never created has no id', () => {
  expect(() => new ProbeUser({} as Conversation, 'ann@example.com').id).toThrow('no user could be created')
})
