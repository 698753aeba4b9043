// openapi.yaml and the server say the same: every route is described, every description has a route.

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { Instances } from '../../src/account/instances.ts'
import { toInitialState } from '../../src/account/settings.ts'
import { defaultConfig } from '../../src/config.ts'
import { controlSurface } from '../../src/control/control.ts'
import type { Context } from '../../src/http/context.ts'
import { restSurface } from '../../src/http/rest.ts'
import { scimSurface } from '../../src/http/scim.ts'
import { buildServer } from '../../src/http/server.ts'
import { toOpenApi } from '../../src/openapi/document.ts'
import { version } from '../../src/package.ts'
import { presets } from '../../src/scim/behaviour.ts'
import { findUndescribed } from '../described.ts'
import { send, useServer } from '../support.ts'

const committed = readFileSync('openapi.yaml', 'utf8')
const described = parse(committed) as { paths: Record<string, Record<string, unknown>> }
const methods = ['get', 'put', 'post', 'patch', 'delete']

const server = useServer()

/** The routes of all surfaces, as `GET /scim/v2/Users/{}`. */
async function listRoutes(): Promise<string[]> {
  const instances = new Instances(undefined, { journal: 0, journalMemory: 1 }, 'key')
  instances.create({ name: 'default', state: toInitialState(presets.insightly) })
  const context = { config: defaultConfig(), instances, adminKey: 'key' } as unknown as Context
  const { app } = buildServer(context, [scimSurface, restSurface, controlSurface])
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const path = url.replace(/(?<=.)\/$/, '').replace(/:\w+/g, '{}')
    // Those of what is not built, with every method (D-03), are told in words.
    if (!/^\/(scim|v3\.1|_emulator)/.test(path) || /\/(Bulk|Me|\.search)$/.test(path.replace('/Users/Me', ''))) return
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push(`${each} ${path}`)
  })
  await app.ready()
  await app.close()
  instances.close()
  return [...new Set(routes)].sort()
}

test('the committed document is what the routes and the tables say', async () => {
  expect(described).toEqual(await toOpenApi(presets.insightly, version))
})

test('every route of the three surfaces with credentials is described, and nothing else', async () => {
  const operations = Object.entries(described.paths)
    .filter(([path]) => /^\/(scim|v3\.1|_emulator)/.test(path))
    .flatMap(([path, item]) =>
      methods
        .filter(method => method in item)
        .map(method => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`),
    )
  expect(await listRoutes()).toEqual(operations.sort())
})

test('no schema has the name that a generator gives a constructor, and each enum and object has its type', () => {
  const { schemas } = (described as unknown as { components: { schemas: Record<string, object> } }).components
  expect(Object.keys(schemas).filter(name => /^New/.test(name))).toEqual([])
  const untyped = (part: object, path: string): string[] =>
    Object.entries(part).flatMap(([name, value]) => {
      if (typeof value !== 'object' || value === null || /^(examples?|default)$/.test(name)) return []
      const needsType = 'enum' in value || 'const' in value || 'properties' in value
      return [
        ...(needsType && !('type' in value) ? [`${path}/${name}`] : []),
        ...untyped(value as object, `${path}/${name}`),
      ]
    })
  expect(untyped(described, '')).toEqual([])
})

test('the open endpoints answer without credentials', async () => {
  const open = Object.keys(described.paths).filter(path => !/^\/(scim|v3\.1|_emulator)|\{/.test(path))
  for (const path of open) expect((await send(`${server.server.url}${path}`)).status, path).toBe(200)
})

test('/openapi.yaml is the committed document', async () => {
  const answer = await send(`${server.server.url}/openapi.yaml`)
  expect(answer.headers['content-type']).toBe('application/yaml; charset=utf-8')
  expect(answer.text).toBe(committed)
})

test.for([
  ['as documented', 'userName eq "ann@example.com"', 200],
  ['in other letters, of a very long name', `USERNAME Eq "${'x'.repeat(5000)}"`, 200],
  ['without quotes', 'userName eq ann', 400],
  ['by another attribute', 'displayName eq "Ann"', 400],
  ['that is empty', '', 400],
] as const)('U-03 a filter is described as it is served: one %s', async ([, filter, status]) => {
  const { get } = described.paths['/scim/v2/Users'] as { get: { parameters: { name: string; schema: object }[] } }
  const { schema } = get.parameters.find(({ name }) => name === 'filter')!
  expect((await (await server.make()).find(filter)).status).toBe(status)
  expect(new Ajv2020().validate(schema, filter)).toBe(status === 200)
})

test('an answer that is not described is found', async () => {
  const { scimUrl, scimToken } = await server.make()
  const { status, headers, text, body } = await send(`${scimUrl}/Users`, {
    headers: { authorization: `Bearer ${scimToken}` },
  })
  const odd = (change: object) =>
    findUndescribed('GET', '/scim/v2/Users', { status, headers, text, body, ...change }) ?? 'as described'
  expect(odd({})).toBe('as described')
  expect(odd({ status: 418 })).toContain('not described to answer 418')
  expect(odd({ headers: { 'content-type': 'text/html' } })).toContain('"text/html"')
  expect(odd({ body: { ...body, totalResults: '1' } })).toContain('totalResults')
  expect(odd({ body: { ...body, Resources: [{ ...body.Resources[0], password: 'x' }] } })).toContain('properties')
  const refusal = { schemas: body.schemas, status: '401', detail: 'No.' }
  expect(odd({ status: 401, body: refusal })).toContain('WWW-Authenticate')
})
