// Traces: a real receiver of OTLP over HTTP, and the command as a process. What is sent names no person and no secret.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { asksForTraces, tracingInstall } from '../../src/commands/tracing.ts'
import { send } from '../support.ts'
import { receiveSpans, type SentSpan } from './span-receiver.ts'

// They start processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const cli = join(import.meta.dirname, '../../src/cli.ts')
const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

/** The command that serves, ready. */
async function serve(environment: NodeJS.ProcessEnv, node: readonly string[] = []) {
  const child = spawn(process.execPath, [...node, cli, '--port', '0', '--format', 'json', '--log-level', 'warn'], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let stderr = ''
  child.stderr.on('data', text => (stderr += text))
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const ready = JSON.parse(line)
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    return (await once(child, 'exit'))[0]
  }
  return { ready, stop, stderr: () => stderr }
}

describe('The command that serves', () => {
  test('sends a span for each request, a part of its caller’s trace, without persons and secrets', async () => {
    using receiver = await receiveSpans()
    const { ready, stop, stderr } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_SERVICE_NAME: 'our-insightly',
    })
    const traceId = 'a'.repeat(32)
    const headers = { authorization: `Bearer ${ready.scimToken}`, traceparent: `00-${traceId}-${'b'.repeat(16)}-01` }
    const filter = `filter=${encodeURIComponent('userName eq "ann@example.com"')}`
    await send(`${ready.scimUrl}/Users?${filter}`, { headers })
    await send(`${ready.scimUrl}/Users/99`, { headers })
    await send(`${ready.scimUrl}/Users`, { headers: { authorization: 'Bearer wrong-secret' } })
    await send(`${ready.controlUrl}/instances`, { headers: { authorization: `Bearer ${ready.adminKey}` } })
    await send(`${ready.url}/healthz`)
    expect(await stop()).toBe(0)
    const spans = receiver.spans()
    const statusOf = ({ attributes }: SentSpan) =>
      attributes.find(({ key }) => key === 'http.response.status_code')?.value.intValue
    expect(spans.map(span => [span.name, statusOf(span)])).toEqual([
      ['GET /scim/v2/Users', 200],
      ['GET /scim/v2/Users/:id', 404],
      ['GET /scim/v2/Users', 401],
      ['GET /_emulator/instances', 200],
    ])
    expect(spans[0]).toMatchObject({ traceId, parentSpanId: 'b'.repeat(16), kind: 2 })
    const sent = receiver.bodies.join()
    expect(sent).toContain('our-insightly')
    for (const secret of ['ann', ready.scimToken, ready.adminKey, 'wrong-secret']) expect(sent).not.toContain(secret)
    expect(stderr()).not.toContain('OTEL')
  })

  test('goes on and stops in time where nobody receives', async () => {
    const { ready, stop } = await serve({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' })
    const headers = { authorization: `Bearer ${ready.scimToken}` }
    for (let each = 0; each < 50; each += 1)
      expect((await send(`${ready.scimUrl}/Users`, { headers })).status).toBe(200)
    expect(await stop()).toBe(0)
  })

  test('says what to install where the packages are not there, and serves', async () => {
    const hide = `import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) {
  if (name.startsWith('@opentelemetry/')) throw Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(name, context)
} })`
    const hook = ['--import', `data:text/javascript,${encodeURIComponent(hide)}`]
    const { ready, stop, stderr } = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, hook)
    const headers = { authorization: `Bearer ${ready.scimToken}` }
    expect((await send(`${ready.scimUrl}/Users`, { headers })).status).toBe(200)
    expect(await stop()).toBe(0)
    expect(stderr()).toContain(tracingInstall)
  })

  test.each([
    {},
    { OTEL_SERVICE_NAME: 'x' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' },
  ])('loads nothing for traces with %j', async environment => {
    const tell = `import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) { if (url.includes('opentelemetry')) console.error('loaded ' + url); return next(url, context) } })`
    const { stop, stderr } = await serve(environment, ['--import', `data:text/javascript,${encodeURIComponent(tell)}`])
    expect(await stop()).toBe(0)
    expect(stderr()).toBe('')
  })
})

test('The page on watching says what to install, and package.json knows it as optional', () => {
  expect(readFileSync('docs/watching.md', 'utf8')).toContain(`${tracingInstall}\n`)
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const [, name, version] of tracingInstall.matchAll(/(@(?:fastify|opentelemetry)\/[\w-]+)@(\S+)/g)) {
    if (name === '@opentelemetry/api') continue
    expect([name, peerDependencies[name!], peerDependenciesMeta[name!]]).toEqual([name, version, { optional: true }])
  }
})

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_SERVICE_NAME: 'x' }, false],
])('%j asks for traces: %j', (environment, expected) => {
  expect(asksForTraces(environment)).toBe(expected)
})
