// What must hold whatever the users are: property tests on instances without HTTP.

import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Instance } from '../src/account/instance.ts'
import { Instances } from '../src/account/instances.ts'
import { toInitialState } from '../src/account/settings.ts'
import { exportState, parseState, type StateDocument, toInitial } from '../src/account/state.ts'
import { ApiError } from '../src/errors.ts'
import { type Behaviours, behaviourRows, presets } from '../src/scim/behaviour.ts'
import { parsePatch, patchUrn } from '../src/scim/patch.ts'
import { foldCase } from '../src/scim/text.ts'
import { repeat } from './property.ts'

const instances = new Instances(undefined, { journal: 0, journalMemory: 1 }, 'admin key')
afterAll(() => instances.close())

const usersUrl = 'http://x/Users'
const makeWith = (state: unknown, behaviours: Partial<Behaviours> = {}) =>
  instances.create({ state: toInitial(parseState(state), toInitialState({ ...presets.insightly, ...behaviours })) })

const toText = (instance: Instance): string => [...exportState(instance)].join('')

interface Document {
  id: string
  name?: { givenName?: string; familyName?: string }
}
/** A page, which reads the same whether SQLite joins it or each document is taken on its own. */
function pageOf({ records, documents: source }: Instance, startIndex: number, count: number): Document[] {
  const documents = source.list({ startIndex, count, usersUrl }).documents.map(document => JSON.parse(document))
  const { totalResults, itemsPerPage, Resources } = JSON.parse(
    String(source.listBytes({ startIndex, count, usersUrl }, startIndex)),
  )
  expect(Resources).toEqual(documents)
  expect([totalResults, itemsPerPage]).toEqual([records.total, documents.length])
  return documents
}
const idsOf = (instance: Instance, startIndex: number, count: number): number[] =>
  pageOf(instance, startIndex, count).map(({ id }) => Number(id))

const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('', 'Ann', 'Lee', ' ', 'Ann Lee', 'ß', 'İ', '__proto__', 'null'),
  )
  .map(value => value.replace(/[\x00-\x1f]/g, ''))
const nullable = fc.option(text)
const date = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map(each => each.toISOString())
const user = fc.record(
  {
    EMAIL_ADDRESS: text.filter(value => value !== ''),
    FIRST_NAME: nullable,
    LAST_NAME: nullable,
    DISPLAY_NAME: nullable,
    EXTERNAL_ID: nullable,
    ACTIVE: fc.boolean(),
    ADMINISTRATOR: fc.boolean(),
    LICENSES: fc.subarray(['CRM', 'Marketing', 'Service', 'AppConnect']),
    PROFILE_ID: fc.option(fc.integer()),
    DATE_CREATED_UTC: date,
    DATE_UPDATED_UTC: date,
    USER_ID: fc.integer({ min: 1, max: 1_000_000 }),
  },
  { requiredKeys: ['EMAIL_ADDRESS', 'FIRST_NAME', 'LAST_NAME'] },
)
const users = fc
  .uniqueArray(user, { selector: ({ EMAIL_ADDRESS }) => foldCase(EMAIL_ADDRESS), maxLength: 6 })
  .map(list => list.map((each, index) => ({ ...each, ...(each.USER_ID && { USER_ID: each.USER_ID * 10 + index }) })))
  // Ids that users bring must ascend past those that they are given.
  .map(list => [...list].sort((one, other) => (one.USER_ID ?? 0) - (other.USER_ID ?? 0)))
const behaviours = fc.record(
  Object.fromEntries(behaviourRows.map(({ key, values }) => [key, fc.constantFrom(...values.map(([value]) => value))])),
  { requiredKeys: [] },
)
const state = fc.record(
  {
    settings: fc.record({
      samlEnabled: fc.constant(true),
      scimEnabled: fc.boolean(),
      rateLimit: fc.option(fc.record({ requestsPerSecond: fc.integer({ min: 1, max: 100 }) })),
      publicUrl: fc.constantFrom(null, 'https://x.example/a'),
    }),
    behaviours,
    users,
    highestUserId: fc.integer({ min: 0, max: 100_000_000 }),
  },
  { requiredKeys: ['users'] },
)

test('U-13 U-22 U-27 an echo PUT of what GET answers changes nothing, not even lastModified', () => {
  fc.assert(
    fc.property(users, fc.boolean(), (list, isStrict) => {
      const instance = makeWith({ users: list }, { requiredAttributes: isStrict ? 'userName+names' : 'userName' })
      const before = toText(instance)
      for (const document of pageOf(instance, 1, 500)) {
        if (isStrict && !(document.name?.givenName && document.name.familyName)) continue
        instance.users.replace(document.id, document)
      }
      expect(toText(instance)).toBe(before)
      instances.delete(instance)
    }),
    repeat(60),
  )
})

test('U-15 a PATCH with an operation that fails at any place leaves the instance byte for byte as it was', () => {
  const good = fc.oneof(
    fc.record({ op: fc.constant('replace'), path: fc.constantFrom('displayName', 'externalId'), value: nullable }),
    fc.record({
      op: fc.constantFrom('replace', 'Replace'),
      path: fc.constant('active'),
      value: fc.constantFrom(true, 'False'),
    }),
    fc.record({ op: fc.constant('replace'), value: fc.record({ name: fc.record({ givenName: fc.constant('N') }) }) }),
  )
  const bad = fc.constantFrom(
    { op: 'replace', path: 'userName', value: null },
    { op: 'replace', path: 'userName', value: 'TAKEN' },
    { op: 'replace', path: 'active', value: 'maybe' },
    { op: 'replace', path: 'emails.value', value: 'other' },
    { op: 'replace', path: 'a b', value: 1 },
    { op: 'replace', path: 'displayName' },
    { op: 'replace', path: 'displayName', value: '\n' },
    { op: 'add', path: 'displayName', value: 'x' },
    'no operation',
  )
  fc.assert(
    fc.property(fc.array(good, { maxLength: 5 }), bad, fc.nat(5), (operations, failing, place) => {
      const names = { FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }
      const instance = makeWith({
        users: [
          { EMAIL_ADDRESS: 'ann', ...names },
          { EMAIL_ADDRESS: 'taken', ...names },
        ],
      })
      const before = toText(instance)
      const body = { schemas: [patchUrn], Operations: operations.toSpliced(place, 0, failing as never) }
      expect(() => instance.users.patch('1', parsePatch(body, instance.settings.behaviours))).toThrow(ApiError)
      expect(toText(instance)).toBe(before)
      instances.delete(instance)
    }),
    repeat(150),
  )
})

test('U-26 export and import into any instance, then export, gives the same bytes', () => {
  fc.assert(
    fc.property(state, document => {
      const [one, other] = [makeWith(document), makeWith({})]
      const exported = toText(one)
      other.importState(toInitial(parseState(JSON.parse(exported)), toInitialState(presets.rfc7644)))
      expect(toText(other)).toBe(exported)
      one.importState(toInitial(parseState(JSON.parse(exported)), toInitialState(presets.insightly)))
      expect(toText(one)).toBe(exported)
      instances.delete(one)
      instances.delete(other)
    }),
    repeat(60),
  )
})

describe('U-01 U-02 the pages of the list, one after the other, are the list', () => {
  const seedOf = (ids: readonly number[]): StateDocument => ({
    users: ids.map(id => ({ USER_ID: id, EMAIL_ADDRESS: `user${id}`, FIRST_NAME: null, LAST_NAME: null })),
  })

  /** Reads all pages, in any order of pages, and checks them against what should be there. */
  const expectPages = (instance: Instance, expected: readonly number[], size: number, backwards: boolean) => {
    const starts = Array.from({ length: Math.ceil(expected.length / size) + 1 }, (_, index) => 1 + index * size)
    const pages = new Map<number, number[]>()
    for (const startIndex of backwards ? starts.toReversed() : starts) {
      expect(instance.records.total).toBe(expected.length)
      pages.set(startIndex, idsOf(instance, startIndex, size))
    }
    expect(starts.flatMap(startIndex => pages.get(startIndex)!)).toEqual(expected)
  }

  test('when there are gaps from the start and while users are removed and added', () => {
    const step = fc.oneof(
      fc.record({ remove: fc.nat() }),
      fc.record({ removeEnd: fc.boolean() }),
      fc.constant('add' as const),
      fc.record({ size: fc.integer({ min: 1, max: 9 }), backwards: fc.boolean() }),
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 25 }),
        fc.array(step, { maxLength: 25 }),
        (ids, steps) => {
          const expected = [...ids].sort((one, other) => one - other)
          const instance = makeWith(seedOf(expected))
          let highestEver = expected.at(-1) ?? 0
          const remove = (index: number) => {
            const [id] = expected.splice(index, 1)
            if (id !== undefined) instance.users.remove(String(id))
          }
          for (const each of steps) {
            if (each === 'add') {
              highestEver += 1
              expected.push(highestEver)
              expect(instance.users.insert({ EMAIL_ADDRESS: `user${highestEver}` }).USER_ID).toBe(highestEver)
            } else if ('remove' in each) remove(each.remove % Math.max(1, expected.length))
            else if ('removeEnd' in each) remove(each.removeEnd ? expected.length - 1 : 0)
            else expectPages(instance, expected, each.size, each.backwards)
          }
          expectPages(instance, expected, 7, false)
          instances.delete(instance)
        },
      ),
      repeat(150),
    )
  })

  test('when there are thousands of them with gaps, some of which go while others read', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2499), { minLength: 5, maxLength: 12 }), fc.boolean(), (removals, backwards) => {
        const expected = Array.from({ length: 2500 }, (_, index) => 3 * index + 1)
        const instance = makeWith(seedOf(expected))
        for (const removal of removals) {
          const [id] = expected.splice(removal % expected.length, 1)
          instance.users.remove(String(id))
          const startIndex = 1 + (removal % expected.length)
          expect(idsOf(instance, startIndex, 3)).toEqual(expected.slice(startIndex - 1, startIndex + 2))
        }
        expectPages(instance, expected, 499, backwards)
        instances.delete(instance)
      }),
      repeat(4),
    )
  })
})
