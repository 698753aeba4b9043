// The control API in openapi.yaml; what it takes in is what its zod schemas check.

import type { ErrorCode } from '../errors.ts'
import { operations } from '../scim/operation.ts'
import {
  anywhere,
  arrayOf,
  content,
  type ErrorForm,
  type Json,
  type Method,
  object,
  type Paths,
  pathParameter,
  queryParameter,
  schemaRef,
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

const userName = queryParameter('userName', 'The userName, in any letter case.', { type: 'string' })
const wholeNumber: Json = { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 }
const count = (default_: Json): Json =>
  queryParameter('count', 'How many must be there for `wait` to end.', { ...wholeNumber, ...default_ })
const wait = queryParameter('wait', 'Answer when that many match, or with 408 after this time, at most a minute.', {
  type: 'string',
  pattern: '^([0-9]{1,4}ms|[1-5][0-9]{4}ms|60000ms|[1-5]?[0-9]s|60s|[01]m)$',
})

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
  /** The media type of the answer, where it is not JSON. */
  mediaType?: string
  /** The answer has status 408 when a wait ended without a match. */
  late?: true
  /** Answers with a status that is no plain problem. */
  others?: Json
  /** Refusals besides those of every operation. */
  codes?: readonly ErrorCode[]
}

function toOperation({ id, summary, status, answer, links, body, optionalBody, parameters, ...rest }: Operation): Json {
  const { mediaType = json, late, others, codes = [] } = rest
  const refusals: ErrorCode[] = ['unauthorized', ...anywhere, ...codes]
  if (body) refusals.push('invalidSyntax', 'tooLarge')
  const shown = answer && { content: content(answer, mediaType) }
  return {
    tags: ['Control'],
    operationId: id,
    summary,
    security: [{ adminKey: [] }],
    ...(parameters && { parameters }),
    ...(body && { requestBody: { required: !optionalBody, content: content(body, json) } }),
    responses: {
      [status]: { description: 'Done.', ...shown, ...(links && { links }) },
      ...(late && { 408: { description: 'It did not happen in time; this is how things are.', ...shown } }),
      ...others,
      ...toErrors(controlErrors, ...refusals),
    },
  }
}

const all: Record<string, Partial<Record<Method, Operation>>> = {
  '': {
    get: { id: 'getServer', summary: 'Version, uptime and instances', status: 200, answer: schemaRef('ServerInfo') },
  },
  '/behaviours': {
    get: {
      id: 'listBehaviours',
      summary: 'The behaviour switches, what their values mean, how the defaults are known, and the presets',
      status: 200,
      answer: schemaRef('BehaviourTable'),
    },
  },
  '/rules': {
    get: {
      id: 'listRules',
      summary: 'The rules that refusals and notes name: what each says, how it is known, which switch can change it',
      status: 200,
      answer: schemaRef('RuleTable'),
    },
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
        userName,
        queryParameter('active', 'Only the active or the inactive.', { type: 'boolean' }),
        wait,
        count({ default: 1 }),
      ],
      late: true,
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
  '/instances/{name}/requests': {
    get: {
      id: 'listRequests',
      summary: 'The journal, oldest first',
      status: 200,
      answer: { oneOf: [schemaRef('Journal'), schemaRef('Har')] },
      parameters: [
        queryParameter('method', 'The method, in any letter case.', { type: 'string' }),
        queryParameter('path', 'The start of the full path.', { type: 'string' }),
        queryParameter('status', 'The status answered.', wholeNumber),
        queryParameter('operation', 'What was asked for.', { enum: operations }),
        userName,
        queryParameter('since', 'A cursor: only what came after it.', wholeNumber),
        queryParameter('limit', 'How many entries to answer.', { ...wholeNumber, default: 1000 }),
        wait,
        count({ default: 1 }),
        queryParameter('format', '`har` for an HTTP Archive.', { enum: ['json', 'har'] }),
      ],
      late: true,
      codes: ['invalidInput'],
    },
    delete: { id: 'clearRequests', summary: 'Clears the journal alone', status: 204 },
  },
  '/instances/{name}/requests/verify': {
    post: {
      id: 'verifyRequests',
      summary: 'Whether requests happened, and how often',
      status: 200,
      answer: object({ matched: wholeNumber }),
      body: schemaRef('Verification'),
      others: {
        409: {
          description: 'They did not; the nearest misses say why.',
          content: content(schemaRef('VerificationProblem'), 'application/problem+json'),
        },
      },
      codes: ['invalidInput'],
    },
  },
  '/instances/{name}/faults': {
    get: {
      id: 'listFaults',
      summary: 'The fault rules, with how often each fired',
      status: 200,
      answer: schemaRef('Faults'),
    },
    put: {
      id: 'setFaults',
      summary: 'Replaces all fault rules',
      status: 200,
      answer: schemaRef('Faults'),
      body: schemaRef('FaultRules'),
      codes: ['invalidInput'],
    },
  },
  '/instances/{name}/clock': {
    get: { id: 'getClock', summary: 'The clock', status: 200, answer: schemaRef('Clock') },
    put: {
      id: 'setClock',
      summary: 'Sets the clock',
      status: 200,
      answer: schemaRef('Clock'),
      body: schemaRef('ClockSetting'),
      codes: ['invalidInput'],
    },
  },
  '/instances/{name}/clock/advance': {
    post: {
      id: 'advanceClock',
      summary: 'Moves the clock; a real one becomes an offset one',
      status: 200,
      answer: schemaRef('Clock'),
      body: schemaRef('ClockAdvance'),
      codes: ['invalidInput'],
    },
  },
  '/instances/{name}/events': {
    get: {
      id: 'streamEvents',
      summary: 'Server-sent events without end: `exchange`, `user` and `settings`',
      status: 200,
      answer: { type: 'string' },
      mediaType: 'text/event-stream',
      parameters: [queryParameter('since', 'A cursor of the journal: begin with what came after it.', wholeNumber)],
      codes: ['invalidInput'],
    },
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
