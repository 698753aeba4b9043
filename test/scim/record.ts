// The record that pure tests start from.

import type { ScimRecord } from '../../src/scim/user.ts'

export const ann: Readonly<ScimRecord> = Object.freeze({
  USER_ID: 1,
  EMAIL_ADDRESS: 'ann@example.com',
  FIRST_NAME: 'Ann',
  LAST_NAME: 'Lee',
  DISPLAY_NAME: null,
  EXTERNAL_ID: null,
  ACTIVE: true,
  ACCOUNT_OWNER: false,
  DATE_CREATED_UTC: 0,
  DATE_UPDATED_UTC: 0,
})
