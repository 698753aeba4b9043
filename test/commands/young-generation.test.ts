// In a process of its own, since the flag is one of the whole process.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const program = `
import { setImmediate } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { boundYoungGeneration } from './src/commands/young-generation.ts'
const sizes = []
const sizeOfYoung = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 1024 / 1024
// The size of the end, and the largest: a full collection can shrink it at any time.
const keepThousands = async () => {
  const kept = []
  let largest = 0
  for (let round = 0; round < 200; round += 1) {
    for (let n = 0; n < 2000; n += 1) kept[(round * 2000 + n) % 50_000] = { n, text: 'x' + n, list: [n, n] }
    await setImmediate()
    largest = Math.max(largest, sizeOfYoung())
  }
  sizes.push({ last: sizeOfYoung(), largest })
}
if (process.argv.includes('bounded')) {
  const letGrow = boundYoungGeneration()
  await keepThousands()
  letGrow()
}
await keepThousands()
console.log(JSON.stringify(sizes))
`

const run = (...args: string[]): { last: number; largest: number }[] =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program, '--', ...args], { encoding: 'utf8' }),
  )

test("V8's young generation does not grow during a start, and to 4 MiB for each half afterwards", () => {
  const [atStart, later] = run('bounded')
  expect(atStart!.last).toBeLessThanOrEqual(2)
  expect(later!.last).toBeLessThanOrEqual(8)
  expect(later!.largest).toBeGreaterThanOrEqual(8)
  // What is kept here would make it grow further.
  expect(run()[0]!.last).toBeGreaterThan(8)
})
