// Doing what a fault says: instead of running a request, or to the answer of one that ran.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FaultTarget } from '../faults.ts'
import type { Operation } from '../scim/operation.ts'
import type { Context } from '../server.ts'
import { endExchange } from './exchange.ts'

const brokenProxyPage =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>'

/** Asks the instance's rules about a request that is about to run, and does what hits it; `done` lets it run. */
export function injectFault(
  request: FastifyRequest,
  reply: FastifyReply,
  context: Context,
  target: FaultTarget,
  toBody: (status: number, scimType: string | undefined, detail: string) => object,
  done: () => void,
): void {
  const { exchange, instance } = request
  const fault = instance.faults.next(target)
  if (!fault) {
    done()
    return
  }
  const { effect } = fault
  const [kind] = Object.keys(effect).filter(name => !/^(scimType|detail|headers)$/.test(name))
  exchange.fault = kind === 'status' ? `status ${effect.status}` : kind
  exchange.notes.push(`faults[${fault.index}] fired: ${exchange.fault}`)
  context.metrics.countFault(kind!)
  if (effect.delayMs !== undefined) {
    const timer = setTimeout(done, effect.delayMs)
    context.closing.addEventListener('abort', () => timer.unref(), { once: true })
    return
  }
  exchange.notRun = !(effect.malformed || effect.emptyBody || effect.commitThenReset || effect.pageDrift)
  if (!exchange.notRun) {
    request.fault = fault
    done()
  } else if (effect.status !== undefined) {
    const detail = effect.detail ?? `A fault rule answers ${effect.status}.`
    reply
      .code(effect.status)
      .headers({ ...(effect.status === 429 && { 'retry-after': '1' }), ...effect.headers })
      .header(
        'content-type',
        `${exchange.url.toLowerCase().startsWith('/v3.1') ? 'application/json' : 'application/scim+json'}; charset=utf-8`,
      )
      .send(JSON.stringify(toBody(effect.status, effect.scimType, detail)))
  } else if (effect.html) {
    reply.code(200).type('text/html; charset=utf-8').send(brokenProxyPage)
  } else {
    reply.hijack()
    endExchange(request, context, 'refused')
    if (effect.reset) resetConnection(request)
    else holdUntilClosing(request, context)
  }
}

/** Puts the exchange of a request into the journal and tells what to send: its answer, or what a fault makes of it. */
export function sendOrSpoil(
  request: FastifyRequest,
  reply: FastifyReply,
  context: Context,
  operation: Operation,
  payload: unknown,
): unknown {
  const effect = request.fault?.effect
  if (effect?.commitThenReset) {
    endExchange(request, context, operation)
    resetConnection(request)
    return payload
  }
  const sent =
    effect && typeof payload === 'string'
      ? spoil(payload, effect.emptyBody === true, effect.malformed === true)
      : payload
  endExchange(request, context, operation, { status: reply.statusCode, payload: sent })
  return sent
}

const spoil = (payload: string, isEmptied: boolean, isCut: boolean): string =>
  isEmptied ? '' : isCut ? payload.slice(0, Math.ceil(payload.length / 2)) : payload

function resetConnection({ raw: { socket } }: FastifyRequest): void {
  // Over TLS there is no plain connection to reset.
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}

/** Keeps the client waiting, until it gives up or the server stops. */
function holdUntilClosing({ raw: { socket } }: FastifyRequest, { closing }: Context): void {
  const end = () => socket.destroy()
  closing.addEventListener('abort', end, { once: true })
  socket.once('close', () => closing.removeEventListener('abort', end))
}
