// What the database of an instance holds beside its users: settings, secrets, and what a reset restores; and the state
// that a new instance starts from.

import { ApiError } from '../errors.ts'
import { licenses, type NewUser } from '../insightly/record.ts'
import { type Behaviours, presets } from '../scim/behaviour.ts'
import type { StagedUsers } from './users/staged-users.ts'

/** The settings that an Insightly administrator has, and those that only this stand-in has. */
export interface Settings {
  samlEnabled: boolean
  scimEnabled: boolean
  behaviours: Behaviours
  rateLimit: { requestsPerSecond: number } | null
  publicUrl: string | null
}

/** Users and settings to start from. Fields that a user lacks are filled in. */
export interface InitialState {
  settings: Settings
  /** Undefined: the account owner alone (U-26). */
  users?: Iterable<NewUser> | StagedUsers | undefined
  highestUserId?: number | undefined
}

/** What a database stores besides users. */
export interface Stored {
  instanceId: number
  apiKey: string
  scimToken: string | null
  /** Digests of earlier tokens, oldest first. */
  replacedTokens?: readonly string[]
  settings: Settings
  /** What a reset restores, together with the table initial_users. */
  initial: { settings: Settings; highestUserId: number }
  /** The digest of the request that made it by its name; a repeated one finds it. */
  madeWith?: string | undefined
  /** A sample that shows in which form the stored documents were written. */
  textForm: string
}

/** Checks a stored document as far as the program relies on it, and adds switches that an older version did not have. */
export function parseStored(stored: Stored): Stored {
  const complete = (settings: Settings): Settings => {
    if (typeof settings?.behaviours !== 'object') throw new Error('The settings are missing.')
    return { ...settings, behaviours: { ...presets.insightly, ...settings.behaviours } }
  }
  const { instanceId, apiKey, scimToken } = stored
  const isWhole = Number.isInteger(instanceId) && typeof apiKey === 'string' && scimToken !== undefined
  if (!isWhole) throw new Error('The account is not described.')
  const initial = { ...stored.initial, settings: complete(stored.initial?.settings) }
  return { ...stored, settings: complete(stored.settings), initial }
}

/**
 * Settings after a change; behaviours are merged switch by switch.
 * @throws conflict when SCIM is to be enabled while SAML is off
 */
export function mergeSettings(settings: Settings, change: Partial<Settings>): Settings {
  const merged = { ...settings, ...change, behaviours: { ...settings.behaviours, ...change.behaviours } }
  if (merged.samlEnabled || !merged.scimEnabled) return merged
  if (change.scimEnabled)
    throw new ApiError('conflict', 'SCIM cannot be enabled while SAML is off; enable SAML first.', 'A-03')
  return { ...merged, scimEnabled: false }
}

/** The state of a new instance by default (U-26). */
export const toInitialState = (behaviours: Readonly<Behaviours>): InitialState => ({
  settings: { samlEnabled: true, scimEnabled: true, behaviours: { ...behaviours }, rateLimit: null, publicUrl: null },
})

/** The one user that every new Insightly account has (U-26). */
export const ownerOf = (instanceName: string): NewUser => ({
  EMAIL_ADDRESS: `owner@${instanceName}.example.com`,
  FIRST_NAME: 'Olivia',
  LAST_NAME: 'Owner',
  ADMINISTRATOR: true,
  ACCOUNT_OWNER: true,
  LICENSES: [...licenses],
})
