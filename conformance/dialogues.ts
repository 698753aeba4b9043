// The conversations that the tools listen to.

import { clients, type Dialogue } from '../src/rehearse/conversations.ts'

/** All that the server can hold to their end by itself. */
export const acceptedDialogues: readonly Dialogue[] = clients
  .flatMap(({ dialogues }) => dialogues)
  .filter(({ refused, faults }) => !refused && !faults)
