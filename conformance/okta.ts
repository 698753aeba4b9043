// Okta's published specification test for SCIM 2.0 servers, restated as data: its required steps are one of the recorded
// dialogues, its optional ones are here.

import { presetNames } from '../src/scim/behaviour.ts'
import { type Dialogue, playSteps } from '../test/clients/dialogue.ts'
import dialogues from '../test/clients/dialogues.json' with { type: 'json' }
import type { Tool } from './tool.ts'

const required = (dialogues as unknown as Dialogue[]).find(({ id }) => id === 'okta-spec-test')!
const headers = { Authorization: 'Bearer {{token}}', Accept: 'application/scim+json' }
const optional: Dialogue = {
  ...required,
  steps: [
    {
      method: 'GET',
      path: '/Groups',
      headers,
      expect: { status: 200, jsonPaths: { totalResults: { $type: 'number' } } },
    },
    {
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
    for (const [kind, dialogue] of Object.entries({ required, optional }))
      for await (const { step, problem } of playSteps(dialogue, server.scimUrl, String(server.scimToken)))
        outcomes.push({ check: `${kind} ${outcomes.length + 1}: ${step.method} ${step.path}`, failure: problem })
    return outcomes
  },
}
