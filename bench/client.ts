// The load: a raw keep-alive HTTP client. It costs so little that one core of it keeps a server on another core busy,
// since it reads only the status and the length of an answer.

import { connect, type Socket } from 'node:net'

/** A request as bytes, and the statuses that its answer may have. */
export interface Shot {
  text: string
  statuses: readonly number[]
}

/** When a run ends: after a number of requests or of seconds, whichever comes first. */
export interface Limit {
  requests: number
  seconds: number
}

/** What a run did. */
export interface Run {
  requests: number
  seconds: number
}

/** How many connections a load keeps busy. */
const parallel = 16

/** Connections to one server. */
export class Client {
  readonly #connections: Connection[]

  private constructor(connections: Connection[]) {
    this.#connections = connections
  }

  static async open(url: string, connections = parallel): Promise<Client> {
    const { hostname, port } = new URL(url)
    return new Client(
      await Promise.all(Array.from({ length: connections }, () => Connection.open(hostname, Number(port)))),
    )
  }

  /** One request; resolves to the body of its answer. */
  send(shot: Shot): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#connections[0]!.send(shot, error => (error ? reject(error) : resolve(this.#connections[0]!.body)))
    })
  }

  /**
   * Keeps every connection busy with one request at a time.
   * @throws when an answer has another status than its request expects: a run of errors measures nothing
   */
  async run(next: () => Shot, { requests, seconds }: Limit): Promise<Run> {
    const startedAt = performance.now()
    const end = startedAt + seconds * 1000
    let sent = 0
    let isRunning = true
    // A client that sleeps has to be woken for every answer, and the server's processor time would pay for that.
    const stayAwake = (): void => void (isRunning && setImmediate(stayAwake))
    stayAwake()
    await Promise.all(
      this.#connections.map(
        connection =>
          new Promise<void>((resolve, reject) => {
            const step = (error?: Error): void => {
              if (error) reject(error)
              else if (sent >= requests || performance.now() >= end) resolve()
              else {
                sent += 1
                connection.send(next(), step)
              }
            }
            step()
          }),
      ),
    )
    isRunning = false
    return { requests: sent, seconds: (performance.now() - startedAt) / 1000 }
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }
}

class Connection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #shot: Shot | undefined
  #done: (error?: Error) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true)
    socket.on('data', chunk => this.#receive(chunk))
    socket.on('error', error => this.#done(error))
    socket.on('close', () => this.#done(new Error('The server closed the connection.')))
  }

  static open(host: string, port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host)
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Connection(socket)))
    })
  }

  /** The body of the last answer. */
  get body(): string {
    return this.#received.subarray(this.#received.indexOf('\r\n\r\n') + 4).toString()
  }

  send(shot: Shot, done: (error?: Error) => void): void {
    if (this.#socket.destroyed) {
      done(new Error('The server has closed the connection.'))
      return
    }
    this.#shot = shot
    this.#done = done
    this.#received = Buffer.alloc(0)
    this.#socket.write(shot.text)
  }

  close(): void {
    this.#done = () => {}
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end).toLowerCase()
    const status = Number(head.slice(9, 12))
    const at = head.indexOf('content-length: ')
    const isWhole =
      at >= 0
        ? this.#received.length >= end + 4 + Number.parseInt(head.slice(at + 16), 10)
        : status === 204 || this.#received.subarray(-5).equals(lastChunk)
    if (!isWhole) return
    const { text, statuses } = this.#shot!
    if (statuses.includes(status)) this.#done()
    else this.#done(new Error(`${status} instead of ${statuses} for\n${text}\n${this.body.slice(0, 500)}`))
  }
}

const lastChunk = Buffer.from('0\r\n\r\n')
