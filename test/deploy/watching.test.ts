// The page on watching, as its reader follows it: the packages for traces, installed as it says beside the packed one.

import { expect, test } from 'vitest'
import { receiveSpans } from '../commands/span-receiver.ts'
import { stop } from '../package/project.ts'
import { makeFolder, readBlocks, runCommands } from '../recipes/page.ts'

test('What the page has one install sends spans', async () => {
  using receiver = await receiveSpans()
  using project = makeFolder()
  await runCommands(project, 'npm init -y; npm install --no-audit --no-fund ./insightly-scim-*.tgz')
  const install = readBlocks('docs/watching.md').find(({ text }) => text.startsWith('npm install'))!.text
  await runCommands(project, install)
  const bin = 'node_modules/.bin/insightly-scim'
  const { child, ready } = await project.serve(bin, ['--port', '0', '--log-level', 'warn'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  })
  await fetch(`${ready.scimUrl}/Users/1`, { headers: { authorization: `Bearer ${ready.scimToken}` } })
  expect(await stop(child)).toBe(0)
  expect(receiver.spans().map(({ name }) => name)).toEqual(['GET /scim/v2/Users/:id'])
})
