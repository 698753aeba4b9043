// Whether what is done with texts costs the same for each character, however long they are.

import { expect } from 'vitest'

const [short, long] = [20_000, 320_000]

/** Expects that a long text costs no more than many short ones of its length together; with slack, since machines are shared. */
export function expectLinear(run: (text: string) => void, unit: string): void {
  const costOf = (length: number): number => {
    const text = `%${unit.repeat(Math.ceil(length / unit.length))}`.slice(0, length)
    const before = process.threadCpuUsage()
    for (let done = 0; done < 2 * long; done += length) run(text)
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1000
  }
  const expected = costOf(short)
  // What grows with the square of the length would cost sixteen times as much. A pause may hit any measurement.
  const most = 4 * expected + 20
  let cost = costOf(long)
  for (let tries = 0; tries < 2 && cost > most; tries += 1) cost = Math.min(cost, costOf(long))
  expect(cost, `milliseconds for long texts; short ones take ${expected}`).toBeLessThanOrEqual(most)
}
