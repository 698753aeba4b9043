// PATCH (RFC 7644 §3.5.2) as Insightly has it: reads the request, then computes the record it asks for. Pure, so that
// the whole request is done or none of it.

import { ApiError, type ErrorCode, quote } from '../errors.ts'
import { attribute, findAttribute, parentOf } from './attribute.ts'
import type { Behaviours } from './behaviour.ts'
import { findMember, readOperationName } from './client-habits.ts'
import {
  findDifference,
  isRequired,
  notStored,
  readerOf,
  readMembers,
  readOnly,
  setField,
  withDerivedDisplayName,
} from './document.ts'
import { quoteFilter } from './filter-text.ts'
import { type PathTarget, parsePath } from './path.ts'
import type { Note, RuleId } from './rules.ts'
import type { AttributeRow, ScimRecord } from './user.ts'

export const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
/** How many operations a PATCH may hold (D-08). */
export const maxOperations = 100

/** One operation of a PATCH, after its form was checked. */
export interface PatchOperation {
  op: 'add' | 'remove' | 'replace'
  /** Undefined when the operation has no path. */
  target: PathTarget | undefined
  path: string
  value: unknown
}

/**
 * Reads the body of a PATCH.
 * @throws invalidSyntax for what is not a PatchOp or holds an operation that is not supported (U-14, U-17)
 * @throws invalidPath, invalidValue, noTarget for an operation whose parts do not fit (U-17)
 */
export function parsePatch(body: object, behaviours: Behaviours): PatchOperation[] {
  const refuse = (detail: string, rule: RuleId = 'U-17'): never => {
    throw new ApiError('invalidSyntax', detail, rule)
  }
  const schemas = findMember(body, 'schemas') ?? null
  if (schemas === null) refuse(`schemas is missing; a PATCH needs "schemas": ["${patchUrn}"].`)
  const isPatch = (urn: unknown) => typeof urn === 'string' && urn.toLowerCase() === patchUrn.toLowerCase()
  if (!Array.isArray(schemas) || !schemas.some(isPatch))
    refuse(`schemas does not hold ${quote(patchUrn)}, which a PATCH needs.`)
  const operations = findMember(body, 'Operations')
  if (!Array.isArray(operations) || operations.length === 0)
    return refuse('Operations is missing or empty; expected an array of operations.')
  if (operations.length > maxOperations)
    refuse(`Operations holds ${operations.length} operations; at most ${maxOperations} are accepted.`, 'D-08')
  // Every op is read first: an unsupported one is told before anything else that is wrong.
  const names = operations.map((operation, index) => blaming(index, () => readOp(operation, behaviours)))
  return operations.map((operation, index) => blaming(index, () => readOperation(operation, names[index]!)))
}

/** Does something for one operation. If that is refused, the detail names the operation. */
function blaming<T>(index: number, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw new ApiError(error.code, toBlame(index, error.message), error.rule)
  }
}

const toBlame = (index: number, detail: string): string => `Operations[${index}]: ${detail}`

function readOp(operation: unknown, behaviours: Behaviours): PatchOperation['op'] {
  if (!isObject(operation))
    throw new ApiError('invalidSyntax', 'this is not an object; expected one with op, path and value.', 'U-17')
  const sent = findMember(operation, 'op')
  const op = typeof sent === 'string' ? readOperationName(sent) : undefined
  const supported = behaviours.patchOperations === 'all' ? ['add', 'remove', 'replace'] : ['replace']
  if (op === undefined || !supported.includes(op))
    throw new ApiError(
      'invalidSyntax',
      `op is ${quote(sent)}; Insightly supports only ${supported.map(quote).join(', ')}.`,
      'U-14',
    )
  return op as PatchOperation['op']
}

function readOperation(operation: object, op: PatchOperation['op']): PatchOperation {
  const refuse = (code: ErrorCode, detail: string): never => {
    throw new ApiError(code, detail, 'U-17')
  }
  const path = findMember(operation, 'path') ?? null
  const target = path === null ? undefined : parsePath(path)
  const value = findMember(operation, 'value')
  const isWholeUser = !target || target.kind === 'resource'
  if (op === 'remove') {
    if (isWholeUser) refuse('noTarget', 'remove needs the path of the attribute to remove.')
  } else if (value === undefined) {
    refuse('invalidValue', 'value is missing.')
  } else if (isWholeUser && !isObject(value)) {
    // The value is not quoted: it may be a password.
    refuse('invalidValue', 'value must be an object of attributes, since path names none.')
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
  /** The operation that holds it. */
  index: number
  /** Whether another value is ignored, not refused, as that of `id` and `meta` in an operation without a path. */
  isIgnored: boolean
}

/**
 * Computes the record after all operations, in their order.
 * @throws invalidValue, invalidPath, mutability (U-17)
 */
export function applyPatch<R extends ScimRecord>(
  before: R,
  operations: readonly PatchOperation[],
  behaviours: Behaviours,
): PatchResult<R> {
  const after = { ...before }
  const notes: Note[] = []
  const readOnlyWrites: ReadOnlyWrite[] = []
  let conditionalNames = 0
  for (const [index, operation] of operations.entries()) blaming(index, () => apply(operation, index))
  for (const each of readOnlyWrites) {
    const problem = findProblem(each, before, after)
    if (problem === undefined) continue
    if (each.isIgnored) notes.push(readOnly(each.row, 'U-12'))
    else if (behaviours.readOnlyPatch === 'ignored') notes.push(readOnly(each.row, 'U-17'))
    else throw new ApiError('mutability', toBlame(each.index, problem), 'U-17')
  }
  return { after: withDerivedDisplayName(after), notes }

  function apply({ op, target, path, value }: PatchOperation, index: number): void {
    if (!target || target.kind === 'resource') {
      writeMembers(value as object, index)
    } else if (target.kind === 'mapped') {
      if (op === 'remove') remove(target.row, path, index)
      else write(target, value, index)
    } else if (behaviours.unmappedPath === 'refused') {
      throw new ApiError(
        'invalidPath',
        `The path ${quoteFilter(path)} names an attribute that Insightly does not store.`,
        'U-12',
      )
    } else notes.push(notStored(path))
  }

  function writeMembers(document: object, index: number): void {
    for (const [row, value] of readMembers(document)) {
      if (typeof row === 'string') {
        const target = row.includes('[') ? readConditionalName(row) : undefined
        if (target?.kind === 'mapped') write(target, value, index)
        else notes.push(notStored(row))
      } else if (/^(id|meta)\b/.test(row.path)) {
        readOnlyWrites.push({ row, value, index, isIgnored: true })
      } else if (row.path !== 'schemas') write({ row }, value, index)
    }
  }

  /** Entra ID also sends whole paths as member names: `"emails[type eq \"work\"].value"`. */
  function readConditionalName(name: string): PathTarget | undefined {
    conditionalNames += 1
    // Reading one costs as much as reading an operation.
    if (conditionalNames > maxOperations)
      throw new ApiError(
        'invalidSyntax',
        `the members hold more than ${maxOperations} names with a condition in brackets.`,
        'D-08',
      )
    try {
      return parsePath(name)
    } catch {
      return undefined
    }
  }

  function write({ row, selects }: Pick<ReadOnlyWrite, 'row' | 'selects'>, value: unknown, index: number): void {
    if (row.mutability === 'readOnly') {
      readOnlyWrites.push({ row, value, selects, index, isIgnored: false })
    } else if (row.path === 'name' && isObject(value)) {
      const last = new Map<AttributeRow, unknown>()
      for (const [key, part] of Object.entries(value)) {
        const partRow = findAttribute(`name.${key}`)
        if (partRow) last.set(partRow, part)
        else notes.push(notStored(`name.${key}`))
      }
      for (const [partRow, part] of last) write({ row: partRow }, part, index)
    } else if (
      (value === null || value === '') &&
      (isRequired(row, behaviours) || (value === null && row.type === 'boolean'))
    ) {
      throw new ApiError(
        'invalidValue',
        `${row.path} cannot be ${value === null ? 'removed or null' : 'an empty string'}; expected ${expectations[row.type] ?? 'a non-empty string'}.`,
        'U-17',
      )
    } else if (value === null && row.field) {
      Object.assign(after, { [row.field]: null })
    } else {
      setField(after, row, value, behaviours)
    }
  }

  function remove(row: AttributeRow, path: string, index: number): void {
    if (row.path === 'name')
      for (const part of ['name.givenName', 'name.familyName']) write({ row: attribute(part) }, null, index)
    else if (row.mutability === 'readOnly' && behaviours.readOnlyPatch === 'refused')
      throw new ApiError('mutability', `${path} is read-only and cannot be removed.`, 'U-17')
    else write({ row }, null, index)
  }
}

/** What a required attribute has to be, by its type. */
const expectations: { [Type in AttributeRow['type']]?: string } = { boolean: 'true or false', complex: 'an object' }

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Finds why a value for a read-only attribute is refused. It is accepted when the user has it before or after the whole
 * request, since clients send a new address in `emails[…]` before they send it in `userName` (U-17).
 */
function findProblem(
  { row, value, selects }: ReadOnlyWrite,
  before: ScimRecord,
  after: ScimRecord,
): string | undefined {
  if (selects && !selects(before) && !selects(after))
    return `The path selects no member of ${parentOf(row) ?? row.path}, which is read-only and holds one address of type work.`
  const different = findDifference(row, value, before) && findDifference(row, value, after)
  if (!different) return undefined
  const { path, multiValued } = different.row
  if (multiValued && Array.isArray(different.value)) {
    const { length } = different.value
    return `${path} is read-only and ${length === 1 ? 'cannot become an array of other values' : `holds one value, not ${length}`}.`
  }
  return `${path} is read-only and${toServed(different.row, after)} cannot become ${quote(different.value)}.`
}

/** The words for what is served of a read-only attribute; none for one that has parts. */
function toServed(row: AttributeRow, record: ScimRecord): string {
  if (row.type === 'complex') return ''
  // Which URL of the server the client used is not known here.
  if (row.path === 'meta.location') return ' its value, the URL of this user,'
  return ` its value of ${quote(readerOf(row)(record, ''))}`
}
