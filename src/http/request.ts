// What every surface reads from the head of a request: the URL that the client used, the path, the query, the token.

import type { IncomingMessage } from 'node:http'
import type { Instance } from '../account/instance.ts'
import type { Config } from '../config.ts'
import { ApiError } from '../errors.ts'

/** Marks a request that the control API sends again: which exchange it repeats, and a random part. */
export const replayHeader = 'x-insightly-scim-replay'

const isHost = (value: string): boolean =>
  /^(?:[a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i.test(value) && URL.canParse(`http://${value}`)

const isScheme = (value: string): boolean => /^https?$/i.test(value)
const isPath = (value: string): boolean => /^(?:\/[\w.~-]+)+\/?$/.test(value)

/** The first of a forwarded header's values, if it is of the right form. */
function firstForwarded(
  request: IncomingMessage,
  name: string,
  isForm: (value: string) => boolean,
): string | undefined {
  const header = request.headers[`x-forwarded-${name}`]
  const value = (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim()
  return value !== undefined && isForm(value) ? value : undefined
}

/** The start of the URL that the client used: scheme, host and, behind a trusted proxy, prefix (D-07). */
export function toOrigin(request: IncomingMessage, { tlsCert, trustProxy }: Config): string {
  const scheme = tlsCert === undefined ? 'http' : 'https'
  const sent = request.headers.host
  const host = sent !== undefined && isHost(sent) ? sent : toBoundHost(request)
  if (!trustProxy) return `${scheme}://${host}`
  const forwardedScheme = firstForwarded(request, 'proto', isScheme)?.toLowerCase() ?? scheme
  const prefix = firstForwarded(request, 'prefix', isPath)?.replace(/\/$/, '') ?? ''
  return `${forwardedScheme}://${firstForwarded(request, 'host', isHost) ?? host}${prefix}`
}

/** The start of the URLs that clients of an instance are told: the one that was set, or the one that this client used (D-07). */
export const toToldOrigin = ({ settings }: Instance, request: IncomingMessage, config: Config): string =>
  settings.publicUrl ?? config.publicUrl ?? toOrigin(request, config)

function toBoundHost(request: IncomingMessage): string {
  const { localAddress = '127.0.0.1', localPort = 80 } = request.socket
  const address = localAddress.replace(/^::ffff:/, '')
  return toAuthority(address, localPort)
}

/** A host and a port as URLs have them: an IPv6 address in brackets. */
export const toAuthority = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** The address at which a server is reached from its own machine: those that stand for all addresses cannot be called. */
export const toOwnHost = (address: string): string =>
  address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address

/** Headers by their names in lower case; what came twice is joined as RFC 9110 §5.3 says. */
export function toHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase()
    const value = rawHeaders[at + 1]!
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return headers
}

/** The path of a request without its query. */
export function pathOf({ url }: { url: string }): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** The token of a header `Authorization: Bearer`; undefined when it has another form. */
export const findBearerToken = (authorization: string): string | undefined =>
  /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1]

/** The first value of a query parameter (U-02). */
export function queryValue(query: unknown, name: string): string | undefined {
  const value = (query as Record<string, string | string[] | undefined>)[name]
  return Array.isArray(value) ? value[0] : value
}

/**
 * How often a request has a header. Node shows one of several, and a proxy may have read another (RFC 9110 §5.3).
 * @param name in lower case
 */
export function countHeader({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const each = rawHeaders[at]!
    if (each.length === name.length && each.toLowerCase() === name) count += 1
  }
  return count
}

/** Refuses a request with more than one Host (D-07; RFC 9112 §3.2). @throws invalidSyntax */
export function refuseSeveralHosts(request: IncomingMessage): void {
  const hosts = countHeader(request, 'host')
  if (hosts > 1) throw new ApiError('invalidSyntax', `The request has ${hosts} Host headers; send one.`, 'D-07')
}
