// Calibrate: one conversation with a SCIM endpoint from the first look to the last deactivation, and what was found.
// How it is told to people is in report.ts.

import { withProgress } from '../../account/progress.ts'
import { NoAnswer } from '../../rehearse/send.ts'
import { type BehaviourKey, type Behaviours, behaviourRows, presets } from '../../scim/behaviour.ts'
import type { LearnedRow } from '../../shadow/learned.ts'
import type { LeftBehind } from '../endpoint.ts'
import { Conversation, type ConversationOptions, Interrupted } from './conversation.ts'
import { ProbeUser } from './probe-user.ts'
import { probes, type Subject } from './probes.ts'
import { type Exchange, tell, toUsers, Undeterminable } from './reading.ts'
import { pageRequests, strangerRequest } from './shapes.ts'

export interface CalibrateOptions extends ConversationOptions {
  /** The userName of the user to create: an e-mail address that belongs to nobody. */
  userName: string
  /** Resolves once an administrator has switched SCIM off. */
  whenDisabled?: (() => Promise<void>) | undefined
}

/** What was found for one switch; `here` is the default here. */
export interface CalibrationRow extends Omit<LearnedRow, 'times' | 'evidence'> {
  evidence: { request: string; sent?: unknown; status: number; scimType?: string }[]
}

/** All that one conversation showed. */
export interface Calibration {
  /** The switches that were determined. */
  behaviours: Partial<Behaviours>
  rows: CalibrationRow[]
  exchanges: readonly Exchange[]
  left: LeftBehind
  /** Why it ended early. */
  interrupted: string | undefined
}

/** The endpoint cannot be calibrated; nothing was created. */
export class NoEndpoint extends Error {}

/**
 * Holds the conversation.
 * @throws NoEndpoint when nothing there is SCIM, when it refuses the token, or when it has the user already
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const conversation = new Conversation(options)
  const user = new ProbeUser(conversation, options.userName)
  await look(conversation, user)
  const subject: Subject = { conversation, user, whenDisabled: options.whenDisabled }
  const rows = new Map<BehaviourKey, CalibrationRow>()
  let left: LeftBehind | undefined
  let interrupted: string | undefined
  for (const key of withProgress('finding out about switches', Object.keys(probes) as BehaviourKey[])) {
    // Once SCIM is switched off nothing can be put in order any more.
    if (key === 'disabledScim') left = await leave(conversation, user, interrupted)
    const row = interrupted === undefined ? await askOne(key, subject) : toOpenRow(key, interrupted, [])
    rows.set(key, row.row)
    interrupted ??= row.interrupted
  }
  const inOrder = behaviourRows.map(({ key }) => rows.get(key)!)
  return {
    behaviours: Object.fromEntries(inOrder.flatMap(({ key, seen }) => (seen === null ? [] : [[key, seen]]))),
    rows: inOrder,
    exchanges: conversation.exchanges,
    left: left!,
    interrupted,
  }
}

/** The first requests, which only read: is this an endpoint, does it let us in, is the userName free? */
async function look(conversation: Conversation, user: ProbeUser): Promise<void> {
  try {
    const first = await conversation.ask('GET', '/Users?startIndex=1&count=1')
    if (first.status === 401 || first.status === 403)
      throw new NoEndpoint(
        `${conversation.host} answers ${first.status}: it refuses the token, or SCIM is switched off.`,
      )
    if (!toUsers(first))
      throw new NoEndpoint(`GET /Users answers ${tell(first)} and no list of users; is the SCIM URL right?`)
    for (const path of [pageRequests.default, pageRequests.cap, '/Schemas', strangerRequest])
      await conversation.ask('GET', path).catch(error => {
        // A long page may take too long; it is only looked at for its length.
        if (!(error instanceof NoAnswer)) throw error
      })
    const lookUp = await user.lookUp()
    if (user.findIn(lookUp) !== undefined)
      throw new NoEndpoint(`There is a user ${user.userName} already; choose a --user-name that is nobody's.`)
    if (toUsers(lookUp)?.length !== 0)
      throw new NoEndpoint(
        `The look-up by userName answers ${tell(lookUp)} and is no use, so that nothing can be created safely.`,
      )
  } catch (error) {
    if (error instanceof Interrupted || error instanceof NoAnswer)
      throw new NoEndpoint(`${conversation.host}: ${error.message}. Nothing was created.`)
    throw error
  }
}

async function askOne(key: BehaviourKey, subject: Subject) {
  const { exchanges } = subject.conversation
  const start = exchanges.length
  try {
    const { value, isExact, reading } = await probes[key].ask(subject)
    const row: CalibrationRow = {
      ...toOpenRow(key, reading, exchanges.slice(start)).row,
      seen: value,
      confidence: isExact ? 'exact' : 'effect',
    }
    return { row, interrupted: undefined }
  } catch (error) {
    if (error instanceof Interrupted) return toOpenRow(key, error.message, exchanges.slice(start), error.message)
    if (error instanceof Undeterminable || error instanceof NoAnswer)
      return toOpenRow(key, error.message, exchanges.slice(start))
    throw error
  }
}

function toOpenRow(key: BehaviourKey, reading: string, exchanges: readonly Exchange[], interrupted?: string) {
  const row: CalibrationRow = {
    key,
    here: presets.insightly[key],
    seen: null,
    confidence: null,
    reading,
    evidence: exchanges.map(({ method, path, sent, status, scimType }) => ({
      request: `${method} ${path.replace(/^(\/Users\/)[^?]+/, '$1{id}')}`,
      ...(sent !== undefined && { sent }),
      status,
      ...(scimType && { scimType }),
    })),
  }
  return { row, interrupted }
}

async function leave(
  conversation: Conversation,
  user: ProbeUser,
  interrupted: string | undefined,
): Promise<LeftBehind> {
  if (interrupted !== undefined) conversation.ignoreStop()
  return user.leave()
}
