// The highest memory of a server while one operation is all that it is asked, with the journal on.

import { Client } from './client.ts'
import { type OperationName, operations } from './load.ts'
import { type Contender, isInstalled, memory, scimUrlOf, startServer } from './servers.ts'

/** The highest memory in MiB by operation and contender. */
export type Peaks = Map<OperationName, Map<Contender, number>>

/** Asks servers of their own, each with so many users, for one operation after the other. */
export async function measurePeaks(
  contenders: readonly Contender[],
  names: readonly OperationName[],
  users: number,
  requests: number,
): Promise<Peaks> {
  const peaks: Peaks = new Map()
  for (const name of names) {
    const byContender = new Map<Contender, number>()
    for (const contender of contenders.filter(isInstalled)) {
      const server = await startServer(contender, users)
      const client = await Client.open(scimUrlOf(server))
      await client.run(() => operations[name](server.aim), { requests, seconds: 60 })
      byContender.set(contender, memory(server, 'VmHWM'))
      client.close()
      await server.stop()
    }
    peaks.set(name, byContender)
  }
  return peaks
}
