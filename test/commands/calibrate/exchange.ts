// An exchange with an endpoint as calibrate keeps it, for tests that read one.

import type { Exchange } from '../../../src/commands/calibrate/reading.ts'

export const exchange = (more: Partial<Exchange> = {}): Exchange => ({
  method: 'GET',
  path: '/Users',
  sent: undefined,
  status: 200,
  scimType: '',
  contentType: 'application/scim+json',
  location: undefined,
  body: undefined,
  isEmpty: false,
  ...more,
})
