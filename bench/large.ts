// A million users in a file: how long it takes to import, export and crawl them, and whether other operations get slower.

import { mkdtempSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Client } from './client.ts'
import { type OperationName, operations } from './load.ts'
import { compare, type Patience, type Samples } from './measure.ts'
import { launch, memory, type Running, scimUrlOf, scratch, toSeedUser } from './servers.ts'

/** One long piece of work on all users. */
export interface Work {
  name: string
  /** Users a second in the first tenth of the work (for an import: with a tenth of the users), and in all of it. */
  atFirst: number
  overall: number
  /** The most memory that the server ever had, in MiB. */
  peak: number
}

/** What a large number of users costs. */
export interface LargeResults {
  users: number
  works: Work[]
  /** Memory in MiB after a restart and the same load on both. */
  mebibytes: { few: number; many: number }
  operations: Map<OperationName, { few: Samples; many: Samples }>
}

const few = 1000

/** Fills one server with a few users and another with many, in files, and compares them. */
export async function measureLarge(
  many: number,
  names: readonly OperationName[],
  patience: Patience,
): Promise<LargeResults> {
  const folders = { few: mkdtempSync(join(scratch, 'few-')), many: mkdtempSync(join(scratch, 'many-')) }
  const works: Work[] = []
  let server = await open(folders.many, many)
  const tenth = await seconds(() => putState(server, many / 10))
  await server.stop()
  server = await open(folders.many, many)
  const whole = await seconds(() => putState(server, many))
  works.push({
    name: 'import of a state document',
    atFirst: many / 10 / tenth,
    overall: many / whole,
    peak: memory(server, 'VmHWM'),
  })
  await server.stop()
  server = await open(folders.many, many)
  const exported = await seconds(() => getState(server))
  works.push({
    name: 'export of a state document',
    atFirst: many / exported,
    overall: many / exported,
    peak: memory(server, 'VmHWM'),
  })
  await server.stop()
  server = await open(folders.many, many)
  works.push({ name: 'crawl by pages of 100', ...(await crawl(server)), peak: memory(server, 'VmHWM') })
  await server.stop()

  const small = await open(folders.few, few)
  await putState(small, few)
  await small.stop()
  const servers = { few: await open(folders.few, few), many: await open(folders.many, many) }
  const results = await compare([servers.few, servers.many], names, patience)
  const mebibytes = { few: memory(servers.few), many: memory(servers.many) }
  await Promise.all([servers.few.stop(), servers.many.stop()])
  return {
    users: many,
    works,
    mebibytes,
    operations: new Map([...results].map(([name, [few, many]]) => [name, { few: few!, many: many! }])),
  }
}

const open = (folder: string, users: number): Promise<Running> =>
  launch('ours', users, [
    join(import.meta.dirname, '../dist/cli.js'),
    ...['--port', '0', '--format', 'json', '--exit-with-stdin', '--data', folder],
    ...['--scim-token', 'bench', '--admin-key', 'bench-admin'],
  ])

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

function* stateDocument(users: number): Iterable<string> {
  yield '{"users":['
  for (let first = 1; first <= users; first += 1000) {
    const last = Math.min(first + 999, users)
    const part = Array.from({ length: last - first + 1 }, (_, index) => toSeedUser(first + index))
    yield `${first > 1 ? ',' : ''}${part.join(',')}`
  }
  yield ']}'
}

function control(server: Running, method: string, body?: Iterable<string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${server.ready.controlUrl}/instances/default/state`,
      { method, headers: { authorization: 'Bearer bench-admin', 'content-type': 'application/json' } },
      async incoming => {
        let length = 0
        incoming.on('data', chunk => {
          length += chunk.length
        })
        await finished(incoming)
        if (incoming.statusCode! < 300) resolve(length)
        else reject(new Error(`${method} state answered ${incoming.statusCode}`))
      },
    )
    outgoing.on('error', reject)
    if (body) Readable.from(body).pipe(outgoing)
    else outgoing.end()
  })
}

const putState = (server: Running, users: number) => control(server, 'PUT', stateDocument(users))
const getState = (server: Running) => control(server, 'GET')

async function crawl(server: Running): Promise<{ atFirst: number; overall: number }> {
  const { users } = server.aim
  const client = await Client.open(scimUrlOf(server))
  let next = 1
  const pages = (last: number) =>
    seconds(() =>
      client.run(
        () => {
          const shot = operations['first page of 100']({ ...server.aim })
          const text = shot.text.replace('startIndex=1&', `startIndex=${next}&`)
          next += 100
          return { ...shot, text }
        },
        { requests: last, seconds: Infinity },
      ),
    )
  const first = await pages(users / 1000)
  const rest = await pages((users / 1000) * 9)
  client.close()
  return { atFirst: users / 10 / first, overall: users / (first + rest) }
}
