// The page on watching, as its reader follows it: the packages for traces, installed as it says beside the packed one.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { receiveSpans } from '../commands/span-receiver.ts'
import { type Project, stop } from '../package/project.ts'
import { makeFolder, readBlocks, runCommands } from '../recipes/page.ts'

const page = readBlocks('docs/watching.md')
const install = page.find(({ text }) => text.startsWith('npm install'))!.text

/** Serves one request with a receiver of spans: what it received. */
async function traceOne(project: Project, command: string): Promise<string[]> {
  using receiver = await receiveSpans()
  const { child, ready } = await project.serve(command, ['--port', '0', '--log-level', 'warn'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  })
  await fetch(`${ready.scimUrl}/Users/1`, { headers: { authorization: `Bearer ${ready.scimToken}` } })
  expect(await stop(child)).toBe(0)
  return receiver.spans().map(({ name }) => name)
}

test('What the page has one install beside the package sends spans', async () => {
  using project = makeFolder()
  await runCommands(project, 'npm init -y; npm install --no-audit --no-fund ./insightly-scim-*.tgz')
  await runCommands(project, install)
  expect(await traceOne(project, 'node_modules/.bin/insightly-scim')).toEqual(['GET /scim/v2/Users/:id'])
})

test('What the Dockerfile does with the same names has the program in the image send spans', async () => {
  using project = makeFolder()
  await runCommands(project, 'tar -xzf insightly-scim-*.tgz --strip-components=1')
  // The image's own: that of the package names no tools of ours.
  for (const name of ['package.json', 'package-lock.json']) project.write(name, readFileSync(name, 'utf8'))
  await runCommands(project, 'npm ci --omit=dev --ignore-scripts --no-audit --no-fund')
  expect(await traceOne(project, 'dist/cli.js')).toEqual([])
  const step = /^ {2}(if \[ -n "\$EXTRA_PACKAGES"[\s\S]*?fi)$/m.exec(readFileSync('Dockerfile', 'utf8'))![1]!
  const names = install.trim().replace('npm install ', '')
  await runCommands(project, `EXTRA_PACKAGES='${names}'\n${step.replaceAll('/tmp/extra', '$PWD/extra')}`)
  expect(await traceOne(project, 'dist/cli.js')).toEqual(['GET /scim/v2/Users/:id'])
})
