// The route that plays the conversations of provisioning clients into an instance: over connections of their own, so
// that each request meets everything that a client's request meets, and is in the journal. Nothing is kept between two
// calls: a caller that plays step by step sends the variables that the call before answered.

import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import type { Exchange } from '../account/exchange.ts'
import type { FaultRule } from '../account/faults.ts'
import type { Instance } from '../account/instance.ts'
import { ApiError } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { replayHeader, toAuthority, toOwnHost } from '../http/request.ts'
import type { Conversation, Step } from '../rehearse/conversations.ts'
import type { Outcome } from '../rehearse/outcome.ts'
import type { Endpoint } from '../rehearse/play.ts'
import type { Answer } from '../rehearse/send.ts'
import { InputError } from '../validation.ts'
import { getConversation } from './conversations.ts'
import { ruleId, toEntry } from './entries.ts'
import { getToken } from './replay.ts'
import { type ControlApp, httpStatus, named, ofInstance, whole } from './route.ts'

const text = z.string().check(z.minLength(1))
const textOrNull = z.nullable(text)

const variableTable = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
type Values = z.output<typeof variableTable>

const rehearsal = named(
  'Rehearsal',
  z.strictObject({
    conversation: text.check(z.describe('Its id.')),
    from: z._default(whole, 0).check(z.describe('The first step to play, counted from 0.')),
    steps: z
      .optional(z.int().check(z.minimum(1), z.maximum(100)))
      .check(z.describe('How many to play; all that are left unless said.')),
    variables: z.optional(variableTable).check(z.describe('Those that the call before answered; needed after step 0.')),
  }),
)

const rehearsed = named(
  'Rehearsed',
  z.strictObject({
    steps: z.array(
      z.strictObject({
        index: whole,
        result: z.enum(['works', 'ignored', 'refused', 'fails']),
        status: z.nullable(httpStatus),
        why: z.nullable(z.string()),
        rules: z.array(ruleId),
        instance: textOrNull.check(z.describe('Where the exchange is: a token of nobody leads to `default`.')),
        id: z.nullable(whole).check(z.describe('Of the exchange; null when none came of it.')),
      }),
    ),
    next: z
      .nullable(whole)
      .check(z.describe('The step that follows; null at the end, and after one that did not go as it should.')),
    variables: variableTable,
  }),
)

/** Registers the route of rehearsals. */
export function rehearsalRoutes(app: ControlApp, context: Context): void {
  app.post(
    '/instances/:name/rehearsals',
    {
      schema: {
        operationId: 'rehearse',
        summary:
          'Plays a conversation, or some steps of it, into the instance; a conversation about faults sets them, and clears them at its end',
        params: ofInstance,
        body: rehearsal,
        response: { 200: rehearsed },
        errors: ['conflict'],
      },
    },
    async ({ instance, body }, reply) => {
      const { from, steps = 100, variables } = body
      const conversation = await getConversation(body.conversation)
      if (from >= conversation.steps.length)
        throw new InputError([
          { path: 'from', message: `is ${from}, which is no step; expected 0 to ${conversation.steps.length - 1}.` },
        ])
      arrangeFaults(instance, conversation, from)
      const stage = { context, instance, address: app.server.address() as AddressInfo }
      const played = await playPart(conversation, { from, to: from + steps, variables }, stage)
      if (played.next === null && conversation.faults) instance.faults.set([])
      reply.send(played)
    },
  )
}

/** @throws conflict when the instance has faults of its own, which would be lost */
function arrangeFaults({ faults }: Instance, conversation: Conversation, from: number): void {
  if (!conversation.faults || from > 0) return
  const present = faults.list().map(({ fired: _, ...rule }) => rule)
  if (present.length > 0 && !isDeepStrictEqual(present, conversation.faults))
    throw new ApiError(
      'conflict',
      'This conversation needs faults, and the instance has some already; clear them first.',
    )
  faults.set(conversation.faults as FaultRule[])
}

interface Stage {
  context: Context
  instance: Instance
  address: AddressInfo
}

interface Part {
  from: number
  to: number
  variables: Values | undefined
}

async function playPart(conversation: Conversation, { from, to, variables: given }: Part, stage: Stage) {
  const { makeVariables } = await import('../rehearse/play.ts')
  const variables = given ?? makeVariables(conversation)
  const steps = []
  let before: Answer | undefined
  for (const [index, step] of conversation.steps.entries()) {
    if (index < from || index >= to) continue
    const { answer, seen, outcome } = await playOne(step, variables, stage, before)
    const { result, why = null, rules } = outcome
    steps.push({
      index,
      result,
      status: answer?.status ?? null,
      why,
      rules,
      instance: seen?.instance ?? null,
      id: seen?.id ?? null,
    })
    before = answer
    if (result === 'refused' || result === 'fails') break
  }
  const { index, result } = steps.at(-1)!
  const isOver = result === 'refused' || result === 'fails' || index === conversation.steps.length - 1
  return { steps, next: isOver ? null : index + 1, variables: variables as Values }
}

interface Played {
  answer: Answer | undefined
  seen: { instance: string; id: number } | undefined
  outcome: Outcome
}

/** @throws invalidInput when a variable is missing */
async function playOne(
  step: Step,
  variables: Record<string, unknown>,
  { context, instance, address: { address, port } }: Stage,
  before: Answer | undefined,
): Promise<Played> {
  const { playStep } = await import('../rehearse/play.ts')
  const { judge } = await import('../rehearse/outcome.ts')
  const { NoAnswer, send } = await import('../rehearse/send.ts')
  const { UnknownVariable } = await import('../rehearse/expectations.ts')
  const mark = `rehearsal ${randomUUID()}`
  let exchange: Exchange | undefined
  let seen: Played['seen']
  context.replays.set(mark, ({ name }, kept) => {
    exchange = kept
    seen = { instance: name, id: kept.id }
  })
  const scheme = context.config.tlsCert === undefined ? 'http' : 'https'
  const endpoint: Endpoint = {
    scimUrl: `${scheme}://${toAuthority(toOwnHost(address), port)}/scim/v2`,
    token: getToken(instance),
    longestWait: 5000,
    send: (url, sending) =>
      send(url, { ...sending, headers: { ...sending.headers, [replayHeader]: mark } }, { trust: true }),
  }
  try {
    const played = await playStep(step, variables, endpoint, before)
    const entry = exchange && toEntry(exchange, context.instances.mask)
    return { answer: played.answer, seen, outcome: judge(played, entry) }
  } catch (error) {
    if (error instanceof UnknownVariable)
      throw new InputError([
        { path: 'variables', message: `${error.message}; give those that the call before answered.` },
      ])
    if (!(error instanceof NoAnswer)) throw error
    return { answer: undefined, seen, outcome: { result: 'fails', why: error.message, rules: [] } }
  } finally {
    context.replays.delete(mark)
  }
}
