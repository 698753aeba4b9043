// What tests of shadow share: a real endpoint, which is another server of ours or a few lines of Node, and a server before it.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Insightly } from '../../src/client/insightly.ts'
import type { Entry } from '../../src/control/types.ts'
import { type StartOptions, start } from '../../src/index.ts'

/** The token of the real endpoint, where a test does not choose another. */
export const realToken = 'the-token-of-the-real-endpoint'

/** A server before an endpoint. */
export const startShadow = (upstream: string, options: StartOptions = {}): Promise<Insightly> =>
  start({ upstream, upstreamToken: realToken, ...options })

/** An endpoint of a few lines. */
export async function listen(
  answer: RequestListener,
): Promise<{ url: string; server: Server; [Symbol.asyncDispose](): Promise<void> }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer byte for byte, as it came over the wire. */
export interface RawAnswer {
  status: string
  /** The lines, in their order. */
  headers: string[]
  body: Buffer
  isReset: boolean
}

const hops = /^(connection|keep-alive|transfer-encoding):/i

/** A date of today: two requests may be answered in different seconds. */
const today = /^(date: ).* 2[0-9]{3} [0-9:]{8} GMT$/i

/** Sends a request over a connection of its own and reads the answer to its end. */
export async function sendBytes(
  url: string,
  { method = 'GET', path, token, headers = {}, body }: Sending,
): Promise<RawAnswer> {
  const { host, hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  const received: Buffer[] = []
  let isReset = false
  socket.on('data', chunk => received.push(chunk))
  socket.on('error', () => {
    isReset = true
  })
  const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const lines = Object.entries({
    host,
    authorization: `Bearer ${token}`,
    ...(bytes && { 'content-type': 'application/scim+json', 'content-length': String(bytes.length) }),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${method} ${pathname}${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  if (bytes) socket.write(bytes)
  await once(socket, 'close').catch(() => undefined)
  return { ...parse(Buffer.concat(received)), isReset }
}

export interface Sending {
  method?: string
  path: string
  token: string
  headers?: Record<string, string>
  body?: unknown
}

function parse(received: Buffer): Omit<RawAnswer, 'isReset'> {
  const end = received.indexOf('\r\n\r\n')
  const [status = '', ...headers] = received.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const body = received.subarray(end < 0 ? received.length : end + 4)
  const isChunked = headers.some(line => /^transfer-encoding: *chunked/i.test(line))
  return {
    status,
    headers: headers.filter(line => !hops.test(line)).map(line => line.replace(today, '$1now')),
    body: isChunked ? unchunk(body) : body,
  }
}

function unchunk(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.toString('latin1', at, end), 16)
    if (!(length > 0)) break
    parts.push(body.subarray(end + 2, end + 2 + length))
    at = end + 2 + length + 2
  }
  return Buffer.concat(parts)
}

/** The newest entry of the journal. */
export async function lastEntry(server: Insightly): Promise<Entry> {
  return (await server.requests()).at(-1)!
}

/** All of a request's body. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
