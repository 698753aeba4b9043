// What openapi.yaml says about users and their changes: bodies served and accepted, and filters, derived from the
// attribute table and the behaviour switches.

import { nameOf, parentOf, partsOf, rows, writableRows } from '../scim/attribute.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import { addressForm, constants, isRequired } from '../scim/document.ts'
import { maxOperations, patchUrn } from '../scim/patch.ts'
import { longestPath } from '../scim/path.ts'
import { textSchema } from '../scim/text.ts'
import { type AttributeRow, userUrn } from '../scim/user.ts'
import { anyCase, arrayOf, type Json, schemaRef } from './parts.ts'

/** Rows whose values are narrower than their type. */
const shapes: Record<string, Json> = {
  schemas: { type: 'array', items: { const: userUrn }, minItems: 1, maxItems: 1 },
  id: { type: 'string', pattern: '^[1-9][0-9]{0,14}$' },
  // Not a constant: when one is not a text, openapi-generator makes Python code that refuses it.
  'emails.primary': { type: 'boolean', not: { const: false } },
  'meta.location': { type: 'string', format: 'uri' },
}

function toServed(row: AttributeRow): Json {
  const { description } = row
  if (shapes[row.path]) return { ...shapes[row.path], description }
  if (row.path in constants) return { const: constants[row.path], description }
  if (row.type === 'dateTime')
    return { type: 'string', format: 'date-time', pattern: '^[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z$', description }
  if (row.type !== 'complex') return { type: row.type, description }
  const parts = partsOf(row)
  // Any part can be missing: a projection may have named only another one.
  const whole = {
    type: 'object',
    properties: Object.fromEntries(parts.map(part => [nameOf(part), toServed(part)])),
    additionalProperties: false,
    minProperties: 1,
  }
  return row.multiValued
    ? { type: 'array', items: whole, minItems: 1, maxItems: 1, description }
    : { ...whole, description }
}

/** A user as served. An attribute that is not always returned may be missing, since clients can ask for less (U-05). */
const toServedUser = (): Json => {
  const top = rows.filter(row => !parentOf(row))
  return {
    type: 'object',
    properties: Object.fromEntries(top.map(row => [row.path, toServed(row)])),
    required: top.filter(row => row.returned === 'always').map(row => row.path),
    additionalProperties: false,
  }
}

const text: Json = { type: 'string', ...textSchema }
// An empty array, described without its type: for an array among alternatives, openapi-generator makes Java code that
// does not compile, and openapi-python-client takes no array as a constant.
const notArrays = ['null', 'boolean', 'object', 'number', 'string'].map(type => ({ type }))
const absent: Json[] = [{ type: 'null' }, { maxItems: 0, not: { anyOf: notArrays } }]
// Code generators know no value that is of one type or another, and no two names that differ in letter case alone.
const truth: Json = { anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '^([tT]rue|[fF]alse)$' }] }
const ignored = (why: string): Json => ({ description: `Ignored: ${why}.` })

/** What a client sends for an attribute; a required one can be neither missing nor empty. */
function toSent(row: AttributeRow, behaviours: Behaviours): Json {
  const { description } = row
  if (row.mutability === 'readOnly') {
    if (row.path !== 'emails' || !isRequired(row, behaviours)) return ignored('read-only')
    const address = { type: 'object', properties: { value: { type: 'string', minLength: 1 } }, required: ['value'] }
    return { type: 'array', contains: address, description: 'Must hold an address, which is then ignored.' }
  }
  if (row.path === 'name') {
    const parts = partsOf(row)
    const name = {
      type: 'object',
      properties: Object.fromEntries(parts.map(part => [nameOf(part), toSent(part, behaviours)])),
      ...requiredOf(parts, behaviours),
    }
    return isRequired(row, behaviours) ? { ...name, description } : { anyOf: [name, ...absent], description }
  }
  if (row.type === 'boolean') return { anyOf: [...(truth.anyOf as Json[]), ...absent], description }
  const isEmail = row.path === 'userName' && behaviours.userNameFormat === 'email'
  const value = isEmail ? { ...text, allOf: [{ pattern: addressForm.source }] } : text
  return isRequired(row, behaviours)
    ? { ...value, minLength: 1, description }
    : { anyOf: [value, ...absent], description }
}

function requiredOf(candidates: readonly AttributeRow[], behaviours: Behaviours): Json {
  const required = candidates.filter(row => isRequired(row, behaviours)).map(nameOf)
  return required.length > 0 ? { required } : {}
}

function toSentUser(behaviours: Behaviours, overrides: Json): Json {
  const top = rows.filter(row => !parentOf(row))
  return {
    type: 'object',
    description: 'Members that Insightly does not store are accepted and ignored.',
    properties: { ...Object.fromEntries(top.map(row => [row.path, toSent(row, behaviours)])), ...overrides },
    ...requiredOf(top, behaviours),
    examples: [
      {
        schemas: [userUrn],
        userName: 'ann@example.com',
        name: { givenName: 'Ann', familyName: 'Lee' },
        displayName: 'Ann Lee',
        emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
        active: true,
      },
    ],
  }
}

const attributePath = '([uU][rR][nN]:[^\\s"\\[\\]]+:)?[a-zA-Z][a-zA-Z0-9_$-]*'

const anyPath: Json = {
  type: 'string',
  maxLength: longestPath,
  pattern: `^${attributePath}(\\[[a-zA-Z]+ (${['eq', 'ne', 'co', 'sw', 'ew'].map(anyCase).join('|')}) ("[^"\\\\\\x00-\\x1f]*"|true|false)\\])?(\\.[a-zA-Z$][a-zA-Z0-9_$-]*)?$`,
}

/** The operations of a PATCH, one form for each kind of path. */
function toPatch(behaviours: Behaviours): Json {
  const named = (names: readonly string[], value: Json): Json => ({
    properties: { path: { enum: names }, value },
    required: ['path', 'value'],
  })
  const required = writableRows.filter(row => isRequired(row, behaviours)).map(row => row.path)
  const optional = writableRows
    .filter(row => row.type === 'string' && !required.includes(row.path))
    .map(row => row.path)
  const readOnly = rows.filter(row => row.mutability === 'readOnly').map(row => row.path)
  const forms: Json[] = [
    named(required, { ...text, minLength: 1 }),
    named(optional, { ...text, type: ['string', 'null'] }),
    named(['active'], truth),
    {
      description: 'Without a path the value is an object of attributes.',
      properties: { value: schemaRef('PatchValue') },
      required: ['value'],
      // A member of the type null is more than code generators can take.
      not: { required: ['path'], properties: { path: { not: { type: 'null' } } } },
    },
    {
      description:
        'Any other path: read-only attributes take only the value they have, and what Insightly does not store is ignored.',
      properties: {
        path: {
          ...anyPath,
          not: { enum: [...required, ...optional, 'active'] },
        },
        value: {},
      },
      required: ['path', 'value'],
    },
  ]
  const all = behaviours.patchOperations === 'all'
  const op = { type: 'string', pattern: `^(${(all ? ['add', 'replace'] : ['replace']).map(anyCase).join('|')})$` }
  const remove: Json = {
    properties: {
      op: { type: 'string', pattern: `^${anyCase('remove')}$` },
      path: { ...anyPath, not: { enum: [...required, ...readOnly, 'active'] } },
    },
    required: ['op', 'path'],
  }
  const write = forms.map(form => ({
    ...form,
    properties: { op, ...(form.properties as Json) },
    required: ['op', ...(form.required as string[])],
  }))
  return {
    type: 'object',
    properties: {
      schemas: { type: 'array', items: { type: 'string' }, contains: { pattern: `^${anyCase(patchUrn)}$` } },
      Operations: arrayOf(
        { type: 'object', anyOf: all ? [...write, remove] : write },
        { minItems: 1, maxItems: maxOperations },
      ),
    },
    required: ['schemas', 'Operations'],
    examples: [
      { schemas: [patchUrn], Operations: [{ op: 'replace', path: 'active', value: false }] },
      { schemas: [patchUrn], Operations: [{ op: 'replace', value: { 'name.givenName': 'Anna', active: true } }] },
    ],
  }
}

/** The value of a PATCH operation without a path: nulls and empty arrays change nothing. */
function toPatchValue(behaviours: Behaviours): Json {
  const value = (row: AttributeRow): Json => ({
    anyOf: [
      ...(row.type === 'boolean'
        ? (truth.anyOf as Json[])
        : [isRequired(row, behaviours) ? { ...text, minLength: 1 } : text]),
      ...absent,
    ],
  })
  const parts = writableRows.filter(row => parentOf(row))
  return {
    type: 'object',
    description:
      'Names can be nested, dotted or prefixed with the URN of the schema. `emails` and `name.formatted` take only the value they have.',
    properties: {
      ...Object.fromEntries(writableRows.map(row => [row.path, value(row)])),
      name: {
        anyOf: [
          { type: 'object', properties: Object.fromEntries(parts.map(row => [nameOf(row), value(row)])) },
          ...absent,
        ],
      },
    },
  }
}

/** The filters that GET /Users understands. A pattern covers only a part of the full grammar. */
export function toFilter({ filters }: Behaviours): Json {
  const string = '"([^"\\\\\\x00-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4})*"'
  const documented = `(${anyCase(`${userUrn}:`)})?${anyCase('userName')} +${anyCase('eq')} +${string}`
  if (filters === 'userName-eq') return { type: 'string', pattern: `^ *${documented} *$` }
  const strings = [...rows.filter(row => row.type === 'string').map(row => row.path), 'emails']
  const term = `(${strings.map(name => name.replace('.', '\\.')).join('|')}) (eq|ne|co|sw|ew) ${string}`
  const simple = `(${term}|(active|name|emails) pr|active (eq|ne) (true|false))`
  return { type: 'string', maxLength: 1000, pattern: `^(not \\(${simple}\\)|${simple})( (and|or) ${simple}){0,3}$` }
}

/** The schemas of users, as served and as sent. */
export const userSchemas = (behaviours: Behaviours): Record<string, Json> => ({
  User: toServedUser(),
  UserCreation: toSentUser(
    behaviours,
    behaviours.createActive === 'always-true' ? { active: ignored('a new user is active') } : {},
  ),
  ReplacedUser: toSentUser(behaviours, {}),
  PatchOp: toPatch(behaviours),
  PatchValue: toPatchValue(behaviours),
})
