// Traces by OpenTelemetry, for a server whose environment asks for them. Readers install the packages for it
// themselves. This file is loaded only then, and the server knows nothing of it: the instrumentation finds Fastify by a
// channel of Node.

import type { Log } from '../log.ts'
import { version } from '../package.ts'

const packages = [
  '@fastify/otel',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
] as const

/**
 * The packages to install beside this one, as arguments of npm. All are of the release that Fastify's instrumentation
 * needs; without versions, npm would mix it with a newer one.
 */
export const tracingInstall =
  'npm install @opentelemetry/api@1.9 @fastify/otel@0.21 @opentelemetry/exporter-trace-otlp-http@0.223 @opentelemetry/resources@2 @opentelemetry/sdk-trace-node@2'

/** How long the last spans may take to leave when the server stops, in milliseconds. */
const patience = 2000

/** The surfaces whose requests are traced: not what orchestrators ask for every few seconds, nor the console's files. */
const traced = /^\/(scim|v3\.1|_emulator)(\/|\?|$)/i

/** Whether an environment asks for traces, in the words of OpenTelemetry's specification. */
export const asksForTraces = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  Boolean(environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) &&
  !/^true$/i.test(environment.OTEL_SDK_DISABLED ?? '') &&
  environment.OTEL_TRACES_EXPORTER !== 'none'

/**
 * Traces every Fastify that is made from now on, and sends the spans to where OTEL_* says. Without the packages it warns.
 * @returns what sends the last spans
 */
export async function startTracing(log: Log): Promise<() => Promise<void>> {
  const loaded = await loadPackages().catch((error: Error) => {
    const reason = error.message.split('\n')[0]
    log.warn(`OTEL_* asks for traces, which need packages beside this one: ${tracingInstall} (${reason})`)
  })
  if (!loaded) return async () => {}
  const [otel, exporter, resources, sdk] = loaded
  const resource = resources
    .defaultResource()
    .merge(resources.resourceFromAttributes({ 'service.name': 'insightly-scim', 'service.version': version }))
    .merge(resources.detectResources({ detectors: [resources.envDetector] }))
  const spanProcessors = [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())]
  const provider = new sdk.NodeTracerProvider({ resource, spanProcessors })
  provider.register()
  const instrumentation = new otel.FastifyOtelInstrumentation({
    registerOnInitialization: true,
    // A span for each hook would cost more than the request.
    instrumentHooks: false,
    instrumentHandler: false,
    ignorePaths: ({ url }) => !traced.test(url),
    requestHook(span, { method, url, routeOptions }) {
      span.updateName(routeOptions.url === undefined ? method : `${method} ${routeOptions.url}`)
      // Without the query, which holds names of people.
      span.setAttribute('url.path', url.split('?')[0]!)
    },
  })
  instrumentation.setTracerProvider(provider)
  return () =>
    Promise.race([provider.shutdown(), new Promise<void>(done => setTimeout(done, patience).unref())]).catch(() => {})
}

/** No bundle takes these along: they are found beside the package, or not at all. */
const loadPackages = () =>
  Promise.all(packages.map(name => import(name))) as Promise<unknown> as Promise<
    [
      typeof import('@fastify/otel'),
      typeof import('@opentelemetry/exporter-trace-otlp-http'),
      typeof import('@opentelemetry/resources'),
      typeof import('@opentelemetry/sdk-trace-node'),
    ]
  >
