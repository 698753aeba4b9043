// An error text told the password that its request had put into a filter or a path (D-08).

import { expect, test } from 'vitest'
import { useServer } from '../support.ts'

const { make } = useServer()

test.for([
  ['password eq "hunter2"', '"password…"'],
  ['PassWord eq hunter2', '"PassWord…"'],
  ['active eq true and urn:x:User:password sw "hunter2"', '"active eq true and urn:x:User:password…"'],
  ['emails[password eq "hunter2"', '"emails[password…"'],
  ['pwd eq "hunter\\2"', '"pwd…"'],
  ['not password eq "hunter2"', '"not password…"'],
  ['password', '"password"'],
] as const)('D-08 the refusal of the filter %s ends where a password begins', async ([filter, shown]) => {
  const { status, body } = await (await make()).find(filter)
  expect(status).toBe(400)
  expect(body.detail).toBe(
    `The filter ${shown} is not supported; Insightly supports only userName eq "user@example.com".`,
  )
  const generic = await (await make({ profile: 'rfc7644' })).find(filter)
  expect(generic.status).toBe(400)
  expect(generic.text).not.toContain('hunter')
})

test.for([
  'emails[password eq "hunter2"].value',
  'userName[password eq "hunter2"]',
  'emails[type eq "work" and password eq "hunter2',
  'password="hunter2"',
  'emails[pwd eq "hunter\\2"]',
  'password[value eq "hunter2"]',
])('D-08 the refusal of the path %s ends where a password begins', async path => {
  const instance = await make({ behaviours: { unmappedPath: 'refused' } })
  const { status, text, body } = await instance.patch('1', { op: 'replace', path, value: 'x' })
  expect({ status, scimType: body.scimType }).toEqual({ status: 400, scimType: 'invalidPath' })
  expect(text).not.toContain('hunter')
  expect(body.detail).toMatch(/^Operations\[0\]: The (path|filter) ".*p(ass)?w(or)?d…"/)
})
