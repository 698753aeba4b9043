// What a new instance is made from, as a request says it: its schema, how it is read as it arrives, and how a request that
// is sent again is known.

import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import * as z from 'zod/mini'
import { instanceName } from '../account/files/data-folder.ts'
import type { Instance } from '../account/instance.ts'
import type { NewInstance } from '../account/instances.ts'
import { calibratedProfile, someBehaviours } from '../account/profile.ts'
import { type InitialState, mergeSettings, type Settings, toInitialState } from '../account/settings.ts'
import { stateSchema, toInitial } from '../account/state.ts'
import { StagedUsers } from '../account/users/staged-users.ts'
import { secretForm, secretWords } from '../config.ts'
import type { Context } from '../http/context.ts'
import { type Behaviours, presetNames, presets } from '../scim/behaviour.ts'
import { validate } from '../validation.ts'
import { named } from './route.ts'
import { receiveState } from './state-stream.ts'
import type { InstanceOptions } from './types.ts'

/** What a new instance may be named. */
export const newName = z
  .string()
  .check(z.regex(instanceName, 'lower-case letters, digits and dashes, 1 to 63 of them, no dash first'))

/** What a new instance is made from. */
export const creation = named(
  'InstanceCreation',
  z.partial(
    z.strictObject({
      name: newName.check(z.describe('Lower-case letters, digits and dashes, at most 63. Made up unless given.')),
      scimToken: z.string().check(z.regex(secretForm, secretWords), z.describe('Made up unless given.')),
      profile: z
        .union([z.enum(presetNames), someBehaviours, calibratedProfile])
        .check(z.describe("A preset, or switches on top of the server's own.")),
      behaviours: someBehaviours.check(z.describe('Switches on top of the profile.')),
      samlEnabled: z.boolean().check(z.describe('On unless given; without SAML there is no SCIM.')),
      scimEnabled: z.boolean().check(z.describe('On unless given; SCIM that was never on has no token yet.')),
      state: stateSchema.check(z.describe('What to start from; the account owner alone unless given.')),
    } satisfies { [K in keyof InstanceOptions]-?: z.ZodMiniType }),
  ),
)

/** What makes an instance whose name stands in the path. */
export const creationByName = named('NamedInstanceCreation', z.omit(creation, { name: true }))

/**
 * Reads what an instance is to be made from, its users as they arrive, and makes it.
 * @param body undefined when there is none
 * @param seen is shown each piece of the body
 * @throws InputError, invalidInput, invalidSyntax, tooLarge, conflict
 */
export async function receiveInstance(
  context: Context,
  body: Readable | undefined,
  schema: typeof creation | typeof creationByName,
  make: (options: NewInstance) => Instance,
  seen?: (chunk: Buffer) => void,
): Promise<Instance> {
  let staged: StagedUsers | undefined
  try {
    const { document = {}, users } = await receiveState(
      body,
      ['state', 'users'],
      () => {
        staged ??= StagedUsers.ofNewInstance('state.users')
        context.metrics.imports.add(staged)
        return staged
      },
      seen,
    )
    const { name, scimToken, ...options }: z.output<typeof creation> = validate(schema, document)
    const initial = toInitialOf(options, context.behaviours)
    return make({ name, scimToken, state: users ? { ...initial, users: users.records() } : initial })
  } finally {
    if (staged) context.metrics.imports.delete(staged)
    staged?.close()
  }
}

/**
 * The initial state that the options describe. What they leave out is as in every new instance.
 * @throws conflict for SCIM enabled with SAML off
 */
function toInitialOf(options: z.output<typeof creation>, defaults: Readonly<Behaviours>): InitialState {
  const { profile, behaviours, samlEnabled, scimEnabled, state } = options
  const switches = typeof profile === 'object' && 'behaviours' in profile ? profile.behaviours : profile
  const base = toInitialState(
    typeof switches === 'string' ? presets[switches] : ({ ...defaults, ...switches } as Behaviours),
  )
  const initial = state ? toInitial(state, base) : base
  const change = {
    ...(behaviours && { behaviours }),
    ...(samlEnabled !== undefined && { samlEnabled }),
    ...(scimEnabled !== undefined && { scimEnabled }),
  }
  return { ...initial, settings: mergeSettings(initial.settings, change as Partial<Settings>) }
}

/** A body without members is at most this long, blanks included. */
const longestEmpty = 64

/** The digest of a body, taken as it arrives: it tells whether two requests have the same one, without keeping either. */
export class BodyDigest {
  readonly #hash = createHash('sha256')
  #start = ''

  /** Takes the next bytes. */
  take(chunk: Buffer): void {
    this.#hash.update(chunk)
    if (this.#start.length <= longestEmpty) this.#start += chunk.toString('latin1')
  }

  /** The digest of what was taken so far. */
  get text(): string {
    return this.#hash.copy().digest('base64')
  }

  /** Whether the body asks for nothing. */
  get isEmpty(): boolean {
    return this.#start.length <= longestEmpty && /^\s*(?:\{\s*\})?\s*$/.test(this.#start)
  }
}
