// The pages against the code: what they say of Node, of installing, and what a shell makes of their blocks.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installed, installedByPip } from '../../scripts/installation.ts'
import { neededNode } from '../../src/package.ts'
import { readCommands } from '../recipes/page.ts'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  'conformance/README.md',
  ...['python', 'go', 'java'].map(language => `clients/${language}/README.md`),
].concat(readdirSync('docs').flatMap(name => (name.endsWith('.md') ? `docs/${name}` : [])))

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

/** The anchors of a page: its headings as GitHub names them, and those that it sets itself. */
function readAnchors(text: string): string[] {
  const headings = Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading]) =>
    heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )
  return [...headings, ...Array.from(text.matchAll(/<a id="([^"]+)">/g), ([, id]) => id!)]
}

test('Every link between pages leads to a file and a heading that are there', () => {
  const decisions = readdirSync('docs/decisions').map(name => `docs/decisions/${name}`)
  const dead = [...pages, ...decisions, 'CHANGELOG.md'].flatMap(page => {
    const text = readFileSync(page, 'utf8').replace(/^```.*?^```$/gms, '')
    const links = Array.from(text.matchAll(/\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]*))?\)/g))
    return links.flatMap(([link, file, anchor]) => {
      const target = file === '' ? page : join(dirname(page), file!)
      if (!existsSync(target)) return [`${page}: ${link}`]
      if (anchor === undefined || !target.endsWith('.md')) return []
      return readAnchors(readFileSync(target, 'utf8')).includes(anchor) ? [] : [`${page}: ${link}`]
    })
  })
  expect(dead).toEqual([])
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
