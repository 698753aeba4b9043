// How a request comes into the journal: its exchange is begun before anything is decided and ended before its answer
// leaves.

import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../account/journal.ts'
import type { Call } from './call.ts'
import type { Context } from './server.ts'

/** Begins the exchange of a request. */
export const beginExchange = (request: IncomingMessage, { config }: Context): Exchange => ({
  id: 0,
  when: 0,
  startedAt: performance.now(),
  durationMs: 0,
  method: request.method!,
  url: request.url!,
  headers: request.headers,
  isEncrypted: config.tlsCert !== undefined,
  body: undefined,
  bodyLength: 0,
  status: null,
  answer: undefined,
  operation: 'refused',
  before: undefined,
  after: undefined,
  shown: undefined,
  fault: undefined,
  notes: [],
})

/** Ends an exchange: puts it, with its answer unless none is sent, into the journal of its instance. */
export function endExchange(
  { exchange, instance, context: { instances, metrics } }: Call,
  status: number | null,
  answer?: string,
): void {
  const owner = instance ?? instances.get('default')
  exchange.durationMs = performance.now() - exchange.startedAt
  exchange.when = owner.clock.now()
  exchange.status = status
  exchange.answer = answer
  if (exchange.bodyLength > maxKept || (answer !== undefined && answer.length > maxKept)) shorten(exchange)
  if (exchange.notes.length > maxNotes)
    exchange.notes.splice(maxNotes, Number.POSITIVE_INFINITY, {
      rule: null,
      text: `and ${exchange.notes.length - maxNotes} notes more`,
    })
  metrics.countExchange(exchange, owner.addExchange(exchange))
}

/** How much of a body or answer the journal keeps, in bytes or characters; a thousand of them must fit into memory. */
const maxKept = 64 * 1024
const maxNotes = 100

function shorten(exchange: Exchange): void {
  const note = (text: string) => void exchange.notes.push({ rule: null, text })
  if (exchange.bodyLength > maxKept) {
    exchange.body = undefined
    note(`the body is longer than ${maxKept} bytes, so only its length was kept`)
  }
  if (exchange.answer && exchange.answer.length > maxKept) {
    // A copy: a slice would keep the whole text alive.
    exchange.answer = Buffer.from(exchange.answer.slice(0, maxKept)).toString()
    note(`the answer is longer than ${maxKept} characters, so only its start was kept`)
  }
}
