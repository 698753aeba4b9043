// Starting: how long from nothing to the first authenticated answer, and how much memory a server then has.

import { Client } from './client.ts'
import { operations } from './load.ts'
import { median } from './measure.ts'
import { type Contender, isInstalled, memory, scimUrlOf, startServer } from './servers.ts'

/** What starting costs a contender: medians. */
export interface Start {
  milliseconds: number
  mebibytes: number
}

/** Starts each contender in turn, round after round. */
export async function measureStart(contenders: readonly Contender[], rounds: number): Promise<Map<Contender, Start>> {
  const samples = new Map<Contender, Start[]>()
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of contenders.filter(isInstalled)) {
      const startedAt = performance.now()
      const server = await startServer(contender, 0)
      const client = await Client.open(scimUrlOf(server), 1)
      await client.send(operations['first page of 100'](server.aim))
      const milliseconds = performance.now() - startedAt
      // The first round finds cold caches of the system's files.
      if (round > 0)
        samples.set(contender, [...(samples.get(contender) ?? []), { milliseconds, mebibytes: memory(server) }])
      client.close()
      await server.stop()
    }
  }
  const toMedians = (starts: Start[]): Start => ({
    milliseconds: median(starts.map(start => start.milliseconds)),
    mebibytes: median(starts.map(start => start.mebibytes)),
  })
  return new Map([...samples].map(([contender, starts]) => [contender, toMedians(starts)]))
}
