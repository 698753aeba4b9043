// The package of this program: its folder, its version, and the Nodes that it runs on. Nodes that are too old for
// everything else read this file, so it only uses what they understand.

import { existsSync, readFileSync } from 'node:fs'

/** The folder of package.json, as a URL: the same from the source, from dist/ and from the bundle of the command. */
export const packageFolder: URL = findFolder(new URL('.', import.meta.url))

const manifest: { version: string; engines: { node: string } } = JSON.parse(
  readFileSync(new URL('package.json', packageFolder), 'utf8'),
)

/** The version of this package. */
export const version: string = manifest.version

/** One line that says which Node is needed and which one runs; undefined when the running one is good enough. */
export function findNodeProblem(running: string = process.versions.node): string | undefined {
  // The first supported release of each line of Node: ^22.14.0 || ^24.0.0.
  const firsts = manifest.engines.node.split(' || ').map(range => range.slice(1))
  const [major, minor, patch] = toNumbers(running)
  const isKnown = firsts.some(first => {
    const [knownMajor, firstMinor, firstPatch] = toNumbers(first)
    return major === knownMajor && (minor > firstMinor || (minor === firstMinor && patch >= firstPatch))
  })
  if (isKnown) return undefined
  const majors = firsts.map(first => String(toNumbers(first)[0]))
  const list = `${majors.slice(0, -1).join(', ')} or ${majors[majors.length - 1]}`
  return `insightly-scim needs Node ${firsts[0]!.replace(/(\.0)+$/, '')} or newer (${list}); this is ${running}.`
}

const toNumbers = (release: string) =>
  release.split('.').map(part => Number.parseInt(part, 10)) as [number, number, number]

function findFolder(from: URL): URL {
  return existsSync(new URL('package.json', from)) ? from : findFolder(new URL('..', from))
}
