// The instances of a server without HTTP: names, tokens, and what is left of them in the end.

import { expect, test } from 'vitest'
import { Instances } from '../../src/account/instances.ts'
import { digest } from '../../src/account/secrets/secrets.ts'
import { type InitialState, toInitialState } from '../../src/account/settings.ts'
import { presets } from '../../src/scim/behaviour.ts'

const state = (more: Partial<InitialState['settings']> = {}): InitialState => {
  const { settings } = toInitialState(presets.insightly)
  return { settings: { ...settings, ...more } }
}
const make = () => new Instances(undefined, { journal: 10, journalMemory: 1 }, 'the-admin-key')

test('A-04 a first token that is chosen replaces none; a later one does', () => {
  const instances = make()
  const instance = instances.create({ state: state({ scimEnabled: false }) })
  expect([instance.scimToken, instance.replacedTokens]).toEqual([null, []])
  instances.setToken(instance, 'first')
  expect([instance.scimToken, instance.replacedTokens]).toEqual(['first', []])
  instances.setToken(instance, 'second')
  expect([instance.scimToken, instance.replacedTokens]).toEqual(['second', [digest('first')]])
  expect([instances.findByToken('first'), instances.findByToken('second')]).toEqual([undefined, instance])
  instances.close()
})

test('A-07 a token is taken by whatever it opens or opened', () => {
  const instances = make()
  const one = instances.create({ state: state(), scimToken: 'one' })
  const other = instances.create({ state: state(), scimToken: 'other' })
  one.regenerateToken()
  for (const secret of ['the-admin-key', 'one', 'other', one.storedApiKey, one.scimToken!]) {
    expect(instances.isTaken(secret)).toBe(true)
    expect(() => instances.setToken(other, secret)).toThrow('another secret of this server')
  }
  expect([instances.isTaken('free'), instances.findByReplacedToken('other')]).toEqual([false, undefined])
  instances.close()
})

test('an id is never given again, nor is a deleted instance found', () => {
  const instances = make()
  const first = instances.create({ name: 'a', state: state(), scimToken: 'one' })
  instances.delete(first)
  expect([instances.find('a'), instances.findByToken('one'), instances.findByApiKey(first.storedApiKey)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  const second = instances.create({ name: 'a', state: state(), scimToken: 'one' })
  expect(second.instanceId).toBe(first.instanceId + 1)
  expect(instances.list()).toEqual([second])
  instances.close()
})

test('what may let in somebody else counts as a change', () => {
  const instances = make()
  let seen = instances.changes
  const isChanged = (does: () => void): boolean => {
    seen = instances.changes
    does()
    return instances.changes > seen
  }
  const instance = instances.create({ state: state() })
  expect(isChanged(() => instances.create({ state: state() }))).toBe(true)
  expect(isChanged(() => instance.regenerateToken())).toBe(true)
  expect(isChanged(() => instance.changeSettings({ samlEnabled: false }))).toBe(true)
  expect(isChanged(() => instance.users.insert({ EMAIL_ADDRESS: 'a' }))).toBe(false)
  expect(isChanged(() => instances.delete(instance))).toBe(true)
  instances.close()
})

test('once closed it knows nobody', () => {
  const instances = make()
  const instance = instances.create({ name: 'a', state: state(), scimToken: 'one' })
  instance.regenerateToken()
  const { scimToken, storedApiKey } = instance
  instances.close()
  expect(instances.size).toBe(0)
  expect(instances.findByToken(scimToken!) ?? instances.findByApiKey(storedApiKey)).toBeUndefined()
  expect(instances.findByReplacedToken('one')).toBeUndefined()
})
