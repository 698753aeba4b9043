// What a request asks for, in provisioning words. Pure: decided from the request and the user as it is, before it runs.

import { attribute } from './attribute.ts'
import { presets } from './behaviour.ts'
import { findMember, readBoolean } from './client-habits.ts'
import { readMembers } from './document.ts'
import { parseUserFilter } from './filter.ts'
import { parsePath } from './path.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

export const operations = [
  'test-connection',
  'lookup',
  'import',
  'create',
  'rename',
  'update',
  'deactivate',
  'reactivate',
  'delete',
  'read',
  'discover',
  'refused',
] as const
/** What a request did, or `refused` when it got an error. */
export type Operation = (typeof operations)[number]

/** What GET /Users asks for: many providers test the connection with a look-up that cannot match, or a tiny page. */
export function listOperation(filter: string | undefined, count: number): Operation {
  if (filter === undefined) return count <= 2 ? 'test-connection' : 'import'
  return filteredUserName(filter)?.includes('@') === false ? 'test-connection' : 'lookup'
}

/** The userName that a filter looks for, when it is of the documented form. */
export function filteredUserName(filter: string): string | undefined {
  try {
    return parseUserFilter(filter, presets.insightly).seek?.value
  } catch {
    return undefined
  }
}

/** The values of `active` and `userName` that the body of a POST, PUT or PATCH asks for. */
export function readAsked(body: unknown): { active?: boolean; userName?: string } {
  const asked: { active?: boolean; userName?: string } = {}
  if (typeof body !== 'object' || body === null) return asked
  const note = (row: AttributeRow, value: unknown): void => {
    const flag = row.path === 'active' ? readBoolean(value) : undefined
    if (flag !== undefined) asked.active = flag
    if (row.path === 'userName' && typeof value === 'string') asked.userName = value
  }
  const noteAll = (document: object): void => {
    for (const [row, value] of readMembers(document)) if (typeof row !== 'string') note(row, value)
  }
  const operations = findMember(body, 'Operations')
  if (!Array.isArray(operations)) noteAll(body)
  else
    for (const operation of operations) {
      if (typeof operation !== 'object' || operation === null) continue
      const path = findMember(operation, 'path') ?? null
      const value = findMember(operation, 'value')
      if (path === null) {
        if (typeof value === 'object' && value !== null) noteAll(value)
        continue
      }
      const row = toRow(path)
      if (row) note(row, value)
    }
  return asked
}

function toRow(path: unknown): AttributeRow | undefined {
  if (path === 'active') return attribute('active')
  try {
    const target = parsePath(path)
    return target.kind === 'mapped' ? target.row : undefined
  } catch {
    return undefined
  }
}

/** What a PUT or PATCH asks for, given the user as it is. */
export function changeOperation(body: unknown, before: ScimRecord | undefined): Operation {
  const asked = readAsked(body)
  if (asked.active === false) return 'deactivate'
  if (asked.active === true && before?.ACTIVE === false) return 'reactivate'
  if (asked.userName !== undefined && before && asked.userName !== before.EMAIL_ADDRESS) return 'rename'
  return 'update'
}
