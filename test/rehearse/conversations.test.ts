// The data: every step says what happened and where that is known from.

import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { clients, scenarios } from '../../src/rehearse/conversations.ts'
import { behaviourRows } from '../../src/scim/behaviour.ts'

const text = z.string().check(z.minLength(1))
const texts = z.record(z.string(), text)
const scenario = z.enum(Object.keys(scenarios) as (keyof typeof scenarios)[])
const status = z.int().check(z.minimum(200), z.maximum(599))

const step = z.strictObject({
  did: z.optional(z.string().check(z.regex(/^The administrator .+\.$/))),
  does: text,
  purpose: z.optional(z.enum(['set-up', 'check'])),
  scenario: z.optional(scenario),
  source: z.optional(text),
  waits: z.optional(z.literal(true)),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().check(z.regex(/^\/[\x21-\x7e]*$/)),
  headers: z.optional(texts),
  body: z.optional(z.unknown()),
  expect: z.strictObject({
    status: z.union([status, z.array(status)]),
    headers: z.optional(z.record(z.string(), z.unknown())),
    bodyContains: z.optional(z.array(text)),
    jsonPaths: z.optional(z.record(z.string(), z.unknown())),
  }),
  save: z.optional(texts),
  note: z.optional(text),
})

const client = z.strictObject({
  id: text,
  name: text,
  kind: z.enum(['provider', 'test']),
  sources: z.record(z.string(), z.url({ protocol: /^https$/ })),
  conversations: z
    .array(
      z.strictObject({
        id: text,
        scenario,
        called: z.optional(text),
        title: text,
        variant: z.optional(text),
        confidence: z.enum(['documented', 'partly inferred', 'inferred']),
        optional: z.optional(z.string().check(z.regex(/^only where /))),
        refused: z.optional(z.literal(true)),
        note: z.optional(text),
        behaviours: z.optional(z.partialRecord(z.enum(behaviourRows.map(({ key }) => key)), text)),
        faults: z.optional(z.array(z.unknown())),
        vars: texts,
        steps: z.array(step).check(z.minLength(1)),
      }),
    )
    .check(z.minLength(1)),
})

describe.each(clients)('$name', each => {
  const steps = each.conversations.flatMap(conversation =>
    conversation.steps.map(one => ({ conversation: conversation.id, ...one })),
  )

  test('has the members that are known, and no other', () => {
    expect(z.safeParse(client, each).error?.issues ?? []).toEqual([])
  })

  test('attributes nothing to the client without a public page, and names no page in vain', () => {
    const unsourced = steps.filter(({ purpose, source }) => (purpose === 'check') !== (source === undefined))
    expect(unsourced.map(({ conversation, does }) => `${conversation}: ${does}`)).toEqual([])
    const used = new Set(steps.flatMap(({ source }) => source ?? []))
    expect([...used].toSorted()).toEqual(Object.keys(each.sources).toSorted())
  })

  test('tells what the administrator did before the client does anything of its own', () => {
    for (const { id, steps: all } of each.conversations) {
      const [first] = all.filter(({ purpose }) => purpose === undefined)
      const before = all.slice(0, all.indexOf(first!) + 1)
      expect(
        before.some(({ did }) => did !== undefined),
        id,
      ).toBe(true)
    }
  })
})

test('conversations and clients have names of their own', () => {
  const ids = [
    ...clients.map(({ id }) => id),
    ...clients.flatMap(({ conversations }) => conversations.map(({ id }) => id)),
  ]
  expect(new Set(ids).size).toBe(ids.length)
})

test('the providers that Insightly’s own pages name come first', () => {
  expect(clients.map(({ id }) => id).slice(0, 2)).toEqual(['identity360', 'miniorange'])
})
