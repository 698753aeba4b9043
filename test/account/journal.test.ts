// The journals of a process: what they keep, and that it never takes more memory than they may.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Exchange } from '../../src/account/exchange.ts'
import { Journal } from '../../src/account/journal.ts'
import { JournalMemory } from '../../src/account/journal-memory.ts'
import { scimFields } from '../../src/scim/attribute.ts'
import type { ScimRecord } from '../../src/scim/user.ts'
import { repeat } from '../property.ts'

const mebibyte = 1024 * 1024

const toExchange = ({ url = '/', rawHeaders = [], ...rest }: Partial<Exchange> = {}): Exchange =>
  Object.assign(new Exchange('GET', url, rawHeaders, false), rest)

const texts = ({ url, rawHeaders, body, answer, shown }: Exchange): unknown[] => [url, rawHeaders, body, answer, shown]
const urls = (journal: Journal): string[] => Array.from(journal.since(0), ({ url }) => url)

/** What an exchange takes of the bound. */
function sizeOf(parts: object): number {
  const exchange = toExchange(parts)
  new Journal(1, new JournalMemory(mebibyte)).add(exchange)
  return exchange.size
}

test.each([
  ['short', 1],
  ['long', 3000],
])('an exchange with %s texts reads as it was', (_length, times) => {
  const journal = new Journal(10, new JournalMemory(mebibyte))
  const answer = '{"name":"Zoë 日本 \ud83d\ude00"}'.repeat(times)
  const parts: Partial<Exchange>[] = [
    {
      url: '/scim/v2/Users?a=1',
      rawHeaders: ['Host', 'a', 'X-Empty', ''],
      body: Buffer.alloc(times, '\xff\0\n'),
      answer,
    },
    { answer, shown: `{"id":"1"}${answer}` },
    { answer, shown: answer },
    { body: Buffer.alloc(0), answer: '', shown: answer },
    {},
  ]
  for (const part of parts) journal.add(toExchange(part))
  expect(Array.from(journal.since(0), texts)).toEqual(parts.map(part => texts(toExchange(part))))
})

test.each<[text: string, most: number, kept: string]>([
  ['abc', 3, 'abc'],
  ['abc', 2, 'ab'],
  ['aaaaa', 14, 'aaaaa'],
  ['éé', 4, 'éé'],
  ['éé', 3, 'é'],
  ['日日', 5, '日'],
  ['a\u{1f600}', 4, 'a'],
  ['\u{1f600}', 4, '\u{1f600}'],
  ['', 0, ''],
])('of the answer %j, at most %i bytes are kept: %j', (text, most, kept) => {
  for (const answer of [text, Buffer.from(text)]) {
    const exchange = toExchange({ answer: answer as string })
    exchange.cutAnswer(most)
    expect([exchange.answer, exchange.isAnswerCut]).toEqual([kept, kept !== text])
  }
  const without = toExchange()
  without.cutAnswer(most)
  expect([without.answer, without.isAnswerCut]).toEqual([undefined, false])
})

test('a journal keeps the newest, and counts those that it gave up', () => {
  const memory = new JournalMemory(mebibyte)
  const journal = new Journal(3, memory)
  for (let id = 1; id <= 5; id += 1) journal.add(toExchange({ url: `/${id}` }))
  expect([urls(journal), journal.dropped, memory.dropped, journal.cursor]).toEqual([['/3', '/4', '/5'], 2, 2, 5])
  expect([journal.size, journal.find(2), journal.find(3)?.url, journal.find(6)]).toEqual([
    3,
    undefined,
    '/3',
    undefined,
  ])
  journal.clear()
  expect([urls(journal), journal.dropped, journal.cursor]).toEqual([[], 0, 5])
})

test('a journal of none counts and keeps nothing', () => {
  const journal = new Journal(0, new JournalMemory(mebibyte))
  expect([journal.add(toExchange()), urls(journal), journal.dropped, journal.cursor]).toEqual([false, [], 1, 1])
})

test('one that is given up while someone reads is left out', () => {
  const journal = new Journal(2, new JournalMemory(mebibyte))
  const [first, second] = ['/1', '/2'].map(url => toExchange({ url }))
  for (const exchange of [first!, second!]) journal.add(exchange)
  const reader = journal.since(0)[Symbol.iterator]()
  reader.next()
  for (const url of ['/3', '/4']) journal.add(toExchange({ url }))
  expect(first!.isKept).toBe(false)
  expect(reader.next().value.url).toBe('/3')
})

describe('the memory of all journals', () => {
  test('makes room by giving up the oldest of all, whose journal says so', () => {
    const memory = new JournalMemory(mebibyte)
    const [idle, first, second] = [new Journal(1000, memory), new Journal(1000, memory), new Journal(1000, memory)]
    idle.add(toExchange())
    for (let count = 0; count < 40; count += 1)
      for (const busy of [first, second]) busy.add(toExchange({ answer: 'x'.repeat(64 * 1024) }))
    expect([urls(idle), idle.dropped]).toEqual([[], 1])
    for (const busy of [first, second]) expect(urls(busy).length).toBeGreaterThan(2)
  })

  test('is used to its last byte', () => {
    const size = sizeOf({})
    const memory = new JournalMemory(4 * size)
    const journals = [new Journal(100, memory), new Journal(100, memory)]
    for (const journal of journals) for (let count = 0; count < 2; count += 1) journal.add(toExchange())
    expect([memory.used, memory.dropped]).toEqual([4 * size, 0])
    journals[0]!.add(toExchange())
    expect([memory.used, memory.dropped, journals[0]!.dropped]).toEqual([4 * size, 1, 1])
  })

  test('leaves half of it to others, however busy one is', () => {
    const memory = new JournalMemory(8 * mebibyte)
    const [idle, busy] = [new Journal(1000, memory), new Journal(1000, memory)]
    idle.add(toExchange())
    for (let count = 0; count < 60; count += 1) busy.add(toExchange({ answer: 'x'.repeat(64 * 1024) }))
    expect(idle.dropped).toBe(0)
    expect(urls(busy).length * 64 * 1024).toBeLessThan(4 * mebibyte)
  })

  test('counts a thousand small texts, notes and records as what their objects take', () => {
    const memory = new JournalMemory(mebibyte)
    const journal = new Journal(100_000, memory)
    for (let count = 0; count < 2000; count += 1)
      journal.add(toExchange({ notes: [{ rule: null, text: 'x'.repeat(100) }] }))
    expect(urls(journal).length).toBeLessThan(512)
  })

  const nothing = { notes: [], differences: [] }
  const difference = { what: '', there: '', here: '' }
  test.each<[part: string, bytes: number, with_: (text: string) => object]>([
    ['URL', 1, url => ({ url })],
    ['header', 1, text => ({ rawHeaders: ['X-A', text] })],
    ['body', 1, text => ({ body: Buffer.from(text) })],
    ['answer', 2, answer => ({ answer })],
    ['document that was read', 2, shown => ({ shown, answer: 'another' })],
    ['document that is the answer', 2, text => ({ shown: text, answer: text })],
    ['note', 2, text => ({ notes: [{ rule: null, text }] })],
    ['second answer', 2, answer => ({ shadowed: { ...nothing, answer } })],
    ['note on a second answer', 2, text => ({ shadowed: { ...nothing, notes: [{ rule: null, text }] } })],
    ['name of a difference', 2, what => ({ shadowed: { ...nothing, differences: [{ ...difference, what }] } })],
    ['value there', 2, there => ({ shadowed: { ...nothing, differences: [{ ...difference, there }] } })],
    ['value here', 2, here => ({ shadowed: { ...nothing, differences: [{ ...difference, here }] } })],
    ['record before', 2, EMAIL_ADDRESS => ({ before: { EMAIL_ADDRESS } })],
    ['record after', 2, EMAIL_ADDRESS => ({ after: { EMAIL_ADDRESS } })],
    ['userName that was asked for', 2, userName => ({ asked: { userName } })],
  ])('counts each character of every %s', (_part, bytes, toPart) => {
    expect(sizeOf(toPart('x'.repeat(1000))) - sizeOf(toPart('x'.repeat(100)))).toBe(900 * bytes)
  })

  test.each<[part: string, least: number, part: object]>([
    ['note', 40, { notes: [{ rule: null, text: '' }] }],
    ['second answer', 1024, { shadowed: nothing }],
    ['note on a second answer', 1024 + 40, { shadowed: { ...nothing, notes: [{ rule: null, text: '' }] } }],
    ['difference', 2048, { shadowed: { ...nothing, differences: [difference] } }],
    ['record', 40 * scimFields.length, { after: { USER_ID: 1, ACTIVE: true } }],
  ])('counts the object of every %s', (_part, least, part) => {
    expect(sizeOf(part) - sizeOf({})).toBe(least)
    expect(sizeOf({})).toBeGreaterThan(1000)
  })

  test('keeps of a record what SCIM reads, and an unchanged one once', () => {
    const journal = new Journal(10, new JournalMemory(mebibyte))
    const stored = {
      USER_ID: 7,
      EMAIL_ADDRESS: 'ann@example.com',
      DOCUMENT: '{}',
      LICENSES: [],
    } as unknown as ScimRecord
    journal.add(toExchange({ before: stored, after: stored }))
    const { before, after } = journal.find(1)!
    expect(Object.keys(before!)).toEqual(scimFields)
    expect(before).toMatchObject({ USER_ID: 7, EMAIL_ADDRESS: 'ann@example.com' })
    expect(after).toBe(before)
  })

  test.each<[texts: string, bytes: number, parts: object]>([
    ['twice what is short', 4096, { answer: 'x'.repeat(2048) }],
    ['what is long once', 2049, { answer: 'x'.repeat(2049) }],
    ['a long body once', 5000, { body: Buffer.alloc(5000) }],
    ['a long document by its bytes', 9000, { shown: '日'.repeat(3000) }],
    [
      'texts that are long together once',
      4090,
      { body: Buffer.alloc(1000), answer: 'é'.repeat(545), shown: 'x'.repeat(2000) },
    ],
  ])('counts %s', (_texts, bytes, parts) => {
    expect(sizeOf(parts) - sizeOf({})).toBe(bytes)
  })

  test('is given back when exchanges leave, so that a busy journal beside an idle one drops no one else', () => {
    const memory = new JournalMemory(4 * mebibyte)
    const [idle, busy] = [new Journal(10, memory), new Journal(3, memory)]
    idle.add(toExchange({ answer: 'x'.repeat(5000) }))
    for (let count = 0; count < 100; count += 1) busy.add(toExchange({ answer: 'y'.repeat(100_000) }))
    expect([idle.dropped, busy.dropped, urls(busy).length]).toEqual([0, 97, 3])
    expect([...idle.since(0)][0]!.answer).toBe('x'.repeat(5000))
    const before = memory.used
    busy.clear()
    expect(before - memory.used).toBeGreaterThan(300_000)
    idle.clear()
    expect(memory.used).toBe(0)
  })

  test('has room for a text that is longer than a chunk', () => {
    const memory = new JournalMemory(4 * mebibyte)
    const journal = new Journal(10, memory)
    for (const letter of ['a', 'b', 'c']) journal.add(toExchange({ answer: letter.repeat(700_000) }))
    expect(Array.from(journal.since(0), ({ answer }) => [answer![0], answer!.length])).toEqual([
      ['b', 700_000],
      ['c', 700_000],
    ])
  })

  test('keeps every text as it was, whatever comes and goes', () => {
    const step = fc.record({ journal: fc.nat(2), length: fc.nat(90_000), letter: fc.constantFrom('a', 'é', '日') })
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 20, arbitrary: step }, fc.nat(2)), { maxLength: 300 }), steps => {
        const memory = new JournalMemory(2 * mebibyte)
        const journals = [5, 50, 500].map(capacity => new Journal(capacity, memory))
        const answers = new Map<string, string>()
        for (const [index, each] of steps.entries()) {
          if (typeof each === 'number') {
            journals[each]!.clear()
            continue
          }
          const answer = each.letter.repeat(each.length)
          answers.set(`/${index}`, answer)
          journals[each.journal]!.add(toExchange({ url: `/${index}`, answer }))
        }
        for (const journal of journals)
          for (const { url, answer } of journal.since(0)) expect(answer === answers.get(url)).toBe(true)
      }),
      repeat(60),
    )
  })
})
