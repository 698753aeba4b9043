// What a program holds of one emulated Insightly account, whether start() made it in this process or connect() found it
// over HTTP: types only. What they do is in client.ts.

import type { ClockMode } from '../account/clock.ts'
import type { FaultRule } from '../account/faults.ts'
import type { Settings } from '../account/settings.ts'
import type { StateDocument } from '../account/state.ts'
import type {
  Entry,
  InsightlyUser,
  InstanceOptions,
  RequestMatch,
  RequestQuery,
  SettingsChange,
  Times,
  UserAddition,
  UserEdit,
  UserMatch,
} from '../control/types.ts'

/** Milliseconds, a number with its unit, or an ISO 8601 duration such as `PT10S`. At most a minute. */
export type Duration = number | `${number}${'ms' | 's' | 'm'}` | `P${string}`

export interface WaitOptions {
  /** How long to wait; 4 s unless given, which is less than the 5 s after which test runners give up. */
  timeout?: Duration
}

/** The time of an instance, which `created`, `lastModified`, rate limits and the journal obey. */
export interface InstanceClock {
  get(): Promise<{ mode: ClockMode; now: string }>
  /** Stops the clock, at an ISO 8601 date or where it is. */
  freeze(now?: string): Promise<void>
  /** Lets it go on from an ISO 8601 date. */
  set(now: string): Promise<void>
  /** Moves it by `500ms`, `2s`, `5m` or an ISO 8601 duration from days to seconds, such as `PT1H`; a frozen clock stays frozen. */
  advance(by: string): Promise<void>
  /** Back to the real time. */
  reset(): Promise<void>
}

/** What Insightly's SAML and SCIM page sets, and the stand-in's own settings. */
export interface InstanceSettings {
  get(): Promise<Settings>
  /** @throws ControlError 409 when SCIM is to be enabled while SAML is off */
  change(change: SettingsChange): Promise<Settings>
}

/** A running server's instance: where it is, and everything a test may want to know of it or do to it. */
export interface Insightly extends AsyncDisposable {
  readonly name: string
  readonly instanceId: number
  /** The URL of the server. */
  readonly url: string
  readonly scimUrl: string
  /** The SCIM token as this handle last learned it; empty before SCIM was ever enabled. */
  readonly scimToken: string
  readonly apiUrl: string
  /** Acts as the account owner, else as the first active user; empty when there is none. */
  readonly apiKey: string
  readonly controlUrl: string
  readonly adminKey: string
  readonly clock: InstanceClock
  readonly settings: InstanceSettings

  /** The users, ascending by USER_ID. */
  users(match?: UserMatch): Promise<InsightlyUser[]>
  /** @throws ControlError 404 */
  user(id: number | string): Promise<InsightlyUser>
  /** Adds a user as an administrator does by hand. @throws ControlError 409 when the address is taken */
  addUser(user: UserAddition): Promise<InsightlyUser>
  /** Edits a user as an administrator does by hand, licences included. */
  editUser(id: number | string, edit: UserEdit): Promise<InsightlyUser>
  /** The first user that matches, now or before the timeout. @throws ControlError 408 that tells which users there are */
  waitForUser(match: UserMatch, options?: WaitOptions): Promise<InsightlyUser>

  /** The SCIM and REST requests that were made, oldest first. */
  requests(query?: RequestQuery): Promise<Entry[]>
  /** The first request that matches, now or before the timeout. @throws ControlError 408 that tells which there were */
  waitForRequest(match: RequestQuery, options?: WaitOptions): Promise<Entry>
  /** Says how many requests match. @throws ControlError 409 with the nearest misses when it is not as often as `times` says */
  verify(match: RequestMatch, times?: Times): Promise<number>
  /** Forgets the requests made so far. */
  clearRequests(): Promise<void>

  /** Replaces the faults by these; `[]` ends them all. */
  setFaults(rules: FaultRule[]): Promise<void>
  /** The faults, each with how often it fired. */
  faults(): Promise<(FaultRule & { fired: number })[]>

  /** Gives the instance a new SCIM token, which `scimToken` tells from then on; the old one is dead at once. */
  regenerateToken(): Promise<string>
  /** Settings, behaviours and users as one document. */
  exportState(): Promise<StateDocument>
  /** Replaces settings, behaviours and users. */
  importState(state: StateDocument): Promise<void>
  /** Back to the state the instance was created with; requests, faults and clock are cleared, token and key stay. */
  reset(): Promise<void>

  /** Makes another instance on the same server, which shares nothing with this one; closing it deletes it. */
  createInstance(options?: InstanceOptions): Promise<Insightly>
  /**
   * Stops the server that start() started, or deletes the instance that createInstance() made; after connect() there is
   * nothing to stop.
   */
  close(): Promise<void>
}
