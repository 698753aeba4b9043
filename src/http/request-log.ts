// What the log tells of a request: no body, no header and no query, which may hold secrets, and texts of a client's own
// choice at a length that a reader can bear.

import type { FastifyRequest } from 'fastify'
import type { Exchange } from '../account/journal.ts'
import { generatedSecret } from '../account/secrets.ts'
import { readIdentity } from '../scim/document-text.ts'
import type { Context } from './context.ts'

const longest = 200
const shortestGenerated = 36

/** A text of a client's without what looks like a secret of ours, and without those that someone chose. */
function toShown(text: string, chosen: readonly (string | null | undefined)[]): string {
  // Most texts are shorter than any secret that was made here.
  let shown = text.length < shortestGenerated ? text : text.replace(generatedSecret, '***')
  // Hiding a short one would hide pieces of other words.
  for (const secret of chosen)
    if (secret && secret.length >= 8 && secret.length <= shown.length) shown = shown.replaceAll(secret, '***')
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown
}

/** Tells the log of a request whose exchange is complete. */
export function logRequest(
  { log, adminKey }: Pick<Context, 'log' | 'adminKey'>,
  request: FastifyRequest,
  findAskedName: (request: FastifyRequest) => string | undefined,
): void {
  const { exchange, instance } = request
  if (!log.heeds(exchange.status)) return
  const { method, url, status, durationMs, operation, fault, notes } = exchange
  const userName = findUserName(exchange) ?? findAskedName(request)
  const afterPath = url.indexOf('?')
  const chosen = [adminKey, instance?.scimToken]
  log.request({
    time: Date.now(),
    method,
    path: toShown(afterPath < 0 ? url : url.slice(0, afterPath), chosen),
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    operation,
    userName: userName && toShown(userName, chosen),
    rule: (operation === 'refused' && notes.findLast(note => note.rule !== null)?.rule) || undefined,
    fault,
    instance: instance && instance.name !== 'default' ? instance.name : undefined,
  })
}

function findUserName({ before, after, shown }: Exchange): string | undefined {
  const record = after ?? before
  return record ? record.EMAIL_ADDRESS : shown === undefined ? undefined : readIdentity(shown).userName
}
