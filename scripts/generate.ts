// Writes what is derived from the tables and committed: openapi.yaml and the generated sections of the docs.
// With --check it writes nothing and fails, naming what is stale.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { readRegister, toTables } from '../conformance/register.ts'
import { calibrateFlags } from '../src/commands/calibrate/command.ts'
import { probes } from '../src/commands/calibrate/probes.ts'
import { compareFlags } from '../src/commands/compare/command.ts'
import { demoFlags } from '../src/commands/demo/command.ts'
import type { FlagRow } from '../src/commands/flags.ts'
import { rehearseFlags } from '../src/commands/rehearse/command.ts'
import { settings } from '../src/config.ts'
import { limits } from '../src/http/limits.ts'
import { insightlyFields } from '../src/insightly/rest-form.ts'
import { toOpenApi } from '../src/openapi/document.ts'
import { neededNode, version } from '../src/package.ts'
import { behaviourRows, presetNames, presets } from '../src/scim/behaviour.ts'
import { rules } from '../src/scim/rules.ts'
import { type AttributeRow, evidenceWords, userAttributes } from '../src/scim/user.ts'
import { fillChartSchema } from './chart.ts'
import { installation } from './installation.ts'
import { rehearseAll, toProvidersPage, toSample } from './providers.ts'
import { toPythonTypes } from './python-types.ts'
import { namedFiles, withNames } from './release/names.ts'
import { readPublishing, withAddresses, withUrls } from './release/publishing.ts'
import { toTable } from './table.ts'

const publishing = readPublishing()

const toFlagsTable = (rows: readonly FlagRow[]): string =>
  toTable(
    ['Flag', 'Environment', 'Default', 'Meaning'],
    rows.map(row => [
      `\`--${row.flag}${row.argument ? ` <${row.argument}>` : ''}\``,
      row.environment ? `\`${row.environment}\`` : '',
      row.defaultText ?? (row.argument ? `\`${row.default}\`` : row.default ? 'on' : 'off'),
      row.meaning,
    ]),
  )

/** A comment on a member, over several lines where it is long. */
function toComment(text: string): string {
  if (text.length <= 110) return `  /** ${text} */\n`
  const lines = text.replace(/(.{1,110})(?: |$)/g, '   * $1\n')
  return `  /**\n${lines}   */\n`
}

/** Puts what each setting means above the member that holds it. */
function commentConfig(source: string): string {
  return settings.reduce((text, { key, meaning, default: value, defaultText }) => {
    const form = new RegExp(`^(?: {2}/\\*\\*(?:(?!\\*/)[^])*\\*/\\n)?(?= {2}${key}\\??: )`, 'm')
    if (!form.test(text)) throw new Error(`the member ${key} is missing`)
    const comment = `${meaning[0]!.toUpperCase()}${meaning.slice(1)}. Unless given: ${defaultText ?? value}.`
    return text.replace(form, () => toComment(comment))
  }, source)
}

/** Whether Insightly has no such field. The stand-in keeps it, because clients expect to read it back. */
const isKeptForClients = (field: string): boolean => !insightlyFields.some(name => name === field)

const toFidelityTables = (): string => {
  const attributes = toTable(
    ['SCIM attribute', 'Insightly field', 'Clients may', 'What it is', 'Known from'],
    userAttributes.map((row: AttributeRow) => [
      `\`${row.path}\``,
      row.field && !isKeptForClients(row.field) ? `\`${row.field}\`` : '',
      row.mutability === 'readOnly'
        ? 'read'
        : row.requiredUnder?.includes('userName+names')
          ? 'read, must write'
          : 'read, write',
      row.description,
      evidenceWords[row.evidence],
    ]),
  )
  const switches = toTable(
    ['Switch', 'What it decides', 'Default', 'Instead', 'Default known from', 'To settle it, `calibrate`'],
    behaviourRows.map(row => {
      const [[value, meaning], ...others] = row.values
      const instead = others.map(([other, its]) => {
        const word = `\`${other}\`: ${its}`
        return presets.rfc7644[row.key] === other ? `**${word}**` : word
      })
      const { settle } = probes[row.key]
      return [
        `\`${row.key}\``,
        row.sentence,
        `\`${value}\`: ${meaning}`,
        instead.join('; '),
        evidenceWords[row.evidence],
        // A default that Insightly documents does not have to be settled.
        row.evidence === 'doc' ? '' : settle,
      ]
    }),
  )
  const names = presetNames.map(name => `\`${name}\``).join(' and ')
  return `${attributes}\n\nThe behaviour switches. The presets are ${names}: \`insightly\` is all defaults, \`rfc7644\` the values in bold.\n\n${switches}`
}

// A module of the console, which has no build step and so no types that reach here.
const { insightlySteps, providers } = (await import(new URL('../src/console/providers.js', import.meta.url).href)) as {
  insightlySteps: Record<'connect' | 'license' | 'sources', string[]>
  providers: (Record<'name' | 'url' | 'token' | 'mind' | 'source', string> &
    Record<'before' | 'between' | 'after', string[]>)[]
}

const toProviderTable = (): string =>
  toTable(
    ['', 'SCIM URL goes into', 'Token goes into', 'Then'],
    providers.map(({ name, url, token, after }) => [name, `**${url}**`, `**${token}**`, after[0]!]),
  )

const toList = (steps: string[]): string => steps.map((step, index) => `${index + 1}. ${step}`).join('\n')

const toInsightlySteps = (): string =>
  [
    toList(insightlySteps.connect),
    'Provisioned users have no product licence, here as there. An administrator gives it:',
    toList(insightlySteps.license),
    `These words are from ${insightlySteps.sources.map(source => `<${source}>`).join(' and ')}.`,
  ].join('\n\n')

const toProviderSteps = (): string =>
  providers
    .map(({ name, url, token, before, between, after, mind, source }) => {
      const pasteUrl = `Paste the SCIM URL into **${url}**.`
      const steps = [...before, pasteUrl, ...between, `Paste the SCIM token into **${token}**.`, ...after]
      return `### ${name}\n\n${toList(steps)}\n\n${mind && `Mind: ${mind}. `}These words are from <${source}>.`
    })
    .join('\n\n')

/** Puts text between the markers of a section, which must be there. */
function fillSection(document: string, name: string, text: string): string {
  const form = new RegExp(`(<!-- generated:${name} -->\n)[^]*?(<!-- /generated -->)`)
  if (!form.test(document)) throw new Error(`the markers of the section "${name}" are missing`)
  return document.replace(form, (_, open: string, close: string) => `${open}\n${text}\n\n${close}`)
}

const openApi = await toOpenApi(presets.insightly, version)
const rehearsals = await rehearseAll()

const toLimitsTable = (): string =>
  toTable(
    ['What', 'At most'],
    [
      [
        'Time for the request line and all headers, and of a new connection that says nothing',
        `${limits.headSeconds} s`,
      ],
      ['Time for a whole request', `${limits.requestSeconds} s`],
      ['Time between two requests on a connection', `${limits.idleSeconds} s`],
      ['Request line and headers', `${limits.headBytes / 1024} KiB`],
      ['Body', `${limits.bodyBytes / 1024 / 1024} MiB; a state is read as it arrives`],
      ['Connections at a time', limits.connections.toLocaleString('en')],
      ['Instances that `--any-token` makes', limits.anyTokenInstances.toLocaleString('en')],
    ],
  )

/** The packages that are installed with the server, by the lock. */
const toLicences = (): string => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<
      string,
      { version?: string; license?: string; dev?: boolean; devOptional?: boolean; peer?: boolean }
    >
  }
  const rows = Object.entries(packages)
    .filter(([path, { dev, devOptional, peer }]) => path !== '' && !dev && !devOptional && !peer)
    .map(([path, { version = '', license = '' }]) => [path.replace(/^.*node_modules\//, ''), version, license])
  return `# Licences\n\nGenerated by "npm run generate" from package-lock.json: what is installed with the server.\n\n${toTable(['Package', 'Version', 'Licence'], rows)}\n`
}

const ruleSections = {
  A: 'Authentication and settings',
  U: 'Users',
  D: 'Discovery and protocol',
  R: "Insightly's REST API",
}

const toRulesPage = (): string => {
  const sections = Object.entries(ruleSections).map(([letter, title]) => {
    const rows = rules
      .filter(({ id }) => id.startsWith(letter))
      .map(({ id, sentence, evidence, source, switch: key }) => [
        `<a id="${id.toLowerCase()}"></a>${id}`,
        sentence,
        evidenceWords[evidence],
        source,
        key ? `\`${key}\`` : '',
      ])
    return `## ${letter} · ${title}\n\n${toTable(['Rule', 'What is so', 'Known from', 'Where', 'Switch'], rows)}`
  })
  return `# The rules

<!-- Generated by "npm run generate" from src/scim/rules.ts; do not edit. -->

The journal and the console name the rule that refused a request, such as U-14. Here is what each rule says and how it
is known. Where a [switch](fidelity.md) can change a rule, the rule says what is so by default. The server
tells the same at \`GET /_emulator/rules\`.

${sections.join('\n\n')}
`
}

/** What each generated file should hold, given what it holds now. */
const files: Record<string, (now: string) => string> = {
  'openapi.yaml': () =>
    `# Generated by "npm run generate" from the tables and schemas in src/; do not edit.\n${stringify(openApi, {
      aliasDuplicateObjects: false,
      lineWidth: 120,
    })}`,
  'src/config.ts': commentConfig,
  'deploy/helm/values.schema.json': fillChartSchema,
  'deploy/helm/files/nginx.conf': () => readFileSync('deploy/nginx/nginx.conf', 'utf8'),
  'deploy/helm/Chart.yaml': now => now.replace(/^(version|appVersion): .*$/gm, `$1: ${version}`),
  'deploy/devcontainer-feature/devcontainer-feature.json': now =>
    now.replace(/("version": )"\d.*"/, `$1${JSON.stringify(version)}`),
  'docs/calibrate.md': now =>
    Object.entries({
      probes: toTable(
        ['Switch', '`calibrate`'],
        Object.entries(probes).map(([key, { settle }]) => [`\`${key}\``, settle]),
      ),
      'calibrate-flags': toFlagsTable(calibrateFlags),
      'compare-flags': toFlagsTable(compareFlags),
    }).reduce((document, [section, text]) => fillSection(document, section, text), now),
  'clients/python/src/insightly_scim/types.py': () => toPythonTypes(openApi),
  'package.json': now => withAddresses(now, publishing),
  'clients/python/pyproject.toml': now => withUrls(now, publishing),
  'clients/python/src/insightly_scim/_server.py': now =>
    now.replace(/version_of\(".*"\)/, `version_of("${publishing.pypi}")`),
  ...Object.fromEntries(namedFiles.map(file => [file, (now: string) => withNames(now, publishing)])),
  'docs/licences.md': toLicences,
  'docs/rules.md': toRulesPage,
  'docs/providers.md': () => toProvidersPage(rehearsals),
  'docs/rehearse.md': now =>
    Object.entries({
      'rehearse-sample': toSample(rehearsals),
      'rehearse-flags': toFlagsTable(rehearseFlags),
      'demo-flags': toFlagsTable(demoFlags),
    }).reduce((document, [section, text]) => fillSection(document, section, text), now),
  'docs/reliability.md': now => fillSection(now, 'limits', toLimitsTable()),
  'conformance/README.md': now => fillSection(now, 'conformance', toTables(readRegister())),
  'docs/identity-providers.md': now =>
    fillSection(fillSection(now, 'insightly-steps', toInsightlySteps()), 'provider-steps', toProviderSteps()),
  'README.md': now => fillSection(now, 'providers', toProviderTable()),
  'docs/settings.md': now => fillSection(now, 'settings', toFlagsTable(settings)),
  'docs/fidelity.md': now => fillSection(now, 'fidelity', toFidelityTables()),
}

/** What any page may hold: the Node that is needed, inside a sentence, the names of what is published, and how to install. */
function fillCommon(document: string): string {
  const withNode = document.replaceAll(
    /(<!-- generated:node -->)[^\n]*?(<!-- \/generated -->)/g,
    (_, open: string, close: string) => `${open}${neededNode}${close}`,
  )
  const sections = Object.entries(installation).filter(([name]) => withNode.includes(`<!-- generated:${name} -->`))
  return sections.reduce((filled, [name, text]) => fillSection(filled, name, text), withNames(withNode, publishing))
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'clients/python/README.md',
  ...readdirSync('docs').flatMap(name => (name.endsWith('.md') ? `docs/${name}` : [])),
]
for (const page of pages) {
  const toOwn = files[page] ?? (now => now)
  files[page] = now => fillCommon(toOwn(now))
}

const isCheck = process.argv.includes('--check')
const stale = Object.entries(files).filter(([file, toWanted]) => {
  const now = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const wanted = toWanted(now)
  if (wanted !== now && !isCheck) writeFileSync(file, wanted)
  return wanted !== now
})
for (const [file] of stale)
  process.stderr.write(`${file} ${isCheck ? 'is stale; run "npm run generate"' : 'written'}\n`)
if (isCheck && stale.length > 0) process.exitCode = 1
