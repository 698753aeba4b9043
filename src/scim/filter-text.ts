// The border to scim2-parse-filter, whose parser leaves escapes undecoded, takes exponential time on an unterminated
// string, overflows its stack on deep texts and reads `not` without parentheses. So quoted values are taken out before it
// sees the text, and such texts are refused.

import { type Filter, parse } from 'scim2-parse-filter'
import { ApiError, type ErrorCode, quote } from '../errors.ts'

const longest = 4000
const deepest = 30

/** The words that announce a password in a name, as a part of a regular expression. */
export const passwordWords = 'pass(?:w(?:or)?d|phrase)|pwd'
const passwordWord = new RegExp(passwordWords, 'i')

/** Quotes a filter or a path for an error text, up to the name of a password: its value may follow (D-08). */
export function quoteFilter(text: string): string {
  const named = passwordWord.exec(text)
  const end = named ? named.index + named[0].length : text.length
  return quote(end < text.length ? `${text.slice(0, end)}…` : text)
}

/**
 * Parses a filter (RFC 7644 §3.4.2.2) and decodes the JSON escapes of its values.
 * @throws `code` for a text that is not a filter, too long or nested too deeply
 */
export function parseFilterText(text: string, code: ErrorCode): Filter {
  const refuse = (why: string): never => {
    throw new ApiError(code, `The filter ${quoteFilter(text)} ${why}.`, code === 'invalidFilter' ? 'U-04' : 'U-17')
  }
  if (text.length > longest) refuse(`is longer than ${longest} characters`)
  const values: string[] = []
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, literal => {
    try {
      return `"${values.push(JSON.parse(literal)) - 1}"`
    } catch {
      return refuse(`holds ${passwordWord.test(text) ? 'a value' : quote(literal)}, which is not a JSON string`)
    }
  })
  if (bare.split('"').length - 1 !== values.length * 2) refuse('has an unterminated string')
  if (/(?<![\w.:-])not(?![\w.:-]|\s*\()/i.test(bare)) refuse('has a "not" without parentheses')
  let depth = 0
  for (const [bracket] of bare.matchAll(/[([\])]/g)) {
    depth += bracket === ')' || bracket === ']' ? -1 : 1
    if (depth > deepest) refuse(`is nested deeper than ${deepest}`)
  }
  try {
    return withValues(parse(bare), values)
  } catch {
    return refuse('is not a valid SCIM filter')
  }
}

function withValues(filter: Filter, values: readonly string[]): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { ...filter, filters: filter.filters.map(each => withValues(each, values)) }
    case 'not':
      return { ...filter, filter: withValues(filter.filter, values) }
    case '[]':
      return { ...filter, valFilter: withValues(filter.valFilter, values) }
    case 'pr':
      return filter
    default:
      return typeof filter.compValue === 'string' ? { ...filter, compValue: values[Number(filter.compValue)]! } : filter
  }
}
