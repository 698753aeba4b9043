// Random input, a little of it at every run of the tests; `npm run test:hostile` sends far more.

import { expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { fuzz, surfaces } from './fuzz.ts'

test.each(surfaces)('random requests to the %s surface get no 500, and change nothing when refused', async surface => {
  await using insightly = await start({
    seed: { users: [owner, { ...owner, ACCOUNT_OWNER: false, EMAIL_ADDRESS: 'two@example.com' }] },
  })
  const counted = await fuzz(insightly, surface, 150)
  // Half of it is understood: input that is always refused at the door would test the door alone.
  expect(Math.max(...counted.values())).toBeLessThan(140)
  expect([...counted.keys()].some(status => status < 300)).toBe(true)
})

const owner = { EMAIL_ADDRESS: 'owner@example.com', FIRST_NAME: 'Olivia', LAST_NAME: 'Owner', ACCOUNT_OWNER: true }
