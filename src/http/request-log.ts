// What the log tells of a request: no body, no header and no query, which may hold secrets, and texts of a client's own
// choice at a length that a reader can bear.

import type { FastifyRequest } from 'fastify'
import type { FaultTarget } from '../account/faults.ts'
import { generatedSecret } from '../account/secrets.ts'
import { readIdentity } from '../scim/document-text.ts'
import type { Context } from './context.ts'

const longest = 200

/** A text of a client's without what looks like a secret of ours, and without those that someone chose. */
function toShown(text: string, chosen: readonly (string | null | undefined)[]): string {
  let shown = text.replace(generatedSecret, '***')
  // Hiding a short one would hide pieces of other words.
  for (const secret of chosen) if (secret && secret.length >= 8) shown = shown.replaceAll(secret, '***')
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown
}

/** Tells the log of a request whose exchange is complete. */
export function logRequest(
  { log, adminKey }: Pick<Context, 'log' | 'adminKey'>,
  request: FastifyRequest,
  toTarget: (request: FastifyRequest) => FaultTarget,
): void {
  const { exchange, instance } = request
  if (!log.heeds(exchange.status)) return
  const { method, url, status, durationMs, operation, fault, notes } = exchange
  const userName = findUserName(request, toTarget)
  const chosen = [adminKey, instance?.scimToken]
  log.request({
    method,
    path: toShown(url.split('?', 1)[0]!, chosen),
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    operation,
    userName: userName && toShown(userName, chosen),
    rule: (operation === 'refused' && notes.findLast(note => note.rule !== null)?.rule) || undefined,
    fault,
    instance: instance && instance.name !== 'default' ? instance.name : undefined,
  })
}

function findUserName(request: FastifyRequest, toTarget: (request: FastifyRequest) => FaultTarget): string | undefined {
  const { before, after, shown } = request.exchange
  const record = after ?? before
  if (record) return record.EMAIL_ADDRESS
  if (shown !== undefined) return readIdentity(shown).userName
  try {
    return request.instance && toTarget(request).userNames[0]
  } catch {
    // The database may be what was wrong with the request.
    return undefined
  }
}
