// What the control API accepts and returns, as public types. They are written out because doc comments do not survive
// z.output; each schema says `satisfies MembersOf` of its type, so that neither can have a member the other lacks.

import type { Difference } from '../account/exchange.ts'
import type { Settings } from '../account/settings.ts'
import type { StateDocument } from '../account/state.ts'

import type { FieldsThatAre, License } from '../insightly/record.ts'
import type { RestForm } from '../insightly/rest-form.ts'
import type { Behaviours, PresetName, Profile } from '../scim/behaviour.ts'
import type { Operation } from '../scim/operation.ts'
import type { Note } from '../scim/rules.ts'

export type { UserMatch } from '../account/users/records.ts'
export type { Differences } from '../shadow/report.ts'

/** An Insightly user as the REST API shows it, dates as `2026-03-02 09:14:07` in UTC, with its product licences. */
export type InsightlyUser = RestForm & { LICENSES: License[] }

/** What an administrator edits by hand. */
export type UserEdit = Partial<Pick<InsightlyUser, FieldsThatAre<{ byHand: true }>>>

/** A user that an administrator adds by hand. */
export type UserAddition = UserEdit & Pick<InsightlyUser, FieldsThatAre<{ byHand: true; required: true }>>

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
  /** Parsed JSON; null when there was no body, or it was not JSON. */
  body: unknown
  /** The text as it was received, JSON or not; null when there was none, or when it is longer than 64 KiB. */
  rawBody: string | null
  bodyLength: number
  /** Null when no answer was sent. */
  status: number | null
  /** Parsed JSON, a text that is not JSON, or null. */
  answer: unknown
  answerHeaders: Record<string, string>
  durationMs: number
  operation: Operation
  userId: string | null
  userName: string | null
  changes: Change[]
  fault: string | null
  /** The behaviour switches in force that differ from the preset `insightly`. */
  behaviours: Partial<Behaviours>
  notes: Note[]
  /** What this server itself would have answered, where the real endpoint did; null when the request was not passed on. */
  shadow: ShadowAnswer | null
  curl: string
}

/** What this server itself would have answered to a request that was passed on to the real endpoint. */
export interface ShadowAnswer {
  /** Why that is not known; null when it is. */
  uncompared: string | null
  status: number | null
  /** Parsed JSON, a text that is not JSON, or null. */
  answer: unknown
  /** Which rules of this server refused or ignored something. */
  notes: Note[]
  /** In what the two answers differ: `there` at the real endpoint, `here` in this server. */
  differences: Difference[]
}

/** One field that a request changed, and the SCIM attribute that is stored in it. */
export interface Change {
  field: string
  attribute: string
  before: unknown
  after: unknown
}

/** Which exchanges to find. A member that is left out matches all. */
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

/** A query of the journal. */
export interface RequestQuery extends RequestMatch {
  /** Only those after this cursor, an entry's id. */
  since?: number
  /** How many entries to return at most; 1,000 by default. */
  limit?: number
  /** A search as the console's box takes it, such as `status:409 op:create "supports only"`. */
  q?: string
}

/** How to send a request of the journal again. What is left out stays as it was. */
export interface Replay {
  /** The present token or API key, unless told otherwise. */
  credentials?: 'current' | 'as-sent' | 'none'
  method?: string
  /** Path and query. */
  url?: string
  /** All of them. */
  headers?: Record<string, string>
  /** Null for none. */
  body?: string | null
}

/** The exchange that came of a request sent again. */
export interface Replayed {
  instance: string
  id: number
  /** Null when no answer was sent. */
  status: number | null
  credentials: 'current' | 'as-sent' | 'none'
}

/** How often a request must have been made; by default at least once. */
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

/** What a new instance is made with. All of it may be left out. */
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
