// What each kind of fault does to a request: a table for each moment at which faults act. Which fault hits is decided in
// account/faults.ts.

import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  type Fault,
  type FaultEffect,
  type FaultKind,
  type FaultTarget,
  faultKinds,
  kindOf,
} from '../account/faults.ts'
import type { ErrorBody } from '../errors.ts'

/** The kinds that act at a moment. A kind that is in none of the tables below does not compile. */
type KindAt<Moment> = { [K in FaultKind]: (typeof faultKinds)[K] extends Moment ? K : never }[FaultKind]

interface Hit {
  request: FastifyRequest
  reply: FastifyReply
  effect: FaultEffect
  toErrorBody: ErrorBody
  /** Lets the request run. */
  run(): void
}

const brokenProxyPage =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>'

const beforeRunning: Record<KindAt<'before' | 'instead'>, (hit: Hit) => void> = {
  status({ reply, toErrorBody, effect: { status, scimType, detail, headers = {} } }) {
    if (status === 429) reply.header('retry-after', '1')
    reply.headers(headers)
    const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
    const body = toErrorBody(status!, scimType, detail ?? `A fault rule answers ${status}.`)
    reply.answerText(status!, JSON.stringify(body), type)
  },
  html({ reply }) {
    reply.answerText(200, brokenProxyPage, 'text/html; charset=utf-8')
  },
  reset({ reply }) {
    reply.leaveUnanswered()
    resetConnection(reply)
  },
  /** Keeps the client waiting, until it gives up or the server stops. */
  hang({ request: { socket, server }, reply }) {
    const { closing } = server.context
    reply.leaveUnanswered()
    const end = () => socket.destroy()
    if (closing.aborted) return end()
    closing.addEventListener('abort', end)
    socket.once('close', () => closing.removeEventListener('abort', end))
  },
  /** Runs the request later, even when its client has left. It does not run when the server stopped and cut the connection. */
  delayMs({ request: { socket, server }, effect, run }) {
    const { closing } = server.context
    const letGo = () => timer.unref()
    const timer = setTimeout(() => {
      closing.removeEventListener('abort', letGo)
      if (!closing.aborted || !socket.destroyed) run()
    }, effect.delayMs)
    closing.addEventListener('abort', letGo)
  },
}

/** Applies the fault rules of the instance to a request that is about to run; `run` lets it run. */
export function injectFault(
  request: FastifyRequest,
  reply: FastifyReply,
  { toTarget, toErrorBody }: { toTarget(request: FastifyRequest): FaultTarget; toErrorBody: ErrorBody },
  run: () => void,
): void {
  const { exchange, instance } = request
  const fault = instance.faults.next(toTarget(request))
  if (!fault) {
    run()
    return
  }
  const { index, effect } = fault
  const kind = kindOf(effect)
  exchange.fault = kind === 'status' ? `status ${effect.status}` : kind
  exchange.notes.push({ rule: null, text: `faults[${index}] fired: ${exchange.fault}` })
  request.server.context.metrics.countFault(kind)
  if (isBeforeRunning(kind)) {
    beforeRunning[kind]({ request, reply, effect, toErrorBody, run })
  } else {
    request.fault = fault
    run()
  }
}

const isBeforeRunning = (kind: FaultKind): kind is KindAt<'before' | 'instead'> =>
  faultKinds[kind] === 'before' || faultKinds[kind] === 'instead'

/** The position of the first user of a list page, moved by `drift`. */
const onPage: Record<KindAt<'page'>, (startIndex: number, drift: number) => number> = {
  // The first page can repeat no user, so it skips one.
  pageDrift: (startIndex, drift) => startIndex + (startIndex === 1 ? Math.abs(drift) : drift),
}

/** The first position that a list page really shows. */
export function toShownStart({ fault }: FastifyRequest, startIndex: number): number {
  const kind = fault && kindOf(fault.effect)
  return kind && kind in onPage ? onPage[kind as KindAt<'page'>](startIndex, fault.drift) : startIndex
}

const onAnswer: Record<KindAt<'answer'>, (text: string | undefined, reply: FastifyReply) => string | undefined> = {
  malformed: text => text?.slice(0, Math.ceil(text.length / 2)),
  emptyBody: text => text && '',
  commitThenReset(_text, reply) {
    reply.leaveUnanswered()
    resetConnection(reply)
    return undefined
  },
}

/** The text that is sent instead of an answer. An effect may also end the reply, which then counts as sent. */
export function spoil(reply: FastifyReply, effect: FaultEffect, text: string | undefined): string | undefined {
  const kind = kindOf(effect)
  return kind in onAnswer ? onAnswer[kind as KindAt<'answer'>](text, reply) : text
}

/** Whether a fault acts on the answer. */
export const isOnAnswer = ({ effect }: Fault): boolean => kindOf(effect) in onAnswer

/** Resets the connection of a request, so that its client gets no answer. */
export function resetConnection({ request: { socket } }: FastifyReply): void {
  // Node can reset a plain connection only, not one with TLS.
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}
