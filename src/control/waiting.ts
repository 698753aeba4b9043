// Long polls: they wake up at events of the instance, and never look again without one.

import type { EventEmitter } from 'node:events'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod/mini'
import type { Instance } from '../account/instance.ts'
import type { Context } from '../http/context.ts'
import { durationWords, parseDuration } from './durations.ts'
import { wholeInQuery } from './route.ts'

/** The longest wait, in milliseconds. */
const longest = 60_000

const isWait = (text: string): boolean => {
  const milliseconds = parseDuration(text) ?? Number.NaN
  return milliseconds >= 0 && milliseconds <= longest
}

/** The parameters of a query that may wait; `wait` is read in milliseconds. */
export const waitParameters = {
  wait: z.optional(
    z
      .pipe(
        z.string().check(z.refine(isWait, `at most 60s, as ${durationWords}`)),
        z.transform(text => parseDuration(text)!),
      )
      .check(
        z.meta({
          description: 'Answer as soon as `count` of them match, or with 408 after this time, at most a minute.',
          type: 'string',
          pattern: '^([0-9]{1,4}ms|[1-5][0-9]{4}ms|60000ms|[1-5]?[0-9]s|60s|[01]m|PT([1-5]?[0-9]|60)S|PT[01]M)$',
        }),
      ),
  ),
  count: z._default(wholeInQuery, 1).check(z.meta({ description: 'How many must match for `wait` to end.' })),
}

/**
 * Waits until an event of an instance makes `isMet` true. The wait ends early when the client hangs up, the
 * server stops or the instance is deleted.
 * @param isMet called at once, and after each event with what that event told
 * @returns false when it did not become true
 * @throws notFound when the instance was deleted meanwhile
 */
export async function waitUntil<T>(
  request: FastifyRequest,
  { closing, metrics, instances }: Context,
  instance: Instance,
  { event, milliseconds, isMet }: { event: 'exchange' | 'user'; milliseconds: number; isMet(told?: T): boolean },
): Promise<boolean> {
  if (isMet()) return true
  const { socket } = request.raw
  const events: EventEmitter = instance.events
  metrics.waiters += 1
  const result = await new Promise<boolean>(resolve => {
    const finish = (isSo: boolean): void => {
      clearTimeout(timer)
      events.off(event, hear)
      events.off('close', giveUp)
      socket.off('close', giveUp)
      closing.removeEventListener('abort', giveUp)
      resolve(isSo)
    }
    const hear = (told: T): void => {
      if (isMet(told)) finish(true)
    }
    const giveUp = (): void => finish(false)
    const timer = setTimeout(giveUp, milliseconds)
    events.on(event, hear)
    events.on('close', giveUp)
    socket.on('close', giveUp)
    closing.addEventListener('abort', giveUp)
    if (closing.aborted || socket.destroyed) giveUp()
  })
  metrics.waiters -= 1
  instances.get(instance.name)
  return result
}
