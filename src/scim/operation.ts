// What a request asks for, and which operation of provisioning that is. Pure: it is decided from the request and from the
// user as it is before.

import { findMember, readBoolean } from './client-habits.ts'
import { readMembers } from './document.ts'
import { findFilteredUserName } from './filter.ts'
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
/** What a request did; `refused` when it got an error. */
export type Operation = (typeof operations)[number]

/** What a request asks for, as far as its operation and the users whom it concerns depend on it. */
export interface Asked {
  userName?: string
  active?: boolean
}

/** What the body of a POST, PUT or PATCH asks for. */
export function readAsked(body: unknown): Asked {
  const asked: Asked = {}
  if (typeof body !== 'object' || body === null) return asked
  const take = (row: AttributeRow, value: unknown): void => {
    const flag = row.path === 'active' ? readBoolean(value) : undefined
    if (flag !== undefined) asked.active = flag
    if (row.path === 'userName' && typeof value === 'string') asked.userName = value
  }
  const takeAll = (document: object): void => {
    for (const [row, value] of readMembers(document)) if (typeof row !== 'string') take(row, value)
  }
  const operations = findMember(body, 'Operations')
  if (!Array.isArray(operations)) takeAll(body)
  else
    for (const operation of operations) {
      if (typeof operation !== 'object' || operation === null) continue
      const path = findMember(operation, 'path') ?? null
      const value = findMember(operation, 'value')
      if (path === null) {
        if (typeof value === 'object' && value !== null) takeAll(value)
        continue
      }
      const row = toRow(path)
      if (row) take(row, value)
    }
  return asked
}

function toRow(path: unknown): AttributeRow | undefined {
  try {
    const target = parsePath(path)
    return target.kind === 'mapped' ? target.row : undefined
  } catch {
    return undefined
  }
}

/** What a filter asks for: a userName, when it is of the documented form. */
export function readAskedByFilter(filter: string): Asked {
  const userName = findFilteredUserName(filter)
  return userName === undefined ? {} : { userName }
}

/** What GET /Users is for: many providers test the connection with a look-up that cannot match, or a tiny first page. */
export function toListOperation(isFiltered: boolean, asked: Asked, startIndex: number, count: number): Operation {
  if (isFiltered) return asked.userName?.includes('@') === false ? 'test-connection' : 'lookup'
  return startIndex <= 1 && count <= 2 ? 'test-connection' : 'import'
}

/** What a PUT or PATCH is for, given the user as it is before. */
export function toChangeOperation({ userName, active }: Asked, before: ScimRecord | undefined): Operation {
  if (active === false) return 'deactivate'
  if (active === true && before?.ACTIVE === false) return 'reactivate'
  if (userName !== undefined && before && userName !== before.EMAIL_ADDRESS) return 'rename'
  return 'update'
}
