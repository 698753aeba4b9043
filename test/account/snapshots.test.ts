// A state document shows one instant, whatever is written while it is read.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openInMemory } from '../../src/account/files/database.ts'
import { Instance } from '../../src/account/instance.ts'
import { Journal } from '../../src/account/journal.ts'
import { JournalMemory } from '../../src/account/journal-memory.ts'
import { toInitialState } from '../../src/account/settings.ts'
import { exportState } from '../../src/account/state.ts'
import { presets } from '../../src/scim/behaviour.ts'

const users = Array.from({ length: 2500 }, (_, index) => ({ EMAIL_ADDRESS: `user${index + 1}@example.com` }))
const state = { ...toInitialState({ ...presets.insightly, delete: 'remove' }), users }

let database: Database
let instance: Instance
beforeEach(() => {
  database = openInMemory()
  const options = { instanceId: 1, scimToken: undefined, journal: new Journal(0, new JournalMemory(1024)) }
  instance = Instance.create('one', database, options, state)
})
afterEach(() => instance.close())

const read = (): string => [...exportState(instance)].join('')
const kept = () => database.prepare('SELECT count(*) FROM kept_users').pluck().get()

const writes: Record<string, () => void> = {
  'a user who was read and one who was not': () => {
    for (const id of ['1', '2400']) instance.users.edit(id, { FIRST_NAME: 'Changed' })
  },
  'the same user twice': () => {
    for (const FIRST_NAME of ['Once', 'Twice']) instance.users.edit('2400', { FIRST_NAME })
  },
  'a user who is removed': () => void instance.users.remove('2400'),
  'every user behind what was read is removed': () => {
    for (let id = 1001; id <= 2500; id += 1) instance.users.remove(String(id))
  },
  'a user who is added': () => void instance.users.insert({ EMAIL_ADDRESS: 'new@example.com' }),
  'settings and a reset': () => {
    instance.changeSettings({ scimEnabled: false })
    instance.users.edit('2400', { FIRST_NAME: 'Changed' })
    instance.reset()
  },
  'an import of other users with the same ids': () =>
    instance.importState({
      ...state,
      users: users.map(({ EMAIL_ADDRESS }) => ({ EMAIL_ADDRESS: `x${EMAIL_ADDRESS}` })),
    }),
  'an import that fails, and a change after it': () => {
    const twice = [{ EMAIL_ADDRESS: 'a@example.com' }, { EMAIL_ADDRESS: 'a@example.com' }]
    expect(() => instance.importState({ ...state, users: twice })).toThrow()
    instance.users.edit('2400', { FIRST_NAME: 'Changed' })
  },
}

test.each(Object.entries(writes))('a state that is read slowly does not show %s', (_, write) => {
  const before = read()
  const pieces = exportState(instance)[Symbol.iterator]()
  // The head, and the first of the thousand users that are read at once.
  let text = `${pieces.next().value}${pieces.next().value}`
  write()
  for (let piece = pieces.next(); !piece.done; piece = pieces.next()) text += piece.value
  expect(text).toBe(before)
  expect(kept()).toBe(0)
})

test('two snapshots of two instants are kept apart', () => {
  const [first, second] = [exportState(instance), exportState(instance)].map(each => each[Symbol.iterator]())
  const before = read()
  let one = first!.next().value as string
  instance.users.edit('2000', { FIRST_NAME: 'Changed' })
  const between = read()
  let other = second!.next().value as string
  instance.users.edit('2000', { FIRST_NAME: 'Changed again' })
  for (let piece = first!.next(); !piece.done; piece = first!.next()) one += piece.value
  for (let piece = second!.next(); !piece.done; piece = second!.next()) other += piece.value
  expect([one, other]).toEqual([before, between])
})

test('a reader who stops early leaves nothing behind', () => {
  const pieces = exportState(instance)[Symbol.iterator]()
  pieces.next()
  instance.users.edit('2400', { FIRST_NAME: 'Changed' })
  expect(kept()).toBe(1)
  pieces.return?.()
  expect(kept()).toBe(0)
})

test('a copy is kept only of users that are still to be read', () => {
  const pieces = exportState(instance)[Symbol.iterator]()
  pieces.next()
  pieces.next()
  const { USER_ID } = instance.users.insert({ EMAIL_ADDRESS: 'new@example.com' })
  for (const id of [1, 1000, USER_ID]) instance.users.edit(String(id), { FIRST_NAME: 'Changed' })
  expect(kept()).toBe(0)
  for (const id of [1001, 2500]) instance.users.edit(String(id), { FIRST_NAME: 'Changed' })
  expect(kept()).toBe(2)
  pieces.return?.()
})

test('a reader may end after its instance', () => {
  const another = Instance.create(
    'another',
    openInMemory(),
    { instanceId: 2, scimToken: undefined, journal: new Journal(0, new JournalMemory(1024)) },
    state,
  )
  const pieces = exportState(another)[Symbol.iterator]()
  pieces.next()
  another.close()
  expect(() => pieces.return?.()).not.toThrow()
})
