// Prints the median milliseconds of createInstance() on a server that runs in this process.

import { median } from './measure.ts'

// The built package is measured; its types are those of the source.
const built = new URL('../dist/index.js', import.meta.url).href
const { start } = (await import(built)) as typeof import('../src/index.ts')

await using insightly = await start()
const times: number[] = []
for (let made = 0; made < 1000; made += 1) {
  const startedAt = performance.now()
  await insightly.createInstance()
  times.push(performance.now() - startedAt)
}
process.stdout.write(String(median(times)))
