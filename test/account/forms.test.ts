// Databases in every form that a version has written: files under forms/, which scripts/keep-form.ts makes, one for each
// migration. Each must open with all that it holds, and go on.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backUp } from '../../src/account/files/backup.ts'
import { lockFolder } from '../../src/account/files/folder-lock.ts'
import { restore } from '../../src/account/files/restore.ts'
import { start } from '../../src/index.ts'
import { send } from '../support.ts'

const forms = new URL('forms/', import.meta.url)
const migrations = readdirSync('migrations').filter(name => name.endsWith('.sql'))

let folder: string
let data: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  data = join(folder, 'data')
  mkdirSync(data)
  lockFolder(data).close()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Makes the database of a kept form; the API key in it. */
function fill(form: string): string {
  const sqlite = new Sqlite(join(data, 'default.sqlite'))
  sqlite.exec(readFileSync(new URL(form, forms), 'utf8'))
  const { apiKey } = JSON.parse(sqlite.prepare('SELECT document FROM instance').pluck().get() as string)
  sqlite.close()
  return apiKey
}

test('every migration has its kept form', () => {
  expect(migrations.filter(name => !existsSync(new URL(name, forms)))).toEqual([])
})

test.each(migrations)(
  'the form of %s opens with its users, secrets and settings, takes a change and keeps it',
  async form => {
    const apiKey = fill(form)
    for (const [index, givenName] of ['Anna', 'Annette'].entries()) {
      await using server = await start({ data })
      expect([server.scimToken, server.apiKey]).toEqual(['second-token', apiKey])
      const users = (await server.users()).map(user => [user.EMAIL_ADDRESS, user.LAST_NAME, user.ACTIVE, user.LICENSES])
      expect(users).toEqual([
        ['owner@example.com', 'Owner', true, []],
        ['Ann@Example.com', 'Lee', false, []],
        ['zoë@example.com', "O'Neil", false, []],
        ['new@example.com', 'User', true, ['CRM', 'Service']],
      ])
      const settings = await server.settings.get()
      expect(settings).toMatchObject({ scimEnabled: true, rateLimit: { requestsPerSecond: 50 } })
      expect(settings.behaviours.delete).toBe('remove')
      const scim = (token: string, body?: unknown) =>
        send(`${server.scimUrl}/Users/2`, {
          method: body ? 'PATCH' : 'GET',
          headers: {
            authorization: `Bearer ${token}`,
            ...(body !== undefined && { 'content-type': 'application/scim+json' }),
          },
          body,
        })
      expect((await scim('first-token')).status).toBe(401)
      const before = await scim('second-token')
      expect(before.body).toMatchObject({
        userName: 'Ann@Example.com',
        externalId: 'ext-2',
        active: false,
        name: { givenName: ['Ann', 'Anna'][index] },
      })
      const patched = await scim('second-token', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'name.givenName', value: givenName }],
      })
      expect(patched.body).toMatchObject({ id: '2', name: { givenName, familyName: 'Lee' } })
    }
    await using server = await start({ data })
    await server.reset()
    expect(await server.users()).toHaveLength(3)
  },
)

test.each(migrations)('a backup of a folder in the form of %s is put back and opens', async form => {
  fill(form)
  await backUp(data, join(folder, 'backup'), false)
  await restore(join(folder, 'backup'), join(folder, 'again'), false)
  await using server = await start({ data: join(folder, 'again') })
  expect(await server.users()).toHaveLength(4)
})
