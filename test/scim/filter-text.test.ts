import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/errors.ts'
import { parseFilterText } from '../../src/scim/filter-text.ts'

test.for([
  ['userName eq "a\\u0062\\"c"', { op: 'eq', attrPath: 'userName', compValue: 'ab"c' }],
  ['title pr', { op: 'pr', attrPath: 'title' }],
  ['active eq true', { op: 'eq', attrPath: 'active', compValue: true }],
] as const)('%s is read, the escapes of its value decoded', ([text, filter]) => {
  expect(parseFilterText(text, 'invalidFilter')).toEqual(filter)
})

test('values stay with their comparisons, however deep', () => {
  const filter = parseFilterText('a eq "1" and not (b eq "2" or c[d eq "3" and e eq "0"])', 'invalidFilter')
  expect(JSON.stringify(filter).match(/"compValue":"\d"/g)).toEqual(
    ['1', '2', '3', '0'].map(value => `"compValue":"${value}"`),
  )
})

describe('U-04 what would take the parser long or overflow its stack is refused before', () => {
  test.for([
    ['a long text', `a eq "${'x'.repeat(5000)}"`],
    ['deep parentheses', `${'('.repeat(31)}a pr${')'.repeat(31)}`],
    ['deep negation', `${'not '.repeat(31)}(a pr)`],
    ['deep negation in parentheses', `${'not ('.repeat(31)}a pr${')'.repeat(31)}`],
    ['deep brackets', `${'a['.repeat(31)}b pr${']'.repeat(31)}`],
    ['an unterminated string of line feeds', `a eq "${'\n'.repeat(1000)}`],
    ['a bad escape', 'a eq "\\x"'],
    ['a raw line feed', 'a eq "\n"'],
  ] as const)('%s', ([, text]) => {
    for (const code of ['invalidFilter', 'invalidPath'] as const)
      expect(() => parseFilterText(text, code)).toThrow(expect.objectContaining({ code }))
    expect(() => parseFilterText(text, 'invalidFilter')).toThrow(ApiError)
  })

  test('a `not` in the name of an attribute is none', () => {
    expect(parseFilterText('not-x pr and x.not pr and notx pr', 'invalidFilter')).toMatchObject({
      filters: [{ attrPath: 'not-x' }, { attrPath: 'x.not' }, { attrPath: 'notx' }],
    })
  })

  test('what is flat is not deep', () => {
    const parsed = parseFilterText(Array(200).fill('not (a pr)').join(' or '), 'invalidFilter')
    expect(parsed).toMatchObject({ op: 'or', filters: { length: 200 } })
  })

  test('thirty levels are read', () => {
    expect(parseFilterText(`${'('.repeat(30)}a pr${')'.repeat(30)}`, 'invalidFilter')).toEqual({
      op: 'pr',
      attrPath: 'a',
    })
  })
})
