// What the server tells those who run it, on stderr. Pino is loaded with the first line: most runs never say one.

import { createRequire } from 'node:module'
import type { Logger, pino } from 'pino'

/** The part of a logger that this server needs. */
export type Log = Pick<Logger, 'warn' | 'error'>

/**
 * A log of pino's level; readable on a terminal, JSON lines elsewhere.
 * @param hide takes what must not be read out of a line of JSON
 */
export function toLog(level: string, hide: (line: string) => string): Log {
  let logger: Logger | undefined
  const load = (): Logger => {
    logger ??= (createRequire(import.meta.url)('pino') as typeof pino)(
      { level, hooks: { streamWrite: hide } },
      toStream(level),
    )
    return logger
  }
  return {
    warn: (...line: [string]) => load().warn(...line),
    error: (...line: [object, string]) => load().error(...line),
  } as Log
}

function toStream(level: string) {
  const { destination, transport } = createRequire(import.meta.url)('pino') as typeof pino
  if (level === 'silent' || !process.stderr.isTTY) return destination({ dest: 2, sync: true })
  return transport({ target: 'pino-pretty', options: { destination: 2 } })
}
