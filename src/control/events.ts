// The event stream of an instance: server-sent events without end.

import type { FastifyReply } from 'fastify'
import * as z from 'zod/mini'
import type { Exchange } from '../account/exchange.ts'
import type { Instance } from '../account/instance.ts'
import type { UserChange } from '../account/users/users.ts'
import type { Context } from '../http/context.ts'
import { toEntry } from './entries.ts'
import { type ControlApp, ofInstance, wholeInQuery } from './route.ts'
import { toLicensedRecord } from './users.ts'

/** How much a stream may lag behind, in bytes, before it is closed. */
const maxBacklog = 4 * 1024 * 1024
const heartbeatMs = 15_000

const query = z.strictObject({
  since: z.optional(wholeInQuery).check(z.describe('A cursor of the journal: begin with what came after it.')),
})

/** Registers the route of the events. */
export function eventRoutes(app: ControlApp, context: Context): void {
  app.get(
    '/instances/:name/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        summary:
          'Server-sent events without end: `exchange`, `user` and `settings`; the id of an `exchange` is a cursor',
        params: ofInstance,
        querystring: query,
        response: { 200: { content: { 'text/event-stream': { schema: z.string() } } } },
      },
    },
    ({ instance, query: { since = instance.journal.cursor } }, reply) => {
      reply.hijack()
      streamEvents(reply, instance, since, context)
    },
  )
}

const toEvent = (event: string, data: unknown, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

let lastTold: { what: object; text: string } | undefined

/** The text of an event, made once for all streams of an instance, which are notified one right after the other. */
function toTextOnce(what: object, toText: () => string): string {
  if (lastTold?.what !== what) lastTold = { what, text: toText() }
  return lastTold.text
}

function streamEvents({ raw }: FastifyReply, instance: Instance, since: number, context: Context): void {
  const { mask } = context.instances
  const write = (text: string) => {
    // A stream that was ended stays here until its last bytes are sent.
    if (raw.writableEnded) return
    // A client that does not read is disconnected. It can come back with the cursor it has.
    if (raw.writableLength > maxBacklog) raw.destroy()
    else raw.write(text)
  }
  const tellExchange = (exchange: Exchange) =>
    write(toTextOnce(exchange, () => toEvent('exchange', toEntry(exchange, mask), exchange.id)))
  const past = instance.journal.since(since)[Symbol.iterator]()
  let isCaughtUp = false
  // Writing the past at once would keep other requests waiting, and exceed what a stream may lag behind.
  const catchUp = () => {
    while (!isCaughtUp && !raw.writableNeedDrain && !raw.writableEnded && !raw.destroyed) {
      const { value, done } = past.next()
      if (done) isCaughtUp = true
      else tellExchange(value)
    }
  }
  // Until then, `past` finds new exchanges too.
  const onExchange = (exchange: Exchange) => {
    if (isCaughtUp) tellExchange(exchange)
  }
  const onUser = (change: UserChange) =>
    write(toTextOnce(change, () => toEvent('user', mask.hide(toUserEvent(change, instance)))))
  const onSettings = () => write(toEvent('settings', mask.hide(instance.settings)))
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-accel-buffering': 'no',
  })
  write(': the events of this instance\n\n')
  const end = () => raw.end()
  // A stream that begins while the server stops would keep it from stopping.
  if (context.closing.aborted) {
    end()
    return
  }
  raw.on('drain', catchUp)
  catchUp()
  const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMs)
  instance.events.on('exchange', onExchange).on('user', onUser).on('settings', onSettings).on('close', end)
  context.closing.addEventListener('abort', end)
  context.metrics.waiters += 1
  raw.once('close', () => {
    context.metrics.waiters -= 1
    clearInterval(heartbeat)
    context.closing.removeEventListener('abort', end)
    instance.events.off('exchange', onExchange).off('user', onUser).off('settings', onSettings).off('close', end)
  })
}

/** The user of a change as Insightly shows it. When both members are null, any user may have changed. */
function toUserEvent({ before, after }: UserChange, instance: Instance) {
  const record = after && instance.records.find(String(after.USER_ID))
  return {
    userId: (after ?? before)?.USER_ID ?? null,
    user: record ? toLicensedRecord(record, instance) : null,
  }
}
