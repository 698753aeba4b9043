// publishing.json: what it may say, what follows from it, and that a release stops at what is not known yet.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { namedFiles, withNames } from '../../scripts/release/names.ts'
import {
  findPlaceholders,
  parsePublishing,
  readPublishing,
  withAddresses,
  withUrls,
} from '../../scripts/release/publishing.ts'

const publishing = readPublishing()
const known = {
  ...publishing,
  repository: 'https://git.test/acme/insightly-scim',
  mavenGroup: 'test.acme',
  goModule: 'git.test/acme/insightly-scim/clients/go',
  image: 'images.test/acme/insightly-scim',
}
const packageJson = readFileSync('package.json', 'utf8')

test('a value that is not known yet is named, with what to do', () => {
  expect(findPlaceholders({ ...known, repository: 'https://github.com/example/insightly-scim' })).toEqual([
    'publishing.json: repository is "https://github.com/example/insightly-scim", a placeholder; write the real one.',
  ])
  expect(findPlaceholders(known)).toEqual([])
})

test.each([
  [
    { repository: 'github.com/acme/x' },
    'repository is "github.com/acme/x"; expected a URL like https://github.com/owner/name.',
  ],
  [{ mavenGroup: 'acme' }, 'mavenGroup is "acme"; expected a group id of Maven Central, like org.name.'],
  [{ goModule: 'https://git.test/x/clients/go' }, 'goModule is "https://git.test/x/clients/go"; expected the path'],
  [{ image: 'acme/insightly-scim:latest' }, 'image is "acme/insightly-scim:latest"; expected a name of an image'],
  [{ isPublished: 'yes' }, 'isPublished is "yes"; '],
  [{ npmScope: '@acme' }, 'npmScope'],
])('%j is refused in one line', (change, line) => {
  expect(() => parsePublishing(JSON.stringify({ ...known, ...change }))).toThrow(line)
  expect(parsePublishing(JSON.stringify(known))).toEqual(known)
})

test('package.json has the addresses once they are known, and none before', () => {
  const { repository, homepage, bugs, license, ...rest } = JSON.parse(withAddresses(packageJson, known))
  expect({ repository, homepage, bugs }).toEqual({
    repository: { type: 'git', url: 'git+https://git.test/acme/insightly-scim.git' },
    homepage: 'https://git.test/acme/insightly-scim#readme',
    bugs: 'https://git.test/acme/insightly-scim/issues',
  })
  const without = withAddresses(withAddresses(packageJson, known), {
    ...known,
    repository: 'https://github.com/example/insightly-scim',
  })
  expect(JSON.parse(without)).toEqual({ ...rest, license })
})

test('pyproject.toml has them too, and its name', () => {
  const pyproject = readFileSync('clients/python/pyproject.toml', 'utf8')
  const named = withUrls(pyproject, { ...known, pypi: 'acme-scim' })
  expect(named).toContain('\nname = "acme-scim"\n')
  expect(named).toContain(
    `[project.urls]\nRepository = "${known.repository}"\nIssues = "${known.repository}/issues"\n\n[project.scripts]`,
  )
  expect(withUrls(named, { ...publishing, repository: 'https://github.com/example/x' })).not.toContain('urls')
})

test('the Go modules, the poms and the pages have the names, and the sample projects of readers keep theirs', () => {
  const page = readFileSync('docs/junit5.md', 'utf8')
  const [before, after] = [page, withNames(page, known)].map(text => text.match(/<groupId>.*<\/groupId>/g)!)
  expect(after!.filter((group, at) => group !== before![at])).toEqual(['<groupId>test.acme</groupId>'])
  const named = namedFiles.map(file => withNames(readFileSync(file, 'utf8'), known)).join('\n')
  expect(named).toContain(`module ${known.goModule}\n`)
  expect(named).toContain(`<connection>scm:git:${known.repository}.git</connection>`)
  for (const old of [publishing.goModule, publishing.repository, publishing.mavenGroup])
    expect(named).not.toContain(old)
})

test('a release says all that it lacks, and ends with 1', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['scripts/release/ready.ts', '--tag', 'v99.0.0'], {
    encoding: 'utf8',
  })
  const lines = stderr.trim().split('\n')
  expect({ status, stdout, placeholders: lines.filter(line => line.startsWith('publishing.json')) }).toEqual({
    status: 1,
    stdout: '',
    placeholders: findPlaceholders(publishing),
  })
  expect(lines).toContainEqual(expect.stringMatching(/^The tag is v99\.0\.0 and package\.json says /))
})
