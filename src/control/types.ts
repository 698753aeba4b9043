// What the control API takes and tells, as public types. They are written out because doc comments do not survive
// z.output; each schema says `satisfies MembersOf` of its type, so that neither can have a member the other lacks.

import type { Settings } from '../account/instance.ts'
import type { StateDocument } from '../account/state.ts'
import type { FieldsThatAre, License } from '../insightly/record.ts'
import type { RestForm } from '../insightly/rest-form.ts'
import type { Behaviours, PresetName, Profile } from '../scim/behaviour.ts'
import type { Operation } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'

/** An Insightly user as the REST API shows it, dates as `2026-03-02 09:14:07` in UTC, with its product licences. */
export type InsightlyUser = RestForm & { LICENSES: License[] }

/** What an administrator edits by hand. */
export type UserEdit = Partial<Pick<InsightlyUser, FieldsThatAre<{ byHand: true }>>>

/** A user that an administrator adds by hand. */
export type UserAddition = UserEdit & Pick<InsightlyUser, FieldsThatAre<{ byHand: true; required: true }>>

/** Which users are meant; left-out members mean all. The userName is compared without regard to case. */
export interface UserMatch {
  userName?: string
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
  /** The text as it came, JSON or not; null when there was none, or when it is longer than 64 KiB. */
  rawBody: string | null
  bodyLength: number
  /** Null when no answer was sent. */
  status: number | null
  /** Parsed JSON, a text that is none, or null. */
  answer: unknown
  answerHeaders: Record<string, string>
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
  status?: number
  operation?: Operation
  /** In any letter case. */
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

/** What a change of settings may hold; switches that are left out stay. */
export type SettingsChange = Partial<Omit<Settings, 'behaviours'>> & { behaviours?: Partial<Behaviours> }

/** What a new instance is made with; all of it may be left out. */
export interface InstanceOptions {
  name?: string
  scimToken?: string
  /** A preset, or switches on top of the server's own. */
  profile?: PresetName | Profile
  behaviours?: Partial<Behaviours>
  samlEnabled?: boolean
  scimEnabled?: boolean
  state?: StateDocument
}
