// What the control API accepts, as zod schemas, and how it becomes what the instances understand.

import { z } from 'zod'
import { type InitialState, mergeSettings, type Settings, toInitialState } from '../instance.ts'
import { instanceName } from '../instances.ts'
import type { NewUser } from '../records.ts'
import { type Behaviours, presetNames, presets } from '../scim/behaviour.ts'
import type { UserRecord } from '../scim/user.ts'
import { behavioursSchema, editableUser, parseState, settingsSchema, toInitial } from '../state.ts'
import { validate } from '../validation.ts'

const secret = z.string().regex(/^[\x21-\x7e]{1,500}$/, '1 to 500 printable ASCII characters without blanks')

const newInstance = z
  .strictObject({
    name: z.string().regex(instanceName, 'lower-case letters, digits and dashes, 1 to 63 of them'),
    scimToken: secret,
    profile: z.union([z.enum(presetNames), behavioursSchema]),
    behaviours: behavioursSchema,
    samlEnabled: z.boolean(),
    scimEnabled: z.boolean(),
    state: z.unknown(),
  })
  .partial()

/**
 * Reads the body that makes an instance; what it does not say is as in every new instance.
 * @throws InputError, and conflict for SCIM enabled with SAML off
 */
export function parseNewInstance(body: unknown, defaults: Readonly<Behaviours>) {
  const { name, scimToken, profile, behaviours, samlEnabled, scimEnabled, state } = validate(newInstance, body)
  const base = toInitialState({
    ...(typeof profile === 'string' ? presets[profile] : { ...defaults, ...profile }),
  } as Behaviours)
  const initial: InitialState = state === undefined ? base : toInitial(parseState(state, 'state'), base)
  const change: Partial<Settings> = {
    ...(behaviours && { behaviours: behaviours as Behaviours }),
    ...(samlEnabled !== undefined && { samlEnabled }),
    ...(scimEnabled !== undefined && { scimEnabled }),
  }
  return { name, scimToken, state: { ...initial, settings: mergeSettings(initial.settings, change) } }
}

const settingsChange = settingsSchema.extend({ behaviours: behavioursSchema.optional() })

/** Reads a change of settings. @throws InputError */
export const parseSettings = (body: unknown): Partial<Settings> => validate(settingsChange, body) as Partial<Settings>

const newUser = editableUser.partial({ ACTIVE: true, ADMINISTRATOR: true, LICENSES: true })
const userChange = editableUser.partial()

/** Reads a user that an administrator adds. @throws InputError */
export const parseNewUser = (body: unknown): NewUser => withoutUndefined(validate(newUser, body)) as NewUser

/** Reads what an administrator edits. @throws InputError */
export const parseUserChange = (body: unknown): Partial<UserRecord> =>
  withoutUndefined(validate(userChange, body)) as Partial<UserRecord>

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
