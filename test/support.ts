// What tests share: one server a file, a fresh instance a test, and requests sent exactly as written.

import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, beforeAll, expect } from 'vitest'
import type { StateDocument } from '../src/account/state.ts'
import type { Insightly } from '../src/client/insightly.ts'
import { type StartOptions, start } from '../src/index.ts'
import type { Behaviours, PresetName } from '../src/scim/behaviour.ts'
import { findUndescribed } from './described.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads bodies of every shape
  body: any
}

export interface Sending {
  method?: string
  headers?: Record<string, string>
  body?: unknown
  /** The answer is expected to be none that openapi.yaml describes, as under a fault. */
  undescribed?: boolean
}

/** The credentials of instances with fault rules, whose answers may be none that openapi.yaml describes. */
const faulty = new Set<string | undefined>()

const agent = new Agent({ keepAlive: true })

/**
 * Sends a request byte for byte as given: the path is not normalised, no header is added. A string or Buffer body goes as it is.
 * An answer that openapi.yaml does not describe is an error.
 */
export function send(
  url: string,
  { method = 'GET', headers = {}, body, undescribed = false }: Sending = {},
): Promise<Answer> {
  const [, host, port, path] = /^http:\/\/(.*?):(\d+)(.*)$/.exec(url)!
  const bytes =
    body === undefined
      ? undefined
      : typeof body === 'string' || Buffer.isBuffer(body)
        ? Buffer.from(body)
        : Buffer.from(JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { agent, host, port, path, method, headers: { ...(bytes && { 'content-length': bytes.length }), ...headers } },
      incoming => {
        const chunks: Buffer[] = []
        incoming.on('data', chunk => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          let parsed: unknown
          try {
            parsed = JSON.parse(text)
          } catch {}
          const answer = { status: incoming.statusCode!, headers: incoming.headers, text, body: parsed }
          const odd =
            undescribed || faulty.has(headers.authorization) ? undefined : findUndescribed(method, path!, answer)
          if (odd) reject(new Error(`openapi.yaml: ${odd}\n${method} ${path}: ${answer.status} ${text}`))
          else resolve(answer)
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}

/** Checks that an answer is a SCIM Error in every member (D-05). */
export function expectScimError({ status, headers, body }: Answer, wanted: number, scimType?: string): void {
  expect({ status, body }).toMatchObject({
    status: wanted,
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(wanted) },
  })
  expect(headers['content-type']).toMatch(/^application\/(scim\+)?json; charset=utf-8$/)
  expect(body.detail).toMatch(/\S/)
  if (scimType !== undefined) expect(body.scimType).toBe(scimType)
}

/** Sends bytes over a socket of its own, for what Node's client would not send; the answer ends with the connection. */
export function sendRaw(url: string, ...parts: (string | Buffer)[]): Promise<Answer> {
  const [, host, port] = /^http:\/\/(.*?):(\d+)/.exec(url)!
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host!)
    const received: Buffer[] = []
    socket.on('data', chunk => received.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(toAnswer(Buffer.concat(received).toString())))
    for (const part of parts) socket.write(part)
  })
}

/** A port that nobody listens on at the moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function toAnswer(received: string): Answer {
  const [head = '', ...rest] = received.split('\r\n\r\n')
  const [start = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const text = rest.join('\r\n\r\n')
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {}
  return { status: Number(start.split(' ')[1]), headers, text, body }
}

export interface NewInstance {
  behaviours?: Partial<Behaviours>
  profile?: PresetName
  samlEnabled?: boolean
  scimEnabled?: boolean
  state?: StateDocument
  name?: string
  scimToken?: string
}

const scimJson = { 'content-type': 'application/scim+json' }

/** Requests to one instance. */
export class TestInstance {
  readonly name: string
  readonly scimUrl: string
  readonly scimToken: string
  readonly apiUrl: string
  readonly apiKey: string
  readonly #server: Insightly

  constructor(
    server: Insightly,
    made: { name: string; scimUrl: string; scimToken: string; apiUrl: string; apiKey: string },
  ) {
    this.#server = server
    this.name = made.name
    this.scimUrl = made.scimUrl
    this.scimToken = made.scimToken
    this.apiUrl = made.apiUrl
    this.apiKey = made.apiKey
  }

  /** A SCIM request with the token and, when there is a body, its type. */
  async scim(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await send(`${this.scimUrl}${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${this.scimToken}`, ...(body !== undefined && scimJson), ...headers },
    })
    if (answer.status >= 400 && method !== 'HEAD') expectScimError(answer, answer.status)
    return answer
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.scim('GET', path, undefined, headers)
  }

  /** The user with an id, as GET shows it. */
  async read(id: string): Promise<Answer['body']> {
    const answer = await this.get(`/Users/${id}`)
    expect(answer.status).toBe(200)
    return answer.body
  }

  /** The answer to a filter. */
  find(filter: string, query = ''): Promise<Answer> {
    return this.get(`/Users?filter=${encodeURIComponent(filter)}${query}`)
  }

  /** Creates a user and returns its document. */
  async create(userName = 'ann@example.com', extra: object = {}): Promise<Answer['body']> {
    const answer = await this.scim('POST', '/Users', {
      userName,
      name: { givenName: 'Ann', familyName: 'Lee' },
      ...extra,
    })
    if (answer.status !== 201) throw new Error(answer.text)
    return answer.body
  }

  /** A PATCH of the given operations. */
  patch(id: string, ...operations: unknown[]): Promise<Answer> {
    return this.scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: operations,
    })
  }

  /** A GET on the REST surface with the API key. */
  rest(path: string, { method = 'GET', authorization = `Basic ${btoa(`${this.apiKey}:`)}` } = {}): Promise<Answer> {
    return send(`${this.apiUrl}${path}`, { method, headers: { authorization } })
  }

  /** A control request below this instance. */
  control(method: string, path: string, body?: unknown): Promise<Answer> {
    if (method === 'PUT' && path === '/faults') {
      const basic = [this.apiKey, `${this.apiKey}:`].map(key => `Basic ${btoa(key)}`)
      for (const credentials of [`Bearer ${this.scimToken}`, ...basic]) faulty.add(credentials)
    }
    return this.controlOf(this.name, method, path, body)
  }

  /** A control request below another instance of the same server. */
  controlOf(name: string, method: string, path: string, body?: unknown): Promise<Answer> {
    return control(this.#server, method, `/instances/${name}${path}`, body)
  }
}

/** A control request. */
export const control = (server: Insightly, method: string, path: string, body?: unknown): Promise<Answer> =>
  send(`${server.controlUrl}${path}`, {
    method,
    body,
    headers: {
      authorization: `Bearer ${server.adminKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
  })

/** Makes an instance on a running server. */
export async function makeInstance(server: Insightly, options: NewInstance = {}): Promise<TestInstance> {
  const made = await control(server, 'POST', '/instances', options)
  if (made.status !== 201) throw new Error(made.text)
  return new TestInstance(server, made.body)
}

/** Runs one server for the tests of a file; the result makes instances on it. */
export function useServer(options: StartOptions = {}) {
  let server: Insightly
  beforeAll(async () => {
    server = await start(options)
  })
  afterAll(() => server.close())
  return {
    get server() {
      return server
    },
    make: (instance: NewInstance = {}) => makeInstance(server, instance),
  }
}
