// Measuring: rounds that alternate between servers, and medians. Only what was measured in one run is ever compared.

import { Client, type Limit } from './client.ts'
import { type OperationName, operations } from './load.ts'
import { type Contender, cpuSeconds, isInstalled, type Running, scimUrlOf, startServer } from './servers.ts'

/** Some servers that hold the same users and are asked the same. */
export interface Scenario {
  users: number
  isFile: boolean
  contenders: readonly Contender[]
  operations: readonly OperationName[]
}

/** How long to measure. */
export interface Patience {
  rounds: number
  seconds: number
}

/** Requests a second by wall clock, and server processor time a request in microseconds, of each round. */
export interface Samples {
  rates: number[]
  costs: number[]
}

/** The samples of a scenario by operation and contender. */
export type Results = Map<OperationName, Map<Contender, Samples>>

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median over all rounds of one contender's figure divided by another's in the same round. */
export const ratio = (of: readonly number[], to: readonly number[]): number =>
  median(of.map((each, round) => each / to[round]!))

/** V8 compiles until some 15,000 requests of a kind were answered; a slow server is given less. */
const warmUp = (seconds: number): Limit => ({ requests: 20_000, seconds: 4 * seconds })

// Creating users makes the list longer, so every server is given the same number of them, however fast it is.
const limits: Partial<Record<OperationName, number>> = { POST: 1500, 'sync mix': 6000 }

/** Starts the contenders of a scenario and compares them. */
export async function measure(scenario: Scenario, patience: Patience): Promise<Results> {
  const servers: Running[] = []
  for (const contender of scenario.contenders.filter(isInstalled))
    servers.push(await startServer(contender, scenario.users, { isFile: scenario.isFile }))
  try {
    // Last, since the longer list that creations leave behind would make the others slower, the peers more than the rest.
    const creating = scenario.operations.filter(name => name === 'POST')
    const others = scenario.operations.filter(name => name !== 'POST')
    const compared = new Map([
      ...(await compare(servers, others, patience)),
      ...(await compare(servers, creating, patience)),
    ])
    return new Map(
      scenario.operations.map(name => [
        name,
        new Map(compared.get(name)!.map((each, index) => [servers[index]!.contender, each])),
      ]),
    )
  } finally {
    await Promise.all(servers.map(server => server.stop()))
  }
}

/**
 * Measures each operation in turn on each of some running servers, round after round; the first round is warming up.
 * @returns by operation, the samples of each server in the order given
 */
export async function compare(
  servers: readonly Running[],
  names: readonly OperationName[],
  { rounds, seconds }: Patience,
): Promise<Map<OperationName, Samples[]>> {
  const toSamples = (): Samples => ({ rates: [], costs: [] })
  const results = new Map(names.map(name => [name, servers.map(toSamples)]))
  const clients = await Promise.all(servers.map(server => Client.open(scimUrlOf(server))))
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      for (let turn = 0; turn < servers.length; turn += 1) {
        const index = (turn + round) % servers.length
        const server = servers[index]!
        const limit = round === 0 ? warmUp(seconds) : { requests: limits[name] ?? Infinity, seconds }
        const sample = await once(server, clients[index]!, name, limit)
        if (round === 0) continue
        results.get(name)![index]!.rates.push(sample.rate)
        results.get(name)![index]!.costs.push(sample.cost)
      }
    }
  }
  for (const client of clients) client.close()
  return results
}

async function once(server: Running, client: Client, name: OperationName, limit: Limit) {
  const shoot = operations[name]
  const before = cpuSeconds(server) ?? Number.NaN
  const { requests, seconds } = await client.run(() => shoot(server.aim), limit)
  const used = (cpuSeconds(server) ?? Number.NaN) - before
  return { rate: requests / seconds, cost: (used / requests) * 1e6 }
}
