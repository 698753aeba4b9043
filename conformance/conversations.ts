// The conversations that the tools listen to.

import { type Conversation, clients } from '../src/rehearse/conversations.ts'

/** All that the server can hold to their end by itself. */
export const acceptedConversations: readonly Conversation[] = clients
  .flatMap(({ conversations }) => conversations)
  .filter(({ refused, faults }) => !refused && !faults)
