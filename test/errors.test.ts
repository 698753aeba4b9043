import { describe, expect, test } from 'vitest'
import { ApiError, errorCodes, quote, toApiError, toScimError, toSuggestion } from '../src/errors.ts'

type Row = { status: number; scimType?: string; title: string }
const codes = Object.entries(errorCodes) as [string, Row][]

describe('the table of codes', () => {
  test.for(codes)('%s has a status of an error and a title', ([, { status, title }]) => {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    expect(title).toMatch(/\S/)
  })

  test('D-05 a scimType is one of RFC 7644 and has the status that it says there', () => {
    const statuses = Object.fromEntries(
      codes.filter(([, { scimType }]) => scimType).map(([, row]) => [row.scimType, row.status]),
    )
    expect(statuses).toEqual({
      invalidFilter: 400,
      invalidPath: 400,
      invalidSyntax: 400,
      invalidValue: 400,
      mutability: 400,
      noTarget: 400,
      uniqueness: 409,
    })
  })
})

describe('what is thrown', () => {
  test('D-05 by mistake is a 500 that shows a request id and nothing else', () => {
    for (const thrown of [
      new TypeError('secret.ts:5 SELECT'),
      'text',
      null,
      undefined,
      { code: 'EACCES', message: 'secret' },
    ]) {
      const error = toApiError(thrown)
      expect(error.status).toBe(500)
      expect(error.message).toMatch(/^Internal error; request id [0-9a-f-]{36}\.$/)
      expect(toScimError(error.status, error.scimType, error.message)).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '500',
        detail: error.message,
      })
    }
  })

  test.for([
    ['SQLITE_FULL', 507],
    ['SQLITE_BUSY', 503],
    ['SQLITE_IOERR_WRITE', 503],
    ['SQLITE_READONLY', 503],
    ['SQLITE_CORRUPT', 503],
    ['SQLITE_MISUSE', 500],
    ['ENOSPC', 507],
    ['EDQUOT', 507],
    ['EMFILE', 503],
    ['ENFILE', 503],
    ['ECONNRESET', 400],
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415],
    [5, 500],
  ] as const)('with the code %s is %i', ([code, status]) => {
    expect(toApiError(Object.assign(new Error('x'), { code })).status).toBe(status)
  })

  test('on purpose stays what it is', () => {
    const error = new ApiError('mutability', 'x', 'U-17')
    expect(toApiError(error)).toBe(error)
    expect(toScimError(error.status, error.scimType, error.message)).toMatchObject({
      status: '400',
      scimType: 'mutability',
    })
  })
})

test.for([
  ['x', '"x"'],
  ['a"b\n', '"a\\"b\\n"'],
  ['x'.repeat(500), `"${'x'.repeat(100)}…"`],
  [5, '5'],
  [null, 'null'],
  [undefined, 'undefined'],
  [['secret'], 'an array'],
  [{ toString: 1, password: 'secret' }, 'an object'],
])('D-08 %j is quoted short and never from the inside of an object', ([value, expected]) => {
  expect(quote(value)).toBe(expected)
})

test.for([
  ['active', ['active', 'userName'], '; did you mean active'],
  ['ACTVE', ['userName', 'active'], '; did you mean active'],
  ['ab', ['abcd', 'xyz'], '; did you mean abcd'],
  ['ab', ['abcde', 'xyzz'], '; known are abcde, xyzz'],
  ['displaynm', ['displayName', 'nickName'], '; did you mean displayName'],
  ['abcdefghi', ['abcdef', 'x'], '; did you mean abcdef'],
  ['abcdefghi', ['abcde', 'x'], '; known are abcde, x'],
  ['kitten', ['sitting', 'mitten'], '; did you mean mitten'],
  ['a', [], ''],
  ['x'.repeat(100), ['x'.repeat(40), 'y'], `; did you mean ${'x'.repeat(40)}`],
] as const)('%s, where %j are known, is answered with "%s"', ([word, known, words]) => {
  expect(toSuggestion(word, known)).toBe(words)
})

test('what is known is shown as it is written where it is meant', () => {
  expect(toSuggestion('prt', ['port', 'data'], '--')).toBe('; did you mean --port')
  expect(toSuggestion('nothing', ['port', 'data'], '--')).toBe('; known are --port, --data')
})
