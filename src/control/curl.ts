// An exchange as a line for a POSIX shell that sends it again.

import type { Entry } from './types.ts'

/** Headers that belong to one connection (RFC 9110 §7.6.1), and those that curl makes itself. */
const ownHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'accept-encoding',
  'expect',
])

/** Between single quotes a shell reads everything as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** The curl command of an entry; where it says `***`, something was masked. */
export function toCurl({ method, url, headers, rawBody }: Omit<Entry, 'curl'>): string {
  const parts = ['curl', ...(method === 'GET' ? [] : method === 'HEAD' ? ['--head'] : ['-X', method])]
  // Else curl takes brackets and braces for a list of URLs.
  if (/[[\]{}]/.test(url)) parts.push('--globoff')
  parts.push(quoted(url))
  const named = new Set((headers.connection ?? '').split(',').map(name => name.trim().toLowerCase()))
  for (const [name, value] of Object.entries(headers))
    if (!ownHeaders.has(name) && !named.has(name))
      parts.push('-H', quoted(value === '' ? `${name};` : `${name}: ${value}`))
  if (rawBody !== null) {
    // Else curl says that a body is a form.
    if (headers['content-type'] === undefined) parts.push('-H', quoted('content-type:'))
    parts.push('--data-raw', quoted(rawBody))
  }
  return parts.join(' ')
}
