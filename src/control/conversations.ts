// The route that lists the conversations of provisioning clients. They are loaded when first asked for.

import * as z from 'zod/mini'
import { quote, toSuggestion } from '../errors.ts'
import type { Conversation } from '../rehearse/conversations.ts'
import { InputError } from '../validation.ts'
import { type ControlApp, named } from './route.ts'

const text = z.string().check(z.minLength(1))
const textOrNull = z.nullable(text)

const conversation = z.strictObject({
  id: text,
  scenario: text.check(z.describe('What it is about, such as `create`.')),
  title: text,
  confidence: z.enum(['documented', 'partly inferred', 'inferred']),
  optional: textOrNull.check(z.describe('Where the client needs it, if not everywhere.')),
  steps: z.array(
    z.strictObject({
      did: textOrNull.check(z.describe('What the administrator did before it.')),
      does: text.check(z.describe('What the client does, in words that follow its name.')),
      purpose: z
        .nullable(z.enum(['set-up', 'check']))
        .check(z.describe('Why it is there although the client does not send it.')),
      request: text.check(z.describe('Method and path; `{{…}}` stands for a value.')),
      source: z.nullable(z.url()).check(z.describe('The public page that tells it.')),
    }),
  ),
})

const conversations = named(
  'Conversations',
  z.array(
    z.strictObject({
      id: text,
      name: text,
      kind: z.enum(['provider', 'test']),
      conversations: z.array(conversation),
    }),
  ),
)

/** Registers the route of conversations. */
export function conversationRoutes(app: ControlApp): void {
  app.get(
    '/conversations',
    {
      schema: {
        operationId: 'listConversations',
        summary: 'The conversations of provisioning clients that can be played, and where each step is known from',
        response: { 200: conversations },
      },
    },
    async (_request, reply) => {
      const { clients } = await import('../rehearse/conversations.ts')
      reply.send(
        clients.map(({ id, name, kind, sources, conversations }) => ({
          id,
          name,
          kind,
          conversations: conversations.map(conversation => toListed(conversation, sources)),
        })),
      )
    },
  )
}

function toListed({ id, scenario, title, confidence, optional, steps }: Conversation, sources: Record<string, string>) {
  return {
    id,
    scenario,
    title,
    confidence,
    optional: optional ?? null,
    steps: steps.map(({ did, does, purpose, method, path, source }) => ({
      did: did ?? null,
      does,
      purpose: purpose ?? null,
      request: `${method} ${path}`,
      source: source === undefined ? null : sources[source]!,
    })),
  }
}

/** The conversation with an id. @throws invalidInput when nobody holds it */
export async function getConversation(id: string): Promise<Conversation> {
  const { clients } = await import('../rehearse/conversations.ts')
  const conversations = clients.flatMap(each => each.conversations)
  const found = conversations.find(each => each.id === id)
  if (found) return found
  const known = toSuggestion(
    id,
    conversations.map(each => each.id),
  )
  throw new InputError([{ path: 'conversation', message: `is ${quote(id)}, which is not known${known}.` }])
}
