// Requests that Node's HTTP parser refuses, so that no surface ever sees them: they get the error body of the surface
// they were meant for, as far as that can be told.

import type { Socket } from 'node:net'
import { ApiError, toMessage, toProblem, toScimError } from '../errors.ts'

/** Answers a request that is no HTTP, has too large a head, or did not arrive in time, and closes its connection (D-05). */
export function refuseUnreadable(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = toRefusal(error.code)
  const [, root] = /^\S+ \/+([^/? ]+)/.exec(error.rawPacket?.toString('latin1', 0, 200) ?? '') ?? []
  const [type, body] = toBody(refusal, root?.toLowerCase())
  const text = JSON.stringify(body)
  // The other side may read the answer first, but not keep the connection by never closing its half.
  const linger = setTimeout(() => socket.destroy(), 1000)
  socket.once('close', () => clearTimeout(linger))
  socket.end(
    `HTTP/1.1 ${refusal.status} ${refusal.title}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}

function toRefusal(code: string | undefined): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ApiError('headersTooLarge', 'The URL and headers are larger than 64 KiB.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ApiError('timeout', 'The request did not arrive whole in time.')
  return new ApiError('invalidSyntax', 'The request is not well-formed HTTP, or its method is not known.')
}

function toBody(error: ApiError, root: string | undefined): [type: string, body: object] {
  if (root === 'v3.1') return ['application/json', toMessage(error.status, error.scimType, error.message)]
  if (root === '_emulator') return ['application/problem+json', toProblem(error)]
  return ['application/scim+json', toScimError(error.status, error.scimType, error.message)]
}
