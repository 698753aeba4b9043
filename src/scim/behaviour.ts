// THE SWITCHES: one row for each behaviour that nobody outside Insightly knows, or that generic SCIM clients expect to be
// different, and the two presets that are made from the rows. What a switch does is in the code that reads it.

import type { Evidence } from './user.ts'

interface BehaviourRow {
  key: string
  /** Each value with a few words on what it does. The first is the default and that of the `insightly` preset. */
  values: readonly [value: string, meaning: string][]
  /** The value under the `rfc7644` preset, where it is not the default. */
  rfc7644?: string
  /** How the default is known. */
  evidence: Evidence
  sentence: string
}

export const behaviourRows = [
  {
    key: 'patchOperations',
    values: [
      ['replace-only', '`add` and `remove` refuse the whole request'],
      ['all', '`add`, `remove` and `replace` as in RFC 7644 §3.5.2'],
    ],
    rfc7644: 'all',
    evidence: 'doc',
    sentence: 'Which operations a PATCH may hold.',
  },
  {
    key: 'filters',
    values: [
      ['userName-eq', 'any other filter is refused'],
      ['all', 'the full filter grammar over the served attributes'],
    ],
    rfc7644: 'all',
    evidence: 'doc',
    sentence: 'Which filters GET /Users understands.',
  },
  {
    key: 'delete',
    values: [
      ['deactivate', 'the user stays and becomes inactive'],
      ['remove', 'the user is gone (404) and the id is never used again'],
    ],
    rfc7644: 'remove',
    evidence: 'doc',
    sentence: 'What DELETE does to a user.',
  },
  {
    key: 'createActive',
    values: [
      ['always-true', 'a new user is active whatever was sent'],
      ['as-sent', '`active: false` creates an inactive user'],
    ],
    rfc7644: 'as-sent',
    evidence: 'doc',
    sentence: 'Whether POST uses the `active` that was sent.',
  },
  {
    key: 'requiredAttributes',
    values: [
      ['userName+names', 'userName, name.givenName and name.familyName'],
      ['userName+names+displayName+email', 'displayName and an e-mail address too, as a third-party guide says'],
      ['userName', 'userName alone'],
    ],
    rfc7644: 'userName',
    evidence: 'msft',
    sentence: 'Which attributes a user must have.',
  },
  {
    key: 'discovery',
    values: [
      ['served', '200'],
      ['hidden', '404'],
    ],
    evidence: 'open',
    sentence: 'Whether /ServiceProviderConfig and /ResourceTypes exist (/Schemas is documented and always does).',
  },
  {
    key: 'groups',
    values: [
      ['absent', '404'],
      ['empty', 'an empty list'],
    ],
    rfc7644: 'empty',
    evidence: 'doc',
    sentence: 'What GET /Groups answers.',
  },
  {
    key: 'userNameChange',
    values: [
      ['allowed', 'EMAIL_ADDRESS and emails move with it'],
      ['refused', '400 mutability'],
    ],
    evidence: 'open',
    sentence: 'Whether a user may get another userName.',
  },
  {
    key: 'userNameFormat',
    values: [
      ['any', 'any non-empty string'],
      ['email', 'anything but an e-mail address is 400 invalidValue'],
    ],
    evidence: 'open',
    sentence: 'What a userName must look like.',
  },
  {
    key: 'inactiveDuplicate',
    values: [
      ['conflict', '409 uniqueness'],
      ['reactivate', '201 with the old id, names updated and active again'],
    ],
    evidence: 'open',
    sentence: 'What POST does when the userName belongs to an inactive user.',
  },
  {
    key: 'readOnlyPatch',
    values: [
      ['refused', '400 mutability'],
      ['ignored', 'the operation has no effect'],
    ],
    evidence: 'rfc',
    sentence: 'The answer to a PATCH that gives a read-only attribute another value.',
  },
  {
    key: 'unmappedPath',
    values: [
      ['ignored', 'the operation has no effect'],
      ['refused', '400 invalidPath'],
    ],
    evidence: 'open',
    sentence: 'The answer to a PATCH path that names an attribute which Insightly does not store.',
  },
  {
    key: 'patchAnswer',
    values: [
      ['resource', '200 with the whole user'],
      ['no-content', '204 without a body'],
    ],
    evidence: 'rfc',
    sentence: 'What a successful PATCH answers.',
  },
  {
    key: 'disabledScim',
    values: [
      ['forbidden', '403'],
      ['unauthorized', '401'],
    ],
    evidence: 'open',
    sentence: 'What a valid token gets while SCIM is disabled.',
  },
] as const satisfies readonly BehaviourRow[]

type Row = (typeof behaviourRows)[number]
export type BehaviourKey = Row['key']
/** A value for every switch. */
export type Behaviours = { [K in BehaviourKey]: Extract<Row, { key: K }>['values'][number][0] }

/** Values for some or all switches: the switches alone, or the form that `calibrate` and shadow write. */
export type Profile = Partial<Behaviours> | { behaviours: Partial<Behaviours>; calibration?: object; shadow?: object }

export const presetNames = ['insightly', 'rfc7644'] as const
export type PresetName = (typeof presetNames)[number]

const preset = (name: PresetName): Readonly<Behaviours> =>
  Object.freeze(
    Object.fromEntries(
      behaviourRows.map((row: BehaviourRow) => [
        row.key,
        (name === 'rfc7644' ? row.rfc7644 : undefined) ?? row.values[0]![0],
      ]),
    ),
  ) as Behaviours

/** The complete sets of switch values that have a name. */
export const presets: Record<PresetName, Readonly<Behaviours>> = {
  insightly: preset('insightly'),
  rfc7644: preset('rfc7644'),
}
