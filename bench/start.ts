// Starting: how long it takes until the first authenticated answer, and how much memory the server has then.

import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from './client.ts'
import { operations } from './load.ts'
import { type Contender, cpuSeconds, isInstalled, memory, scimUrlOf, scratch, startServer } from './servers.ts'

/** One kind of start: of a contender. Ours is also started as on its first run, for which Node has compiled nothing yet. */
export interface Starter {
  contender: Contender
  isFirstRun: boolean
}

/** What starting costs, round by round. */
export interface Starts {
  milliseconds: number[]
  processorMilliseconds: number[]
  mebibytes: number[]
}

/** Starts each contender in turn, round after round. */
export async function measureStart(contenders: readonly Contender[], rounds: number): Promise<Map<Starter, Starts>> {
  const starters = contenders
    .filter(isInstalled)
    .flatMap(contender => [
      { contender, isFirstRun: false },
      ...(contender === 'ours' ? [{ contender, isFirstRun: true }] : []),
    ])
  const results = new Map<Starter, Starts>(
    starters.map(each => [each, { milliseconds: [], processorMilliseconds: [], mebibytes: [] }]),
  )
  const kept = mkdtempSync(join(scratch, 'compiled-'))
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < starters.length; turn += 1) {
      const starter = starters[(turn + round) % starters.length]!
      const compiled = starter.isFirstRun ? mkdtempSync(join(scratch, 'compiled-')) : kept
      const startedAt = performance.now()
      // This variable would turn on the compile cache of the other contenders, who do not use it.
      const environment = starter.contender === 'ours' ? { NODE_COMPILE_CACHE: compiled } : {}
      const server = await startServer(starter.contender, 0, { environment })
      const client = await Client.open(scimUrlOf(server), 1)
      await client.send(operations['first page of 100'](server.aim))
      const milliseconds = performance.now() - startedAt
      // In the first round, the system has not cached the files yet.
      if (round > 0) {
        const starts = results.get(starter)!
        starts.milliseconds.push(milliseconds)
        starts.processorMilliseconds.push((cpuSeconds(server) ?? Number.NaN) * 1000)
        starts.mebibytes.push(memory(server))
      }
      client.close()
      await server.stop()
    }
  }
  return results
}
