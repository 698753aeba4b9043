// The register of conformance/: what it judges, and that its entries name rules that there are.

import { expect, test } from 'vitest'
import { findFlaws, judge, type Register, readRegister } from '../../conformance/register.ts'

const register: Register = {
  tools: [
    {
      name: 'tool',
      version: '1',
      from: 'here',
      judges: 'all',
      checks: { insightly: 2 },
      failures: [{ check: 'b', presets: ['insightly'], rule: 'U-14', why: 'So it is.' }],
    },
  ],
}
const found = (...failing: [check: string, failure?: string][]) => ({
  tool: 'tool',
  version: '1',
  preset: 'insightly' as const,
  outcomes: failing.map(([check, failure]) => ({ check, failure })),
})

test('a run that fails only as expected is as it should be', () => {
  expect(judge(register, found(['a'], ['b', 'no']))).toEqual([])
})

test('an unexpected failure, an unexpected pass and a stale entry fail the run', () => {
  expect(judge(register, found(['a', 'no'], ['b', 'no']))).toContainEqual('unexpected failure of "a": no')
  expect(judge(register, found(['a'], ['b']))).toContainEqual(expect.stringContaining('unexpected pass of "b"'))
  expect(judge(register, found(['a'], ['c']))).toContainEqual(expect.stringContaining('stale entry'))
})

test('an expectation for one preset expects nothing of the other', () => {
  const other = { ...found(['a'], ['b', 'no']), preset: 'rfc7644' as const }
  expect(judge(register, other)).toContainEqual('unexpected failure of "b": no')
})

test('an unknown tool, an unknown version and a shrunken suite fail the run', () => {
  expect(judge(register, { ...found(['a'], ['b', 'no']), tool: 'other' })).toEqual(['other is not in the register'])
  expect(judge(register, { ...found(['a'], ['b', 'no']), version: '2' })).toEqual([
    'tool 2 is not in the register, which knows 1',
  ])
  expect(judge(register, found(['b', 'no']))).toContainEqual(expect.stringContaining('only 1 checks'))
})

test('every entry names a rule or a switch, and says why in a sentence', () => {
  expect(findFlaws(readRegister())).toEqual([])
  const [tool] = register.tools
  const odd = { ...tool!, failures: [{ ...tool!.failures[0]!, rule: 'U-14, U-99' }] }
  expect(findFlaws({ tools: [odd] })).toEqual(['b: no rule U-99'])
})
