// The record that pure tests start from.

import { makeRecord } from '../../src/insightly/record.ts'
import type { ScimRecord } from '../../src/scim/user.ts'

export const ann: Readonly<ScimRecord> = Object.freeze(
  makeRecord({ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }, 1, 0),
)
