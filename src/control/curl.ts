// An exchange as a curl command for a POSIX shell, which sends it again.

import { replayHeader } from '../http/request.ts'
import { hopByHop } from '../shadow/hop-by-hop.ts'
import type { Entry } from './types.ts'

/** Headers that belong to one connection (RFC 9110 §7.6.1), and those that curl makes itself. */
export const ownHeaders: ReadonlySet<string> = new Set([
  ...hopByHop,
  'host',
  'content-length',
  'accept-encoding',
  'expect',
  replayHeader,
])

/** Between single quotes a shell reads everything as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** The words for the credentials. A shell variable holds them, so the command can be run where that is set. */
function toCredentials(url: string, authorization: string): string[] {
  if (/^bearer \*\*\*$/i.test(authorization)) return ['-H', '"authorization: Bearer $INSIGHTLY_SCIM_TOKEN"']
  if (/^basic \*\*\*$/i.test(authorization) && /^https?:\/\/[^/]*\/+v3\.1/i.test(url))
    return ['-u', '"$INSIGHTLY_API_KEY:"']
  return ['-H', quoted(`authorization: ${authorization}`)]
}

/** The curl command of an entry. `***` in it stands for something that was masked. */
export function toCurl({ method, url, headers, rawBody }: Omit<Entry, 'curl'>): string {
  const parts = ['curl', ...(method === 'GET' ? [] : method === 'HEAD' ? ['--head'] : ['-X', method])]
  // Otherwise curl takes brackets and braces for a list of URLs.
  if (/[[\]{}]/.test(url)) parts.push('--globoff')
  parts.push(quoted(url))
  const named = new Set((headers.connection ?? '').split(',').map(name => name.trim().toLowerCase()))
  for (const [name, value] of Object.entries(headers))
    if (name === 'authorization') parts.push(...toCredentials(url, value))
    else if (!ownHeaders.has(name) && !named.has(name))
      parts.push('-H', quoted(value === '' ? `${name};` : `${name}: ${value}`))
  if (rawBody !== null) {
    // Otherwise curl declares the body to be a form.
    if (headers['content-type'] === undefined) parts.push('-H', quoted('content-type:'))
    parts.push('--data-raw', quoted(rawBody))
  }
  return parts.join(' ')
}
