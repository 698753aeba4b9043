// The schemas of the control API in openapi.yaml: what it takes in, from its zod schemas, and what it answers.

import type { z } from 'zod'
import { behavioursSchema, newUser, settingsSchema, stateSchema, userChange } from '../account/state.ts'
import { advance, clock, faultRules, newInstance, settingsChange, verification } from '../control/input.ts'
import { behaviourRows, presetNames } from '../scim/behaviour.ts'
import { operations } from '../scim/operation.ts'
import { arrayOf, fromZod, type Json, object, schemaRef } from './parts.ts'

const propertiesOf = (schema: z.ZodType): Json => fromZod(schema).properties as Json

const url: Json = { type: 'string', format: 'uri' }
const text: Json = { type: 'string' }
const textOrNull: Json = { type: ['string', 'null'] }
const texts: Json = { type: 'object', additionalProperties: text }
const whole: Json = { type: 'integer', minimum: 0 }
const date: Json = { type: 'string', format: 'date-time' }
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
  BehaviourTable: object({
    behaviours: arrayOf(
      object(
        {
          key: { type: 'string', enum: behaviourRows.map(({ key }) => key) },
          sentence: { type: 'string' },
          evidence: { type: 'string', enum: ['doc', 'msft', 'rfc', 'rest', 'open'] },
          values: arrayOf(object({ value: { type: 'string' }, meaning: { type: 'string' } }), { minItems: 2 }),
          rfc7644: { type: 'string' },
        },
        ['rfc7644'],
      ),
    ),
    presets: object(Object.fromEntries(presetNames.map(name => [name, fromZod(behavioursSchema.required())]))),
  }),
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
  NewInstance: { ...fromZod(newInstance), properties: { ...propertiesOf(newInstance), state: schemaRef('State') } },
  Settings: fromZod(settingsSchema.extend({ behaviours: behavioursSchema.required() }).required()),
  SettingsChange: fromZod(settingsChange),
  NewRecord: fromZod(newUser),
  RecordChange: fromZod(userChange),
  State: fromZod(stateSchema),
  Journal: object({
    requests: arrayOf(schemaRef('Entry')),
    cursor: whole,
    dropped: whole,
  }),
  Entry: object({
    id: whole,
    when: date,
    client: textOrNull,
    userAgent: textOrNull,
    method: text,
    path: text,
    url: text,
    query: texts,
    headers: texts,
    body: { description: 'Parsed JSON; null when there was none or it was no JSON.' },
    bodyLength: whole,
    status: { type: ['integer', 'null'], description: 'Null when no answer was sent.' },
    answer: { description: 'Parsed JSON, a text that is none, or null.' },
    durationMs: { type: 'number', minimum: 0 },
    operation: { enum: operations },
    userId: textOrNull,
    userName: textOrNull,
    changes: arrayOf(object({ field: text, attribute: text, before: {}, after: {} })),
    fault: textOrNull,
    notes: arrayOf(text),
    curl: text,
  }),
  Har: object({
    log: object({
      version: { const: '1.2' },
      creator: object({ name: text, version: text }),
      entries: arrayOf({ type: 'object' }),
    }),
  }),
  Verification: fromZod(verification),
  VerificationProblem: {
    type: 'object',
    properties: {
      type: text,
      title: text,
      status: { const: 409 },
      detail: text,
      matched: whole,
      dropped: whole,
      nearest: arrayOf(
        object({
          id: whole,
          method: text,
          path: text,
          status: { type: ['integer', 'null'] },
          operation: { enum: operations },
          userName: textOrNull,
          notes: arrayOf(text),
          why: arrayOf(text, { minItems: 1 }),
        }),
      ),
    },
    required: ['type', 'title', 'status', 'detail', 'matched', 'dropped', 'nearest'],
    additionalProperties: false,
  },
  FaultRules: fromZod(faultRules),
  Faults: {
    type: 'array',
    items: {
      allOf: [(fromZod(faultRules) as { items: Json }).items, { properties: { fired: whole }, required: ['fired'] }],
    },
  },
  Clock: object({ mode: { enum: ['real', 'frozen', 'offset'] }, now: date }),
  ClockSetting: fromZod(clock),
  ClockAdvance: fromZod(advance),
})
