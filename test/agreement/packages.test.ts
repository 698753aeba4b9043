// The packages for other languages against the server's schemas: each member and each value that the server knows has a
// name there, and none that it does not know. Their versions are held by test/release.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { clockModes } from '../../src/account/clock.ts'
import { licenses } from '../../src/insightly/record.ts'
import { operations } from '../../src/scim/operation.ts'
import { readBlocks } from '../recipes/page.ts'

interface Schema {
  properties?: Record<string, Schema>
  items?: Schema
  allOf?: Schema[]
}

const { components, paths } = parse(readFileSync('openapi.yaml', 'utf8'))
const schemas = components.schemas as Record<string, Schema>

/** The names of the members of a schema, found by its path in openapi.yaml. */
function membersOf(path: string): string[] {
  const schema = path.split('.').reduce<Schema | undefined>((at, name) => {
    const found = at === undefined ? schemas[name] : at.properties?.[name]
    return found?.items ?? found
  }, undefined)!
  return Object.keys(schema.properties!).sort()
}

/** The parameters by which a package asks for a list. */
function askedOf(list: string): string[] {
  const { parameters } = paths[`/_emulator/instances/{name}/${list}`].get as {
    parameters: { name: string; in: string }[]
  }
  const names = parameters.flatMap(({ name, in: where }) => (where === 'query' ? name : []))
  // One user or request is waited for; a HAR is for people, and a choice of ids and pages of users are the console's.
  return names.filter(name => !['count', 'format', 'ids', 'after'].includes(name))
}

/** What stands for a schema in the packages. */
const models = {
  LicensedRecord: 'User',
  UserAddition: 'UserAddition',
  UserEdit: 'UserEdit',
  'State.users': 'StateUser',
  Entry: 'Entry',
  'Entry.changes': 'Change',
  Note: 'Note',
  ShadowAnswer: 'ShadowAnswer',
  'ShadowAnswer.differences': 'Difference',
  'Verification.match': 'RequestMatch',
  Faults: 'Fault',
  'Faults.match': 'FaultMatch',
  'Faults.when': 'FaultWhen',
  'Faults.do': 'FaultEffect',
  Settings: 'Settings',
  SettingsChange: 'SettingsChange',
}

describe('Go', () => {
  const source = ['models', 'instance', 'insightly']
    .map(name => readFileSync(`clients/go/${name}.go`, 'utf8'))
    .join('\n')
  const membersIn = (struct: string) => {
    const [, body = ''] = new RegExp(`^type ${struct} struct \\{\\n(.*?)^\\}`, 'ms').exec(source) ?? []
    return Array.from(body.matchAll(/`json:"(\w+)/g), ([, name]) => name!).sort()
  }
  const valuesOf = (type: string) =>
    Array.from(source.matchAll(new RegExp(`^\\t\\w+ +${type} += "(.*)"`, 'gm')), ([, value]) => value)

  test.each(Object.entries({ ...models, InstanceCreation: 'creation' }))('%s is %s', (schema, struct) => {
    expect(membersIn(struct), `clients/go/models.go: ${struct}`).toEqual(membersOf(schema))
  })

  test('has the operations, licences and modes of the clock', () => {
    expect(valuesOf('Operation')).toEqual(operations)
    expect(valuesOf('License')).toEqual(licenses)
    expect(valuesOf('ClockMode')).toEqual(clockModes)
  })

  test.each(['users', 'requests'])('asks for %s by every parameter there is', list => {
    const queries = readFileSync('clients/go/control.go', 'utf8') + source
    expect(askedOf(list).filter(name => !queries.includes(`"${name}"`))).toEqual([])
  })
})

describe('Java', () => {
  const folder = 'clients/java/insightly-scim/src/main/java/insightlyscim'
  const read = (type: string) => readFileSync(`${folder}/${type}.java`, 'utf8')

  /** The components of a record, as JSON names them. */
  function componentsOf(file: string, record: string): string[] {
    const source = read(file).replaceAll(/@SerializedName\("(\w+)"\) (\w+) \w+/g, '$2 $1')
    const [, header = ''] = new RegExp(`record ${record}\\(([^)]*)\\)`).exec(source) ?? []
    return Array.from(header.matchAll(/(\w+)(?:,|\s*$)(?![^<]*>)/g), ([, name]) => name!).sort()
  }
  const toField = (name: string) => name.replaceAll(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
  const valuesOf = (type: string) =>
    Array.from(
      read(type).matchAll(/^ {2}(?:@SerializedName\("(.*)"\)\n {2})?([A-Z_]+),?$/gm),
      ([, named, name]) => named ?? name,
    )

  test.each(['User', 'UserAddition', 'UserEdit'] as const)('%s has the fields of Insightly', record => {
    const schema = record === 'User' ? 'LicensedRecord' : record
    expect(componentsOf(record, record).map(toField).sort(), `${folder}/${record}.java`).toEqual(membersOf(schema))
  })

  test.each([
    ['Entry', 'Entry', 'Entry'],
    ['Entry.changes', 'Entry', 'Change'],
    ['Note', 'Entry', 'Note'],
    ['ShadowAnswer', 'Entry', 'ShadowAnswer'],
    ['ShadowAnswer.differences', 'Entry', 'Difference'],
    ['Verification.match', 'RequestMatch', 'RequestMatch'],
    ['Verification.times', 'Times', 'Times'],
    ['Faults', 'Fault', 'Fault'],
    ['Faults.match', 'Fault', 'Match'],
    ['Faults.when', 'Fault', 'When'],
    ['Faults.do', 'Fault', 'Effect'],
    ['Settings', 'Settings', 'Settings'],
  ])('%s is in %s: %s', (schema, file, record) => {
    expect(componentsOf(file, record), `${folder}/${file}.java: ${record}`).toEqual(membersOf(schema))
  })

  test.each([
    ['InstanceCreation', 'InstanceOptions'],
    ['SettingsChange', 'SettingsChange'],
  ])('%s is %s', (schema, file) => {
    const told = Array.from(read(file).matchAll(/with\("(\w+)"/g), ([, name]) => name!)
    expect([...new Set(told)].sort(), `${folder}/${file}.java`).toEqual(membersOf(schema))
  })

  test('has the operations, licences and modes of the clock', () => {
    expect(valuesOf('Operation')).toEqual(operations)
    expect(valuesOf('License')).toEqual(licenses)
    expect(valuesOf('ClockMode')).toEqual(clockModes)
  })

  test.each(['users', 'requests'])('asks for %s by every parameter there is', list => {
    expect(askedOf(list).filter(name => !read('Insightly').includes(`"${name}"`))).toEqual([])
  })
})

test.each([
  ['go', 'go'],
  ['java', 'junit5'],
])('The code in the README of %s stands in its page, which is tried', (language, page) => {
  const tried = readBlocks(`docs/${page}.md`).map(({ text }) => text)
  const shown = readBlocks(`clients/${language}/README.md`)
  expect(shown).not.toEqual([])
  for (const { text } of shown) expect(tried.some(each => each.includes(text))).toBe(true)
})
