// Which requests are alike: those that ask for the same things, whatever values they give. What twenty of a kind have shown,
// the twenty-first will not show better.

import { type Answered, scimTypeOf } from './answers.ts'
import type { PlainRequest } from './ids.ts'

/** How long a kind may be, in characters; a longer one is not kept. */
const longest = 2000

/** The kind of a request and its answer; undefined for those without a body, of which there are few ways to answer. */
export function toKind({ method, path, body }: PlainRequest, { status, answer }: Answered): string | undefined {
  if (body === undefined) return undefined
  try {
    const place = path.replace(/^(\/+Users\/+)[^/?]+/i, '$1')
    const kind = [method, place, status, scimTypeOf(answer), toForm(JSON.parse(body.toString()))].join(' ')
    return kind.length <= longest ? kind : undefined
  } catch {
    return undefined
  }
}

/** The form of a value: its members, and only those details at which switches look. */
function toForm(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toForm).join()}]`
  if (typeof value === 'string') return value === '' ? '' : value.includes('@') ? 'an address' : 'a text'
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([name, each]) => {
    // What a PATCH does, and to what.
    const isVerbatim = (name === 'op' || name === 'path') && typeof each === 'string'
    return `${name}:${isVerbatim ? each : toForm(each)}`
  })
  return `{${members.sort().join()}}`
}
