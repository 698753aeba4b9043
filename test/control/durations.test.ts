// The one form of durations.

import { expect, test } from 'vitest'
import { parseDuration } from '../../src/control/durations.ts'

test.for([
  ['0ms', 0],
  ['500ms', 500],
  ['2s', 2000],
  ['5m', 300_000],
  ['-5m', -300_000],
  ['PT1H', 3_600_000],
  ['P1DT2H3M4.5S', 93_784_500],
  ['-PT0.001S', -1],
  ['P7D', 604_800_000],
] as const)('%s is %i milliseconds', ([text, milliseconds]) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.for([
  '',
  'P',
  'PT',
  'P1',
  '5',
  '5h',
  '1.5s',
  ' 5s',
  '5S',
  'PT1h',
  'P1M',
  'P1Y',
  'P1W',
  'PT0.0001S',
  '+5s',
  '5s\n',
])('%j is no duration', text => {
  expect(parseDuration(text)).toBeUndefined()
})
