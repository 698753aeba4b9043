// PATCH (RFC 7644 §3.5.2) as Insightly has it: reads the request, then computes the record it asks for. Pure, so that
// the whole request is done or none of it.

import { ApiError, type ErrorCode, quote } from '../errors.ts'
import { attribute, findAttribute, foldCase } from './attribute.ts'
import type { Behaviours } from './behaviour.ts'
import { findMember, readBoolean, readOperationName } from './client-habits.ts'
import { isRequired, notStored, readerOf, readMembers, readOnly, setField, withDerivedDisplayName } from './document.ts'
import { type PathTarget, parsePath } from './path.ts'
import type { Note } from './rules.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

export const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
/** How many operations a PATCH may hold (D-08). */
export const maxOperations = 100

/** One operation of a PATCH request whose form is right. */
export interface PatchOperation {
  op: 'add' | 'remove' | 'replace'
  /** Undefined when the operation has no path. */
  target: PathTarget | undefined
  path: string
  value: unknown
}

/**
 * Reads the body of a PATCH.
 * @throws invalidSyntax for what is no PatchOp or holds an operation that is not supported (U-14, U-17)
 * @throws invalidPath, invalidValue, noTarget for an operation whose parts do not fit (U-17)
 */
export function parsePatch(body: object, behaviours: Behaviours): PatchOperation[] {
  const schemas = findMember(body, 'schemas')
  const isPatch = (urn: unknown) => typeof urn === 'string' && urn.toLowerCase() === patchUrn.toLowerCase()
  if (!Array.isArray(schemas) || !schemas.some(isPatch))
    throw new ApiError('invalidSyntax', `schemas does not hold ${quote(patchUrn)}, which a PATCH must.`, 'U-17')
  const operations = findMember(body, 'Operations')
  if (!Array.isArray(operations) || operations.length === 0)
    throw new ApiError('invalidSyntax', 'Operations is missing or empty; expected an array of operations.', 'U-17')
  if (operations.length > maxOperations)
    throw new ApiError(
      'invalidSyntax',
      `Operations holds ${operations.length} operations; at most ${maxOperations} are accepted.`,
      'D-08',
    )
  // All names first: one unsupported operation refuses the request, whatever else is wrong with it.
  const named = operations.map((operation, index) => ({ operation, op: readOp(operation, index, behaviours) }))
  return named.map(({ operation, op }, index) => readOperation(operation, op, `Operations[${index}]`))
}

function readOp(operation: unknown, index: number, behaviours: Behaviours): PatchOperation['op'] {
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation))
    throw new ApiError(
      'invalidSyntax',
      `Operations[${index}] is not an object; expected one with op, path and value.`,
      'U-17',
    )
  const sent = findMember(operation, 'op')
  const op = typeof sent === 'string' ? readOperationName(sent) : undefined
  const supported = behaviours.patchOperations === 'all' ? ['add', 'remove', 'replace'] : ['replace']
  if (op === undefined || !supported.includes(op))
    throw new ApiError(
      'invalidSyntax',
      `Operations[${index}].op is ${quote(sent)}; Insightly supports only ${supported.map(quote).join(', ')}.`,
      'U-14',
    )
  return op as PatchOperation['op']
}

function readOperation(operation: object, op: PatchOperation['op'], at: string): PatchOperation {
  const refuse = (code: ErrorCode, detail: string): never => {
    throw new ApiError(code, `${at} ${detail}`, 'U-17')
  }
  const path = findMember(operation, 'path') ?? null
  const target = path === null ? undefined : parsePath(path)
  const value = findMember(operation, 'value')
  if (op === 'remove') {
    if (!target || target.kind === 'resource')
      refuse('noTarget', 'is a remove that names no attribute; give the path of the one to remove.')
  } else if (value === undefined) {
    refuse('invalidValue', 'has no value.')
  } else if ((!target || target.kind === 'resource') && (typeof value !== 'object' || !value || Array.isArray(value))) {
    // What it is instead stays unsaid: it may be a password.
    refuse('invalidValue', 'has no path, so its value must be an object of attributes.')
  }
  return { op, target, path: path === null ? '' : (path as string), value }
}

/** What a PATCH makes of a record. */
export interface PatchResult<R extends ScimRecord> {
  after: R
  /** What was ignored and why. */
  notes: Note[]
}

interface ReadOnlyWrite {
  row: AttributeRow
  value: unknown
  selects?: ((record: ScimRecord) => boolean) | undefined
}

/**
 * Computes the record after all operations, in their order.
 * @throws invalidValue, invalidPath, mutability (U-17); then the record stays as it was, since nothing is written here
 */
export function applyPatch<R extends ScimRecord>(
  before: R,
  operations: readonly PatchOperation[],
  behaviours: Behaviours,
): PatchResult<R> {
  const after = { ...before }
  const notes: Note[] = []
  const readOnlyWrites: ReadOnlyWrite[] = []

  const write = (row: AttributeRow, value: unknown, selects?: ReadOnlyWrite['selects']): void => {
    if (row.mutability === 'readOnly') {
      readOnlyWrites.push({ row, value, selects })
    } else if (row.path === 'name' && isObject(value)) {
      const last = new Map<AttributeRow, unknown>()
      for (const [key, part] of Object.entries(value)) {
        const partRow = findAttribute(`name.${key}`)
        if (partRow) last.set(partRow, part)
        else notes.push(notStored(`name.${key}`))
      }
      for (const [partRow, part] of last) write(partRow, part)
    } else if (
      (value === null || value === '') &&
      (isRequired(row, behaviours) || (value === null && row.type === 'boolean'))
    ) {
      throw new ApiError(
        'invalidValue',
        `${row.path} cannot be ${value === null ? 'removed or null' : 'an empty string'}; expected ${row.type === 'boolean' ? 'true or false' : 'a non-empty string'}.`,
        'U-17',
      )
    } else if (value === null && row.field) {
      Object.assign(after, { [row.field]: null })
    } else {
      setField(after, row, value, behaviours)
    }
  }

  const writeMembers = (document: object): void => {
    for (const [row, value] of readMembers(document)) {
      if (typeof row === 'string') {
        const target = parseMemberName(row)
        if (target?.kind === 'mapped') write(target.row, value, target.selects)
        else notes.push(notStored(row))
      } else if (/^(id|meta|schemas)\b/.test(row.path)) {
        if (row.path !== 'schemas') notes.push(readOnly(row, 'U-12'))
      } else write(row, value)
    }
  }

  for (const { op, target, path, value } of operations) {
    if (!target || target.kind === 'resource') {
      writeMembers(value as object)
    } else if (target.kind === 'mapped') {
      if (op === 'remove') remove(target.row, path)
      else write(target.row, value, target.selects)
    } else if (behaviours.unmappedPath === 'refused') {
      throw new ApiError(
        'invalidPath',
        `The path ${quote(path)} names an attribute that Insightly does not store.`,
        'U-12',
      )
    } else notes.push(notStored(path))
  }
  if (behaviours.readOnlyPatch === 'refused') for (const each of readOnlyWrites) checkUnchanged(each, before, after)
  else for (const { row } of readOnlyWrites) notes.push(readOnly(row, 'U-17'))
  return { after: withDerivedDisplayName(after), notes }

  function remove(row: AttributeRow, path: string): void {
    if (row.path === 'name') for (const part of ['name.givenName', 'name.familyName']) write(attribute(part), null)
    else if (row.mutability === 'readOnly' && behaviours.readOnlyPatch === 'refused')
      throw new ApiError('mutability', `${path} is read-only and cannot be removed.`, 'U-17')
    else write(row, null)
  }
}

/** Entra ID also sends whole paths as member names: `"emails[type eq \"work\"].value"`. */
function parseMemberName(name: string): PathTarget | undefined {
  if (!name.includes('[')) return undefined
  try {
    return parsePath(name)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Sameness is judged once, against the record before and the record after the whole request (U-17). */
function checkUnchanged({ row, value, selects }: ReadOnlyWrite, before: ScimRecord, after: ScimRecord): void {
  const holds = (record: ScimRecord) => (selects?.(record) ?? true) && isSame(row, value, record)
  if (holds(before) || holds(after)) return
  if (selects && !selects(before) && !selects(after))
    throw new ApiError(
      'mutability',
      `The path selects no member of ${row.path.split('.')[0]}, which is read-only and holds one address of type work.`,
      'U-17',
    )
  const served = row.type === 'complex' ? '' : ` of ${quote(readerOf(row)(after, ''))}`
  throw new ApiError(
    'mutability',
    `${row.path} is read-only and its value${served} cannot become ${quote(value)}.`,
    'U-17',
  )
}

function isSame(row: AttributeRow, value: unknown, record: ScimRecord): boolean {
  if (row.type === 'complex') {
    if (Array.isArray(value)) return row.multiValued === true && value.length === 1 && isSame(row, value[0], record)
    if (!isObject(value)) return false
    return Object.entries(value).every(([name, part]) => {
      const partRow = findAttribute(`${row.path}.${name}`)
      return !partRow || part === null || isSame(partRow, part, record)
    })
  }
  const served = readerOf(row)(record, '/Users')
  if (row.path === 'schemas') return JSON.stringify(value) === JSON.stringify(served)
  if (row.type === 'boolean') return readBoolean(value) === served
  if (typeof value !== 'string') return false
  // Which of its URLs the server was asked by is not known here.
  if (row.path === 'meta.location') return /^https?:\/\//i.test(value) && value.endsWith(served as string)
  if (row.path.startsWith('emails.')) return foldCase(value) === foldCase(served as string)
  return value === served
}
