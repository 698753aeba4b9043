// compose.yaml keeps what its comments say, and opens no door that its user did not ask for.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig, settings } from '../../src/config.ts'

const text = readFileSync('compose.yaml', 'utf8')

/** The service as Compose reads it in an environment. */
function read(environment: Record<string, string> = {}) {
  const resolved = text.replace(/\$\{(\w+):-([^}]+)\}/g, (_, name, fallback) => environment[name] || fallback)
  // Older podman-compose knows no empty fallback and passes the text on as it stands.
  expect(resolved).not.toContain('${')
  const { ports, environment: variables } = parse(resolved).services['insightly-scim']
  // One without a value has that of the environment, if any.
  const passed = Object.entries(variables).map(([name, value]) => [name, value ?? environment[name]])
  return { ports, environment: Object.fromEntries(passed) as Record<string, string | undefined> }
}

test('compose.yaml is reached from its own machine alone unless told otherwise', () => {
  expect(read().ports).toEqual(['127.0.0.1:8080:8080'])
  expect(read({ BIND: '0.0.0.0', PORT: '9000' }).ports).toEqual(['0.0.0.0:9000:8080'])
})

test('compose.yaml brings no token and no key that everyone knows', () => {
  expect(readConfig({}, read().environment)).toMatchObject({ scimToken: undefined, adminKey: undefined })
})

test('compose.yaml passes on every setting that its comments advise, and sets none that is not known', () => {
  const known = settings.map(({ environment }) => environment)
  const advised = text.split('\n').flatMap(line => /#.*/.exec(line)?.[0].match(/INSIGHTLY_SCIM_\w+/g) ?? [])
  expect(advised.length).toBeGreaterThan(2)
  for (const name of advised) expect(read({ [name]: 'given' }).environment[name]).toBe('given')
  expect(Object.keys(read().environment).filter(name => !known.includes(name))).toEqual([])
})
