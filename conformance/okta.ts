// Okta's published specification test for SCIM 2.0 servers, restated as data: its required steps are one of the recorded
// conversations, its optional ones are here.

import { type Conversation, clients } from '../src/rehearse/conversations.ts'
import { playSteps } from '../src/rehearse/play.ts'
import { presetNames } from '../src/scim/behaviour.ts'
import type { Tool } from './tool.ts'

const required = clients.flatMap(({ conversations }) => conversations).find(({ id }) => id === 'okta-spec-test')!
const headers = { Authorization: 'Bearer {{token}}', Accept: 'application/scim+json' }
const optional: Conversation = {
  ...required,
  steps: [
    {
      does: 'lists the groups',
      method: 'GET',
      path: '/Groups',
      headers,
      expect: { status: 200, jsonPaths: { totalResults: { $type: 'number' } } },
    },
    {
      does: 'reads a group that does not exist',
      method: 'GET',
      path: '/Groups/00919288221112222',
      headers,
      expect: { status: 404, jsonPaths: { detail: { $nonEmpty: true } } },
    },
  ],
}

export const okta: Tool = {
  name: 'Okta SCIM 2.0 spec test',
  presets: presetNames,
  version: () => '2024-05',
  async run({ server }) {
    const outcomes = []
    for (const [kind, conversation] of Object.entries({ required, optional }))
      for await (const { step, problem } of playSteps(conversation, {
        scimUrl: server.scimUrl,
        token: server.scimToken,
      }))
        outcomes.push({ check: `${kind} ${outcomes.length + 1}: ${step.method} ${step.path}`, failure: problem })
    return outcomes
  },
}
