// What people read of a calibration.

import { expect, test } from 'vitest'
import type { Calibration, CalibrationRow } from '../../../src/commands/calibrate/calibrate.ts'
import { toDocument, toPlan, toReport } from '../../../src/commands/calibrate/report.ts'
import { pageRequests, strangerRequest } from '../../../src/commands/calibrate/shapes.ts'
import type { LeftBehind } from '../../../src/commands/endpoint.ts'
import { exchange } from './exchange.ts'

const row = (key: string, seen: string | null, more: object = {}) =>
  ({
    key,
    here: 'absent',
    seen,
    confidence: seen === null ? null : 'exact',
    reading: 'as read',
    evidence: [],
    ...more,
  }) as CalibrationRow

const calibration: Calibration = {
  behaviours: { groups: 'empty' },
  rows: [row('groups', 'empty'), row('delete', 'absent', { confidence: 'effect' }), row('disabledScim', null)],
  exchanges: [exchange({ path: strangerRequest, status: 404, isEmpty: true })],
  left: { userName: 'cal@example.com', id: '2', state: 'inactive' },
  interrupted: undefined,
}
const origin = { by: 'me', date: 'today', host: 'scim.example.com', ours: {} }

test('the document holds switches, shapes on both sides, and what is left', () => {
  const pages = [pageRequests.default, pageRequests.cap].map(path => exchange({ path, body: { totalResults: 0 } }))
  const ours = { 'an unknown user': '404', 'default page': '100', emails: 'absent' }
  const exchanges = [...calibration.exchanges, ...pages]
  const { behaviours, calibration: told } = toDocument({ ...calibration, exchanges }, { ...origin, ours })
  expect(behaviours).toEqual({ groups: 'empty' })
  expect(told).toMatchObject({
    by: 'me',
    date: 'today',
    host: 'scim.example.com',
    user: calibration.left,
    switches: calibration.rows,
  })
  expect(told).not.toHaveProperty('interrupted')
  expect(told).not.toHaveProperty('ours')
  expect(told.shapes.filter(({ name }) => !/of (answers|a list)/.test(name))).toEqual([
    { name: 'an unknown user', here: '404', seen: '404', isSame: true },
    { name: 'default page', here: '100', seen: 'at least 0', isSame: true },
    { name: 'longest page', here: null, seen: 'at least 0', isSame: false },
    { name: 'emails', here: 'absent', seen: null, isSame: false },
  ])
  expect(toDocument({ ...calibration, interrupted: 'x' }, origin).calibration.interrupted).toBe('x')
})

test('the report is a table that marks what differs and what is open', () => {
  expect(toReport(toDocument(calibration, { ...origin, ours: { 'an unknown user': '404' } }))).toBe(
    `scim.example.com, today

  switch        default here  seen there      confidence  proof
* groups        absent        empty           exact       as read
  delete        absent        absent          by effect   as read
? disabledScim  absent        not determined              as read

2 of 3 switches are determined; 1 (*) differ from the default here.

1 of 1 shapes of answers are the same as here.

Left behind: cal@example.com (id 2) is deactivated.
`,
  )
})

test('the report names the shapes that differ, and why it ended early', () => {
  const text = toReport(
    toDocument({ ...calibration, interrupted: 'it was stopped' }, { ...origin, ours: { emails: 'absent' } }),
  )
  expect(text).toContain(`
  shape            here      seen there
  an unknown user  not seen  404
  emails           absent    not seen

0 of 2 shapes of answers are the same as here.

It ended early: it was stopped.
Left behind`)
})

test('a very long value does not push the others aside', () => {
  const rows = [row('groups', 'x'.repeat(60))]
  expect(toReport(toDocument({ ...calibration, rows }, origin))).toContain(`  seen there${' '.repeat(34)}  confidence`)
})

test.for([
  [{ state: 'nobody', id: null }, 'Left behind: nothing; no user was created.'],
  [{ state: 'removed' }, 'Left behind: cal@example.com (id 2) is gone for good.'],
  [{ state: 'active' }, 'Left behind: cal@example.com (id 2) is STILL ACTIVE: deactivate it by hand.'],
  [
    { state: 'unknown', id: null },
    'Left behind: cal@example.com may be there and ACTIVE: look for it and deactivate it by hand.',
  ],
])('what is left is said: %j', ([left, line]) => {
  const all = { ...calibration, left: { ...calibration.left, ...(left as Partial<LeftBehind>) } }
  expect(toReport(toDocument(all, origin)).trimEnd().split('\n').at(-1)).toBe(line)
})

test('the plan says whom it speaks to, what it creates, and every switch', () => {
  const plan = toPlan('scim.example.com', 'cal@example.com')
  expect(plan).toContain('It speaks to scim.example.com as an identity provider does')
  expect(plan).toContain('creates ONE user, cal@example.com,')
  expect(plan).toMatch(/^ {2}inactiveDuplicate {4}deactivates its own user and POSTs the same userName once more$/m)
  expect(plan).toContain('Nothing was sent. Run it again with --yes to begin.')
})
