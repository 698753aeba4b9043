// Documents are stored as text beside their records: what that must never show.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Insightly } from '../../src/client/insightly.ts'
import { start } from '../../src/index.ts'
import { send } from '../support.ts'

const get = async ({ url, scimToken }: Insightly, path: string) =>
  (await send(`${url}/scim/v2${path}`, { headers: { authorization: `Bearer ${scimToken}` }, undescribed: true })).body

test.for([
  ["'{}'", "'{}'"],
  ["'{}'", 'NULL'],
  // The first form: whole, with a line feed where the URL goes.
  [`DOCUMENT || char(10) || '/1"}}'`, `document ->> '$.textForm' || char(10) || '/1"}}'`],
] as const)(
  'documents that another version stored (%s) are written anew, those of a later reset too',
  async ([text, form]) => {
    const data = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
    const publicUrl = 'http://public.example.com'
    const first = await start({ data })
    await first.settings.change({ publicUrl })
    const before = await get(first, '/Users/1')
    await first.close()
    const database = new Sqlite(join(data, 'default.sqlite'))
    database.exec(`UPDATE users SET DOCUMENT = ${text}; UPDATE initial_users SET DOCUMENT = ${text};
    UPDATE instance SET document = json_set(document, '$.textForm', ${form})`)
    database.close()
    const second = await start({ data })
    expect(await get(second, '/Users/1')).toEqual(before)
    await second.reset()
    expect((await get(second, '/Users/1')).name).toEqual(before.name)
    await second.close()
    rmSync(data, { recursive: true })
  },
)

test('D-07: a public URL with quotes and backslashes leaves the answer JSON', async () => {
  await using insightly = await start()
  await insightly.settings.change({ publicUrl: 'http://public.example.com/"a\\b$&' })
  const user = await get(insightly, '/Users/1')
  expect(user.meta.location).toBe('http://public.example.com/"a\\b$&/scim/v2/Users/1')
  expect((await get(insightly, '/Users?attributes=meta.location')).Resources[0].meta).toEqual({
    location: user.meta.location,
  })
})

test('U-25: a name that holds what stands for the URL in stored text reads as it was sent', async () => {
  await using insightly = await start()
  const userName = '"location":"\\n\\u000a'
  await send(`${insightly.scimUrl}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${insightly.scimToken}`, 'content-type': 'application/json' },
    body: { userName, name: { givenName: '$&"location":"', familyName: "$'" } },
  })
  const user = await get(insightly, '/Users/2')
  expect([user.userName, user.name.givenName, user.name.familyName]).toEqual([userName, '$&"location":"', "$'"])
  expect(user.meta.location).toBe(`${insightly.scimUrl}/Users/2`)
})
