// start() and connect(): one handle, in this process and over HTTP. What the control API itself does is tested there.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Insightly } from '../../src/client/insightly.ts'
import type { UserAddition } from '../../src/control/types.ts'
import { ControlError, connect, StartError, start } from '../../src/index.ts'
import { send } from '../support.ts'

const ann = { EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' } satisfies UserAddition

/** A SCIM request to the instance of a handle. */
const scim = (insightly: Insightly, method: string, path: string, body?: unknown) =>
  send(`${insightly.scimUrl}${path}`, {
    method,
    body,
    headers: {
      authorization: `Bearer ${insightly.scimToken}`,
      ...(body !== undefined && { 'content-type': 'application/scim+json' }),
    },
  })

const createBob = (insightly: Insightly, more: object = {}) =>
  scim(insightly, 'POST', '/Users', {
    userName: 'bob@example.com',
    name: { givenName: 'Bob', familyName: 'Ray' },
    ...more,
  })

const deactivate = (insightly: Insightly, id: number) => scim(insightly, 'DELETE', `/Users/${id}`)

let server: Insightly
beforeAll(async () => {
  server = await start()
})
afterAll(() => server.close())

describe.each([
  ['in this process', (made: Insightly) => Promise.resolve(made)],
  ['over HTTP', (made: Insightly) => connect({ ...made, controlUrl: made.controlUrl, instance: made.name })],
])('A handle %s', (_where, through) => {
  const make = async (options = {}) => through(await server.createInstance(options))

  test('tells URLs and secrets that work', async () => {
    const insightly = await make()
    expect((await scim(insightly, 'GET', '/Users')).status).toBe(200)
    const basic = Buffer.from(`${insightly.apiKey}:`).toString('base64')
    expect((await send(`${insightly.apiUrl}/Users/Me`, { headers: { authorization: `Basic ${basic}` } })).status).toBe(
      200,
    )
    expect(insightly.controlUrl).toBe(`${insightly.url}/_emulator`)
  })

  test('reads, adds and edits users as an administrator does', async () => {
    const insightly = await make({ state: { users: [ann] } })
    const bob = await insightly.addUser({ EMAIL_ADDRESS: 'bob@example.com', FIRST_NAME: 'Bob', LAST_NAME: 'Ray' })
    await insightly.editUser(bob.USER_ID, { LICENSES: ['CRM'], ACTIVE: false })
    expect(await insightly.user(bob.USER_ID)).toMatchObject({ FIRST_NAME: 'Bob', LICENSES: ['CRM'], ACTIVE: false })
    expect(await insightly.users({ active: true })).toMatchObject([{ EMAIL_ADDRESS: 'ann@example.com' }])
    expect(await insightly.users({ userName: 'BOB@example.com' })).toHaveLength(1)
  })

  test('waits for a user that a client is about to change', async () => {
    const insightly = await make({ state: { users: [ann] } })
    const waiting = insightly.waitForUser({ userName: 'ann@example.com', active: false })
    await deactivate(insightly, 1)
    expect(await waiting).toMatchObject({ USER_ID: 1, ACTIVE: false })
  })

  test('tells which users there are when the awaited one does not come', async () => {
    const insightly = await make({ state: { users: [ann] } })
    const error = await insightly
      .waitForUser({ userName: 'ann@example.com', active: false }, { timeout: 20 })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ControlError)
    expect(error).toMatchObject({ status: 408, body: [] })
    expect((error as Error).message).toBe(
      'No user with userName "ann@example.com" and active false within 20ms. There is 1 user:\n  ann@example.com, active',
    )
  })

  test('lists the requests that were made and clears them', async () => {
    const insightly = await make()
    await createBob(insightly)
    const [entry] = await insightly.requests({ operation: 'create' })
    expect(entry).toMatchObject({ method: 'POST', status: 201, userName: 'bob@example.com' })
    expect(await insightly.requests({ since: entry!.id })).toEqual([])
    await insightly.clearRequests()
    expect(await insightly.requests()).toEqual([])
  })

  test('waits for a request', async () => {
    const insightly = await make()
    const waiting = insightly.waitForRequest({ operation: 'create' })
    await createBob(insightly)
    expect(await waiting).toMatchObject({ operation: 'create', userName: 'bob@example.com' })
  })

  test('tells which requests there were when the awaited one does not come', async () => {
    const insightly = await make()
    await createBob(insightly)
    await expect(insightly.waitForRequest({ operation: 'delete' }, { timeout: '20ms' })).rejects.toThrow(
      'No request with operation "delete" within 20ms. There is 1 request:\n' +
        '  POST /scim/v2/Users 201 create; bob@example.com',
    )
  })

  test('verifies how often a request was made', async () => {
    const insightly = await make()
    await createBob(insightly)
    expect(await insightly.verify({ operation: 'create' }, { exactly: 1 })).toBe(1)
    expect(await insightly.verify({ operation: 'delete' }, { exactly: 0 })).toBe(0)
  })

  test('tells the nearest misses when a request was not made', async () => {
    const insightly = await make()
    await createBob(insightly)
    const failure = insightly.verify({ operation: 'create', userName: 'ann@example.com' })
    await expect(failure).rejects.toBeInstanceOf(ControlError)
    await expect(failure).rejects.toThrow(
      /POST \/scim\/v2\/Users.*userName is "bob@example.com", not "ann@example.com"/s,
    )
  })

  test('tells the notes of a near miss with their rules', async () => {
    const insightly = await make()
    await createBob(insightly, { locale: 'en' })
    await expect(insightly.verify({ operation: 'delete' })).rejects.toThrow(
      'create; bob@example.com; `locale` was ignored: Insightly does not store it (U-12); missed, since',
    )
  })

  test('sets faults and counts them', async () => {
    const insightly = await make()
    await insightly.setFaults([{ match: { operation: 'create' }, when: { times: 1 }, do: { status: 503 } }])
    expect((await createBob(insightly)).status).toBe(503)
    expect((await createBob(insightly)).status).toBe(201)
    expect(await insightly.faults()).toMatchObject([{ fired: 1 }])
    await insightly.setFaults([])
    expect(await insightly.faults()).toEqual([])
  })

  test('stops, moves and frees the clock', async () => {
    const insightly = await make()
    await insightly.clock.freeze('2026-03-02T09:14:07.123Z')
    await insightly.clock.advance('PT1H')
    expect(await insightly.clock.get()).toEqual({ mode: 'frozen', now: '2026-03-02T10:14:07.123Z' })
    expect((await createBob(insightly)).body.meta.created).toBe('2026-03-02T10:14:07.123Z')
    await insightly.clock.set('2030-01-01T00:00:00Z')
    expect((await insightly.clock.get()).mode).toBe('offset')
    await insightly.clock.reset()
    expect((await insightly.clock.get()).mode).toBe('real')
  })

  test('changes settings and learns the token that this makes (A-04)', async () => {
    const insightly = await make({ scimEnabled: false })
    expect(insightly.scimToken).toBe('')
    await insightly.settings.change({ scimEnabled: true, behaviours: { groups: 'empty' } })
    expect((await scim(insightly, 'GET', '/Groups')).status).toBe(200)
    expect(await insightly.settings.get()).toMatchObject({ scimEnabled: true, behaviours: { groups: 'empty' } })
    await expect(make({ samlEnabled: false, scimEnabled: true })).rejects.toMatchObject({ status: 409 })
  })

  test('regenerates the token and goes on with the new one (A-05)', async () => {
    const insightly = await make()
    const before = insightly.scimToken
    expect(await insightly.regenerateToken()).toBe(insightly.scimToken)
    expect(insightly.scimToken).not.toBe(before)
    expect((await scim(insightly, 'GET', '/Users')).status).toBe(200)
  })

  test('exports, imports and resets state', async () => {
    const insightly = await make({ state: { users: [ann] } })
    await createBob(insightly)
    const state = await insightly.exportState()
    await insightly.reset()
    expect(await insightly.users()).toHaveLength(1)
    await insightly.importState(state)
    expect(await insightly.exportState()).toEqual(state)
  })

  test('makes instances that share nothing and go when they are closed', async () => {
    const insightly = await make()
    const other = await insightly.createInstance({ name: `other-${_where.replaceAll(' ', '-').toLowerCase()}` })
    await createBob(other)
    expect(await insightly.users({ userName: 'bob@example.com' })).toEqual([])
    expect(
      (await send(`${insightly.scimUrl}/Users`, { headers: { authorization: `Bearer ${other.scimToken}` } })).body
        .totalResults,
    ).toBe(2)
    await other.close()
    await other.close()
    await expect(other.users()).rejects.toThrow('There is no instance named')
  })

  test('says what the control API refuses', async () => {
    const insightly = await make()
    // @ts-expect-error: the types refuse it as well
    await expect(insightly.editUser(1, { ACTVE: false })).rejects.toThrow('did you mean ACTIVE')
    await expect(insightly.user(99)).rejects.toMatchObject({ status: 404 })
  })
})

describe('start()', () => {
  test('takes a seed and a profile as they are', async () => {
    await using insightly = await start({ seed: { users: [ann] }, profile: { groups: 'empty' } })
    expect(await insightly.users()).toMatchObject([{ EMAIL_ADDRESS: 'ann@example.com' }])
    expect((await scim(insightly, 'GET', '/Groups')).status).toBe(200)
  })

  test('shares nothing between two servers', async () => {
    await using one = await start()
    await using two = await start()
    await createBob(one)
    expect(await two.users()).toHaveLength(1)
    expect(one.url).not.toBe(two.url)
    expect(one.adminKey).not.toBe(two.adminKey)
    await expect(connect({ controlUrl: two.controlUrl, adminKey: one.adminKey })).rejects.toMatchObject({ status: 401 })
  })

  test('tells https URLs of instances that it makes while it serves HTTPS', async () => {
    const pem = (name: string) => new URL(name, import.meta.url).pathname
    await using insightly = await start({ tlsCert: pem('localhost-cert.pem'), tlsKey: pem('localhost-key.pem') })
    await using other = await insightly.createInstance()
    expect([insightly.url, other.scimUrl]).toEqual([expect.stringMatching(/^https:/), `${insightly.url}/scim/v2`])
  })

  test('names an option that it does not know, or cannot use', async () => {
    await expect(start({ prot: 1 } as object)).rejects.toThrow('start() knows no option "prot"; known are port, host')
    await expect(start({ port: 70_000 })).rejects.toThrow(
      new StartError('The option port is not accepted as given; expected a number from 0 to 65535.'),
    )
    await expect(start({ tlsCert: 'cert.pem' })).rejects.toThrow(
      new StartError('The options tlsCert and tlsKey go together; give both or neither.'),
    )
    await expect(start({ seed: { users: [{ ...ann, EMAIL_ADDRESS: '' }] } })).rejects.toThrow('users[0].EMAIL_ADDRESS')
  })

  test('answers nothing any more once closed, twice if need be', async () => {
    const insightly = await start()
    await insightly.close()
    await insightly.close()
    await expect(insightly.users()).rejects.toThrow('The server is closed.')
    await expect(connect(insightly)).rejects.toThrow(`Nothing answers at ${insightly.controlUrl}`)
  })

  test('writes nothing to stdout and keeps no process alive after close()', async () => {
    const program = `
      import { start, connect } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
      const insightly = await start()
      const remote = await connect(insightly)
      await fetch(insightly.scimUrl + '/Users', { headers: { authorization: 'Bearer ' + insightly.scimToken } })
      await insightly.createInstance()
      await remote.users()
      await insightly.close()
      process.on('beforeExit', () => process.stderr.write('left alone'))`
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 15_000 })
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'left alone' })
  })
})
