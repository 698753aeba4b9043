// What a seed and the state of a new instance may hold: read whole, where import.test.ts reads it as it arrives.

import { expect, test } from 'vitest'
import { parseProfile } from '../../src/account/profile.ts'
import { parseState } from '../../src/account/state.ts'
import { StagedUsers } from '../../src/account/users/staged-users.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { InputError } from '../../src/validation.ts'

const user = (more: object = {}) => ({ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee', ...more })
const other = (more: object = {}) => user({ EMAIL_ADDRESS: 'bob@example.com', ...more })
const owns = { ACCOUNT_OWNER: true }

test.for([
  [
    'an address',
    [user(), other(), user({ EMAIL_ADDRESS: 'ANN@example.com' })],
    'users[2].EMAIL_ADDRESS',
    'is the address of users[0]',
  ],
  [
    'an id',
    [other(), user({ USER_ID: 7 }), user({ EMAIL_ADDRESS: 'c', USER_ID: 7 })],
    'users[2].USER_ID',
    'is the id of users[1]',
  ],
  [
    'an id that was made up for an earlier one',
    [user(), other({ USER_ID: 1 })],
    'users[1].USER_ID',
    'is the id of users[0]',
  ],
  [
    'an owner',
    [user(owns), user({ EMAIL_ADDRESS: 'c' }), other(owns)],
    'users[2].ACCOUNT_OWNER',
    'is true for users[0]',
  ],
] as const)('a seed with %s twice is refused by both places', ([, users, place, words]) => {
  expect(() => parseState({ users })).toThrow(`${place} ${words}`)
})

test('a seed with one owner, and users whose ids are made up, is good', () => {
  expect(parseState({ users: [user(), other(owns)] }).users).toEqual([user(), other(owns)])
})

test.for([
  ['a\u0000b', 'control character'],
  ['a\u001fb', 'control character'],
  ['\ud800', 'expected'],
  ['x'.repeat(256), '255'],
])('a seed with the name %j is refused', ([name, words]) => {
  expect(() => parseState({ users: [user({ FIRST_NAME: name })] })).toThrow(/^users\[0\]\.FIRST_NAME: /)
  expect(() => parseState({ users: [user({ FIRST_NAME: name })] })).toThrow(words)
})

test('a seed with a name of 255 characters is good', () => {
  const users = [user({ FIRST_NAME: 'x'.repeat(255) })]
  expect(parseState({ users }).users).toEqual(users)
})

test.for([
  { delete: 'remove' },
  { behaviours: { delete: 'remove' } },
  { behaviours: { delete: 'remove' }, calibration: {} },
])('the profile %j is read on top of the defaults', profile => {
  expect(parseProfile(profile)).toEqual({ ...presets.insightly, delete: 'remove' })
})

test.for([null, 5, [], { behaviours: { delete: 'x' } }, { behaviours: {}, more: 1 }, { behaviors: {} }])(
  '%j is no profile',
  profile => {
    expect(() => parseProfile(profile)).toThrow(InputError)
  },
)

test('what waited for an import takes no file after it', () => {
  const staged = StagedUsers.ofNewInstance('users')
  staged.clear()
  staged.close()
  expect(() => staged.clear()).toThrow('not open')
})
