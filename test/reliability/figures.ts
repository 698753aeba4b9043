// Prints what a harness measured and, when asked to, puts it into docs/reliability.md.

import { readFileSync, writeFileSync } from 'node:fs'

const page = new URL('../../docs/reliability.md', import.meta.url)

/** The figures that a section of docs/reliability.md has now. */
export function findFigures(section: string): Map<string, string> {
  const [, table = ''] =
    new RegExp(`<!-- measured:${section} -->\n([^]*?)<!-- /measured -->`).exec(readFileSync(page, 'utf8')) ?? []
  return new Map([...table.matchAll(/^\| (.*?) \| (.*?) \|$/gm)].map(([, name, value]) => [name!, value!]))
}

/** Prints figures, and writes them between the markers of a section of docs/reliability.md. */
export function report(
  section: string,
  isWritten: boolean,
  figures: readonly (readonly [string, string | number])[],
): void {
  for (const [name, value] of figures) process.stdout.write(`${name}: ${value}\n`)
  if (!isWritten) return
  const rows = figures.map(([name, value]) => `| ${name} | ${value} |`).join('\n')
  const form = new RegExp(`(<!-- measured:${section} -->\n)[^]*?(<!-- /measured -->)`)
  const now = readFileSync(page, 'utf8')
  if (!form.test(now)) throw new Error(`docs/reliability.md has no section "${section}"`)
  writeFileSync(page, now.replace(form, `$1\n| What | Figure |\n| --- | --- |\n${rows}\n\n$2`))
}
