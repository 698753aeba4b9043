// One version everywhere, and a changelog in a known form.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { toNotes, toReleased } from '../../scripts/release/changelog.ts'
import { readVersions, versionPlaces, withVersion } from '../../scripts/release/places.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const changelog = readFileSync('CHANGELOG.md', 'utf8')

describe('The version', () => {
  test('is the same in package-lock.json and openapi.yaml', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
    expect([lock.version, lock.packages[''].version]).toEqual([version, version])
    expect(readFileSync('openapi.yaml', 'utf8')).toContain(`\n  version: ${version}\n`)
  })

  test.each(versionPlaces)('is the same in %s', (file, form) => {
    const text = readFileSync(file, 'utf8')
    const found = readVersions(text, form)
    expect(found.length).toBeGreaterThan(0)
    expect(new Set(found)).toEqual(new Set([version]))
    const next = withVersion(text, form, '98.7.6')
    expect(readVersions(next, form)).toEqual(found.map(() => '98.7.6'))
    expect(withVersion(next, form, version)).toBe(text)
  })
})

test.each([
  ['1.2.3', ''],
  ['1.0.0-rc.1', '1.0.0-rc.1 is a pre-release, which release.yml does not publish; expected a number such as 1.2.3.\n'],
])('npm version %s is refused before it changes anything where it is no release', (wanted, words) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/release/version.ts', '--check'], {
    env: { ...process.env, npm_new_version: wanted },
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: words === '' ? 0 : 1, stderr: words })
})

describe('CHANGELOG.md', () => {
  test('has a section for what is unreleased, and one with its date for each release', () => {
    const [first, ...releases] = Array.from(changelog.matchAll(/^## (.*)$/gm), ([, title]) => title!)
    expect(first).toBe('[Unreleased]')
    expect(releases.filter(title => !/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/.test(title))).toEqual([])
    const kinds = Array.from(changelog.matchAll(/^### (.*)$/gm), ([, title]) => title!)
    expect(kinds.filter(kind => !/^(Added|Changed|Deprecated|Removed|Fixed|Security)$/.test(kind))).toEqual([])
  })

  const before =
    '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- All.\n'

  test('gives a release what was unreleased, once', () => {
    const after = toReleased(before, '1.1.0', '2026-02-01')
    expect(toNotes(after, '1.1.0')).toBe('### Added\n\n- A thing.')
    expect([toNotes(after, 'Unreleased'), toNotes(after, '1.0.0')]).toEqual(['', '### Added\n\n- All.'])
    expect(toReleased(after, '1.1.0', '2026-03-01')).toBe(after)
  })

  test('has no section for a version that was not released', () => {
    expect(toNotes(before, '1.1.0')).toBeUndefined()
  })
})
