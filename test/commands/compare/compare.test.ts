import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { runCompare } from '../../../src/commands/compare/command.ts'
import { type CompareOptions, compare } from '../../../src/commands/compare/compare.ts'
import { readRecording } from '../../../src/commands/compare/recording.ts'
import { clients } from '../../../src/rehearse/conversations.ts'
import { play } from '../../clients/play.ts'
import { type TestInstance, useServer } from '../../support.ts'

// Some tests start a Node, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const servers = useServer()
const folder = mkdtempSync(join(tmpdir(), 'compare-'))
afterAll(() => rmSync(folder, { recursive: true }))

const journalOf = async (instance: TestInstance) => (await instance.control('GET', '/requests')).body
const harOf = async (instance: TestInstance) => (await instance.control('GET', '/requests?format=har')).body

const differencesOf = async (document: unknown, options: CompareOptions = {}) =>
  (await compare(readRecording(document), options)).differing.flatMap(({ number, request, differences }) =>
    differences.map(({ what, there, here }) => `#${number} ${request} ${what}: ${there} / ${here}`),
  )

// Requests that no token of the instance came with are in the journal of another.
const own = clients
  .flatMap(({ conversations }) => conversations)
  .filter(({ steps }) => steps.some(({ headers }) => JSON.stringify(headers).includes('{{token}}')))
  // What cannot be held to its end, and faults, which are not in a recording.
  .filter(({ refused, faults }) => !refused && !faults)

test.for(own)('what was recorded here of $id, as journal and as HAR, differs in nothing', async conversation => {
  const instance = await servers.make({ behaviours: conversation.behaviours ?? {} })
  expect(await play(conversation, instance)).toBeUndefined()
  const har = await harOf(instance)
  const sent = (document: unknown) => readRecording(document).exchanges.map(({ accept: _, ...rest }) => rest)
  expect(sent(har)).toEqual(sent(await journalOf(instance)))
  expect(sent(har).length).toBeGreaterThan(0)
  expect(await differencesOf(har, { profile: conversation.behaviours ?? {} })).toEqual([])
})

/** A short life of one user. */
async function live(instance: TestInstance): Promise<void> {
  const { id } = await instance.create()
  await instance.patch(id, { op: 'replace', path: 'name.givenName', value: 'Anna' })
  await instance.patch(id, { op: 'replace', path: 'nickName', value: 'Boss' })
  await instance.scim('DELETE', `/Users/${id}`)
  await instance.scim('GET', `/Users/${id}`)
  await instance.scim('GET', '/Users?filter=userName%20eq%20%22ann@example.com%22')
}

test('a conversation with an endpoint that behaves otherwise differs exactly there', async () => {
  const instance = await servers.make({
    behaviours: { patchAnswer: 'no-content', unmappedPath: 'refused', delete: 'remove' },
  })
  await live(instance)
  expect(await differencesOf(await harOf(instance))).toEqual([
    '#2 PATCH /Users/{id} status: 204 / 200',
    '#2 PATCH /Users/{id} body: empty / JSON',
    '#3 PATCH /Users/{id} status: 400 / 200',
    '#3 PATCH /Users/{id} scimType: invalidPath / absent',
    '#5 GET /Users/{id} status: 404 / 200',
    '#6 GET /Users?filter=userName eq "ann@example.com" totalResults: number 0 / number 1',
  ])
})

/** What the command prints, and its exit status. */
function shownBy(...args: string[]): Promise<string> {
  return new Promise(resolve => {
    execFile(process.execPath, ['src/cli.ts', 'compare', ...args], (error, stdout, stderr) =>
      resolve(`${stdout}${stderr}exit ${error?.code ?? 0}`),
    )
  })
}

const entry = (method: string, url: string, status: number, answer: unknown, sent?: unknown) => ({
  request: {
    method,
    url,
    headers: [
      { name: 'Authorization', value: 'Bearer very-secret-token' },
      { name: 'Cookie', value: 'session=very-secret-token' },
      ...(sent === undefined ? [] : [{ name: 'Content-Type', value: 'application/scim+json' }]),
    ],
    ...(sent !== undefined && { postData: { mimeType: 'application/scim+json', text: JSON.stringify(sent) } }),
  },
  response: { status, headers: [], content: { text: answer === undefined ? '' : JSON.stringify(answer) } },
})

const there = 'https://scim.example.com/tenant/scim'
const bob = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  id: '6f1c1f0e-0000-4000-8000-000000000001',
  userName: 'bob@example.com',
  name: { givenName: 'Bob', familyName: 'Ray', formatted: 'Bob Ray' },
  displayName: 'Bob Ray',
  active: true,
  emails: [{ value: 'bob@example.com', type: 'work', primary: true }],
  meta: {
    resourceType: 'User',
    created: '2020-01-01T00:00:00Z',
    lastModified: '2020-01-01T00:00:00Z',
    location: `${there}/Users/6f1c1f0e-0000-4000-8000-000000000001`,
  },
}
const patch = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'active', value: false }],
}

test('users that the recording takes for granted are seeded, and their ids found again', async () => {
  const recording = {
    log: {
      entries: [
        entry('GET', 'https://example.com/login', 200, 'hello'),
        entry('GET', `${there}/Users/${bob.id}?access_token=very-secret-token`, 200, bob),
        entry('PUT', `${there}/Users/${bob.id}`, 200, bob, bob),
        entry('PATCH', `${there}/Users/${bob.id}`, 200, { ...bob, active: false }, patch),
        entry('GET', `${there}/Users/77`, 404, { schemas: [], status: '404', detail: 'no' }),
        entry(
          'POST',
          `${there}/Users`,
          409,
          { schemas: [], status: '409', scimType: 'uniqueness', detail: '' },
          {
            userName: 'cat@example.com',
            name: { givenName: 'Cat', familyName: 'Ray' },
          },
        ),
      ],
    },
  }
  const { base, skipped } = readRecording(recording)
  expect(base).toBe(there)
  expect([...skipped]).toEqual([['no SCIM', 1]])
  const comparison = await compare(readRecording(recording), {})
  expect(comparison).toEqual({ compared: 5, differing: [], seeded: ['cat@example.com', 'bob@example.com'] })
})

test('a body of another shape is told by its places, and no credential of the recording is shown', async () => {
  const { displayName: _, ...plain } = bob
  const recording = {
    log: {
      entries: [
        entry('GET', `${there}/Users/${bob.id}?access_token=very-secret-token`, 200, {
          ...plain,
          name: { ...bob.name, formatted: null },
          emails: [{ value: 'bob@example.com', primary: 'true' }],
          groups: [],
        }),
        entry('GET', `${there}/Groups`, 404, { schemas: [], status: 404, detail: 'no' }),
      ],
    },
  }
  expect(await differencesOf(recording)).toEqual([
    '#1 GET /Users/{id} name.formatted: null / string',
    '#1 GET /Users/{id} emails[].primary: string / boolean',
    '#1 GET /Users/{id} groups: array / absent',
    '#1 GET /Users/{id} displayName: absent / string',
    '#1 GET /Users/{id} emails[].type: absent / string',
    '#2 GET /Groups status: number / string',
  ])
  const file = join(folder, 'there.har')
  writeFileSync(file, JSON.stringify(recording))
  let text = ''
  await runCompare(['--har', file], part => {
    text += part
  })
  expect(text).toContain('#2  GET /Groups\n    status: number there, string here')
  expect(text).toContain('2 of 2 exchanges differ.')
  expect(process.exitCode).toBe(1)
  process.exitCode = 0
  const json = await shownBy('--har', file, '--json')
  expect(json).toMatch(/exit 1$/)
  expect(json).toContain('"what": "name.formatted"')
  expect(text + json).not.toContain('very-secret-token')
})

const list = (...users: object[]) => ({ schemas: [], totalResults: users.length, Resources: users })
const har = (...entries: unknown[]) => ({ log: { entries } })

test('a look-up by a recorded id is one by ours, however it is written', async () => {
  const filters = [
    `id%20eq%20%22${bob.id}%22`,
    `(ID+eq+"${bob.id}")`,
    `active%20eq%20true%20and%20id%20eq%20%22${bob.id}%22`,
  ]
  const entries = filters.map(filter => entry('GET', `${there}/Users?filter=${filter}`, 200, list(bob)))
  const differences = await differencesOf(har(...entries), { profile: 'rfc7644' })
  expect(differences.filter(line => / (status|totalResults): /.test(line))).toEqual([])
})

test('an inactive user is seeded as one, a refused one is not seeded, and a read needs no body', async () => {
  const cat = { userName: 'cat@example.com', name: { givenName: 'Cat', familyName: 'Ray' } }
  const refusal = { schemas: [], status: '400', detail: '' }
  const recording = har(
    entry('GET', `${there}/Users/${bob.id}`, 200, { ...bob, active: false }, {}),
    entry('POST', `${there}/Users`, 400, refusal, { ...cat, active: 'maybe', displayName: 5 }),
  )
  const { differing, seeded } = await compare(readRecording(recording), {})
  expect(JSON.stringify(differing)).not.toContain('active')
  expect(seeded).toEqual(['bob@example.com'])
})

test('the report tells what was left out and what was seeded', async () => {
  const file = join(folder, 'alike.har')
  const login = entry('GET', 'https://example.com/login', 200, 'hello')
  writeFileSync(file, JSON.stringify(har(login, entry('GET', `${there}/Users/${bob.id}`, 200, bob))))
  let text = ''
  await runCompare(['--har', file], part => {
    text += part
  })
  expect(text).toBe(`1 exchange recorded at ${there}, sent once more to a fresh instance here.
Left out, no SCIM: 1.
Seeded, since the recording meets them and does not create them: bob@example.com.

No differences.
`)
  await runCompare(['--har', file, '--json', '--base', there], part => {
    text = part
  })
  expect(JSON.parse(text)).toEqual({
    base: there,
    compared: 1,
    differing: [],
    seeded: ['bob@example.com'],
    skipped: { 'no SCIM': 1 },
  })
  await expect(runCompare(['--har', file, '--journal', file])).rejects.toThrow(/needs a recording/)
})

test('a file that is no recording is refused in one line', async () => {
  const file = join(folder, 'none.json')
  writeFileSync(file, '{"log":{}}')
  await expect(runCompare(['--har', file])).rejects.toThrow(/none\.json is no recording; expected a HAR/)
  writeFileSync(file, '{"requests":[]}')
  await expect(runCompare(['--journal', file])).rejects.toThrow(/holds no SCIM request/)
  writeFileSync(file, 'x')
  await expect(runCompare(['--har', file])).rejects.toThrow(/is not valid JSON/)
  await expect(runCompare(['--har', join(folder, 'gone')])).rejects.toThrow(
    'gone is not usable: there is no such file.',
  )
  writeFileSync(file, '{"users":[{"EMAIL_ADDRESS":7}]}')
  const recorded = join(folder, 'recorded.har')
  writeFileSync(recorded, JSON.stringify({ log: { entries: [entry('GET', `${there}/Users`, 200, {})] } }))
  await expect(runCompare(['--har', recorded, '--seed', file])).rejects.toThrow(
    /none\.json users\[0\]\..*users\[0\]\.EMAIL_ADDRESS: is 7/,
  )
  await expect(runCompare([])).rejects.toThrow(/needs a recording/)
  await expect(runCompare(['--har', recorded, '--profile', 'none'])).rejects.toThrow(
    '--profile is "none", which is not accepted; expected insightly, rfc7644 or a file.',
  )
})

test('a user that was created without a userName is told, and no error', async () => {
  const recording = har(entry('POST', `${there}/Users`, 201, bob, { displayName: 'Bob' }))
  expect(await differencesOf(recording)).toContain('#1 POST /Users status: 201 / 400')
})

const cat = { userName: 'cat@example.com', name: { givenName: 'Cat', familyName: 'Ray' } }
const shownCat = { ...bob, ...cat, id: 'c-1', name: { ...cat.name, formatted: 'Cat Ray' }, displayName: 'Cat Ray' }

test('a user whose creation was answered without a body is created here too, and found by the id that is shown later', async () => {
  const recording = har(
    entry('POST', `${there}/Users`, 201, undefined, cat),
    entry('GET', `${there}/Users?filter=userName%20eq%20%22cat@example.com%22`, 200, list(shownCat)),
    entry('PATCH', `${there}/Users/c-1`, 200, { ...shownCat, active: false }, patch),
  )
  const { differing, seeded } = await compare(readRecording(recording), {})
  expect(seeded).toEqual([])
  expect(differing[0]!.differences).toEqual([{ what: 'body', there: 'empty', here: 'JSON' }])
  // The list of this recording lacks what a list tells of its page.
  const others = differing.slice(1).flatMap(({ differences }) => differences.map(({ what }) => what))
  expect(others).toEqual(['startIndex', 'itemsPerPage'])
})

test('a user that was there before is seeded, though a creation without a body follows', async () => {
  const recording = har(
    entry('GET', `${there}/Users/c-1`, 200, { ...shownCat, active: false }),
    entry('POST', `${there}/Users`, 201, undefined, cat),
  )
  const { seeded } = await compare(readRecording(recording), { profile: { inactiveDuplicate: 'reactivate' } })
  expect(seeded).toEqual(['cat@example.com'])
})
