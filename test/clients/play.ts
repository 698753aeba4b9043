// Plays a conversation with requests whose answers are held against openapi.yaml.

import type { Conversation } from '../../src/rehearse/conversations.ts'
import { playSteps } from '../../src/rehearse/play.ts'
import { send, type TestInstance } from '../support.ts'

/** Plays all steps; the result says what the first step that failed got instead, undefined when none did. */
export async function play(conversation: Conversation, instance: TestInstance): Promise<string | undefined> {
  let index = 0
  for await (const { step, answer, problem } of playSteps(conversation, {
    scimUrl: instance.scimUrl,
    token: instance.scimToken,
    send,
    longestWait: 0,
  })) {
    if (problem) return `step ${index} (${step.method} ${step.path}): ${problem}\n${answer.status} ${answer.text}`
    index += 1
  }
  return undefined
}
