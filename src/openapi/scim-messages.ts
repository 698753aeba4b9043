// What openapi.yaml says about SCIM messages besides users: lists, errors and discovery (RFC 7643 §5-7, RFC 7644 §3.4, §3.12).

import { errorCodes, errorUrn } from '../errors.ts'
import { listUrn, maxResults } from '../scim/schema.ts'
import { arrayOf, type Json, object, schemaRef } from './parts.ts'

const listOf = (items: Json, limits: Json = {}): Json =>
  object({
    schemas: { type: 'array', items: { const: listUrn }, minItems: 1, maxItems: 1 },
    totalResults: { type: 'integer', minimum: 0 },
    startIndex: { type: 'integer', minimum: 1 },
    itemsPerPage: { type: 'integer', minimum: 0, maximum: maxResults },
    Resources: arrayOf(items, { maxItems: maxResults, ...limits }),
  })

const schemasOf = (name: string): Json => ({
  type: 'array',
  items: { const: `urn:ietf:params:scim:schemas:core:2.0:${name}` },
  minItems: 1,
  maxItems: 1,
})
const metaOf = (resourceType: string): Json =>
  object({ resourceType: { const: resourceType }, location: { type: 'string', format: 'uri' } })
const boolean: Json = { type: 'boolean' }
const supported = (more: Json = {}): Json => object({ supported: boolean, ...more })

/** The schemas of SCIM messages and their parts, besides users. */
export const messageSchemas: Record<string, Json> = {
  ListResponse: listOf(schemaRef('User')),
  ScimError: object(
    {
      schemas: { type: 'array', items: { const: errorUrn }, minItems: 1, maxItems: 1 },
      status: { type: 'string', pattern: '^[1-5][0-9][0-9]$' },
      scimType: { enum: Object.values(errorCodes).flatMap(row => ('scimType' in row ? [row.scimType] : [])) },
      detail: { type: 'string', minLength: 1 },
    },
    ['scimType'],
  ),
  EmptyList: listOf({}, { maxItems: 0 }),
  SchemaList: listOf(schemaRef('ScimSchema')),
  ScimSchema: object({
    schemas: schemasOf('Schema'),
    id: { type: 'string' },
    name: { type: 'string' },
    description: { type: 'string' },
    attributes: arrayOf(schemaRef('SchemaAttribute'), { minItems: 1 }),
    meta: metaOf('Schema'),
  }),
  SchemaAttribute: object(
    {
      name: { type: 'string', pattern: '^[A-Za-z$][A-Za-z0-9_$-]*$' },
      type: { enum: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'complex'] },
      subAttributes: arrayOf(schemaRef('SchemaAttribute'), { minItems: 1 }),
      multiValued: boolean,
      description: { type: 'string' },
      required: boolean,
      canonicalValues: arrayOf({ type: 'string' }),
      caseExact: boolean,
      mutability: { enum: ['readOnly', 'readWrite', 'immutable', 'writeOnly'] },
      returned: { enum: ['always', 'never', 'default', 'request'] },
      uniqueness: { enum: ['none', 'server', 'global'] },
    },
    ['subAttributes', 'canonicalValues', 'caseExact'],
  ),
  ResourceTypeList: listOf(schemaRef('ResourceType')),
  ResourceType: object({
    schemas: schemasOf('ResourceType'),
    id: { type: 'string' },
    name: { type: 'string' },
    description: { type: 'string' },
    endpoint: { type: 'string', pattern: '^/' },
    schema: { type: 'string' },
    schemaExtensions: arrayOf({}, { maxItems: 0 }),
    meta: metaOf('ResourceType'),
  }),
  ServiceProviderConfig: object({
    schemas: schemasOf('ServiceProviderConfig'),
    patch: supported(),
    bulk: supported({ maxOperations: { type: 'integer' }, maxPayloadSize: { type: 'integer' } }),
    filter: supported({ maxResults: { type: 'integer' } }),
    changePassword: supported(),
    sort: supported(),
    etag: supported(),
    authenticationSchemes: arrayOf(
      object({
        type: { enum: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'] },
        name: { type: 'string' },
        description: { type: 'string' },
        specUri: { type: 'string', format: 'uri' },
        primary: boolean,
      }),
      { minItems: 1 },
    ),
    meta: metaOf('ServiceProviderConfig'),
  }),
}
