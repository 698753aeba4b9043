// What conversations leave open and what they expect: variables are filled in, and an answer is held against an
// expectation. Pure but for the GUIDs that it makes.

import { randomUUID } from 'node:crypto'
import type { Expectation } from './conversations.ts'
import type { Answer } from './send.ts'

/** A variable has no value. */
export class UnknownVariable extends Error {}

/** The values of variables by their names. */
export type Variables = Record<string, unknown>

/**
 * Puts values in place of `{{name}}`, of `{{enc:name}}` (percent-encoded), `{{upper:name}}` and `{{$guid}}`. A text that is
 * nothing but one variable becomes its value, whatever type that has.
 * @throws UnknownVariable
 */
export function fill(value: unknown, variables: Variables): unknown {
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
  if (!Object.hasOwn(variables, name)) throw new UnknownVariable(`the variable ${name} has no value`)
  return variables[name]
}

/** The value at a path such as `Resources[0].id`; undefined where there is none. */
export const readPath = (body: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter(part => part !== '')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | null | undefined)?.[part], body)

/** What of an answer is not as expected; nothing when all is. */
export function findProblems(expect: Expectation, answer: Answer, variables: Variables): string[] {
  const problems: string[] = []
  if (![expect.status].flat().includes(answer.status))
    problems.push(`status is ${answer.status}, not ${[expect.status].flat().join(' or ')}`)
  for (const [name, wanted] of Object.entries(expect.headers ?? {}))
    problems.push(...mismatch(answer.headers[name], fill(wanted, variables), name))
  for (const text of expect.bodyContains ?? [])
    if (!answer.text.includes(String(fill(text, variables)))) problems.push(`the body lacks ${text}`)
  for (const [path, wanted] of Object.entries(expect.jsonPaths ?? {}))
    problems.push(...mismatch(readPath(answer.body, path), fill(wanted, variables), path))
  return problems
}

const sizeOf = (value: unknown): number => (value as { length?: number } | null | undefined)?.length ?? Number.NaN

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
    return value === wanted ? [] : [`${name} is ${toShown(value)}, not ${toShown(wanted)}`]
  return Object.entries(wanted).flatMap(([key, argument]) => {
    const matcher = matchers[key]
    if (!matcher) throw new Error(`unknown matcher ${key}`)
    return matcher(value, argument) ? [] : [`${name} is ${toShown(value)}, against ${toShown(wanted)}`]
  })
}

function toShown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
