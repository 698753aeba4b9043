// Doing what a fault says instead of running a request; what is to happen to the answer of one that runs is done where
// it is answered, in call.ts.

import { type FaultEffect, type FaultTarget, kindOf } from '../account/faults.ts'
import { answer, answerText, type Call, resetConnection } from './call.ts'
import { endExchange } from './exchange.ts'

const brokenProxyPage =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>'

/** Asks the instance's rules about a request that is about to run, and does what hits it; `run` lets it run. */
export function injectFault(call: Call, target: FaultTarget, run: () => void): void {
  const { context, exchange, instance } = call
  const fault = instance.faults.next(target)
  if (!fault) {
    run()
    return
  }
  const { effect } = fault
  const kind = kindOf(effect)
  exchange.fault = kind === 'status' ? `status ${effect.status}` : kind
  exchange.notes.push({ rule: null, text: `faults[${fault.index}] fired: ${exchange.fault}` })
  context.metrics.countFault(kind)
  if (effect.delayMs !== undefined) {
    delay(call, effect.delayMs, run)
  } else if (effect.malformed || effect.emptyBody || effect.commitThenReset || effect.pageDrift) {
    call.fault = fault
    run()
  } else if (effect.status !== undefined) {
    answerStatus(call, effect.status, effect)
  } else if (effect.html) {
    answerText(call, 200, brokenProxyPage, 'text/html; charset=utf-8')
  } else {
    endExchange(call, null)
    if (effect.reset) resetConnection(call)
    else holdUntilClosing(call)
  }
}

/** Runs a request later, whether or not its client still waits; not when the server has been closed by force meanwhile. */
function delay({ request: { socket }, context: { closing } }: Call, milliseconds: number, run: () => void): void {
  const letGo = () => timer.unref()
  const timer = setTimeout(() => {
    closing.removeEventListener('abort', letGo)
    if (!closing.aborted || !socket.destroyed) run()
  }, milliseconds)
  closing.addEventListener('abort', letGo, { once: true })
}

function answerStatus(call: Call, status: number, { scimType, detail, headers }: FaultEffect): void {
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  call.headers = { ...call.headers, ...(status === 429 && { 'retry-after': '1' }), ...Object.fromEntries(named) }
  answer(call, status, call.dialect.toErrorBody(status, scimType, detail ?? `A fault rule answers ${status}.`))
}

/** Keeps the client waiting, until it gives up or the server stops. */
function holdUntilClosing({ request: { socket }, context: { closing } }: Call): void {
  const end = () => socket.destroy()
  closing.addEventListener('abort', end, { once: true })
  socket.once('close', () => closing.removeEventListener('abort', end))
}
