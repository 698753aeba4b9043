// What is told of the real endpoint's switches: what the traffic showed, and that the rest is not determined.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { presets } from '../../src/scim/behaviour.ts'
import type { LearnedRow } from '../../src/shadow/learned.ts'
import { Learned } from '../../src/shadow/learned.ts'
import { control } from '../support.ts'
import { findDifferences, play, type Step } from './law.ts'
import { listen, realToken, sendBytes, startShadow } from './shadow.ts'

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const add = (value: string): Step => ({
  method: 'PATCH',
  path: '/Users/',
  user: 0,
  body: { schemas: [patchUrn], Operations: [{ op: 'add', path: 'name.givenName', value }] },
})
const post: Step = {
  method: 'POST',
  path: '/Users',
  body: { userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } },
}
const get: Step = { method: 'GET', path: '/Users/', user: 0 }
const rowOf = (rows: readonly LearnedRow[], key: string) => rows.find(row => row.key === key)!

test('what the real endpoint accepts is told by switch, with how often and by which request', async () => {
  await using real = await start({ scimToken: realToken, profile: { patchOperations: 'all' } })
  await using server = await startShadow(real.scimUrl)
  await play(server.scimUrl, server.scimToken, [post, add('A'), add('B'), add('C'), add('D')])
  const { behaviours, shadow } = await findDifferences(server)
  expect(shadow.summary).toEqual([
    '`patchOperations` is `all` there, not `replace-only`: to a PATCH with `add` or `remove` it answers 200, where another value gives 400 invalidSyntax (4 times)',
  ])
  expect(rowOf(shadow.switches, 'patchOperations')).toMatchObject({
    here: 'replace-only',
    seen: 'all',
    confidence: 'exact',
    times: 4,
    evidence: Array(3).fill({ request: 'PATCH /Users/{id} with add', status: 200, otherwise: '400 invalidSyntax' }),
  })
  expect(rowOf(shadow.switches, 'groups')).toMatchObject({
    seen: null,
    reading: 'nothing showed it: GET /Groups would',
  })
  expect(shadow).toMatchObject({ upstream: real.scimUrl, forwarded: 5, compared: 5, differing: 4, unexplained: [] })
  expect(behaviours).toMatchObject({ patchOperations: 'all', patchAnswer: 'resource' })
})

test('the answer is a profile, with which the server differs no more', async () => {
  await using real = await start({
    scimToken: realToken,
    profile: { patchOperations: 'all', patchAnswer: 'no-content' },
  })
  await using first = await startShadow(real.scimUrl)
  await play(first.scimUrl, first.scimToken, [post, add('A'), get])
  const profile = join(mkdtempSync(join(tmpdir(), 'shadow-')), 'profile.json')
  writeFileSync(profile, JSON.stringify(await findDifferences(first)))
  await using second = await startShadow(real.scimUrl, { profile })
  await play(second.scimUrl, second.scimToken, [
    { ...post, body: { ...(post.body as object), userName: 'bo@example.com' } },
    add('B'),
    get,
  ])
  expect((await findDifferences(second)).shadow).toMatchObject({ differing: 0, summary: [] })
})

test('an effect that was not shown does not count until it is', async () => {
  await using real = await start({
    scimToken: realToken,
    profile: { patchOperations: 'all', patchAnswer: 'no-content' },
  })
  await using server = await startShadow(real.scimUrl)
  await play(server.scimUrl, server.scimToken, [post, add('A')])
  expect((await findDifferences(server)).shadow.summary).toEqual([])
  await sendBytes(server.scimUrl, { path: '/Users/2', token: server.scimToken })
  const { behaviours } = await findDifferences(server)
  expect(behaviours).toMatchObject({ patchOperations: 'all', patchAnswer: 'no-content' })
})

test('an accepted request without effect, a refusal of another kind, and a page of a proxy show nothing', async () => {
  const answers: [number, unknown][] = [
    [204, undefined],
    [
      200,
      {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        id: 'x1',
        userName: 'ann@example.com',
        name: { givenName: 'Other' },
        active: true,
      },
    ],
    [422, { detail: 'no' }],
    [200, '<html>'],
  ]
  const user = { id: 'x1', userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' }, active: true }
  let next: [number, unknown] = [200, user]
  await using real = await listen((_request, response) => {
    const [status, body] = next
    response.writeHead(status).end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
  })
  await using server = await startShadow(real.url)
  const scim = (step: Step) => sendBytes(server.scimUrl, { ...step, path: '/Users/x1', token: server.scimToken })
  for (const answer of answers) {
    next = [200, user]
    await scim(get)
    next = answer
    await scim(add('A'))
    next = [200, user]
    await scim(get)
  }
  const { behaviours, shadow } = await findDifferences(server)
  expect(behaviours).toEqual({})
  expect(rowOf(shadow.switches, 'patchOperations').seen).toBeNull()
})

const ann = { id: 'x1', userName: 'ann@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
const patchOf = (path: string, value: unknown) => ({
  schemas: [patchUrn],
  Operations: [{ op: 'replace', path, value }],
})
const listOf = (...Resources: object[]) => ({ totalResults: Resources.length, Resources })
const inactive = { ...ann, active: false }
const active = { ...ann, active: true }
const titled = { ...active, title: 'Boss' }
const mailed = { ...active, emails: [{ value: 'other@example.com' }] }

test.each<
  [
    name: string,
    key: string,
    exchanges: [method: string, path: string, sent: unknown, status: number, shown: unknown][],
  ]
>([
  [
    'a DELETE without effect on an active user',
    'delete',
    [
      ['GET', '/Users/x1', undefined, 200, active],
      ['DELETE', '/Users/x1', undefined, 204, undefined],
      ['GET', '/Users/x1', undefined, 200, active],
    ],
  ],
  [
    'a DELETE of somebody who is inactive already',
    'delete',
    [
      ['GET', '/Users/x1', undefined, 200, inactive],
      ['DELETE', '/Users/x1', undefined, 204, undefined],
      ['GET', '/Users/x1', undefined, 200, inactive],
    ],
  ],
  [
    'emails that are taken',
    'readOnlyPatch',
    [
      ['GET', '/Users/x1', undefined, 200, active],
      ['PATCH', '/Users/x1', patchOf('emails', mailed.emails), 200, mailed],
    ],
  ],
  [
    'emails that are taken, as is seen later',
    'readOnlyPatch',
    [
      ['GET', '/Users/x1', undefined, 200, active],
      ['PATCH', '/Users/x1', patchOf('emails', mailed.emails), 204, undefined],
      ['GET', '/Users', undefined, 200, listOf(mailed)],
    ],
  ],
  [
    'an attribute that is stored',
    'unmappedPath',
    [
      ['GET', '/Users/x1', undefined, 200, active],
      ['PATCH', '/Users/x1', patchOf('title', 'Boss'), 200, titled],
    ],
  ],
  [
    'a filter that finds nobody',
    'filters',
    [
      ['GET', '/Users', undefined, 200, listOf(active)],
      ['GET', '/Users?filter=userName+sw+%22z%22', undefined, 200, listOf()],
    ],
  ],
  [
    'a filter that finds everybody',
    'filters',
    [
      ['GET', '/Users', undefined, 200, listOf(active)],
      ['GET', '/Users?filter=userName+sw+%22a%22', undefined, 200, listOf(active)],
    ],
  ],
  ['groups that are there', 'groups', [['GET', '/Groups', undefined, 200, listOf({ id: 'g', displayName: 'G' })]]],
  [
    'discovery of which one half is there',
    'discovery',
    [
      ['GET', '/ServiceProviderConfig', undefined, 200, { patch: { supported: true } }],
      ['GET', '/ResourceTypes', undefined, 404, { detail: 'no' }],
    ],
  ],
])('%s shows nothing', async (_name, key, exchanges) => {
  let next: [number, unknown] = [200, {}]
  await using real = await listen((_request, response) => {
    response.writeHead(next[0]).end(next[1] === undefined ? '' : JSON.stringify(next[1]))
  })
  await using server = await startShadow(real.url)
  for (const [method, path, body, ...answer] of exchanges) {
    next = answer
    await sendBytes(server.scimUrl, { method, path, body, token: server.scimToken })
  }
  const row = rowOf((await findDifferences(server)).shadow.switches, key)
  expect({ seen: row.seen, reading: row.reading }).toEqual({ seen: null, reading: expect.not.stringMatching(/^to /) })
})

test('an endpoint that keeps no displayName shows its switches all the same', async () => {
  let next: [number, unknown] = [200, active]
  await using real = await listen((_request, response) => {
    response.writeHead(next[0]).end(next[1] === undefined ? '' : JSON.stringify(next[1]))
  })
  await using server = await startShadow(real.url)
  const scim = (method: string, body?: unknown) =>
    sendBytes(server.scimUrl, { method, path: '/Users/x1', body, token: server.scimToken })
  await scim('GET')
  next = [204, undefined]
  await scim('PATCH', add('Anna').body)
  next = [200, { ...active, name: { givenName: 'Anna', familyName: 'Lee' } }]
  await scim('GET')
  expect((await findDifferences(server)).behaviours).toEqual({ patchOperations: 'all', patchAnswer: 'no-content' })
})

test('of a long body nothing is learned', async () => {
  await using real = await start({ scimToken: realToken, profile: 'rfc7644' })
  await using server = await startShadow(real.scimUrl)
  const { userName } = ann
  await play(server.scimUrl, server.scimToken, [{ ...post, body: { userName, note: 'x'.repeat(65_536) } }])
  expect(await findDifferences(server)).toMatchObject({ behaviours: {}, shadow: { compared: 1, differing: 1 } })
})

test('what shows both values is not determined', () => {
  const learned = new Learned()
  const proof = { request: 'PATCH /Users/{id}', status: 200, otherwise: '400 invalidSyntax' }
  learned.add({ key: 'patchOperations', value: 'all', confidence: 'exact', proof })
  expect(learned.determined).toEqual({ patchOperations: 'all' })
  learned.add({ key: 'patchOperations', value: 'replace-only', confidence: 'exact', proof: { ...proof, status: 400 } })
  expect(learned.determined).toEqual({})
  expect(rowOf(learned.toRows(presets.insightly), 'patchOperations')).toMatchObject({
    seen: null,
    reading: 'it showed `all` and `replace-only`',
  })
})

test('two exchanges that have several explanations each may have one together', () => {
  const learned = new Learned()
  const five = 'userName+names+displayName+email'
  learned.addOpen([{ requiredAttributes: 'userName+names' }, { requiredAttributes: five }], {
    request: 'POST /Users',
    status: 400,
  })
  expect(learned.determined).toEqual({})
  learned.addOpen([{ requiredAttributes: 'userName' }, { requiredAttributes: 'userName+names' }], {
    request: 'POST /Users',
    status: 201,
  })
  expect(learned.determined).toEqual({ requiredAttributes: 'userName+names' })
})

test('what was shown twenty times is not tried in every way any more, and a change of it is seen all the same', async () => {
  await using real = await start({ scimToken: realToken })
  await using server = await startShadow(real.scimUrl)
  const change = {
    ...add('A'),
    body: { schemas: [patchUrn], Operations: [{ op: 'replace', path: 'active', value: true }] },
  }
  await play(server.scimUrl, server.scimToken, [post, ...Array<Step>(25).fill(change)])
  expect(rowOf((await findDifferences(server)).shadow.switches, 'patchAnswer')).toMatchObject({
    seen: 'resource',
    times: 20,
  })
  await real.settings.change({ behaviours: { patchAnswer: 'no-content' } })
  const again: Step[] = [
    { method: 'PATCH', path: '/Users/2', body: change.body },
    { method: 'GET', path: '/Users/2' },
  ]
  await play(server.scimUrl, server.scimToken, again)
  expect(rowOf((await findDifferences(server)).shadow.switches, 'patchAnswer')).toMatchObject({
    seen: null,
    reading: 'it showed `resource` and `no-content`',
  })
})

test('what was learned can be forgotten, and an instance without a real endpoint has learned nothing', async () => {
  await using real = await start({ scimToken: realToken, profile: { groups: 'empty' } })
  await using server = await startShadow(real.scimUrl)
  await play(server.scimUrl, server.scimToken, [{ method: 'GET', path: '/Groups' }])
  expect((await findDifferences(server)).behaviours).toEqual({ groups: 'empty' })
  expect((await control(server, 'DELETE', '/instances/default/differences')).status).toBe(204)
  for (const each of [server, real]) {
    const { behaviours, shadow } = await findDifferences(each)
    expect({ behaviours, forwarded: shadow.forwarded, upstream: shadow.upstream }).toEqual({
      behaviours: {},
      forwarded: 0,
      upstream: each === server ? real.scimUrl : null,
    })
  }
})
