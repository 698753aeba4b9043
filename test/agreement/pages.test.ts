// The pages against the code: what they say of Node, of installing, and what a shell makes of their blocks.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { installed, installedByPip } from '../../scripts/installation.ts'
import { neededNode } from '../../src/package.ts'
import { readCommands } from '../recipes/page.ts'

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md', 'conformance/README.md'].concat(
  readdirSync('docs').flatMap(name => (name.endsWith('.md') ? `docs/${name}` : [])),
)

describe.each(pages)('%s', page => {
  const text = readFileSync(page, 'utf8')
  const commands = readCommands(page)

  test('names no other Node than package.json does', () => {
    const ranges = text.match(/Node \d+(\.\d+)* (or newer|and newer|or later|\+)( \([^)]*\))?/g) ?? []
    expect(ranges.filter(range => range !== neededNode)).toEqual([])
  })

  test('has shell blocks that zsh takes when they are pasted, where a # begins no comment', () => {
    expect(commands.flatMap(block => block.split('\n').filter(line => /(^|\s)#/.test(line)))).toEqual([])
  })

  test('installs nothing by a name that no registry has', () => {
    const installs = commands.flatMap(block => block.match(/^(npm|pip) install .*\binsightly[-_]scim\b.*$/gm) ?? [])
    const names = [installed, installedByPip]
    expect(installs.filter(line => !line.split(' ').some(word => names.includes(word)))).toEqual([])
    // npx finds an installed package by its name; a page that does not install it runs what the others install.
    if (installs.length === 0) {
      const runs = commands.flatMap(block => block.match(/^npx .*\binsightly-scim\b.*$/gm) ?? [])
      expect(runs.filter(line => !line.split(' ').includes(installed))).toEqual([])
      expect(commands.filter(block => /^insightly-scim /m.test(block))).toEqual([])
    }
  })
})

test('README, the page on identity providers and the console show the same words, those of the guides', () => {
  const readme = readFileSync('README.md', 'utf8')
  expect(readme).toContain(
    '| ManageEngine Identity360 | **SCIM Base URL** | **SCIM Token** | Press *Authorize*, then *Test*. |',
  )
  const page = readFileSync('docs/identity-providers.md', 'utf8')
  const console = readFileSync('src/console/providers.js', 'utf8')
  const rows = readme.matchAll(/^\| ([^|]+) \| \*\*(.+?)\*\* \| \*\*(.+?)\*\* \| (.+?) \|$/gm)
  const known = Array.from(rows, ([, name, url, token, then]) => {
    const [, section] = page.split(`\n### ${name}\n`)
    const steps = section?.split('\n### ')[0]
    for (const words of [`into **${url}**.`, `into **${token}**.`, then!]) expect(steps).toContain(words)
    for (const words of [name!, url!, token!, then!]) expect(console).toContain(words)
    return name
  })
  expect(known).toEqual(
    expect.arrayContaining(['Okta', 'Microsoft Entra ID', 'ManageEngine Identity360', 'miniOrange']),
  )
})
