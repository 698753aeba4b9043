// Where the names of publishing.json stand in files that need them to work, placeholder or not: the Go modules, the poms,
// and the pages that show them.

import { readdirSync, readFileSync } from 'node:fs'
import type { Publishing } from './publishing.ts'

/** The files beside the pages that tell such a name. */
export const namedFiles: readonly string[] = ['clients/go', 'clients/java'].flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /(\.(go|mod|md)|pom\.xml)$/.test(name) && !name.includes('target/'))
    .map(name => `${folder}/${name}`),
)

const find = (file: string, form: RegExp): string => form.exec(readFileSync(file, 'utf8'))![1]!

/** What stands in the files now: go.mod and the pom tell it first. */
const now = {
  goModule: find('clients/go/go.mod', /^module (\S+)/),
  repository: find('clients/java/pom.xml', /^ {2}<url>(.*)<\/url>$/m),
}

/** A text with these names. The group id of Maven is that of our own artifacts; readers have groups of their own. */
export const withNames = (text: string, { goModule, repository, mavenGroup }: Publishing): string =>
  text
    .replaceAll(now.goModule, goModule)
    .replaceAll(now.repository, repository)
    .replace(/(<groupId>)[^<]*(<\/groupId>\s*<artifactId>insightly-scim)/g, `$1${mavenGroup}$2`)
