// Instances: how long it takes to make one, through the control API and in process, and how much memory many of them take.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Shot } from './client.ts'
import { Client } from './client.ts'
import { median } from './measure.ts'
import { memory, scimUrlOf, startServer } from './servers.ts'

/** What instances cost. */
export interface InstanceCosts {
  /** Median milliseconds of a POST of the control API. */
  byControlApi: number
  /** Median milliseconds of createInstance() on a running server. */
  inProcess: number
  alive: number
  kibibytesEach: number
}

const create: Shot = {
  text: 'POST /_emulator/instances HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer bench-admin\r\nContent-Length: 0\r\n\r\n',
  statuses: [201],
}

/** Makes a number of instances on one server and keeps them all. */
export async function measureInstances(alive: number): Promise<InstanceCosts> {
  const server = await startServer('ours', 0)
  const client = await Client.open(scimUrlOf(server), 1)
  const before = memory(server)
  const times: number[] = []
  for (let made = 0; made < alive; made += 1) {
    const startedAt = performance.now()
    await client.send(create)
    times.push(performance.now() - startedAt)
  }
  const after = memory(server)
  client.close()
  await server.stop()
  const inProcess = execFileSync(process.execPath, [join(import.meta.dirname, 'in-process.ts')], { encoding: 'utf8' })
  return {
    byControlApi: median(times),
    inProcess: Number(inProcess),
    alive,
    kibibytesEach: ((after - before) * 1024) / alive,
  }
}
