// Reads request bodies as JSON, and refuses JSON that is nested too deeply or holds too much (D-08). Fastify refuses bodies
// that are too long.

import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../errors.ts'

const maxDepth = 32
/** How many values a body may hold, and how many members an object. Parsing more would keep other requests waiting. */
const maxValues = 100_000
const maxMembers = 10_000
/** The same for a control body, and for a state apart from its users. It is lower, since each wrong value is reported. */
export const maxInput = 10_000

/** Whether a request says that it has a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/**
 * Reads a whole body as JSON (D-08).
 * @param most how many values it may hold
 * @returns undefined for an empty body
 * @throws invalidSyntax, whose detail never quotes the body, since that may hold a password
 */
export function parseJson(received: Buffer, most: number = maxValues): unknown {
  const body = hasByteOrderMark(received) ? received.subarray(3) : received
  if (body.length === 0) return undefined
  if (!isUtf8(body)) throw new ApiError('invalidSyntax', 'The body is not UTF-8.', 'D-08')
  checkForm(body, most)
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch (error) {
    const [, position] = /position (\d+)/.exec((error as Error).message) ?? []
    throw new ApiError(
      'invalidSyntax',
      `The body is not valid JSON${position ? ` (at position ${position})` : ''}.`,
      'D-05',
    )
  }
  return value
}

/** Some clients put it before their JSON, and a reader may skip it (RFC 8259 §8.1). */
const hasByteOrderMark = (body: Buffer): boolean => body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf

/** Refuses a text that is nested too deeply or holds too much, before anything is built from it. */
function checkForm(body: Buffer, most: number): void {
  const refuse = (why: string): never => {
    throw new ApiError('invalidSyntax', `The body ${why}.`, 'D-08')
  }
  /** How many members each open object has so far. An array counts from minus infinity, so that it has no limit. */
  const open: number[] = []
  let values = 1
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === 0x22) {
      for (at += 1; at < body.length && body[at] !== 0x22; at += 1) if (body[at] === 0x5c) at += 1
    } else if (byte === 0x2c) {
      values += 1
      if (values > most) refuse(`holds more than ${most} values`)
      open[open.length - 1]! += 1
      if (open[open.length - 1]! > maxMembers) refuse(`has an object of more than ${maxMembers} members`)
    } else if (byte === 0x7b || byte === 0x5b) {
      if (open.push(byte === 0x7b ? 1 : Number.NEGATIVE_INFINITY) > maxDepth)
        refuse(`is nested deeper than ${maxDepth}`)
    } else if (byte === 0x7d || byte === 0x5d) open.pop()
  }
}
