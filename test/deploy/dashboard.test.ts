// The dashboard for Grafana: it names only metrics that the server has, shows each of them, and is what Grafana's own
// types say. No Grafana runs here.

import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { send } from '../support.ts'
import { installFromNpm } from '../tools.ts'

const text = readFileSync('deploy/helm/files/dashboard.json', 'utf8')
const dashboard: { panels: { targets: { expr: string }[]; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[] } =
  JSON.parse(text)

test('The dashboard shows every metric of the server and no other', async () => {
  await using server = await start()
  const metrics = (await send(`${server.url}/metrics`)).text
  const there = Array.from(metrics.matchAll(/^# TYPE (\S+)/gm), ([, name]) => name!)
  const named = text.match(/\b(insightly_scim|process|nodejs)_\w+/g) ?? []
  expect([...new Set(named)].sort()).toEqual(there.sort())
})

test('Its rates are of counters, and nothing else of them is shown', async () => {
  await using server = await start()
  const metrics = (await send(`${server.url}/metrics`)).text
  const counters = Array.from(metrics.matchAll(/^# TYPE (\S+) counter/gm), ([, name]) => name!)
  for (const { expr } of dashboard.panels.flatMap(({ targets }) => targets)) {
    const rated = Array.from(expr.matchAll(/rate\((\w+)/g), ([, name]) => name!)
    const named = expr.match(/\b(insightly_scim|process|nodejs)_\w+/g)!
    expect(rated).toEqual(named.filter(name => counters.includes(name)))
  }
})

test('Its panels do not lie on each other', () => {
  const places = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  )
  expect(new Set(places).size).toBe(places.length)
  expect(places.every(place => Number(place.split(' ')[0]) < 24)).toBe(true)
})

const sdk = () => join(installFromNpm('@grafana/grafana-foundation-sdk@0.0.21'), 'dashboard.ts')
afterAll(() => rmSync(sdk(), { force: true }))

/** What the compiler says of a dashboard as a value of Grafana's types, which have enums where JSON has texts. */
function compile(value: string): Promise<string> {
  writeFileSync(
    sdk(),
    `import type { Dashboard, FieldConfigSource, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import type { Options as StatOptions } from '@grafana/grafana-foundation-sdk/stat'
import type { FieldConfig, Options as TimeseriesOptions } from '@grafana/grafana-foundation-sdk/timeseries'
type Json<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T
  : T extends readonly (infer E)[] ? Json<E>[]
  : { [K in keyof T as K extends '_implementsDataqueryVariant' ? never : K]: Json<T[K]> }
type Defaults = FieldConfigSource['defaults']
type Of<Type extends string, Options, Custom> = Json<Omit<Panel, 'type' | 'targets' | 'options' | 'fieldConfig'>> & {
  type: Type
  targets: Json<Dataquery>[]
  options: Partial<Json<Options>>
  fieldConfig: { defaults: Json<Omit<Defaults, 'custom'>> & { custom?: Partial<Json<Custom>> }; overrides: [] }
}
export const dashboard: Json<Omit<Dashboard, 'panels'>> & {
  panels: (Of<'stat', StatOptions, object> | Of<'timeseries', TimeseriesOptions, FieldConfig>)[]
} = ${value}
`,
  )
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', '', '--ignoreConfig']
  return new Promise(resolve => execFile('tsc', [...options, sdk()], (_, stdout, stderr) => resolve(stdout + stderr)))
}

test('It is a dashboard by Grafana’s types, which know wrong ones', async () => {
  expect(await compile(text)).toBe('')
  for (const [right, wrong] of [
    ['"schemaVersion"', '"schemeVersion"'],
    ['"expr"', '"expression"'],
    ['"bottom"', '"below"'],
    ['"timeseries"', '"timeserie"'],
  ] as const)
    expect(await compile(text.replace(right, wrong))).toContain('error TS')
})
