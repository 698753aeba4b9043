// Plays conversations: sends each step as its client does, with its variables filled in, and says what of the answer is
// not as expected.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Conversation, Step } from './conversations.ts'
import { fill, findProblems, readPath, type Variables } from './expectations.ts'
import { type Answer, readRetryAfter, type Sending, send } from './send.ts'

/** Where a conversation is played. */
export interface Endpoint {
  scimUrl: string
  token: string
  /** How requests travel, unless as send.ts sends them. */
  send?: (url: string, sending: Sending) => Promise<Answer>
  /** The longest time that a step waits because it was told to, in milliseconds; a minute unless said. */
  longestWait?: number
  signal?: AbortSignal
}

/** A step that was played: what was sent and answered, and what is not as expected. */
export interface PlayedStep {
  step: Step
  /** Below the SCIM URL, as it was sent. */
  path: string
  sent: unknown
  answer: Answer
  problem: string | undefined
}

/** The variables that a conversation begins with, new ones each time. */
export function makeVariables(conversation: Conversation): Variables {
  const variables: Variables = { $uid: randomUUID().slice(0, 8) }
  for (const [name, value] of Object.entries(conversation.vars)) variables[name] = fill(value, variables)
  return variables
}

/**
 * Plays one step. What it saves is added to the variables; `before` is the answer to the step before it.
 * @throws NoAnswer, UnknownVariable
 */
export async function playStep(
  step: Step,
  variables: Variables,
  { scimUrl, token, send: sendThere = send, longestWait = 60_000, signal }: Endpoint,
  before?: Answer,
): Promise<PlayedStep> {
  const known = { ...variables, token }
  const sent = step.body === undefined ? undefined : fill(step.body, known)
  const path = String(fill(step.path, known))
  if (step.waits) {
    const wait = Math.min((before && readRetryAfter(before)) ?? 0, longestWait)
    await sleep(wait, undefined, signal ? { signal } : {})
  }
  const answer = await sendThere(scimUrl + path, {
    method: step.method,
    headers: fill(step.headers ?? {}, known) as Record<string, string>,
    ...(sent !== undefined && { body: sent }),
  })
  const problem = findProblems(step.expect, answer, known).join('; ') || undefined
  for (const [name, place] of Object.entries(step.save ?? {})) variables[name] = readPath(answer.body, place)
  return { step, path, sent, answer, problem }
}

/** Plays step after step, also after one that failed. */
export async function* playSteps(conversation: Conversation, endpoint: Endpoint): AsyncGenerator<PlayedStep> {
  const variables = makeVariables(conversation)
  let before: Answer | undefined
  for (const step of conversation.steps) {
    const played = await playStep(step, variables, endpoint, before)
    before = played.answer
    yield played
  }
}
