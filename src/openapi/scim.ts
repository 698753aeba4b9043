// The paths of the SCIM surface in openapi.yaml.

import type { ErrorCode } from '../errors.ts'
import type { Behaviours } from '../scim/behaviour.ts'
import { defaultCount, maxResults } from '../scim/schema.ts'
import { userUrn } from '../scim/user.ts'
import {
  anywhere,
  content,
  type ErrorForm,
  type Json,
  type Paths,
  pathParameter,
  queryParameter,
  schemaRef,
  toErrors,
} from './parts.ts'
import { toFilter } from './scim-users.ts'

const mediaTypes = ['application/scim+json', 'application/json'] as const

/** The errors of the SCIM surface (RFC 7644 §3.12). */
export const scimErrors: ErrorForm = {
  prefix: 'Scim',
  mediaTypes,
  toSchema: (codes, status) => ({
    allOf: [
      schemaRef('ScimError'),
      {
        properties: {
          // Not a constant: code generators cannot narrow a string to one.
          status: { type: 'string', pattern: `^${status}$` },
          ...(status === 400 && { scimType: { enum: codes } }),
        },
      },
    ],
  }),
}

const everywhere = ['unauthorized', 'forbidden', 'tooManyRequests', ...anywhere] as const
const body = ['invalidSyntax', 'invalidValue', 'tooLarge', 'unsupportedMediaType'] as const

const projection = [
  queryParameter(
    'attributes',
    'The attributes to show, separated by commas; unknown ones are ignored, and an empty list counts as absent.',
    { type: 'string' },
  ),
  queryParameter('excludedAttributes', 'The attributes not to show; ignored when `attributes` is sent.', {
    type: 'string',
  }),
]

const id = pathParameter('id', 'The USER_ID.', '1')

const ok = (schema: string, description: string, headers?: Json): Json => ({
  description,
  ...(headers && { headers }),
  content: content(schemaRef(schema), ...mediaTypes),
})

const requestBody = (schema: string): Json => ({ required: true, content: content(schemaRef(schema), ...mediaTypes) })

const location: Json = { Location: { required: true, schema: { type: 'string', format: 'uri' } } }

const linksToUser: Json = Object.fromEntries(
  ['getUser', 'replaceUser', 'patchUser', 'deleteUser'].map(operationId => [
    operationId,
    { operationId, parameters: { id: '$response.body#/id' } },
  ]),
)

const operation = (
  operationId: string,
  summary: string,
  responses: Json,
  codes: readonly ErrorCode[],
  rest: Json = {},
): Json => ({
  tags: ['SCIM users'],
  operationId,
  summary,
  security: [{ scimToken: [] }],
  ...rest,
  responses: { ...responses, ...toErrors(scimErrors, ...everywhere, ...codes) },
})

const discovery = (operationId: string, summary: string, schema: string, codes: readonly ErrorCode[], rest?: Json) =>
  operation(operationId, summary, { 200: ok(schema, 'Success.') }, codes, { tags: ['SCIM discovery'], ...rest })

/** The paths of the SCIM surface. */
export const scimPaths = (behaviours: Behaviours): Paths => ({
  '/scim/v2/Users': {
    get: operation(
      'listUsers',
      'Lists users, active and inactive, or finds one by userName',
      { 200: ok('ListResponse', 'A page of users in ascending USER_ID.') },
      ['invalidFilter', 'invalidValue'],
      {
        parameters: [
          queryParameter('filter', 'Which users to list; by default only `userName eq "…"`.', toFilter(behaviours), {
            example: 'userName eq "ann@example.com"',
          }),
          queryParameter('startIndex', 'The first user, counted from 1; less counts as 1.', {
            type: 'integer',
            default: 1,
          }),
          queryParameter(
            'count',
            `How many users; less than 0 counts as 0, more than ${maxResults} as ${maxResults}.`,
            { type: 'integer', default: defaultCount },
          ),
          ...projection,
        ],
      },
    ),
    post: operation(
      'createUser',
      'Creates a user, which is always active by default',
      { 201: { ...ok('User', 'The new user.', location), links: linksToUser } },
      [...body, 'uniqueness'],
      { parameters: projection, requestBody: requestBody('UserCreation') },
    ),
  },
  '/scim/v2/Users/{id}': {
    parameters: [id],
    get: operation('getUser', 'Reads a user, active or not', { 200: ok('User', 'The user.') }, ['notFound'], {
      parameters: projection,
    }),
    put: operation(
      'replaceUser',
      'Replaces what a client may set; `active` keeps its value unless sent',
      { 200: ok('User', 'The user as it is now.') },
      [...body, 'mutability', 'notFound', 'uniqueness'],
      { parameters: projection, requestBody: requestBody('ReplacedUser') },
    ),
    patch: operation(
      'patchUser',
      'Changes a user; by default with `replace` operations only',
      {
        200: ok('User', 'The user as it is now.'),
        204: { description: 'Changed (the switch patchAnswer is no-content).' },
      },
      [...body, 'invalidPath', 'mutability', 'noTarget', 'notFound', 'uniqueness'],
      { parameters: projection, requestBody: requestBody('PatchOp') },
    ),
    delete: operation(
      'deleteUser',
      'Deactivates a user; by default nothing is removed',
      { 204: { description: 'Done. It is no error when the user is inactive already.' } },
      ['notFound'],
    ),
  },
  '/scim/v2/Schemas': { get: discovery('listSchemas', 'The attributes Insightly supports', 'SchemaList', []) },
  '/scim/v2/Schemas/{urn}': {
    get: discovery('getSchema', 'One schema', 'ScimSchema', ['notFound'], {
      parameters: [pathParameter('urn', 'The URN of the schema.', userUrn)],
    }),
  },
  '/scim/v2/ServiceProviderConfig': {
    get: discovery('getServiceProviderConfig', 'What the server can do', 'ServiceProviderConfig', ['notFound']),
  },
  '/scim/v2/ResourceTypes': {
    get: discovery('listResourceTypes', 'The resource types', 'ResourceTypeList', ['notFound']),
  },
  '/scim/v2/ResourceTypes/{id}': {
    get: discovery('getResourceType', 'One resource type', 'ResourceType', ['notFound'], {
      parameters: [pathParameter('id', 'The name of the resource type.', 'User')],
    }),
  },
  '/scim/v2/Groups': { get: discovery('listGroups', 'Not supported, or an empty list', 'EmptyList', ['notFound']) },
})
