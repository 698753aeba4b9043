// Sends a request exactly as a client sends it: the path byte for byte, no header that is not listed. Nothing that comes
// back takes more memory or time than it may.

import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'

/** What an endpoint answered. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: bodies have every shape
  body: any
}

/** A request below a SCIM URL. */
export interface Sending {
  method: string
  headers: Record<string, string>
  body?: unknown
}

/** How a request travels. */
interface Way {
  /** How long an answer may take, in milliseconds. */
  timeout?: number
  /** Ends it. */
  signal?: AbortSignal | undefined
  /** Whether a certificate is taken that nobody vouches for: that of this server itself. */
  trust?: boolean
}

/** There was no answer; the message says why. */
export class NoAnswer extends Error {
  /** Whether it only took too long. */
  readonly isLate: boolean

  constructor(message: string, isLate: boolean) {
    super(message)
    this.isLate = isLate
  }
}

/** The largest answer that is read, in bytes. */
const largest = 8 * 1024 * 1024

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: bytes => gunzipSync(bytes, { maxOutputLength: largest }),
  deflate: bytes => inflateSync(bytes, { maxOutputLength: largest }),
  br: bytes => brotliDecompressSync(bytes, { maxOutputLength: largest }),
}

/**
 * Sends a request and waits for its answer. A redirection is an answer: the token goes to nobody else.
 * @throws NoAnswer when there is none in time, or it is too large
 */
export async function send(
  url: string,
  { method, headers, body }: Sending,
  { timeout = 30_000, signal, trust = false }: Way = {},
): Promise<Answer> {
  const [, scheme, host = '', port, path] = /^(https?):\/\/(.*?)(?::(\d+))?(\/.*)$/s.exec(url)!
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  // Node reads all of TLS for node:https, which most starts do without.
  const ask = scheme === 'https' ? (await import('node:https')).request : request
  const options: RequestOptions & { rejectUnauthorized?: boolean } = {
    host: host.replace(/^\[|\]$/g, ''),
    ...(port !== undefined && { port }),
    path: path!,
    method,
    headers: { ...(bytes && { 'content-length': bytes.length }), ...headers },
    signal: AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]),
    ...(trust && { rejectUnauthorized: false }),
  }
  return await new Promise<Answer>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const isLate = error.name === 'AbortError' || error.name === 'TimeoutError'
      const why = isLate ? `no answer within ${timeout / 1000} s` : `no answer (${error.code ?? error.message})`
      reject(new NoAnswer(why, isLate))
    }
    const outgoing = ask(options, incoming => {
      const chunks: Buffer[] = []
      let size = 0
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length
        chunks.push(chunk)
        if (size > largest) outgoing.destroy(new Error(`it is longer than ${largest / 1024 / 1024} MiB`))
      })
      incoming.on('error', fail)
      incoming.on('end', () => {
        try {
          resolve(toAnswer(incoming.statusCode!, incoming.headers, Buffer.concat(chunks)))
        } catch (error) {
          fail(error as Error)
        }
      })
    })
    outgoing.on('error', fail)
    outgoing.end(bytes)
  }).catch((error: NodeJS.ErrnoException) => {
    // Node throws at once for a path or a header that no request can have.
    throw error instanceof NoAnswer ? error : new NoAnswer(`it cannot be sent (${error.code ?? error.message})`, false)
  })
}

/** How long an answer asks to wait, in milliseconds (RFC 9110 §10.2.3: seconds or a date); undefined when it does not say. */
export function readRetryAfter({ headers }: Answer): number | undefined {
  const asked = headers['retry-after']?.trim()
  if (!asked) return undefined
  if (Number(asked) >= 0) return Number(asked) * 1000
  const date = Date.parse(asked)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

function toAnswer(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Answer {
  const decode = decoders[headers['content-encoding'] ?? '']
  const text = (decode && bytes.length > 0 ? decode(bytes) : bytes).toString()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {}
  return { status, headers, text, body }
}
