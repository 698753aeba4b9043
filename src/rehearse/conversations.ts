// The conversations that provisioning clients hold, as data: one file a client in clients/. Each step says what happened,
// what the client sends, what it expects, and the public page it is known from. They are played in play.ts.

import type { FaultRule } from '../account/faults.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import authentik from './clients/authentik.json' with { type: 'json' }
import entra from './clients/entra.json' with { type: 'json' }
import identity360 from './clients/identity360.json' with { type: 'json' }
import insightly from './clients/insightly.json' with { type: 'json' }
import jumpcloud from './clients/jumpcloud.json' with { type: 'json' }
import keycloak from './clients/keycloak.json' with { type: 'json' }
import miniorange from './clients/miniorange.json' with { type: 'json' }
import okta from './clients/okta.json' with { type: 'json' }
import oktaSpec from './clients/okta-spec.json' with { type: 'json' }
import onelogin from './clients/onelogin.json' with { type: 'json' }

/** What a step is about, each in words that can end a sentence. */
export const scenarios = {
  'connection-test': 'the connection test',
  match: 'matching users',
  import: 'importing users',
  create: 'creating users',
  rename: 'changing the userName',
  change: 'changing users',
  deactivate: 'deactivating users',
  reactivate: 'reactivating users',
  delete: 'deleting users',
  refused: 'coping with a refusal',
  'rate-limited': 'coping with a rate limit',
  groups: 'groups',
} as const

export type Scenario = keyof typeof scenarios

/** What an answer should be. A value is what it should equal, or an object of `$` keys that expectations.ts knows. */
export interface Expectation {
  status: number | number[]
  /** By lower-case names. */
  headers?: Record<string, unknown>
  bodyContains?: string[]
  /** By paths such as `Resources[0].id`. */
  jsonPaths?: Record<string, unknown>
}

/** One request of a conversation. */
export interface Step {
  /** What the administrator did; the steps that follow without one are what the client does then, too. */
  did?: string
  /** What the client does, in words that follow its name. */
  does: string
  /** Why it is there although the client does not send it: it prepares the rest, or looks at what came of it. */
  purpose?: 'set-up' | 'check'
  /** What it is about, where that is not what the whole conversation is about. */
  scenario?: Scenario
  /** Which of the client's sources tells of it; a check has none. */
  source?: string
  /** Whether it waits as the Retry-After of the answer before says. */
  waits?: boolean
  method: string
  /** Below the SCIM URL, encoded as the client encodes it. */
  path: string
  headers?: Record<string, string>
  body?: unknown
  expect: Expectation
  /** Which places of the answer's body become variables. */
  save?: Record<string, string>
  note?: string
}

/** What a client sends because of one thing that an administrator did. */
export interface Conversation {
  id: string
  scenario: Scenario
  /** What it is called in a sentence, where the scenario's own words do not fit. */
  called?: string
  title: string
  /** The form of the client's integration that holds it. */
  variant?: string
  confidence: 'documented' | 'partly inferred' | 'inferred'
  /** Where the client needs it, if not everywhere. */
  optional?: string
  /** Whether Insightly has nothing of the kind, so that no switch makes the stand-in accept it. */
  refused?: boolean
  note?: string
  /** The switches with which everything in it is as expected. */
  behaviours?: Partial<Behaviours>
  /** What the endpoint is made to do for it. */
  faults?: FaultRule[]
  vars: Record<string, string>
  steps: Step[]
}

/** A provisioning client and its conversations. */
export interface Client {
  /** The short name, on the command line and in addresses. */
  id: string
  name: string
  /** A test is no provider, but holds conversations as one does. */
  kind: 'provider' | 'test'
  /** The public pages that the steps are known from, by the names that steps use. */
  sources: Record<string, string>
  conversations: Conversation[]
}

const files = {
  identity360,
  miniorange,
  okta,
  entra,
  onelogin,
  jumpcloud,
  authentik,
  keycloak,
  'okta-spec': oktaSpec,
  insightly,
}

/** All clients whose conversations are known. */
export const clients: readonly Client[] = Object.entries(files).map(
  ([id, file]) => ({ id, ...file }) as unknown as Client,
)

/** The scenario of a step. */
export const scenarioOf = (conversation: Conversation, step: Step): Scenario => step.scenario ?? conversation.scenario
