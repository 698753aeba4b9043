// The headers that no message takes along to another connection. Used where a request is passed on or sent again.

/** Headers that concern one connection only (RFC 9110 §7.6.1), beside those that `Connection` names. */
export const hopByHop: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** The headers without those of the connection and without some others. */
export function withoutHops(rawHeaders: readonly string[], others: readonly string[] = []): string[] {
  const left = new Set([...hopByHop, ...others])
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.toLowerCase() === 'connection')
      for (const name of rawHeaders[at + 1]!.split(',')) left.add(name.trim().toLowerCase())
  const kept: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (!left.has(rawHeaders[at]!.toLowerCase())) kept.push(rawHeaders[at]!, rawHeaders[at + 1]!)
  return kept
}
