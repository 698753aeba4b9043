import { expect, test } from 'vitest'
import { calibrate, NoEndpoint } from '../../../src/commands/calibrate/calibrate.ts'
import { toDocument } from '../../../src/commands/calibrate/report.ts'
import { start } from '../../../src/index.ts'
import { presets } from '../../../src/scim/behaviour.ts'
import { makeInstance, type TestInstance, useServer } from '../../support.ts'
import { inFrontOf } from './front.ts'

const servers = useServer()

const optionsFor = (instance: TestInstance) => ({
  url: instance.scimUrl,
  token: instance.scimToken,
  userName: 'calibration@example.com',
  userAgent: 'test',
  timeout: 20_000,
  longestWait: 20_000,
})

const left = async (instance: TestInstance) =>
  ((await instance.control('GET', '/users')).body as { EMAIL_ADDRESS: string; ACTIVE: boolean }[])
    .filter(user => !user.EMAIL_ADDRESS.startsWith('owner@'))
    .map(user => `${user.EMAIL_ADDRESS} ${user.ACTIVE}`)

test('a 429 is waited out as Retry-After asks, and costs no finding', async () => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [
    { when: { every: 3 }, do: { status: 429, headers: { 'Retry-After': '0' } } },
  ])
  const { rows, left } = await calibrate(optionsFor(instance))
  expect(rows.filter(({ confidence }) => confidence !== 'exact').map(({ key }) => key)).toEqual(['disabledScim'])
  expect(left.state).toBe('inactive')
})

test('the evidence of a row is each request, without its id, with what was sent and answered', async () => {
  const instance = await servers.make()
  const { rows } = await calibrate(optionsFor(instance))
  const { evidence } = rows.find(({ key }) => key === 'patchOperations')!
  expect(evidence.filter(({ request }) => request.startsWith('PATCH'))).toMatchObject([
    { request: 'PATCH /Users/{id}', status: 400, scimType: 'invalidSyntax' },
    { request: 'PATCH /Users/{id}', status: 400, scimType: 'invalidSyntax' },
  ])
  for (const { request, sent, scimType, status } of evidence) {
    expect(sent === undefined).toBe(!/^(POST|PUT|PATCH)/.test(request))
    expect(scimType === undefined).toBe(status < 400)
  }
})

test('a 429 that asks for more than the longest wait ends it politely, the user deactivated', async () => {
  const instance = await servers.make()
  const fault = { status: 429, headers: { 'Retry-After': '3600' } }
  await instance.control('PUT', '/faults', [{ match: { method: 'PATCH' }, when: { times: 1 }, do: fault }])
  const { interrupted } = await calibrate(optionsFor(instance))
  expect(interrupted).toContain('3600 s')
  expect(await left(instance)).toEqual(['calibration@example.com false'])
})

test('a request without an answer leaves its row open and the rest goes on', async () => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [{ match: { method: 'PATCH' }, when: { times: 1 }, do: { reset: true } }])
  const { rows } = await calibrate(optionsFor(instance))
  const open = rows.filter(({ seen }) => seen === null)
  expect(open.map(({ key, reading }) => `${key}: ${reading}`)).toEqual([
    expect.stringMatching(/^patchAnswer: no answer \(/),
    expect.stringContaining('disabledScim'),
  ])
})

test('a read whose connection breaks is asked again, and costs no finding', async () => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [
    { match: { method: 'GET' }, when: { every: 5, after: 1 }, do: { reset: true } },
  ])
  const { rows } = await calibrate(optionsFor(instance))
  expect(rows.filter(({ seen }) => seen === null).map(({ key }) => key)).toEqual(['disabledScim'])
})

test('an endpoint that never answers is given up after the timeout', async () => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [{ do: { hang: true } }])
  await expect(calibrate({ ...optionsFor(instance), timeout: 100 })).rejects.toThrow(
    /: no answer within 0.1 s. Nothing was created/,
  )
})

test('an answer of another kind is not determined, never guessed', async () => {
  const instance = await servers.make({ behaviours: { groups: 'empty' } })
  await instance.control('PUT', '/faults', [
    { match: { path: '/scim/v2/Groups' }, do: { status: 500 } },
    { match: { path: '/scim/v2/ResourceTypes' }, do: { html: true } },
    { match: { method: 'DELETE' }, do: { status: 405 } },
  ])
  const { rows, behaviours } = await calibrate(optionsFor(instance))
  const open = rows.filter(({ seen }) => seen === null).map(({ key }) => key)
  expect(open).toEqual(['delete', 'discovery', 'groups', 'disabledScim'])
  expect(behaviours).not.toHaveProperty('groups')
  expect(await left(instance)).toEqual(['calibration@example.com false'])
})

test('a refusal with another status or scimType counts by its effect only', async () => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [
    { match: { method: 'POST', userName: 'calibration@example.com' }, when: { after: 4 }, do: { status: 409 } },
  ])
  const { rows } = await calibrate(optionsFor(instance))
  expect(rows.find(({ key }) => key === 'inactiveDuplicate')).toMatchObject({ seen: 'conflict', confidence: 'effect' })
})

test('stopped half-way, it deactivates the user and says so', async () => {
  const instance = await servers.make()
  await instance.control('PUT', '/faults', [{ match: { method: 'PATCH' }, when: { times: 1 }, do: { hang: true } }])
  const stopping = new AbortController()
  const running = calibrate({ ...optionsFor(instance), signal: stopping.signal })
  await expect.poll(async () => (await instance.control('GET', '/faults')).body[0].fired).toBe(1)
  stopping.abort()
  const { interrupted, left: said, rows } = await running
  expect(interrupted).toBe('it was stopped')
  expect(said).toEqual({ userName: 'calibration@example.com', id: '2', state: 'inactive' })
  expect(await left(instance)).toEqual(['calibration@example.com false'])
  expect(rows.find(({ key }) => key === 'delete')).toMatchObject({ seen: null, reading: 'it was stopped' })
})

test('when the answer to the creating POST is lost, it looks for the user and deactivates it', async () => {
  const instance = await servers.make({ behaviours: { requiredAttributes: 'userName' } })
  await instance.control('PUT', '/faults', [{ match: { method: 'POST' }, do: { commitThenReset: true } }])
  const { left: said, rows } = await calibrate(optionsFor(instance))
  expect(rows.find(({ key }) => key === 'requiredAttributes')).toMatchObject({ seen: null })
  expect(said).toEqual({ userName: 'calibration@example.com', id: '2', state: 'inactive' })
  expect(await left(instance)).toEqual(['calibration@example.com false'])
})

test('a second user that a POST of the same userName makes is found and deactivated too', async () => {
  const instance = await servers.make()
  let created = 0
  // It creates a user as often as it is asked to: every further one under a name of its own.
  await using endpoint = await inFrontOf(instance, async ({ method, sent }, ask) => {
    const isAgain = method === 'POST' && created > 0
    const told = await ask(isAgain ? sent.replaceAll('"calibration@', `"${created + 1}-calibration@`) : sent)
    if (told.status === 201) created += 1
    return told
  })
  const { rows, left: said } = await calibrate({ ...optionsFor(instance), url: endpoint.url })
  const row = rows.find(({ key }) => key === 'inactiveDuplicate')
  expect(row).toMatchObject({ seen: null, reading: 'POST makes a second user' })
  expect(said).toMatchObject({ state: 'inactive' })
  expect(await left(instance)).toEqual(['calibration@example.com false', '2-calibration@example.com false'])
})

test('a refused token, a taken userName and a page that is no SCIM end it before anything is created', async () => {
  const instance = await servers.make()
  const options = optionsFor(instance)
  await expect(calibrate({ ...options, token: 'wrong' })).rejects.toThrow(/answers 401/)
  await instance.create('Calibration@example.com')
  await expect(calibrate(options)).rejects.toThrow(NoEndpoint)
  await expect(calibrate(options)).rejects.toThrow('There is a user calibration@example.com already')
  await instance.control('PUT', '/faults', [{ do: { html: true } }])
  await expect(calibrate({ ...options, userName: 'other@example.com' })).rejects.toThrow(/no list of users/)
  await expect(calibrate({ ...options, url: 'http://127.0.0.1:1/scim/v2' })).rejects.toThrow(/Nothing was created/)
  expect(await left(instance)).toEqual(['Calibration@example.com true'])
})

test('the longest page and the default page show where there are users enough', async () => {
  const users = Array.from({ length: 501 }, (_, index) => ({
    EMAIL_ADDRESS: `u${index}@example.com`,
    FIRST_NAME: 'U',
    LAST_NAME: 'U',
  }))
  const instance = await servers.make({ state: { users } })
  const calibration = await calibrate(optionsFor(instance))
  const { shapes } = toDocument(calibration, { by: 'x', date: 'x', host: 'x', ours: {} }).calibration
  const page = Object.fromEntries(shapes.map(({ name, seen }) => [name, seen]))
  expect(page).toMatchObject({ 'default page': '100', 'longest page': '500', 'id of a user': 'digits in a string' })
})

test('the profile loads as --profile and for an instance does; what was not determined is as by default', async () => {
  const instance = await servers.make({ behaviours: { patchAnswer: 'no-content', delete: 'remove' } })
  const calibration = await calibrate(optionsFor(instance))
  const profile = JSON.parse(JSON.stringify(toDocument(calibration, { by: 'x', date: 'x', host: 'x', ours: {} })))
  const wanted = { ...presets.insightly, patchAnswer: 'no-content', delete: 'remove' }
  await using insightly = await start({ profile })
  expect((await insightly.settings.get()).behaviours).toEqual(wanted)
  const made = await makeInstance(servers.server, { profile } as object)
  expect((await made.control('GET', '/settings')).body.behaviours).toEqual(wanted)
  await expect(start({ profile: { behaviours: { delete: 'maybe' } } as object })).rejects.toThrow(
    /behaviours\.delete: is "maybe"; expected "deactivate" or "remove"/,
  )
})
