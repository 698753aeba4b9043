// What the log tells of a request: no header and no query, which may hold secrets; bodies only when they are asked for;
// texts that a client chose only in part.

import type { Exchange } from '../account/exchange.ts'
import type { Instance } from '../account/instance.ts'
import type { Instances } from '../account/instances.ts'
import type { Mask } from '../account/secrets/mask.ts'
import type { Log } from '../log.ts'
import { readUserName } from '../scim/document-text.ts'
import { pathOf } from './request.ts'

const longest = 200

const shorten = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text)

/** Tells the log of a request whose exchange is complete. */
export function logRequest(
  { log, instances }: { log: Log; instances: Pick<Instances, 'secrets' | 'mask'> },
  { exchange, instance }: { exchange: Exchange; instance: Pick<Instance, 'name'> | undefined },
): void {
  if (!log.heeds(exchange.status)) return
  const { method, status, durationMs, operation, fault, notes } = exchange
  const userName = findUserName(exchange)
  const mask = log.showsBodies ? instances.mask : undefined
  // Hidden before anything is cut: a piece of a secret is not found.
  const toShown = (text: string) => shorten(instances.secrets.hide(text))
  log.request({
    time: Date.now(),
    method,
    path: toShown(pathOf(exchange)),
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    operation,
    userName: userName && toShown(userName),
    rule: (operation === 'refused' && notes.findLast(note => note.rule !== null)?.rule) || undefined,
    fault,
    instance: instance && instance.name !== 'default' ? instance.name : undefined,
    body: mask && findBody(exchange, mask),
    answer: mask && findAnswer(exchange, mask),
  })
}

const findBody = ({ body }: Exchange, mask: Mask) => body && mask.body(body.toString())
const findAnswer = ({ answer }: Exchange, mask: Mask) => (answer === undefined ? undefined : mask.answer(answer))

function findUserName({ before, after, shown, asked }: Exchange): string | undefined {
  const record = after ?? before
  if (record) return record.EMAIL_ADDRESS
  return shown === undefined ? asked?.userName : readUserName(shown)
}
