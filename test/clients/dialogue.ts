// Plays a recorded conversation of a provisioning client and checks what it expects.

import { randomUUID } from 'node:crypto'
import { type Answer, send } from '../support.ts'

export interface Dialogue {
  id: string
  client: string
  scenario: string
  vars: Record<string, string>
  behaviours?: Record<string, string>
  steps: Step[]
}

interface Step {
  method: string
  path: string
  headers?: Record<string, string>
  body?: unknown
  expect: {
    status: number | number[]
    headers?: Record<string, unknown>
    bodyContains?: string[]
    jsonPaths?: Record<string, unknown>
  }
  save?: Record<string, string>
}

type Variables = Record<string, unknown>

/** A step that was played: what was sent and answered, and what is not as expected. */
export interface PlayedStep {
  step: Step
  sent: unknown
  answer: Answer
  problem: string | undefined
}

/** Plays all steps; the result says what the first step that failed got instead, undefined when none did. */
export async function play(dialogue: Dialogue, scimUrl: string, token: string): Promise<string | undefined> {
  let index = 0
  for await (const { step, answer, problem } of playSteps(dialogue, scimUrl, token)) {
    if (problem) return `step ${index} (${step.method} ${step.path}): ${problem}\n${answer.status} ${answer.text}`
    index += 1
  }
  return undefined
}

/** Plays step after step, also after one that failed. */
export async function* playSteps(dialogue: Dialogue, scimUrl: string, token: string): AsyncGenerator<PlayedStep> {
  const variables: Variables = { token, $uid: randomUUID().slice(0, 8) }
  for (const [name, value] of Object.entries(dialogue.vars)) variables[name] = fill(value, variables)
  for (const step of dialogue.steps) {
    const sent = step.body === undefined ? undefined : fill(step.body, variables)
    const answer = await send(scimUrl + String(fill(step.path, variables)), {
      method: step.method,
      headers: fill(step.headers ?? {}, variables) as Record<string, string>,
      ...(sent !== undefined && { body: sent }),
    })
    const { expect } = step
    const problems: string[] = []
    if (![expect.status].flat().includes(answer.status))
      problems.push(`status is ${answer.status}, not ${expect.status}`)
    for (const [name, wanted] of Object.entries(expect.headers ?? {}))
      problems.push(...mismatch(answer.headers[name], fill(wanted, variables), name))
    for (const text of expect.bodyContains ?? [])
      if (!answer.text.includes(String(fill(text, variables)))) problems.push(`the body lacks ${text}`)
    for (const [path, wanted] of Object.entries(expect.jsonPaths ?? {}))
      problems.push(...mismatch(readPath(answer.body, path), fill(wanted, variables), path))
    for (const [name, path] of Object.entries(step.save ?? {})) variables[name] = readPath(answer.body, path)
    yield { step, sent, answer, problem: problems.join('; ') || undefined }
  }
}

function fill(value: unknown, variables: Variables): unknown {
  if (Array.isArray(value)) return value.map(each => fill(each, variables))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, variables)]))
  if (typeof value !== 'string') return value
  const whole = /^\{\{([^:}]+)\}\}$/.exec(value)
  if (whole) return lookUp(whole[1]!, variables)
  return value.replace(/\{\{([^}]+)\}\}/g, (_, expression: string) => {
    const functions = expression.split(':')
    let text = String(lookUp(functions.pop()!, variables))
    for (const name of functions.reverse()) {
      if (name === 'enc') text = encodeURIComponent(text)
      else if (name === 'upper') text = text.toUpperCase()
      else throw new Error(`unknown function ${name}`)
    }
    return text
  })
}

function lookUp(name: string, variables: Variables): unknown {
  if (name === '$guid') return randomUUID()
  if (!(name in variables)) throw new Error(`unknown variable ${name}`)
  return variables[name]
}

const readPath = (body: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter(part => part !== '')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], body)

const sizeOf = (value: unknown): number => (value as { length: number }).length

const matchers: Record<string, (value: unknown, wanted: unknown) => boolean> = {
  $type: (value, wanted) => (Array.isArray(value) ? 'array' : typeof value) === wanted,
  $exists: (value, wanted) => (value !== undefined) === wanted,
  $nonEmpty: value => value !== undefined && value !== null && sizeOf(value) !== 0,
  $contains: (value, wanted) => (Array.isArray(value) || typeof value === 'string') && value.includes(wanted as string),
  $length: (value, wanted) => Array.isArray(value) && value.length === wanted,
  $lengthOrAbsent: (value, wanted) => value === undefined || sizeOf(value) === wanted,
  $minLength: (value, wanted) => sizeOf(value) >= (wanted as number),
  $maxLength: (value, wanted) => sizeOf(value) <= (wanted as number),
  $gte: (value, wanted) => (value as number) >= (wanted as number),
  $ne: (value, wanted) => value !== wanted,
  $in: (value, wanted) => (wanted as unknown[]).includes(value),
  $startsWith: (value, wanted) => typeof value === 'string' && value.startsWith(wanted as string),
}

function mismatch(value: unknown, wanted: unknown, name: string): string[] {
  if (typeof wanted !== 'object' || wanted === null)
    return value === wanted ? [] : [`${name} is ${JSON.stringify(value)}, not ${JSON.stringify(wanted)}`]
  return Object.entries(wanted).flatMap(([key, argument]) => {
    const matcher = matchers[key]
    if (!matcher) throw new Error(`unknown matcher ${key}`)
    return matcher(value, argument) ? [] : [`${name} is ${JSON.stringify(value)}, against ${JSON.stringify(wanted)}`]
  })
}
