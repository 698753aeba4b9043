// What the control API takes and tells, as public types. They are written out because doc comments do not survive
// z.output; each schema says `satisfies MembersOf` of its type, so that neither can have a member the other lacks.

import type { Settings } from '../account/instance.ts'
import type { StateDocument } from '../account/state.ts'
import type { Behaviours, PresetName, Profile } from '../scim/behaviour.ts'
import type { Operation } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'
import type { License, UserRecord } from '../scim/user.ts'

/** An Insightly user as the REST API shows it, dates as `2026-03-02 09:14:07` in UTC, with its product licences. */
export type InsightlyUser = Omit<
  UserRecord,
  'DATE_CREATED_UTC' | 'DATE_UPDATED_UTC' | 'LICENSES' | 'DISPLAY_NAME' | 'EXTERNAL_ID'
> & {
  DATE_CREATED_UTC: string
  DATE_UPDATED_UTC: string
  INSTANCE_ID: number
  LICENSES: License[]
}

/** What an administrator edits by hand. */
export type UserEdit = Partial<
  Pick<InsightlyUser, 'FIRST_NAME' | 'LAST_NAME' | 'EMAIL_ADDRESS' | 'ACTIVE' | 'ADMINISTRATOR' | 'LICENSES'>
>

/** A user that an administrator adds by hand. */
export type UserAddition = UserEdit & Pick<InsightlyUser, 'EMAIL_ADDRESS' | 'FIRST_NAME' | 'LAST_NAME'>

/** Which users are meant; left-out members mean all. The userName is compared without regard to case. */
export interface UserMatch {
  /** In any letter case. */
  userName?: string
  /** Whether the user may sign in. */
  active?: boolean
}

/** A journal entry. */
export interface Entry {
  id: number
  when: string
  /** The identity provider or program, recognised by its user agent; null when it sent none. */
  client: string | null
  userAgent: string | null
  method: string
  path: string
  url: string
  query: Record<string, string>
  headers: Record<string, string>
  /** Parsed JSON; null when there was none, or it was no JSON. */
  body: unknown
  bodyLength: number
  /** Null when no answer was sent. */
  status: number | null
  /** Parsed JSON, a text that is none, or null. */
  answer: unknown
  durationMs: number
  operation: Operation
  userId: string | null
  userName: string | null
  changes: Change[]
  fault: string | null
  notes: Note[]
  curl: string
}

/** One field that a request changed, with the SCIM attribute that lives in it. */
export interface Change {
  field: string
  attribute: string
  before: unknown
  after: unknown
}

/** Which exchanges are meant; left-out members mean all. */
export interface RequestMatch {
  /** In any letter case. */
  method?: string
  /** The start of the full path. */
  path?: string
  /** Of the answer. */
  status?: number
  /** What the request did, in provisioning words. */
  operation?: Operation
  /** Of the user that the request concerned, in any letter case. */
  userName?: string
}

export interface RequestQuery extends RequestMatch {
  /** Only those after this cursor, an entry's id. */
  since?: number
  /** At most so many; 1,000 unless said. */
  limit?: number
}

/** How often a request must have been made; at least once unless said. */
export type Times = { exactly: number } | { atLeast?: number; atMost?: number }

/** What a change of settings may hold; what is left out stays. */
export interface SettingsChange {
  /** Turning SAML off turns SCIM off. */
  samlEnabled?: boolean
  /** Whether SCIM requests are let in; it cannot be on without SAML. */
  scimEnabled?: boolean
  /** How many SCIM and REST requests are let in per second of the instance's clock; null lets all in. */
  rateLimit?: Settings['rateLimit']
  /** The start of meta.location, instead of the server's; null ends that. */
  publicUrl?: Settings['publicUrl']
  /** Some of the behaviour switches. */
  behaviours?: Partial<Behaviours>
}

/** What a new instance is made with; all of it may be left out. */
export interface InstanceOptions {
  /** Lower-case letters, digits and dashes, at most 63; made up unless given. */
  name?: string
  /** Made up unless given. */
  scimToken?: string
  /** A preset, or switches on top of the server's own. */
  profile?: PresetName | Profile
  /** Switches on top of the profile. */
  behaviours?: Partial<Behaviours>
  /** On unless given; without SAML there is no SCIM. */
  samlEnabled?: boolean
  /** On unless given; SCIM that was never on has no token yet. */
  scimEnabled?: boolean
  /** Settings, behaviours and users to start from, as `exportState()` gives them; the account owner alone unless given. */
  state?: StateDocument
}
