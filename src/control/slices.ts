// Long answers are made and sent in slices. Between two slices, other requests have their turn.

import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { turnMs } from '../http/turns.ts'

/** How long a slice is at most, in characters. */
const sliceLength = 256 * 1024

/** Sends a JSON text that comes in pieces. A text of a single slice is sent whole. */
export async function sendInSlices(reply: FastifyReply, pieces: Iterable<string>): Promise<void> {
  const left = pieces[Symbol.iterator]()
  const first = takeSlice(left)
  // A client may hang up before the end. The pieces then free what they hold.
  if (!first.isLast) reply.raw.once('close', () => left.return?.())
  reply.type('application/json; charset=utf-8')
  await reply.send(first.isLast ? first.text : Readable.from(toSlices(first.text, left)))
}

async function* toSlices(first: string, left: Iterator<string>): AsyncIterable<string> {
  yield first
  for (let isLast = false; !isLast; ) {
    await setImmediate()
    const slice = takeSlice(left)
    isLast = slice.isLast
    yield slice.text
  }
}

function takeSlice(left: Iterator<string>): { text: string; isLast: boolean } {
  const end = performance.now() + turnMs
  let text = ''
  while (text.length < sliceLength && performance.now() < end) {
    const { value, done } = left.next()
    if (done) return { text, isLast: true }
    text += value
  }
  return { text, isLast: false }
}

/** The pieces of a JSON text: `start`, an array with an element for each value that is not undefined, and `end`. */
export function* toJsonPieces<T>(
  start: string,
  values: Iterable<T | undefined>,
  toElement: (value: T) => object,
  end: string,
): Iterable<string> {
  yield `${start}[`
  let separator = ''
  for (const value of values) {
    if (value === undefined) {
      yield ''
      continue
    }
    yield separator + JSON.stringify(toElement(value))
    separator = ','
  }
  yield `]${end}`
}
