// What a suite says in JUnit's XML, which every language's runner can write, and which promises that keeps.

/** A promise that each language's package keeps. */
export interface Promised {
  id: string
  promise: string
}

/** A test that was run. */
export interface Found {
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
}

const testForm = /<testcase((?:\s+[\w:.-]+="[^"]*")*)\s*(?:\/>|>(.*?)<\/testcase>)/gs

/** The tests of a report. What they printed may hold anything, and is left out. */
export function readReport(xml: string): Found[] {
  const report = xml.replaceAll(/<!\[CDATA\[.*?\]\]>/gs, '')
  return Array.from(report.matchAll(testForm), ([, attributes = '', content = '']) => ({
    name: / name="([^"]*)"/.exec(attributes)?.[1] ?? '',
    outcome: /<(failure|error)\b/.test(content) ? 'failed' : /<skipped\b/.test(content) ? 'skipped' : 'passed',
  }))
}

/** The promises without a test that passed. A test names them as its language can: K-01, K_01, k01. */
export function findUnkept(promises: readonly Promised[], found: readonly Found[]): Promised[] {
  const passed = found.filter(({ outcome }) => outcome === 'passed')
  const kept = new Set(
    passed.flatMap(({ name }) => Array.from(name.matchAll(/(?<![a-z0-9])k[-_]?(\d\d)(?!\d)/gi), ([, id]) => `K-${id}`)),
  )
  return promises.filter(({ id }) => !kept.has(id))
}
