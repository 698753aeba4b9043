// The document openapi.yaml, built from the tables and schemas that serve: all four surfaces. Written by
// scripts/generate.ts and served as that file; nothing here runs in a server.

import type { Behaviours } from '../scim/behaviour.ts'
import { controlErrors, controlPaths, controlSchemas } from './control.ts'
import { content, type Json, type Paths, pathParameter, toErrorResponses, toErrors } from './parts.ts'
import { recordSchemas, restErrors, restPaths, restSchemas } from './rest.ts'
import { scimErrors, scimPaths } from './scim.ts'
import { messageSchemas } from './scim-messages.ts'
import { userSchemas } from './scim-users.ts'

const open = (operationId: string, summary: string, mediaType: string, schema: Json, others: Json = {}): Json => ({
  get: {
    tags: ['Open'],
    operationId,
    summary,
    security: [],
    responses: { 200: { description: 'Success.', content: { [mediaType]: { schema } } }, ...others },
  },
})

const page: Json = { type: 'string', minLength: 1 }
const unchanged: Json = { 304: { description: 'The client has the current version.' } }

const openPaths: Paths = {
  '/healthz': open('getHealth', 'Whether the process lives', 'application/json', {
    type: 'object',
    properties: { status: { const: 'ok' } },
    required: ['status'],
  }),
  '/readyz': open('getReadiness', 'Whether requests are served', 'application/json', {
    type: 'object',
    properties: { status: { const: 'ready' } },
    required: ['status'],
  }),
  '/metrics': open('getMetrics', 'Counters for Prometheus', 'text/plain', { type: 'string' }),
  '/openapi.yaml': open('getOpenApi', 'This document', 'application/yaml', { type: 'object' }),
  '/': open('getConsole', 'The console, a page for people; absent without the control API', 'text/html', page, {
    ...unchanged,
    ...toErrors(controlErrors, 'notFound'),
  }),
  '/console/{file}': {
    parameters: [pathParameter('file', 'A file of the console.', 'main.js')],
    get: {
      tags: ['Open'],
      operationId: 'getConsoleFile',
      summary: 'A module, style sheet or picture of the console',
      security: [],
      responses: {
        200: {
          description: 'Success.',
          content: content({ type: 'string' }, 'text/javascript', 'text/css', 'text/html', 'image/svg+xml'),
        },
        ...unchanged,
        ...toErrors(controlErrors, 'notFound'),
      },
    },
  },
}

const description = `A stand-in for Insightly's SCIM 2.0 user provisioning. Four surfaces: SCIM for identity providers, Insightly's
own view for code that reads it, the control API for test suites, and a few open endpoints.

What the SCIM surface accepts is described for the preset \`insightly\`; the behaviour switches of an instance change it.
Paths of the SCIM and REST surfaces are read in any letter case and with extra slashes. Any other path below
\`/scim/v2\` is answered with \`ScimError\` (404; 501 for \`/Bulk\`, \`/Me\` and \`/.search\`), any other method with 405.
`

/** Adds the type to every enum, constant and set of members: validators do not need it, but code generators do. */
function withTypes<T>(part: T): T {
  if (Array.isArray(part)) return part.map(withTypes) as T
  if (typeof part !== 'object' || part === null) return part
  const whole = Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, /^(examples?|default)$/.test(name) ? value : withTypes(value)]),
  )
  if ('type' in whole) return whole as T
  const values = Array.isArray(whole.enum) ? whole.enum : 'const' in whole ? [whole.const] : []
  const types = 'properties' in whole ? ['object'] : [...new Set(values.map(toType))]
  if (types.length === 0) return whole as T
  return { type: types.length > 1 ? types : types[0], ...whole } as T
}

const toType = (value: unknown): string => (Number.isInteger(value) ? 'integer' : typeof value)

/** The OpenAPI 3.1 document for instances with the given behaviours. */
export async function toOpenApi(behaviours: Behaviours, version: string): Promise<Json> {
  const paths = { ...scimPaths(behaviours), ...restPaths, ...(await controlPaths()), ...openPaths }
  const told = JSON.stringify(paths)
  const responses = [scimErrors, restErrors, controlErrors].flatMap(form => Object.entries(toErrorResponses(form)))
  return withTypes({
    openapi: '3.1.0',
    info: {
      title: 'insightly-scim',
      version,
      summary: "A stand-in for Insightly's SCIM 2.0 user provisioning.",
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'SCIM users', description: 'Provisioning, RFC 7644.' },
      { name: 'SCIM discovery', description: 'What the SCIM surface serves, RFC 7643.' },
      { name: 'REST', description: "Insightly's own view, read-only." },
      { name: 'Control', description: 'How a test suite arranges an instance and looks into it.' },
      { name: 'Open', description: 'Without authentication, and without data.' },
    ],
    paths,
    components: {
      securitySchemes: {
        scimToken: { type: 'http', scheme: 'bearer', description: "An instance's SCIM token." },
        apiKey: {
          type: 'http',
          scheme: 'basic',
          description: "An instance's API key as user name; the password is ignored.",
        },
        adminKey: { type: 'http', scheme: 'bearer', description: "The server's admin key." },
      },
      responses: Object.fromEntries(responses.filter(([name]) => told.includes(`/responses/${name}"`))),
      // The table of fields describes records, also where the control API answers with one.
      schemas: { ...userSchemas(behaviours), ...messageSchemas, ...restSchemas, ...controlSchemas(), ...recordSchemas },
    },
  })
}
