// The conversations of real provisioning clients, each on an instance of its own.

import { describe, expect, test } from 'vitest'
import { clients } from '../../src/rehearse/conversations.ts'
import { useServer } from '../support.ts'
import { play } from './dialogue.ts'

describe.each(clients)('$name', ({ dialogues }) => {
  const { make } = useServer()

  test.for(dialogues.filter(({ refused }) => !refused))('$title ($id)', async dialogue => {
    const instance = await make({ behaviours: dialogue.behaviours ?? {}, state: { users: [] } })
    if (dialogue.faults) await instance.control('PUT', '/faults', dialogue.faults)
    expect(await play(dialogue, instance)).toBeUndefined()
  })
})
