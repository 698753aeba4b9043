// The Helm chart: what it makes of a table of values, against the schemas of Kubernetes and what the server itself takes,
// and the one line that it says of each wrong value.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { chartSettings } from '../../scripts/chart.ts'
import { readConfig, type SettingRow } from '../../src/config.ts'
import { start } from '../../src/index.ts'
import { readBlocks } from '../recipes/page.ts'
import { installFromGo, installFromNpm, installFromPyPi } from '../tools.ts'

const chart = 'deploy/helm'
/** The oldest that the chart is for, and the newest of which there are schemas. */
const kubernetes = ['1.25.0', '1.37.0']
const root = mkdtempSync(join(tmpdir(), 'insightly-scim-chart-'))
afterAll(() => rmSync(root, { recursive: true }))

let [helm, kubeconform] = ['', '']
const schemas = join(root, 'schemas')
// biome-ignore lint/suspicious/noExplicitAny: the model of another package
let ServiceMonitor: any
beforeAll(async () => {
  helm = join(installFromGo('helm.sh/helm/v3/cmd/helm@v3.22.0'), 'helm')
  kubeconform = join(installFromGo('github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0'), 'kubeconform')
  const python = installFromPyPi('kubernetes-validate==1.37.0')
  const [library] = readdirSync(join(python, 'lib')).filter(name => name.startsWith('python3.'))
  copySchemas(join(python, 'lib', library!, 'site-packages/kubernetes_validate/kubernetes-json-schema'))
  const models = installFromNpm('@kubernetes-models/prometheus-operator@6.0.0')
  const file = join(
    models,
    'node_modules/@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor.js',
  )
  ServiceMonitor = (await import(pathToFileURL(file).href)).ServiceMonitor
}, 300_000)

/** Copies the schemas with references between files, where they have some to the web. */
function copySchemas(source: string): void {
  for (const version of kubernetes) {
    const folder = `v${version}-local-strict`
    mkdirSync(join(schemas, folder), { recursive: true })
    for (const name of readdirSync(join(source, folder))) {
      const text = readFileSync(join(source, folder, name), 'utf8')
      const local = text
        .replaceAll('"/api/_definitions.json#', '"_definitions.json#')
        .replace(/"\$id": "https:[^"]*"/, '"$comment": ""')
      writeFileSync(join(schemas, folder, name), local)
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: values and manifests of every shape
type Tree = any

const run = (
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise(resolve => {
    const child = execFile(command, args, (_, stdout, stderr) => resolve({ status: child.exitCode!, stdout, stderr }))
    child.stdin!.end(input)
  })

let files = 0
function toFile(values: Tree): string {
  const path = join(root, `values-${++files}.yaml`)
  writeFileSync(path, typeof values === 'string' ? values : stringify(values))
  return path
}

/** What Helm makes of values. */
async function render(values: Tree, version = kubernetes[0]!) {
  const args = [
    'template',
    'release',
    chart,
    '--namespace',
    'team',
    '--kube-version',
    version,
    '--values',
    toFile(values),
  ]
  const { status, stdout, stderr } = await run(helm, args)
  const documents: Tree[] = status === 0 ? parseAllDocuments(stdout).flatMap(each => each.toJS() ?? []) : []
  return { status, stdout, stderr, of: (kind: string): Tree => documents.find(each => each.kind === kind), documents }
}

/** What kubeconform says of manifests. */
const conform = (manifests: string, version: string) => {
  const location = `${schemas}/{{.NormalizedKubernetesVersion}}-local-strict/{{.ResourceKind}}{{.KindSuffix}}.json`
  const options = ['-strict', '-summary', '-kubernetes-version', version, '-schema-location', location]
  return run(kubeconform, [...options, '-skip', 'ServiceMonitor'], manifests)
}

test('what Kubernetes would not take is noticed', async () => {
  const { stdout, of } = await render({ serviceMonitor: { enabled: true }, networkPolicy: { enabled: false } })
  for (const [right, wrong] of [
    ['replicas: 1', 'replicas: many'],
    ['serviceName:', 'nameOfService:'],
  ] as const)
    expect((await conform(stdout.replace(right, wrong), kubernetes[1]!)).stdout).toContain('Invalid: 1')
  const { spec, ...monitor } = of('ServiceMonitor')
  expect(() => new ServiceMonitor({ ...monitor, spec: { ...spec, endpoints: 'http' } }).validate()).toThrow()
})

const examples = readBlocks('docs/kubernetes.md').filter(({ file }) => file !== undefined)

/** A value of a setting that is not its default. */
function toSample({ key, default: fallback }: SettingRow): unknown {
  if (typeof fallback === 'boolean') return !fallback
  if (typeof fallback === 'number') return fallback + 1
  const url = 'https://scim.example.com/base'
  return { publicUrl: url, upstream: url, profile: 'rfc7644', logLevel: 'warn' }[key as string] ?? 'text'
}

const toSamples = (isMeant: (key: string) => boolean): Tree =>
  Object.fromEntries(chartSettings.filter(({ key }) => isMeant(key)).map(row => [row.key, toSample(row)]))

const cases: Record<string, Tree> = {
  'no values': {},
  ...Object.fromEntries(examples.map(({ file, text }) => [`the page’s ${file}`, text])),
  'a claim that exists': { persistence: { existingClaim: 'old-data' } },
  'a volume of its own class': { persistence: { size: '20Gi', storageClass: 'fast' } },
  'no NetworkPolicy': { networkPolicy: { enabled: false }, ingress: { enabled: true, host: 'a.example.com' } },
  'a Secret with a key alone': { secret: { name: 'keys', scimTokenKey: '', adminKeyKey: 'key' } },
  'all settings of a server by itself': { settings: toSamples(key => !key.startsWith('upstream')) },
  'an upstream': {
    secret: { name: 'keys', upstreamTokenKey: 'upstream' },
    settings: toSamples(key => key.startsWith('upstream')),
  },
  'three servers behind a router': {
    replicas: 3,
    secret: { name: 'keys' },
    serviceMonitor: { enabled: true },
    networkPolicy: { allowNamespaces: ['monitoring'] },
  },
  'every other value': {
    nameOverride: 'scim',
    fullnameOverride: 'the-scim',
    image: { repository: 'localhost:5000/team/scim', tag: '9.9.9', pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
    service: { type: 'NodePort', port: 8080, annotations: { a: 'b' } },
    ingress: { enabled: true, host: 'a.example.com', annotations: { a: 'b' } },
    networkPolicy: { allowNamespaces: ['one', 'two'] },
    resources: { limits: { cpu: '1' } },
    tracing: { endpoint: 'http://collector.monitoring:4318' },
    dashboard: { enabled: true, labels: { grafana: 'found' } },
    podAnnotations: { a: 'b' },
    podLabels: { team: 'crm' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
  },
}

describe.each(Object.entries(cases))('With %s', (_, values) => {
  test('the chart passes helm lint', async () => {
    const { status, stdout } = await run(helm, ['lint', '--strict', chart, '--values', toFile(values)])
    expect(status, stdout).toBe(0)
  })

  test.each(kubernetes)('Kubernetes %s takes what it makes', async version => {
    const { status, stdout, stderr, of } = await render(values, version)
    expect(status, stderr).toBe(0)
    const checked = await conform(stdout, version)
    expect(checked.status, checked.stdout + checked.stderr).toBe(0)
    expect(checked.stdout).toMatch(/Valid: ([2-9]|1\d), Invalid: 0, Errors: 0/)
    if (of('ServiceMonitor')) new ServiceMonitor(of('ServiceMonitor')).validate()
  })

  test('its pod may do nothing but serve', async () => {
    const { spec } = (await render(values)).of('StatefulSet').spec.template
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(spec.containers[0].volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' })
  })

  test('Service, NetworkPolicy and ServiceMonitor mean its pod, and the Ingress its Service', async () => {
    const { of, documents } = await render(values)
    const { labels } = of('StatefulSet').spec.template.metadata
    const selectors = [of('StatefulSet').spec.selector.matchLabels, of('NetworkPolicy')?.spec.podSelector.matchLabels]
    for (const selector of selectors.filter(Boolean)) expect(labels).toMatchObject(selector)
    const front = (of('Deployment') ?? of('StatefulSet')).spec.template.metadata.labels
    expect(front).toMatchObject(of('Service').spec.selector)
    const services = documents.filter(({ kind }) => kind === 'Service')
    const watched = of('ServiceMonitor')?.spec.selector.matchLabels ?? {}
    for (const service of services.filter(each => each.metadata.labels['app.kubernetes.io/component'] === 'server')) {
      expect(service.metadata.labels).toMatchObject(watched)
      expect({ ...labels, 'statefulset.kubernetes.io/pod-name': service.metadata.name }).toMatchObject(
        service.spec.selector,
      )
    }
    const backend = of('Ingress')?.spec.rules[0].http.paths[0].backend.service
    if (backend) expect(backend).toEqual({ name: of('Service').metadata.name, port: { name: 'http' } })
  })

  test('the server takes the environment of its pod, and answers its probes', async () => {
    const [container] = (await render(values)).of('StatefulSet').spec.template.spec.containers
    const given: Record<string, string> = Object.fromEntries(
      container.env.map((each: Tree) => [each.name, each.value ?? `the-${each.name}`]),
    )
    const { format, exitWithStdin: _, ...config } = readConfig({}, given)
    expect(format).toBe('json')
    const { settings = {}, secret } = typeof values === 'string' ? parseAllDocuments(values)[0]!.toJS() : values
    expect(config).toMatchObject(settings)
    expect(config.adminKey).toBe(secret ? 'the-INSIGHTLY_SCIM_ADMIN_KEY' : undefined)
    const seed = config.seed && { users: [] }
    await using server = await start({
      ...config,
      seed,
      publicUrl: undefined,
      host: '127.0.0.1',
      port: 0,
      logLevel: 'silent',
    })
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect((await fetch(server.url + container[probe].httpGet.path)).status).toBe(200)
  })
})

test('above one, a router has the configuration that docs/scaling.md describes, with the address of each server', async () => {
  const { of, documents } = await render({ replicas: 2, secret: { name: 'keys' }, fullnameOverride: 'scim' })
  const lines = of('ConfigMap').data['nginx.conf'].split('\n')
  const described = readFileSync('deploy/nginx/nginx.conf', 'utf8').split('\n')
  const own = ['    server scim-0:8080 max_fails=0;', '    server scim-1:8080 max_fails=0;', '    listen 8080;']
  expect(lines.filter((line: string) => !described.includes(line))).toEqual(own)
  expect(described.filter(line => !lines.includes(line)).every(line => /^ +(server|listen) 127/.test(line))).toBe(true)
  const names = documents.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name)
  expect(names.sort()).toEqual(['scim', 'scim-0', 'scim-1'])
  const { env } = of('StatefulSet').spec.template.spec.containers[0]
  expect(env).toContainEqual({ name: 'INSIGHTLY_SCIM_TRUST_PROXY', value: 'true' })
  const { spec } = of('Deployment').spec.template
  expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true)
  expect(of('StatefulSet').spec.replicas).toBe(2)
})

test('requests go out only where an upstream, whose token comes from the Secret, or a collector is set', async () => {
  expect((await render({})).of('NetworkPolicy').spec.egress).toEqual([])
  const secret = { name: 'keys', scimTokenKey: '', adminKeyKey: '', upstreamTokenKey: 'one' }
  const { of } = await render({ settings: { upstream: 'https://scim.example.com' }, secret })
  expect(of('NetworkPolicy').spec.egress).toEqual([{}])
  const traced = await render({ tracing: { endpoint: 'http://collector:4318' } })
  expect(traced.of('NetworkPolicy').spec.egress).toEqual([{}])
  expect(traced.of('StatefulSet').spec.template.spec.containers[0].env).toContainEqual({
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    value: 'http://collector:4318',
  })
  const { env } = of('StatefulSet').spec.template.spec.containers[0]
  const given = env
    .filter((each: Tree) => each.valueFrom)
    .map((each: Tree) => [each.name, each.valueFrom.secretKeyRef.key])
  expect(given).toEqual([['INSIGHTLY_SCIM_UPSTREAM_TOKEN', 'one']])
})

describe('A wrong value is told in one line that says what would be accepted:', () => {
  const wrong: [Tree, string][] = [
    [{ service: { port: 'http' } }, "at '/service/port': got string, want integer"],
    [{ service: { port: 70_000 } }, "at '/service/port': maximum: got 70,000, want 65,535"],
    [
      { service: { type: 'Cluster' } },
      "at '/service/type': value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'",
    ],
    [
      { persistence: { size: 'big' } },
      "at '/persistence/size': 'big' does not match pattern '^[1-9][0-9]*(Mi|Gi|Ti|M|G|T)$'",
    ],
    [{ persistence: { enabled: 'yes please' } }, "at '/persistence/enabled': got string, want boolean"],
    [{ settings: { logLevel: 'loud' } }, "at '/settings/logLevel': value must be one of 'fatal', 'error', 'warn'"],
    [
      { settings: { jurnal: 5 } },
      "at '/settings/jurnal': value must be 'absent: it is not known; known here are publicUrl,",
    ],
    [
      { settings: { port: 9000 } },
      "at '/settings/port': value must be 'absent: it is not known; known here are publicUrl,",
    ],
    [{ presistence: {} }, "at '/presistence': value must be 'absent: it is not known; known here are image,"],
    [{ image: { repository: 'a b' } }, "at '/image/repository': 'a b' does not match pattern"],
    [{ networkPolicy: { allowNamespaces: 'one' } }, "at '/networkPolicy/allowNamespaces': got string, want array"],
    [{ settings: { upstream: 'https://scim.example.com' } }, 'secret.upstreamTokenKey is empty; expected the key of'],
    [{ replicas: 0 }, "at '/replicas': minimum: got 0, want 1"],
    [{ replicas: 3 }, 'secret.name is empty; expected a Secret with the admin key that all servers share'],
    [{ replicas: 2, secret: { name: 'a' }, settings: { anyToken: true } }, 'settings.anyToken is true; expected false'],
    [
      { replicas: 2, secret: { name: 'a' }, persistence: { existingClaim: 'b' } },
      'persistence.existingClaim is given; expected',
    ],
    [{ ingress: { enabled: true } }, 'ingress.host is empty; expected the host name that the Ingress serves'],
    [
      { ingress: { enabled: true, host: 'a.example.com' } },
      'networkPolicy.allowNamespaces is empty; expected the namespace of the Ingress controller',
    ],
    [
      { serviceMonitor: { enabled: true } },
      'networkPolicy.allowNamespaces is empty; expected the namespace of Prometheus',
    ],
  ]
  test.each(wrong)('%j', async (values, line) => {
    const { status, stderr } = await render(values)
    expect(status).toBe(1)
    expect(stderr.split('\n').filter(each => each.includes(line))).toHaveLength(1)
    // Helm's own words stand around it; of the chart there is one line.
    expect(stderr.split('\n').filter(each => /^- at |execution error/.test(each.replace('Error: ', '')))).toHaveLength(
      1,
    )
  })
})

test('the chart and the feature for development containers have the version of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const { version: feature } = JSON.parse(readFileSync('deploy/devcontainer-feature/devcontainer-feature.json', 'utf8'))
  const [manifest] = parseAllDocuments(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))
  expect([manifest!.toJS().version, manifest!.toJS().appVersion, feature]).toEqual([version, version, version])
})
