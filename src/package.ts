// The package of this program: its version, and the Nodes that it runs on. Nodes that are too old for
// everything else read this file, so it only uses what they understand.

import { readOwnFile } from './own-files/folder.ts'

const manifest: { version: string; engines: { node: string } } = JSON.parse(readOwnFile('package.json').toString())

/** The version of this package. */
export const version: string = manifest.version

/** Whole lines of Node by their first release: ^22.14.0 || ^24.0.0. */
const firsts = manifest.engines.node.split(' || ').map(range => range.slice(1))

/** The Node that `engines` asks for, in words: "Node 22.14 or newer (22, 24 or 26)". */
export const neededNode: string = toNeededNode()

/** One line that says which Node is needed and which this is; undefined where this one will do. */
export function findNodeProblem(running: string = process.versions.node): string | undefined {
  const [major, minor, patch] = toNumbers(running)
  const isKnown = firsts.some(first => {
    const [knownMajor, firstMinor, firstPatch] = toNumbers(first)
    return major === knownMajor && (minor > firstMinor || (minor === firstMinor && patch >= firstPatch))
  })
  return isKnown ? undefined : `insightly-scim needs ${neededNode}; this is ${running}.`
}

function toNeededNode(): string {
  const majors = firsts.map(first => String(toNumbers(first)[0]))
  const list = `${majors.slice(0, -1).join(', ')} or ${majors[majors.length - 1]}`
  return `Node ${firsts[0]!.replace(/(\.0)+$/, '')} or newer (${list})`
}

function toNumbers(release: string): [number, number, number] {
  return release.split('.').map(part => Number.parseInt(part, 10)) as [number, number, number]
}
