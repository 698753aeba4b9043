// Discovery: what /Schemas, /ResourceTypes and /ServiceProviderConfig say, derived from the tables (RFC 7643 §5-7).

import { nameOf, parentOf, partsOf, rows } from './attribute.ts'
import type { Behaviours } from './behaviour.ts'
import { isRequired } from './document.ts'
import { type AttributeRow, userUrn } from './user.ts'

/** How many users a page holds at most (D-02, U-02). */
export const maxResults = 500
/** How many users a page holds when `count` is not sent. */
export const defaultCount = 100

export const listUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

type Resource = Record<string, unknown>

/** A ListResponse (RFC 7644 §3.4.2) that holds all the resources there are. */
export const toList = (resources: readonly Resource[]): Resource => ({
  schemas: [listUrn],
  totalResults: resources.length,
  startIndex: 1,
  itemsPerPage: resources.length,
  Resources: resources,
})

/** The JSON text of a ListResponse up to its users, who are joined by commas and followed by `listEnd`. */
export const toListStart = (total: number, startIndex: number, itemsPerPage: number): string =>
  `{"schemas":["${listUrn}"],"totalResults":${total},"startIndex":${startIndex},"itemsPerPage":${itemsPerPage},"Resources":[`
export const listEnd = ']}'

function toAttribute(row: AttributeRow, behaviours: Behaviours): Resource {
  const subAttributes = partsOf(row)
  return {
    name: nameOf(row),
    type: row.type,
    ...(subAttributes.length > 0 && { subAttributes: subAttributes.map(each => toAttribute(each, behaviours)) }),
    multiValued: row.multiValued ?? false,
    description: row.description,
    required: isRequired(row, behaviours),
    ...(row.canonicalValues && { canonicalValues: row.canonicalValues }),
    // RFC 7643 §7: caseExact says something about texts only.
    ...(row.type !== 'complex' && row.type !== 'boolean' && { caseExact: row.caseExact ?? false }),
    mutability: row.mutability,
    returned: row.returned,
    uniqueness: row.uniqueness ?? 'none',
  }
}

/** The User schema with exactly the attributes served (D-01); `baseUrl` is the SCIM URL the client used. */
export const toUserSchema = (behaviours: Behaviours, baseUrl: string): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id: userUrn,
  name: 'User',
  description: 'An Insightly user.',
  attributes: rows.filter(row => !row.common && !parentOf(row)).map(row => toAttribute(row, behaviours)),
  meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${userUrn}` },
})

/** The only resource type (D-02). */
export const toUserResourceType = (baseUrl: string): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id: 'User',
  name: 'User',
  description: 'An Insightly user.',
  endpoint: '/Users',
  schema: userUrn,
  schemaExtensions: [],
  meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/User` },
})

/** What the server can do (D-02). */
export const toServiceProviderConfig = (baseUrl: string): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'SCIM token',
      description: 'The SCIM token of Insightly: System Settings, Security, SAML and SCIM.',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
})
