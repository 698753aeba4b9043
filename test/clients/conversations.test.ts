// The conversations of real provisioning clients, each on an instance of its own.

import { describe, expect, test } from 'vitest'
import { clients } from '../../src/rehearse/conversations.ts'
import { useServer } from '../support.ts'
import { play } from './play.ts'

describe.each(clients)('$name', ({ conversations }) => {
  const { make } = useServer()

  test.for(conversations.filter(({ refused }) => !refused))('$title ($id)', async conversation => {
    const instance = await make({ behaviours: conversation.behaviours ?? {}, state: { users: [] } })
    if (conversation.faults) await instance.control('PUT', '/faults', conversation.faults)
    expect(await play(conversation, instance)).toBeUndefined()
  })
})
