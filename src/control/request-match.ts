// Which exchanges a match means, and why it does not mean others.

import type { Exchange } from '../account/exchange.ts'
import type { Mask } from '../account/secrets/mask.ts'
import { quote } from '../errors.ts'
import { pathOf } from '../http/request.ts'
import { toCanonicalStart, toCanonicalUrl } from '../paths.ts'
import { foldCase } from '../scim/text.ts'
import { toUserNames } from './entries.ts'
import type { RequestMatch } from './types.ts'

/** Whether an exchange is meant. */
export const isMatch = (match: RequestMatch, exchange: Exchange): boolean =>
  findMismatches(match, exchange).next().done === true

/**
 * Why an exchange is not meant, one reason after the other; none when it is meant. A mask, if given, hides secrets in
 * what is quoted.
 */
export function* findMismatches(match: RequestMatch, exchange: Exchange, mask?: Mask): Generator<string, void> {
  const differ = (what: string, is: unknown, wanted: unknown) => `${what} is ${quote(is)}, not ${quote(wanted)}`
  if (match.method !== undefined && match.method.toUpperCase() !== exchange.method)
    yield differ('method', exchange.method, match.method.toUpperCase())
  if (match.path !== undefined && !toCanonicalUrl(pathOf(exchange)).startsWith(toCanonicalStart(match.path)))
    yield `path is ${quote(pathOf(mask ? { url: mask.url(exchange.url) } : exchange))}, which does not start with ${quote(match.path)}`
  if (match.status !== undefined && match.status !== exchange.status)
    yield differ('status', exchange.status, match.status)
  if (match.operation !== undefined && match.operation !== exchange.operation)
    yield differ('operation', exchange.operation, match.operation)
  if (match.userName === undefined) return
  const wanted = foldCase(match.userName)
  const names = toUserNames(exchange)
  if (!names.some(name => foldCase(name) === wanted))
    yield differ('userName', (mask ? mask.hide(names[0]) : names[0]) ?? null, match.userName)
}
