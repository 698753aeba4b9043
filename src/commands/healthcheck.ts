// Asks the server of the same settings whether it is ready. Whether it serves TLS is found out by asking.

import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig, settings } from '../config.ts'
import { StartError } from '../errors.ts'
import { toAuthority, toOwnHost } from '../http/request.ts'
import { type FlagRow, parseFlags, readDuration } from './flags.ts'

/** Where the server of the same settings listens, and so where it is asked. */
const meanings: Readonly<Record<string, string>> = { port: 'the port of the server', host: 'the address of the server' }
const heeded = settings.flatMap(row => (meanings[row.key] ? [{ ...row, meaning: meanings[row.key]! }] : []))

/** The flags in the order of help. */
export const healthcheckFlags: readonly FlagRow[] = [
  ...heeded,
  {
    flag: 'wait',
    argument: 'time',
    default: '0s',
    meaning: 'how long to wait for it to become ready: 500ms, 2s, 5m or as in ISO 8601',
  },
]

/** How long one answer may take, and how long to wait before asking again, in milliseconds. */
const [patience, pause] = [3000, 100]

/**
 * Runs the command.
 * @throws UsageError; StartError when the server is not ready in time
 */
export async function runHealthcheck(args: string[]): Promise<void> {
  // The flags of the server may all be given again.
  const others = settings.filter(({ key }) => !meanings[key])
  const { values } = parseFlags(args, [...healthcheckFlags, ...others])
  const { port, host } = readConfig(values, process.env, heeded)
  const end = performance.now() + readDuration('wait', (values.wait as string | undefined) ?? '0s')
  const address = toOwnHost(host)
  while (!(await isReady(address, port))) {
    if (performance.now() >= end)
      throw new StartError(
        `No ready server at ${toAuthority(address, port)}; check --host and --port, or give it more time by --wait.`,
      )
    await sleep(pause)
  }
}

async function isReady(host: string, port: number): Promise<boolean> {
  const plain = await ask('http', host, port)
  // A server that speaks TLS ends a connection without it.
  return plain === 'hung up' ? (await ask('https', host, port)) === 200 : plain === 200
}

async function ask(scheme: 'http' | 'https', host: string, port: number): Promise<number | 'hung up' | undefined> {
  const { request } = await import(scheme === 'http' ? 'node:http' : 'node:https')
  return new Promise(resolve => {
    const probe = request(
      // The certificate is the server's own; only its answer matters here.
      { host, port, path: '/readyz', timeout: patience, rejectUnauthorized: false },
      (response: { statusCode: number; resume(): void }) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    let isLate = false
    probe.on('timeout', () => {
      isLate = true
      probe.destroy()
    })
    probe.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(isLate || code === 'ECONNREFUSED' ? undefined : 'hung up'),
    )
    probe.end()
  })
}
