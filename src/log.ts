// What the server tells those who run it, on stderr: readable on a terminal, JSON lines elsewhere. Pino is loaded with
// the first line that is written, which most runs never say. What is told of a request is decided in http/.

import type { Logger } from 'pino'
import { type LogLevel, logLevels } from './config.ts'
import { loadPino, loadPrettyFactory } from './own-files/folder.ts'

/** What is told of a request and its answer. */
export interface RequestLine {
  /** By the clock of the machine, in milliseconds since 1970. */
  time: number
  method: string
  path: string
  /** Null when no answer was sent. */
  status: number | null
  durationMs: number
  operation: string
  userName: string | undefined
  /** The rule that refused it. */
  rule: string | undefined
  /** The fault that hit it. */
  fault: string | undefined
  /** Undefined for the instance that was made at start. */
  instance: string | undefined
  /** What was received and what was answered, where the log shows bodies. */
  body?: string | undefined
  answer?: string | undefined
}

/** The log of a server. */
export interface Log {
  error(about: object, line: string): void
  warn(line: string): void
  info(line: string): void
  /** Whether the log tells of a request with this status: what was refused or failed is a warning, all else `info`. */
  heeds(status: number | null): boolean
  /** Whether lines on requests show bodies. */
  readonly showsBodies: boolean
  /** Tells a request, a moment later, so that nobody waits for it. */
  request(line: RequestLine): void
}

/** Where lines go; process.stderr is one. */
export interface LogStream {
  readonly isTTY?: boolean
  /** How much of what was written its reader has not taken yet. */
  readonly writableLength?: number
  write(text: string): unknown
  on?(event: 'error', listener: () => void): unknown
}

/** How long lines on requests wait for others, in milliseconds: one write for many takes less than one for each. */
const gathering = 50
/** How much waits for others at most, in characters: longer texts outlive the first collection of garbage. */
const mostGathered = 16_384
/** How much may wait for a reader that does not read, in characters; lines that come then are counted, not kept. */
const mostUnread = 1024 * 1024

/**
 * A log of a level.
 * @param hide hides secrets in a line; the lines on requests have none
 */
export const toLog = (
  level: LogLevel,
  stream: LogStream = process.stderr,
  hide: (text: string) => string = text => text,
): Log => new PinoLog(level, stream, hide)

/** Writes what logs still hold when the process ends. */
const unwritten = new Set<PinoLog>()
let isWatched = false

class PinoLog implements Log {
  readonly #level: LogLevel
  readonly #stream: LogStream
  readonly #hide: (text: string) => string
  readonly #isTold: Readonly<Record<'warn' | 'info', boolean>>
  readonly showsBodies: boolean
  #logger: Logger | undefined
  #waiting: RequestLine[] = []
  #text = ''
  #dropped = 0

  constructor(level: LogLevel, stream: LogStream, hide: (text: string) => string) {
    this.#level = level
    this.#stream = stream
    this.#hide = hide
    const isTold = (wanted: 'warn' | 'info' | 'debug') =>
      level !== 'silent' && logLevels.indexOf(wanted) <= logLevels.indexOf(level)
    this.#isTold = { warn: isTold('warn'), info: isTold('info') }
    this.showsBodies = isTold('debug')
  }

  error(about: object, line: string): void {
    this.#say('error', about, line)
  }

  warn(line: string): void {
    this.#say('warn', {}, line)
  }

  info(line: string): void {
    this.#say('info', {}, line)
  }

  heeds(status: number | null): boolean {
    return this.#isTold[levelOf(status)]
  }

  request(line: RequestLine): void {
    if (!this.heeds(line.status)) return
    if (this.#waiting.length === 0 && this.#text === '') this.#writeSoon()
    if (!this.#logger) this.#waiting.push(line)
    else this.#tell(this.#logger, line)
    if (this.#text.length > mostGathered) this.#write()
  }

  #tell(logger: Logger, line: RequestLine): void {
    const level = levelOf(line.status)
    if (this.#stream.isTTY) logger[level]({ time: line.time, ...toReadable(line) }, toSentence(line))
    else logger[level](line, 'request')
  }

  /** Writes everything that waits. */
  flush(): void {
    unwritten.delete(this)
    for (const line of this.#waiting.splice(0)) this.#tell(this.#load(), line)
    this.#write()
  }

  #writeSoon(): void {
    unwritten.add(this)
    setTimeout(() => this.flush(), gathering).unref()
    if (isWatched) return
    isWatched = true
    process.on('exit', () => {
      for (const log of unwritten) log.flush()
    })
  }

  /** Says a line at once, so that it is seen whatever comes next. */
  #say(level: 'error' | 'warn' | 'info', about: object, line: string): void {
    if (this.#level === 'silent') return
    this.flush()
    this.#load()[level]({ time: Date.now(), ...about }, line)
    this.#text = this.#hide(this.#text)
    this.#write()
  }

  #write(): void {
    if ((this.#stream.writableLength ?? 0) > mostUnread) {
      this.#dropped += this.#text.split('\n').length - 1
      this.#text = ''
    } else if (this.#dropped > 0) {
      const dropped = this.#dropped
      this.#dropped = 0
      this.#load().warn({ time: Date.now() }, `${dropped} lines of the log are missing: nobody read it`)
    }
    if (this.#text !== '') this.#stream.write(this.#text)
    this.#text = ''
  }

  #load(): Logger {
    if (this.#logger) return this.#logger
    // A reader that goes away must not end the server.
    this.#stream.on?.('error', () => {})
    const pretty = this.#stream.isTTY
      ? loadPrettyFactory()({
          translateTime: 'SYS:HH:MM:ss',
        })
      : undefined
    const write = (text: string): void => {
      this.#text += pretty ? pretty(text) : text
    }
    this.#logger = loadPino()({ level: this.#level, base: null, timestamp: false }, { write })
    return this.#logger
  }
}

const levelOf = (status: number | null): 'warn' | 'info' => (status === null || status >= 400 ? 'warn' : 'info')

/** A request as people read it. */
function toSentence({
  method,
  path,
  status,
  durationMs,
  operation,
  userName,
  rule,
  fault,
  instance,
}: RequestLine): string {
  const parts = [
    method,
    path,
    status ?? 'no answer',
    `${durationMs.toFixed(1)} ms`,
    operation,
    userName,
    rule && `by ${rule}`,
    fault && `fault: ${fault}`,
    instance && `in ${instance}`,
  ]
  return toHarmless(parts.filter(Boolean).join('  '))
}

/** The bodies that a line shows. */
const toReadable = ({ body, answer }: RequestLine) => ({
  ...(body !== undefined && { body: toHarmless(body.replace(/\s+/g, ' ')) }),
  ...(answer !== undefined && { answer: toHarmless(answer) }),
})

/** A line that a terminal can show: others could send what moves the cursor or turns the direction of reading. */
export const toHarmless = (text: string): string =>
  text.replace(/[^\x20-\x7e\u00a0-\uffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?')
