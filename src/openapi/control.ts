// The control API in openapi.yaml; what it takes in is what its zod schemas check.

import { z } from 'zod'
import type { ErrorCode } from '../errors.ts'
import { newInstance, newUser, settingsChange, userChange } from '../http/control-input.ts'
import { behavioursSchema, settingsSchema, stateSchema } from '../state.ts'
import {
  arrayOf,
  content,
  type ErrorForm,
  fromZod,
  type Json,
  type Method,
  object,
  type Paths,
  pathParameter,
  queryParameter,
  schemaRef,
  serverTrouble,
  toErrors,
} from './parts.ts'

const json = 'application/json'
/** The errors of the control API (RFC 9457). */
export const controlErrors: ErrorForm = {
  prefix: 'Control',
  mediaTypes: ['application/problem+json'],
  toSchema: (_codes, status) => ({ allOf: [schemaRef('Problem'), { properties: { status: { const: status } } }] }),
}

const name = pathParameter('name', 'The instance.', { type: 'string', minLength: 1 }, 'default')
const userId = pathParameter('USER_ID', 'The user.', { type: 'string', minLength: 1 }, '1')

const linksToInstance: Json = Object.fromEntries(
  ['getInstance', 'getSettings', 'deleteInstance'].map(operationId => [
    operationId,
    { operationId, parameters: { name: '$response.body#/name' } },
  ]),
)
const linksToRecord: Json = {
  getRecord: {
    operationId: 'getRecord',
    parameters: { name: '$request.path.name', USER_ID: '$response.body#/USER_ID' },
  },
}

interface Operation {
  id: string
  summary: string
  status: number
  /** The schema of the answer; none has no body. */
  answer?: Json
  links?: Json
  body?: Json
  optionalBody?: true
  parameters?: readonly Json[]
  /** Refusals besides those of every operation. */
  codes?: readonly ErrorCode[]
}

function toOperation({
  id,
  summary,
  status,
  answer,
  links,
  body,
  optionalBody,
  parameters,
  codes = [],
}: Operation): Json {
  const refusals: ErrorCode[] = ['unauthorized', ...serverTrouble, ...codes]
  if (body) refusals.push('invalidSyntax', 'tooLarge')
  return {
    tags: ['Control'],
    operationId: id,
    summary,
    security: [{ adminKey: [] }],
    ...(parameters && { parameters }),
    ...(body && { requestBody: { required: !optionalBody, content: content(body, json) } }),
    responses: {
      [status]: { description: 'Done.', ...(answer && { content: content(answer, json) }), ...(links && { links }) },
      ...toErrors(controlErrors, ...refusals),
    },
  }
}

const all: Record<string, Partial<Record<Method, Operation>>> = {
  '': {
    get: { id: 'getServer', summary: 'Version, uptime and instances', status: 200, answer: schemaRef('ServerInfo') },
  },
  '/instances': {
    get: {
      id: 'listInstances',
      summary: 'All instances',
      status: 200,
      answer: arrayOf(schemaRef('Instance')),
    },
    post: {
      id: 'createInstance',
      summary: 'Makes an instance, which works at once unless told otherwise',
      status: 201,
      answer: schemaRef('Instance'),
      links: linksToInstance,
      body: schemaRef('NewInstance'),
      optionalBody: true,
      codes: ['conflict', 'invalidInput'],
    },
  },
  '/instances/{name}': {
    get: { id: 'getInstance', summary: 'One instance, with its secrets', status: 200, answer: schemaRef('Instance') },
    delete: {
      id: 'deleteInstance',
      summary: 'Removes an instance with its data; the default one cannot be',
      status: 204,
      codes: ['conflict'],
    },
  },
  '/instances/{name}/settings': {
    get: { id: 'getSettings', summary: 'The settings', status: 200, answer: schemaRef('Settings') },
    patch: {
      id: 'changeSettings',
      summary: 'Changes settings; turning SAML off turns SCIM off',
      status: 200,
      answer: schemaRef('Settings'),
      body: schemaRef('SettingsChange'),
      codes: ['conflict', 'invalidInput'],
    },
  },
  '/instances/{name}/scim-token/regenerate': {
    post: {
      id: 'regenerateToken',
      summary: 'Makes a new SCIM token; earlier ones are dead at once',
      status: 200,
      answer: object({ scimToken: { type: 'string', minLength: 1 } }),
      codes: ['conflict'],
    },
  },
  '/instances/{name}/users': {
    get: {
      id: 'listRecords',
      summary: "The users as Insightly's records",
      status: 200,
      answer: arrayOf(schemaRef('LicensedRecord')),
      parameters: [
        queryParameter('userName', 'The e-mail address, in any letter case.', { type: 'string' }),
        queryParameter('active', 'Only the active or the inactive.', { type: 'boolean' }),
      ],
      codes: ['invalidInput'],
    },
    post: {
      id: 'addRecord',
      summary: 'Adds a user as an administrator does by hand',
      status: 201,
      answer: schemaRef('LicensedRecord'),
      links: linksToRecord,
      body: schemaRef('NewRecord'),
      codes: ['uniqueness', 'invalidInput'],
    },
  },
  '/instances/{name}/users/{USER_ID}': {
    get: { id: 'getRecord', summary: 'One user', status: 200, answer: schemaRef('LicensedRecord') },
    patch: {
      id: 'editRecord',
      summary: "Edits a user behind the client's back",
      status: 200,
      answer: schemaRef('LicensedRecord'),
      body: schemaRef('RecordChange'),
      codes: ['forbidden', 'uniqueness', 'invalidInput'],
    },
  },
  '/instances/{name}/state': {
    get: { id: 'exportState', summary: 'The state document', status: 200, answer: schemaRef('State') },
    put: {
      id: 'importState',
      summary: 'Replaces settings, behaviours and users',
      status: 204,
      body: schemaRef('State'),
      codes: ['conflict', 'invalidInput'],
    },
  },
  '/instances/{name}/reset': {
    post: { id: 'reset', summary: 'Back to the state the instance was created with', status: 204 },
  },
}

/** The paths of the control API. */
export const controlPaths = (): Paths =>
  Object.fromEntries(
    Object.entries(all).map(([path, operations]) => {
      const parameters = [...(path.includes('{name}') ? [name] : []), ...(path.includes('{USER_ID}') ? [userId] : [])]
      const item = Object.entries(operations).map(([method, operation]) => [
        method,
        toOperation({
          ...operation,
          codes: [...(operation.codes ?? []), ...(parameters.length ? (['notFound'] as const) : [])],
        }),
      ])
      return [`/_emulator${path}`, { ...(parameters.length && { parameters }), ...Object.fromEntries(item) }]
    }),
  )

const url: Json = { type: 'string', format: 'uri' }
const secretOrNull: Json = { type: ['string', 'null'], minLength: 1 }

/** The schemas of the control API. */
export const controlSchemas = (): Record<string, Json> => ({
  Problem: object(
    {
      type: { type: 'string' },
      title: { type: 'string', minLength: 1 },
      status: { type: 'integer' },
      detail: { type: 'string', minLength: 1 },
      errors: arrayOf(object({ path: { type: 'string' }, message: { type: 'string' } }), { minItems: 1 }),
    },
    ['errors'],
  ),
  ServerInfo: object({
    version: { type: 'string' },
    uptimeSeconds: { type: 'integer', minimum: 0 },
    instances: arrayOf({ type: 'string' }),
  }),
  Instance: object({
    name: { type: 'string' },
    instanceId: { type: 'integer' },
    scimUrl: url,
    scimToken: secretOrNull,
    apiUrl: url,
    apiKey: secretOrNull,
  }),
  NewInstance: {
    ...fromZod(newInstance.extend({ state: z.unknown() })),
    properties: { ...properties(newInstance), state: schemaRef('State') },
  },
  Settings: fromZod(settingsSchema.extend({ behaviours: behavioursSchema.required() }).required()),
  SettingsChange: fromZod(settingsChange),
  NewRecord: fromZod(newUser),
  RecordChange: fromZod(userChange),
  State: fromZod(stateSchema),
})

const properties = (schema: z.ZodType): Json => fromZod(schema).properties as Json
