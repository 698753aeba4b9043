// Plays the conversations of a client one after the other and keeps how each step went. stage.ts says where they are
// played, report.ts what is shown of them.

import { type Client, type Conversation, type Scenario, type Step, scenarioOf } from '../../rehearse/conversations.ts'
import { judge, type Outcome } from '../../rehearse/outcome.ts'
import { type PlayedStep, playSteps } from '../../rehearse/play.ts'
import { NoAnswer } from '../../rehearse/send.ts'
import type { Stage } from './stage.ts'

/** A step that was played, and how it went. */
export interface RehearsedStep extends Outcome {
  step: Step
  /** Below the SCIM URL, as it was sent. */
  path: string
  /** Null when there was no answer. */
  status: number | null
}

/** A conversation that was played up to its end, or up to the first step that did not go as it should. */
export interface Rehearsed {
  conversation: Conversation
  /** The steps that were to be played. */
  planned: readonly Step[]
  steps: RehearsedStep[]
  /** Why none was played, where that is so. */
  notPlayed?: string
}

/** What one client's conversations came to. */
export interface Rehearsal {
  client: Client
  played: Rehearsed[]
  isInterrupted: boolean
}

/** Who is told as it goes. */
export interface Listener {
  conversation?(rehearsed: Rehearsed): void
  step?(step: RehearsedStep): void
}

/** The steps of a conversation that a scenario needs: all up to its last one; none when it has none. */
export function toPlanned(conversation: Conversation, only?: Scenario): Step[] {
  if (only === undefined) return conversation.steps
  return conversation.steps.slice(
    0,
    conversation.steps.findLastIndex(step => scenarioOf(conversation, step) === only) + 1,
  )
}

/** Plays a client's conversations, or those of one scenario, until all are played or `signal` fires. */
export async function rehearse(
  client: Client,
  stage: Stage,
  { only, signal, listener = {} }: { only?: Scenario | undefined; signal?: AbortSignal; listener?: Listener } = {},
): Promise<Rehearsal> {
  const rehearsal: Rehearsal = { client, played: [], isInterrupted: false }
  for (const conversation of client.conversations) {
    const planned = toPlanned(conversation, only)
    if (planned.length === 0) continue
    const notPlayed = stage.findObstacle(conversation)
    const rehearsed: Rehearsed = { conversation, planned, steps: [], ...(notPlayed !== undefined && { notPlayed }) }
    rehearsal.played.push(rehearsed)
    if (signal?.aborted) continue
    listener.conversation?.(rehearsed)
    if (notPlayed === undefined) await playOn(stage, rehearsed, listener, signal)
  }
  rehearsal.isInterrupted = signal?.aborted === true
  return rehearsal
}

/** Insightly keeps a deleted user. For the client it is just as good when the user is gone. */
const isGone = ({ step, answer }: PlayedStep, before: RehearsedStep | undefined): boolean =>
  step.purpose === 'check' && answer.status === 404 && before?.step.method === 'DELETE'
const gone: Outcome = { result: 'works', why: undefined, rules: [] }

async function playOn(
  stage: Stage,
  { conversation, planned, steps }: Rehearsed,
  listener: Listener,
  signal?: AbortSignal,
): Promise<void> {
  const scene = await stage.open(conversation)
  const keep = (step: RehearsedStep): void => {
    steps.push(step)
    listener.step?.(step)
  }
  try {
    for await (const played of playSteps({ ...conversation, steps: [...planned] }, scene.endpoint)) {
      const { step, path, answer } = played
      const seen = await scene.see()
      const outcome = isGone(played, steps.at(-1)) ? gone : judge(played, seen)
      keep({ step, path, status: answer.status, ...outcome })
      if (outcome.result === 'refused' || outcome.result === 'fails' || signal?.aborted) break
    }
  } catch (error) {
    if (signal?.aborted) return
    if (!(error instanceof NoAnswer)) throw error
    const step = planned[steps.length]!
    keep({ step, path: step.path, status: null, result: 'fails', why: error.message, rules: [] })
  } finally {
    await scene.close()
  }
}
