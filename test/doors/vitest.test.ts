// The fixture of insightly-scim/vitest, used as its users do.

import { describe, expect } from 'vitest'
import type { Insightly } from '../../src/client/insightly.ts'
import { test } from '../../src/vitest.ts'

const ann = { EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }

describe('The insightly fixture', () => {
  const seen: Insightly[] = []

  for (const turn of ['first', 'second'])
    test(`gives the ${turn} test an instance without anyone else's users`, async ({ insightly }) => {
      seen.push(insightly)
      expect(await insightly.users()).toHaveLength(1)
      await insightly.addUser(ann)
    })

  test('makes them on one server and deletes those of earlier tests', async ({ insightly }) => {
    expect(new Set([insightly, ...seen].map(each => each.url)).size).toBe(1)
    expect(new Set([insightly, ...seen].map(each => each.scimToken)).size).toBe(3)
    for (const each of seen) await expect(each.users()).rejects.toMatchObject({ status: 404 })
  })
})

describe('The insightlyOptions fixture', () => {
  test.override({ insightlyOptions: { state: { users: [ann] }, profile: 'rfc7644' } })

  test('says what the instance of a suite is made with', async ({ insightly }) => {
    expect(await insightly.users()).toMatchObject([{ EMAIL_ADDRESS: 'ann@example.com' }])
    expect((await insightly.settings.get()).behaviours.delete).toBe('remove')
  })
})
