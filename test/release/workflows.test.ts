// The workflows against the repository: what they run exists. actionlint reads the rest (npm run release:check).

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { targetNames } from '../../scripts/executable/targets.ts'
import { readPublishing } from '../../scripts/release/publishing.ts'

const folder = '.github/workflows'
const files = readdirSync(folder)
const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8')
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

describe.each(files)('%s', file => {
  const text = read(file)

  test('runs scripts that package.json has, and files that are there', () => {
    const commands = Array.from(text.matchAll(/npm run (?:--silent )?([\w:]+)/g), ([, name]) => name!)
    expect(commands.filter(name => !(name in scripts))).toEqual([])
    const paths = Array.from(
      text.matchAll(/(?:bash |--requirement |python |uses: )(\.?[\w./-]+\.\w+)/g),
      ([, path]) => path!,
    )
    expect(paths.filter(path => !existsSync(path))).toEqual([])
  })

  test('gives its steps no right but those that they name', () => {
    expect(parse(text).permissions).toSatisfy(
      rights => JSON.stringify(rights) === '{}' || JSON.stringify(rights) === '{"contents":"read"}',
    )
  })
})

test('a workflow that others call asks for no more rights than they give, for which GitHub would refuse it', () => {
  for (const file of ['gate.yml', 'executables.yml'])
    for (const job of Object.values(parse(read(file)).jobs as Record<string, object>))
      expect(job).not.toHaveProperty('permissions')
})

test('every executable is built on its own system', () => {
  const { matrix } = parse(read('executables.yml')).jobs.build.strategy
  expect(matrix.include.map(({ target }: { target: string }) => target).sort()).toEqual([...targetNames].sort())
})

test('nothing is published before everything is tested and built', () => {
  const { jobs } = parse(read('release.yml')) as { jobs: Record<string, { needs: string | string[] }> }
  const needsOf = (name: string): string[] => [jobs[name]!.needs ?? []].flat().flatMap(each => [each, ...needsOf(each)])
  const publishing = Object.keys(jobs).filter(name => name.startsWith('publish-'))
  expect(publishing.length).toBe(5)
  for (const name of publishing)
    expect(needsOf(name)).toEqual(expect.arrayContaining(['ready', 'gate', 'executables', 'python']))
})

test('what a release reads of publishing.json is there', () => {
  const [, fields] = /for field in (.*); do/.exec(read('release.yml'))!
  expect(fields!.split(' ').filter(field => !(field in readPublishing()))).toEqual([])
})
