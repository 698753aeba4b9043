// Stack traces of the bundled command name the files of src/. Node's --enable-source-maps does that too, but reads every
// map at the start, which takes a tenth of it; this reads one when a stack is first asked for.

import { SourceMap } from 'node:module'
import { dirname, join } from 'node:path'
import { findSourceMap } from '../own-files/folder.ts'

const maps = new Map<string, SourceMap | undefined>()

/** Has stack traces name source files where a map lies beside the file that runs. */
export function nameSources(): void {
  Error.prepareStackTrace = (error, sites) =>
    [Error.prototype.toString.call(error), ...sites.map(site => `    at ${toText(site)}`)].join('\n')
}

function toText(site: NodeJS.CallSite): string {
  const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()]
  const text = String(site)
  if (!file || line === null || column === null) return text
  const origin = findMap(file)?.findOrigin(line, column)
  if (!origin || !('fileName' in origin)) return text
  const source = join(dirname(file), origin.fileName)
  return text.replace(`${file}:${line}:${column}`, `${source}:${origin.lineNumber}:${origin.columnNumber}`)
}

function findMap(file: string): SourceMap | undefined {
  if (!maps.has(file)) {
    const map = findSourceMap(file)
    maps.set(file, map && new SourceMap(JSON.parse(map.toString())))
  }
  return maps.get(file)
}
