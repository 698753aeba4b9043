// What the Helm chart accepts as settings of the server: derived from the table of settings, so that the chart can refuse
// in one line what the server would refuse when the pod starts.

import { logLevels, type SettingRow, settings } from '../src/config.ts'
import { presetNames } from '../src/scim/behaviour.ts'

/** What the chart itself decides, or gives as a Secret or a ConfigMap. */
const elsewhere: readonly SettingRow['key'][] = [
  'port',
  'host',
  'data',
  'seed',
  'scimToken',
  'adminKey',
  'upstreamToken',
  'upstreamTokens',
  'tlsCert',
  'tlsKey',
  'format',
  'exitWithStdin',
]

/** The forms of settings that are texts. A profile that is a file is not in the image. */
const texts: Partial<Record<SettingRow['key'], object>> = {
  publicUrl: { pattern: '^https?://[^?#@ ]+$' },
  upstream: { pattern: '^https?://[^#@ ]+$' },
  profile: { enum: presetNames },
  logLevel: { enum: [...logLevels, 'silent'] },
}

/** The settings that the chart takes. */
export const chartSettings = settings.filter(({ key }) => !elsewhere.includes(key))

function toSchema({ key, default: fallback, meaning }: SettingRow): object {
  if (typeof fallback === 'boolean') return { description: meaning, type: 'boolean' }
  if (typeof fallback === 'number') return { description: meaning, type: 'integer', minimum: 0 }
  return { description: meaning, type: 'string', ...texts[key] }
}

/** A JSON Schema, as far as it is read here. */
interface Schema {
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: object
}

/**
 * Has each object name its members when another is given. Helm would only say that it is not allowed, and for
 * `propertyNames` it names the wrong place; the value that another member must have is a line for people instead.
 */
function nameMembers(schema: Schema): void {
  if (schema.items) nameMembers(schema.items)
  if (!schema.properties) return
  const known = Object.keys(schema.properties)
  schema.additionalProperties = { const: `absent: it is not known; known here are ${known.join(', ')}` }
  for (const each of Object.values(schema.properties)) nameMembers(each)
}

/** The schema of the chart's values, with its part on settings and the names of members filled in. */
export function fillChartSchema(now: string): string {
  const schema = JSON.parse(now)
  schema.properties.settings = {
    type: 'object',
    properties: Object.fromEntries(chartSettings.map(row => [row.key, toSchema(row)])),
  }
  nameMembers(schema)
  return `${JSON.stringify(schema, null, 2)}\n`
}
