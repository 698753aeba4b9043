// Checks input from people (state documents, control bodies, options) with zod and says what is wrong in words that
// name the place, the value and what would be accepted. SCIM bodies are checked by the table of attributes instead.

import { readFileSync } from 'node:fs'
import type * as z from 'zod/mini'
import { ApiError, quote, toSuggestion } from './errors.ts'

/**
 * The members of a schema for a type: all members of the type, and no other. Public types are written out beside their
 * schemas, since `z.output` loses doc comments.
 */
export type MembersOf<T> = { [K in keyof T]-?: z.ZodMiniType<LooseMember<T, K>> }

/** zod lets a member that may be left out be undefined, too. */
type LooseMember<T, K extends keyof T> = Loose<T[K]> | (object extends Pick<T, K> ? undefined : never)
type Loose<T> = T extends readonly (infer Element)[]
  ? Loose<Element>[]
  : T extends object
    ? { [K in keyof T]: LooseMember<T, K> }
    : T

/**
 * The JSON of a file. Editors on Windows put a byte order mark before it, which is skipped.
 * @throws Error, whose sentence quotes nothing of the file
 */
export function readJsonFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(code === 'ENOENT' ? 'there is no such file.' : `it cannot be read (${code}).`)
  }
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw new Error('it is not valid JSON.')
  }
}

/** One thing wrong with an input. */
export interface InputProblem {
  /** Such as `users[3].EMAIL_ADDRESS`; empty for the whole input. */
  path: string
  message: string
}

/** An invalidInput error that lists every problem with its path. */
export class InputError extends ApiError {
  readonly problems: readonly InputProblem[]

  constructor(problems: readonly InputProblem[]) {
    super('invalidInput', problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join(' '))
    this.problems = problems
  }
}

/** How many problems are reported. A reader needs no more, and finding the nearest known names takes time. */
const mostProblems = 20

/** Checks a value against a schema. @throws InputError */
export function validate<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new InputError(findProblems(schema, value))
}

/**
 * The problems of a value, at most as many as are reported.
 * @param root the place of the value in the input, the start of every path
 */
export function findProblems(schema: z.ZodMiniType, value: unknown, root = ''): InputProblem[] {
  const issues = schema.safeParse(value, { reportInput: true }).error?.issues.slice(0, mostProblems) ?? []
  return issues.flatMap(issue => toProblems(issue, schema, root)).slice(0, mostProblems)
}

function toProblems(issue: z.core.$ZodIssue, schema: z.ZodMiniType, root: string): InputProblem[] {
  const path = toPath(issue.path, root)
  if (issue.code !== 'unrecognized_keys') {
    const isMissing = issue.input === undefined
    // A token is not repeated.
    const isSecret = /token$/i.test(String(issue.path.at(-1)))
    const given = isMissing ? 'is missing' : `is ${isSecret ? 'a value' : quote(issue.input)}`
    return [{ path, message: `${given}; expected ${toExpectation(issue)}.` }]
  }
  const known = membersAt(schema, issue.path)
  return issue.keys.slice(0, mostProblems).map(key => ({
    path: toPath([...issue.path, key], root),
    message: `is not known${toSuggestion(key, known)}.`,
  }))
}

/** A name from the input, shortened for an error text. */
const toName = (part: PropertyKey): string => {
  const name = String(part)
  return name.length > 100 ? `${name.slice(0, 100)}…` : name
}

const toPath = (parts: readonly PropertyKey[], root: string): string =>
  parts.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : path ? `${path}.${toName(part)}` : toName(part)),
    root,
  )

function toExpectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected === 'int' ? 'whole number' : issue.expected)
    case 'invalid_value':
      return issue.values.map(quote).join(' or ')
    case 'too_small':
      return issue.origin === 'string' ? 'a non-empty string' : `at least ${issue.minimum}`
    case 'too_big':
      return `at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap(issues => issues.slice(0, 1).map(toExpectation)))].join(', or ')
    case 'invalid_key':
      return issue.issues.slice(0, 1).map(toExpectation).join()
    default:
      return issue.message
  }
}

const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`

/** The member names that a schema knows at a path. */
function membersAt(schema: z.ZodMiniType, path: readonly PropertyKey[]): string[] {
  let at = schema as unknown as { def: Record<string, unknown>; shape?: Record<string, unknown> }
  const unwrap = () => {
    while (at.def.innerType) at = at.def.innerType as typeof at
  }
  unwrap()
  for (const part of path) {
    const next = typeof part === 'number' ? at.def.element : at.shape?.[String(part)]
    if (!next) return []
    at = next as typeof at
    unwrap()
  }
  return Object.keys(at.shape ?? {})
}
