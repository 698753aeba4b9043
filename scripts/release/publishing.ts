// Where everything is published: the one reader of publishing.json. What is not known yet has the word "example" in its
// value; the release refuses to run with it, and what is packed leaves it out where it can.

import { readFileSync } from 'node:fs'
import { z } from 'zod'

const text = (form: RegExp, expected: string) => z.string().regex(form, `expected ${expected}`)

const form = z.strictObject({
  /** Whether readers can install the packages by their names; true after the first release. */
  isPublished: z.boolean(),
  repository: text(/^https:\/\/[^\s/]+\/[^\s/]+\/[^\s/]+$/, 'a URL like https://github.com/owner/name'),
  npm: text(/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/, 'a name that npm takes, with a scope or without'),
  pypi: text(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a name as PyPI writes it: small letters, digits, dashes'),
  mavenGroup: text(/^[a-z][\w-]*(\.[a-z][\w-]*)+$/, 'a group id of Maven Central, like org.name'),
  goModule: text(/^[\w.-]+(\/[\w.-]+)+\/clients\/go$/, 'the path of the repository, without https://, and /clients/go'),
  image: text(/^[\w.:-]+(\/[a-z0-9._-]+)+$/, 'a name of an image with its registry and without a tag'),
})

/** What publishing.json says. */
export type Publishing = z.infer<typeof form>

/**
 * What the text of publishing.json says.
 * @throws Error in one line that names the field, its value and what would be accepted
 */
export function parsePublishing(json: string): Publishing {
  const values = parseJson(json)
  const { success, data, error } = form.safeParse(values)
  if (success) return data
  const [{ path, message }] = error.issues as [z.core.$ZodIssue]
  const [field] = path
  const about = field === undefined ? '' : `${String(field)} is ${JSON.stringify(values[field])}; `
  throw new Error(`publishing.json: ${about}${message}.`)
}

function parseJson(json: string): Record<PropertyKey, unknown> {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new Error(`publishing.json is no JSON: ${(error as Error).message}.`)
  }
}

/**
 * What publishing.json says.
 * @throws Error in one line, as parsePublishing
 */
export const readPublishing = (): Publishing =>
  parsePublishing(readFileSync(new URL('../../publishing.json', import.meta.url), 'utf8'))

const isPlaceholder = (value: unknown): boolean => typeof value === 'string' && /\bexample\b/.test(value)

/** What is not known yet: one line for each field, which says what to do. */
export const findPlaceholders = (of: Publishing): string[] =>
  Object.entries(of)
    .filter(([, value]) => isPlaceholder(value))
    .map(
      ([field, value]) => `publishing.json: ${field} is ${JSON.stringify(value)}, a placeholder; write the real one.`,
    )

/** package.json with its addresses as `of` has them, after its licence, or none while they are not known. */
export function withAddresses(packageJson: string, { repository: url }: Publishing): string {
  const { repository, homepage, bugs, ...kept } = JSON.parse(packageJson)
  const addresses = {
    repository: { type: 'git', url: `git+${url}.git` },
    homepage: `${url}#readme`,
    bugs: `${url}/issues`,
  }
  const entries = Object.entries(kept)
  if (!isPlaceholder(url))
    entries.splice(entries.findIndex(([key]) => key === 'license') + 1, 0, ...Object.entries(addresses))
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
}

/** pyproject.toml with its name and addresses as `of` has them, the addresses before its scripts or not at all. */
export function withUrls(pyproject: string, { pypi, repository }: Publishing): string {
  const named = pyproject.replace(/^name = ".*"$/m, `name = "${pypi}"`).replace(/^\[project\.urls\]\n(.+\n)*\n/m, '')
  const urls = `[project.urls]\nRepository = "${repository}"\nIssues = "${repository}/issues"\n\n`
  return isPlaceholder(repository) ? named : named.replace('[project.scripts]', `${urls}[project.scripts]`)
}
