// What the console works out by itself: bodies as they came, differences, histories, pictures, texts of strangers; and its words.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultKinds } from '../../src/account/faults.ts'
import type { Entry } from '../../src/console/api.js'
import { toRows } from '../../src/console/diff.js'
import { layOut } from '../../src/console/json-text.js'
import { toMermaid, toPicture, toSpan } from '../../src/console/picture.js'
import { toPlain, toShown } from '../../src/console/text.js'
import { findLater, toHistory } from '../../src/console/user-history.js'
import * as words from '../../src/console/words.js'
import { licenses } from '../../src/insightly/record.ts'
import { operations } from '../../src/scim/operation.ts'
import { repeat } from '../property.ts'

const textOf = (text: string) =>
  layOut(text)
    .parts.map(part => part.text)
    .join('')

test('the page has words for every operation, every kind of fault and every licence', () => {
  expect(Object.keys(words.operations).sort()).toEqual([...operations].sort())
  expect(Object.keys(words.faultEffects).sort()).toEqual(Object.keys(faultKinds).sort())
  expect(Object.keys(words.licenses)).toEqual(licenses)
})

describe('a body is laid out', () => {
  test('as JSON.stringify would, for every value', () =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(layOut(JSON.stringify(value)).problem).toBeUndefined()
        expect(textOf(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
      }),
      repeat(300),
    ))

  test('and refused, for every text that JSON.parse refuses', () =>
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', 'x', '0', '\\'), (json, at, put) => {
        const place = at % (json.length + 1)
        const broken = json.slice(0, place) + put + json.slice(place + 1)
        const isJson = (() => {
          try {
            JSON.parse(broken)
            return true
          } catch {
            return false
          }
        })()
        expect(layOut(broken).problem === undefined).toBe(isJson)
      }),
      repeat(500),
    ))

  test('with big integers, duplicate names and escapes as they came, and remarked upon', () => {
    const text = '{"id":12345678901234567890,"a":1.0,"a":"\\u00e9"}'
    expect(textOf(text).replace(/\s/g, '')).toBe(text)
    expect(layOut(text).remarks).toEqual([
      '12345678901234567890 is beyond what JavaScript and many other programs hold exactly.',
      'The name "a" stands twice in one object.',
    ])
  })

  test.for([
    ['{"a":1,}', 1, 8, 'a name in double quotes is expected here'],
    ['{\n "a" 1}', 2, 6, 'a colon is expected here'],
    ['[1 2]', 1, 4, 'a comma or ] is expected here'],
    ['{"a":', 1, 6, 'the text ends, and a value is expected'],
    ['{} {}', 1, 4, 'the value ended before this'],
    ['', 1, 1, 'the text ends, and a value is expected'],
    ["{'a':1}", 1, 2, 'a name in double quotes is expected here'],
  ] as const)('up to where it is no JSON: %s', ([text, line, column, why]) => {
    expect(layOut(text).problem).toMatchObject({ line, column, why })
  })

  test('however deep it is', () => {
    expect(layOut('['.repeat(65_000)).problem?.at).toBe(65_000)
  })
})

describe('two texts side by side', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })

  test('are both there whole, and what is the same in both is as much as can be', () =>
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const rows = toRows(a.join('\n'), b.join('\n'))
        expect(rows.flatMap(({ left }) => left ?? [])).toEqual(a)
        expect(rows.flatMap(({ right }) => right ?? [])).toEqual(b)
        for (const { left, right, isSame } of rows) if (isSame) expect(left).toBe(right)
        expect(rows.filter(({ isSame }) => isSame)).toHaveLength(longestCommon(a, b))
      }),
      repeat(500),
    ))

  const longestCommon = (a: string[], b: string[]): number => {
    const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
    for (let i = 1; i <= a.length; i += 1)
      for (let j = 1; j <= b.length; j += 1)
        table[i]![j] =
          a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!)
    return table[a.length]![b.length]!
  }

  test('that have nothing in common are shown, too, however long', () => {
    const [a, b] = ['a', 'b'].map(letter => Array.from({ length: 3000 }, (_, index) => `${letter}${index}`).join('\n'))
    expect(toRows(a!, b!)).toHaveLength(3000)
  })
})

const entry = (id: number, more: Partial<Entry> = {}): Entry =>
  ({
    id,
    when: new Date(1_800_000_000_000 + 1000 * id).toISOString(),
    client: 'Okta',
    method: 'PATCH',
    path: '/scim/v2/Users/2',
    status: 200,
    operation: 'update',
    userName: 'ann@example.com',
    changes: [],
    notes: [],
    fault: null,
    ...more,
  }) as unknown as Entry
const change = (field: string, before: unknown, after: unknown) => ({ field, attribute: field, before, after })

test('a history tells each change with its exchange, and what changed between them otherwise', () => {
  const history = toHistory([
    entry(3, { changes: [change('LAST_NAME', 'Lee-Baker', 'Baker')] }),
    entry(1, { changes: [change('LAST_NAME', null, 'Lee'), change('ACTIVE', null, true)] }),
  ])
  expect(history.map(({ entry: { id }, unseen }) => [id, unseen])).toEqual([
    [1, []],
    [3, [{ field: 'LAST_NAME', before: 'Lee', after: 'Lee-Baker' }]],
  ])
  expect(findLater(history, { LAST_NAME: 'Baker', ACTIVE: false })).toEqual([
    { field: 'ACTIVE', before: true, after: false },
  ])
  expect(findLater(history, undefined)).toEqual([])
})

describe('a picture of a conversation', () => {
  test('keeps times to scale, and cuts and names those that are too long', () => {
    const { arrows, gaps } = toPicture([0, 1, 3, 4, 400].map(id => entry(id)))
    const [a, b, c, d, e] = arrows.map(({ y }) => y)
    expect(c! - b!).toBeCloseTo(Math.min(150, 2 * (b! - a!)))
    expect(d! - c!).toBeCloseTo(b! - a!)
    expect(e! - d!).toBe(150)
    expect(gaps.map(({ label }) => label)).toEqual(['2 s later', '6.6 min later'].slice(-gaps.length))
  })

  test('says in Mermaid what happened, and nothing that Mermaid would take for its own', () => {
    const picture = toPicture([
      entry(1, { method: 'POST', operation: 'create', status: 201, client: 'a;b' }),
      entry(500, {
        operation: 'refused',
        status: 409,
        userName: 'x;%%#<b>: y',
        notes: [{ rule: 'U-10', text: 'taken' }],
      }),
    ])
    expect(toMermaid(picture)).toBe(
      [
        'sequenceDiagram',
        '  participant C as a#59;b, Okta',
        '  participant I as Insightly',
        '  C->>I: 08:00:01 POST Create#58; ann@example.com',
        '  I-->>C: 201',
        '  C->>I: 08:08:20 PATCH x#59;#37;#37;#35;#60;b#62;#58; y',
        '  I--xC: 409 U-10',
        '',
      ].join('\n'),
    )
  })

  test('names the characters that cannot be seen', () => {
    expect(toPicture([entry(1, { userName: 'a\u202e' })]).arrows[0]!.label).toMatch(/a‹U\+202E›$/)
  })

  test('of nothing is empty', () => {
    expect(toPicture([])).toMatchObject({ arrows: [], gaps: [] })
  })
})

test('a span of time is told in its largest unit', () => {
  expect([0, 999, 1500, 59_000, 90_000, 7_200_000, 172_800_000].map(toSpan)).toEqual([
    '0 ms',
    '999 ms',
    '1.5 s',
    '59 s',
    '1.5 min',
    '2 h',
    '2 d',
  ])
})

test('what cannot be seen is named, and what is missing too', () => {
  expect(toPlain('Ann\u202eeeL\u200b')).toBe('Ann‹U+202E›eeL‹U+200B›')
  expect(toPlain('Ylmaz é 日本')).toBe('Ylmaz é 日本')
  expect([null, '', ' ', 'a'].map(value => toShown(value, 'no userName'))).toEqual([
    'no userName',
    '(empty)',
    '(1 blank)',
    'a',
  ])
})
