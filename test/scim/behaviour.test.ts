import { expect, test } from 'vitest'
import { behaviourRows, presets } from '../../src/scim/behaviour.ts'

// The table of the contract, written once more so that neither can drift.
const promised = {
  patchOperations: ['replace-only', 'all'],
  filters: ['userName-eq', 'all'],
  delete: ['deactivate', 'remove'],
  createActive: ['always-true', 'as-sent'],
  requiredAttributes: ['userName+names', 'userName+names+displayName+email', 'userName'],
  discovery: ['served', 'hidden'],
  groups: ['absent', 'empty'],
  userNameChange: ['allowed', 'refused'],
  userNameFormat: ['any', 'email'],
  inactiveDuplicate: ['conflict', 'reactivate'],
  readOnlyPatch: ['refused', 'ignored'],
  unmappedPath: ['ignored', 'refused'],
  patchAnswer: ['resource', 'no-content'],
  disabledScim: ['forbidden', 'unauthorized'],
}

test('the switches and their values are those of the contract, the default first', () => {
  expect(Object.fromEntries(behaviourRows.map(({ key, values }) => [key, values.map(([value]) => value)]))).toEqual(
    promised,
  )
})

test('the preset insightly is all defaults', () => {
  expect(presets.insightly).toEqual(Object.fromEntries(Object.entries(promised).map(([key, [value]]) => [key, value])))
})

test('the preset rfc7644 differs in what generic SCIM clients expect', () => {
  expect(presets.rfc7644).toEqual({
    ...presets.insightly,
    patchOperations: 'all',
    filters: 'all',
    delete: 'remove',
    createActive: 'as-sent',
    requiredAttributes: 'userName',
    groups: 'empty',
  })
})

test('nothing can change a preset', () => {
  for (const preset of Object.values(presets)) expect(Object.isFrozen(preset)).toBe(true)
})
