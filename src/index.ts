// The package's door: start() runs a server in this process, connect() finds one elsewhere. The server is loaded by
// start() alone, once it is known that this Node can: on some others SQLite ends the process without a word.

import type { Insightly } from './client/insightly.ts'
import { StartError } from './errors.ts'
import { findNodeProblem } from './package.ts'
import type { StartOptions } from './start.ts'

export type { FaultEffect, FaultRule } from './account/faults.ts'
export type { Settings } from './account/settings.ts'
export type { StateDocument, StateUser } from './account/state.ts'
export { type ConnectOptions, connect } from './client/connect.ts'
export type * from './client/insightly.ts'
export { ControlError } from './client/transport.ts'
export type * from './control/types.ts'
export { StartError } from './errors.ts'
export type { License } from './insightly/record.ts'
export { version } from './package.ts'
export type { Behaviours, PresetName, Profile } from './scim/behaviour.ts'
export type { Note, RuleId } from './scim/rules.ts'
export type { StartOptions } from './start.ts'

/**
 * Starts a server: in memory, on a free port and silent unless told otherwise.
 * @example
 * await using insightly = await start({ seed: { users: [{ EMAIL_ADDRESS: 'ann@example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee' }] } })
 * await deprovision('ann@example.com', insightly.scimUrl, insightly.scimToken)
 * await insightly.waitForUser({ userName: 'ann@example.com', active: false })
 * @throws StartError in one line that says what to do: a Node that is too old, an unknown option, port in use, unusable data folder, bad seed or profile
 */
export async function start(options: StartOptions = {}): Promise<Insightly> {
  const problem = findNodeProblem()
  if (problem !== undefined) throw new StartError(problem)
  const { startServer } = await import('./start.ts')
  return startServer(options)
}
