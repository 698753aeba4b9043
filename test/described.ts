// Checks answers against openapi.yaml: every status, media type, header and body must be one that it describes.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { toOpenApi } from '../src/openapi/document.ts'
import { toCanonicalUrl } from '../src/paths.ts'
import { presets } from '../src/scim/behaviour.ts'

interface Response {
  headers?: Record<string, { required?: boolean }>
  content?: Record<string, { schema: object }>
}
interface Operation {
  responses: Record<string, Response | { $ref: string }>
}

// The committed file is the same document (npm run check), and takes longer to read.
const document = (await toOpenApi(presets.insightly, '')) as unknown as {
  paths: Record<string, Record<string, Operation>>
  components: { responses: Record<string, Response> }
}

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
ajv.addSchema({ $id: 'openapi', components: document.components } as object)

/** A path with fewer places to fill wins: /Users/Me before /Users/{USER_ID}. */
const paths = Object.keys(document.paths)
  .map(path => ({ path, form: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`) }))
  .sort((a, b) => a.path.split('{').length - b.path.split('{').length)

const validators = new Map<string, ValidateFunction>()

function toValidator(key: string, schema: object): ValidateFunction {
  const known = validators.get(key)
  if (known) return known
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/')
  const validator = ajv.compile(JSON.parse(text))
  validators.set(key, validator)
  return validator
}

const surfaces: readonly [start: string, schema: string, mediaType: RegExp][] = [
  ['/scim/v2', 'ScimError', /^application\/(scim\+)?json$/],
  ['/v3.1', 'Message', /^application\/json$/],
  ['', 'Problem', /^application\/problem\+json$/],
]

export interface Described {
  status: number
  headers: Record<string, unknown>
  text: string
  body: unknown
}

/** What an answer has that openapi.yaml does not describe; undefined when all is as described. */
export function findUndescribed(method: string, url: string, answer: Described): string | undefined {
  const path = toCanonicalUrl(url).replace(/\?.*/s, '')
  // A search below a collection is none of its members.
  const template = path.endsWith('/.search') ? undefined : paths.find(({ form }) => form.test(path))?.path
  const operation = template && document.paths[template]![(method === 'HEAD' ? 'get' : method).toLowerCase()]
  const mediaType = String(answer.headers['content-type'] ?? '').replace(/;.*/, '')
  const isHead = method === 'HEAD'
  if (!operation) return findOddRefusal(path, answer, mediaType, isHead)
  const found = operation.responses[answer.status]
  if (!found) return `${method} ${template} is not described to answer ${answer.status}`
  const response = '$ref' in found ? document.components.responses[found.$ref.replace(/.*\//, '')]! : found
  for (const [name, { required }] of Object.entries(response.headers ?? {}))
    if (required && answer.headers[name.toLowerCase()] === undefined) return `the header ${name} is missing`
  if (!response.content) return answer.text === '' ? undefined : 'there should be no body'
  const content = response.content[mediaType]
  if (!content) return `${method} ${template} is not described to answer ${answer.status} as "${mediaType}"`
  if (isHead || !mediaType.endsWith('json')) return undefined
  const validator = toValidator(`${template} ${method} ${answer.status}`, content.schema)
  return validator(answer.body) ? undefined : `the body is not as described: ${ajv.errorsText(validator.errors)}`
}

/** What no operation describes can only be refused, in the words of its surface. */
function findOddRefusal(path: string, answer: Described, mediaType: string, isHead: boolean): string | undefined {
  const [, schema, form] =
    surfaces.find(([start]) => path === start || path.startsWith(`${start}/`)) ?? surfaces.at(-1)!
  if (isHead) return undefined
  if (answer.status < 400) return `${path} is not described`
  if (!form.test(mediaType)) return `a refusal should not be "${mediaType}"`
  const validator = toValidator(schema, { $ref: `#/components/schemas/${schema}` })
  return validator(answer.body) ? undefined : `the refusal is not as described: ${ajv.errorsText(validator.errors)}`
}
