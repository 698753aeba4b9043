// The conversations of real provisioning clients, each on an instance of its own.

import { describe, expect, test } from 'vitest'
import { useServer } from '../support.ts'
import { type Dialogue, play } from './dialogue.ts'
import dialogues from './dialogues.json' with { type: 'json' }

describe('dialogues', () => {
  const { make } = useServer()

  test.for(dialogues as unknown as Dialogue[])('$client: $scenario ($id)', async dialogue => {
    const instance = await make({ behaviours: dialogue.behaviours ?? {}, state: { users: [] } })
    expect(await play(dialogue, instance.scimUrl, instance.scimToken)).toBeUndefined()
  })
})
