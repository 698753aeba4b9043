// The server as a child process for the harnesses of this folder, and requests to it. Knows nothing of what is checked.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The command. */
export const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

/** What the server says once it is ready. */
export interface Ready {
  pid: number
  scimUrl: string
  scimToken: string
  controlUrl: string
  adminKey: string
  apiUrl: string
  apiKey: string
  url: string
}

/** A server that was started; `ready` is undefined when it ended instead. */
export interface ServerProcess {
  child: ChildProcess
  ready: Ready | undefined
  stderr(): string
  /** What it said of itself: its lines on requests are left out, since a harness makes it refuse many. */
  complaints(): string
  /** Ends it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts the server without waiting for it. */
export function launch(args: readonly string[]): { child: ChildProcess; stderr(): string } {
  const child = spawn(
    process.execPath,
    [cli, 'serve', '--port', '0', '--exit-with-stdin', '--format', 'json', ...args],
    {
      stdio: 'pipe',
      // Hundreds of starts: compiled modules are kept between them. A killed process keeps none; see warmUp.
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(tmpdir(), 'insightly-scim-compiled') },
    },
  )
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return { child, stderr: () => stderr }
}

/** Starts the server and waits until it is ready or has ended. */
export async function startProcess(args: readonly string[]): Promise<ServerProcess> {
  const { child, stderr } = launch(args)
  const lines = createInterface({ input: child.stdout! })
  const ready = await new Promise<Ready | undefined>(resolve => {
    lines.once('line', line => resolve(JSON.parse(line)))
    child.once('close', () => resolve(undefined))
  })
  return {
    child,
    ready,
    stderr,
    complaints: () =>
      stderr()
        .split('\n')
        .filter(line => !line.includes('"msg":"request"'))
        .join('\n'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** Starts and stops the server once, so that later starts find it compiled. */
export async function warmUp(): Promise<void> {
  const { child } = await startProcess(['--log-level', 'silent'])
  child.kill('SIGTERM')
  await once(child, 'exit')
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a harness reads bodies of every shape
  body: any
}

/** Sends one JSON request; rejects when the connection breaks before the answer is whole. */
export function ask(
  agent: Agent,
  method: string,
  url: string,
  secret: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method,
        headers: {
          authorization: `Bearer ${secret}`,
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      incoming => {
        const chunks: Buffer[] = []
        incoming.on('data', chunk => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('aborted', () => reject(new Error('aborted')))
        incoming.on('end', () => {
          const answer = Buffer.concat(chunks).toString()
          try {
            resolve({ status: incoming.statusCode!, body: answer === '' ? undefined : JSON.parse(answer) })
          } catch {
            resolve({ status: incoming.statusCode!, body: answer })
          }
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}
