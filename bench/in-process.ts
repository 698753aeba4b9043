// Prints the median milliseconds of createInstance() on a server that runs in this process.

import { start } from '../dist/index.js'
import { median } from './measure.ts'

await using insightly = await start()
const times: number[] = []
for (let made = 0; made < 1000; made += 1) {
  const startedAt = performance.now()
  await insightly.createInstance()
  times.push(performance.now() - startedAt)
}
process.stdout.write(String(median(times)))
