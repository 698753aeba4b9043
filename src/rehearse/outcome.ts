// What a played step comes to, in the words of a person who wants to know whether the client will work there.

import type { Note, RuleId } from '../scim/rules.ts'
import type { PlayedStep } from './play.ts'

/** Ignored: accepted, and nothing came of it. Fails: answered otherwise than the client expects, but not refused. */
type Result = 'works' | 'ignored' | 'refused' | 'fails'

/** What the journal of a stand-in says about a request. */
export interface Seen {
  notes: readonly Note[]
  changes: readonly unknown[]
}

/** How a step went, and why. */
export interface Outcome {
  result: Result
  /** Undefined where there is nothing to say. */
  why: string | undefined
  /** The rules by which it was refused or ignored, as far as they are known. */
  rules: RuleId[]
}

/** Judges a played step. What the journal says about it is known only when a stand-in answered. */
export function judge({ step, answer, problem }: PlayedStep, seen?: Seen): Outcome {
  const notes = (seen?.notes ?? []).filter(({ rule }) => rule !== null)
  const rules = [...new Set(notes.map(({ rule }) => rule!))]
  const said = notes.map(({ text }) => text).join('; ') || undefined
  if (problem === undefined) {
    const isChange = step.method === 'PATCH' || step.method === 'PUT'
    const isIgnored = isChange && answer.status < 300 && notes.length > 0 && seen?.changes.length === 0
    return { result: isIgnored ? 'ignored' : 'works', why: said, rules }
  }
  if (answer.status >= 400) return { result: 'refused', why: said ?? toRefusal(answer.body), rules }
  const isPage = /^text\/html/i.test(answer.headers['content-type'] ?? '')
  return { result: 'fails', why: isPage ? 'the answer is an HTML page' : problem, rules }
}

/** The words of an endpoint that refuses, as far as it has any. */
function toRefusal(body: unknown): string {
  const { scimType, detail } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const words = [scimType, detail].filter(each => typeof each === 'string' && each !== '').join(': ')
  // In one line, so that it cannot be taken for lines of ours.
  const line = words.slice(0, 301).replace(/[\s\p{Cc}]+/gu, ' ')
  return line.length > 300 ? `${line.slice(0, 300)}…` : line || 'without a reason'
}
