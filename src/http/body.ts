// Request bodies: received within their limit, and read as JSON that is neither too deep nor too much.

import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../errors.ts'
import { limits } from './limits.ts'

const maxDepth = 32
/** How many values a body may hold, and how many members an object: reading more takes longer than refusing should. */
const maxValues = 100_000
const maxMembers = 10_000
/** How many values a control body may hold, or what is no user in a state: what is wrong with each is looked for. */
export const maxInput = 10_000

/** Whether a request says that it has a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Receives the body of a request whole; `done` is told when it is too large, or its connection ended before it did. */
export function receiveBody(request: IncomingMessage, done: (error: unknown, body: Buffer) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  let isOver = false
  const end = (error?: unknown): void => {
    if (isOver) return
    isOver = true
    done(error, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
  }
  const take = (chunk: Buffer): void => {
    length += chunk.length
    if (length > limits.bodyBytes) end(tooLarge())
    else chunks.push(chunk)
  }
  if (Number(request.headers['content-length']) > limits.bodyBytes) end(tooLarge())
  else request.on('data', take).on('end', end).on('error', end)
}

const tooLarge = (): ApiError =>
  new ApiError('tooLarge', `The body is larger than the ${limits.bodyBytes} bytes that are accepted.`, 'D-08', {
    connection: 'close',
  })

/**
 * Reads a body that was received whole as JSON (D-08).
 * @param most how many values it may hold
 * @returns undefined for an empty one
 * @throws invalidSyntax, never quoting the body, since it may hold a password
 */
export function parseJson(body: Buffer, most: number = maxValues): unknown {
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

/** Refuses, before anything is built of it, what is nested too deeply or holds too much. */
function checkForm(body: Buffer, most: number): void {
  const refuse = (why: string): never => {
    throw new ApiError('invalidSyntax', `The body ${why}.`, 'D-08')
  }
  /** For each open object the members so far; an array counts from minus infinity. */
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

/** Lets a client that has its answer already go on sending for a while, but not for as long as a request may take. */
export function awaitRest(request: IncomingMessage): void {
  if (request.complete) return
  const { socket } = request
  const end = setTimeout(() => {
    if (!request.complete) socket.destroy()
  }, limits.headSeconds * 1000).unref()
  const stop = (): void => {
    clearTimeout(end)
    socket.off('close', stop)
  }
  request.once('end', stop)
  // After its answer, the request itself tells nothing of a client that hangs up.
  socket.once('close', stop)
}
