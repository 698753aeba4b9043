// The soak (npm run test:soak [-- --seconds N]): clients of several kinds work on one server while faults fire, waiters
// wait and streams are read. At the end every client's own book agrees with the server's, and nothing was lost.

import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { report } from './figures.ts'
import { Random } from './random.ts'
import { type Answer, ask, startProcess } from './server-process.ts'
import { Broken, readState } from './writers.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    clients: { type: 'string', default: '16' },
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    write: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const mostRequests = Number(values.requests)
const waiterCount = 200
const streamCount = 50
process.stdout.write(`seed ${seed}\n`)

/** How much the journal remembers: little, so that memory can be flat, and enough for the one who reads along. */
const journalSize = 5000
const server = await startProcess(['--journal', String(journalSize), '--log-level', 'warn'])
if (!server.ready) throw new Error(server.stderr())
const { ready, child } = server
const control = `${ready.controlUrl}/instances/default`
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
let isOver = false
/** Every request to the SCIM and REST surfaces bears a number, by which it is found in the journal. */
let sent = 0
let answered = 0
let broken = 0

const rules = [
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 1 }, do: { status: 503 } },
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 2 }, do: { status: 429 } },
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 3 }, do: { reset: true } },
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 4 }, do: { commitThenReset: true } },
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 5 }, do: { malformed: true } },
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 6 }, do: { emptyBody: true } },
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 7 }, do: { html: true } },
  { match: { path: '/scim' }, when: { probability: 0.02, seed: 8 }, do: { delayMs: 20 } },
]

/** An answer, or undefined when the connection broke: the request may have been done or not. */
async function tryAsk(agent: Agent, method: string, path: string, body?: unknown): Promise<Answer | undefined> {
  sent += 1
  const isRest = path.startsWith('/v3.1')
  const headers = {
    'x-number': String(sent),
    ...(isRest && { authorization: `Basic ${Buffer.from(`${ready.apiKey}:`).toString('base64')}` }),
  }
  try {
    const answer = await ask(agent, method, `${ready.url}${path}`, ready.scimToken, body, headers)
    answered += 1
    return answer
  } catch {
    broken += 1
    return undefined
  }
}

interface Known {
  givenName: string
  active: boolean
}

/** A client that repeats what failed, as provisioning does, until it knows how it ended. */
async function provision(number: number): Promise<Map<string, Known>> {
  const random = new Random(seed + number)
  const agent = new Agent({ keepAlive: true })
  const book = new Map<string, Known>()
  const idOf = new Map<string, string>()
  const isDone = (answer: Answer | undefined, status: number) =>
    answer?.status === status && (status === 204 || typeof answer.body?.id === 'string')

  /** Repeats a request that may be repeated until it is known to be done. */
  const insist = async (method: string, path: string, body: unknown, status: number): Promise<void> => {
    for (let each = 0; ; each += 1) {
      if (isDone(await tryAsk(agent, method, path, body), status)) return
      if (each > 200) throw new Broken(`${method} ${path} is never done`)
    }
  }

  const create = async (): Promise<void> => {
    const userName = `soak-${number}-${book.size}@example.com`
    const givenName = `Given ${book.size}`
    for (let each = 0; ; each += 1) {
      const answer = await tryAsk(agent, 'POST', '/scim/v2/Users', {
        userName,
        name: { givenName, familyName: 'Soak' },
      })
      if (isDone(answer, 201)) idOf.set(userName, answer!.body.id)
      else if (answer?.status === 409) {
        // Created by an attempt whose answer was lost: look it up, as identity providers do.
        const found = await tryAsk(agent, 'GET', `/scim/v2/Users?filter=userName%20eq%20%22${userName}%22`)
        const [user] = found?.status === 200 ? (found.body?.Resources ?? []) : []
        if (user) idOf.set(userName, user.id)
      }
      if (idOf.has(userName)) break
      if (each > 200) throw new Broken(`${userName} is never created`)
    }
    book.set(userName, { givenName, active: true })
  }

  while (!isOver && sent < mostRequests) {
    const names = [...book.keys()]
    if (names.length < 3 || random.next() < 0.2) {
      await create()
      continue
    }
    const userName = random.pick(names)
    const known = book.get(userName)!
    const path = `/scim/v2/Users/${idOf.get(userName)}`
    switch (random.below(6)) {
      case 0:
        await insist('DELETE', path, undefined, 204)
        known.active = false
        break
      case 1:
      case 2: {
        const active = !known.active
        await insist('PATCH', path, { schemas: [patchUrn], Operations: [{ op: 'replace', value: { active } }] }, 200)
        known.active = active
        break
      }
      case 3: {
        known.givenName = `Given ${random.below(1_000_000)}`
        await insist('PUT', path, { userName, name: { givenName: known.givenName, familyName: 'Soak' } }, 200)
        break
      }
      case 4: {
        const answer = await tryAsk(agent, 'GET', path)
        if (answer?.status === 200 && answer.body?.id && answer.body.active !== known.active)
          throw new Broken(`${userName} reads as active: ${answer.body.active}, was acknowledged as ${known.active}`)
        break
      }
      default:
        await tryAsk(agent, 'GET', random.next() < 0.5 ? '/scim/v2/Users?count=20' : '/v3.1/Users?top=20')
    }
  }
  agent.destroy()
  return book
}

/** Waits for users that other clients create, again and again. */
async function wait(number: number, agent: Agent): Promise<number> {
  let woken = 0
  for (let each = 0; !isOver; each += 1) {
    const userName = `soak-${number % Number(values.clients)}-${each}@example.com`
    const { status, body } = await ask(agent, 'GET', `${control}/users?userName=${userName}&wait=2s`, ready.adminKey)
    if (status !== 200 && status !== 408) throw new Broken(`a waiter got ${status}: ${JSON.stringify(body)}`)
    if (status === 200) woken += 1
  }
  return woken
}

/** Reads the event stream to its end; the result is the ids of the exchanges it told. */
function stream(agent: Agent): { ids: number[]; end(): void } {
  const ids: number[] = []
  const outgoing = request(`${control}/events`, { agent, headers: { authorization: `Bearer ${ready.adminKey}` } })
  let rest = ''
  outgoing.on('response', incoming =>
    incoming.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      for (const line of lines) if (line.startsWith('id: ')) ids.push(Number(line.slice(4)))
    }),
  )
  outgoing.on('error', () => {})
  outgoing.end()
  return { ids, end: () => outgoing.destroy() }
}

/** How often the journal holds each request's number. */
const numbers = new Map<string, number>()
let cursor = 0

/** Reads what is new in the journal. */
async function readAlong(): Promise<void> {
  for (;;) {
    const { body } = await ask(quiet, 'GET', `${control}/requests?since=${cursor}&limit=1000`, ready.adminKey)
    for (const { id, headers } of body.requests) {
      cursor += 1
      if (id !== cursor) throw new Broken(`the journal goes on with ${id} instead of ${cursor}`)
      numbers.set(headers['x-number'], (numbers.get(headers['x-number']) ?? 0) + 1)
    }
    if (body.requests.length < 1000) return
  }
}

const memory = (): number => {
  const text = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024)
}

const quiet = new Agent({ keepAlive: true })
await ask(quiet, 'PUT', `${control}/faults`, ready.adminKey, rules)
const streamAgent = new Agent()
const streams = Array.from({ length: streamCount }, () => stream(streamAgent))
const waiterAgent = new Agent({ keepAlive: true })
const waiters = Array.from({ length: waiterCount }, (_, number) => wait(number, waiterAgent))
while (!/insightly_scim_waiters 2[0-9]{2}/.test(String((await ask(quiet, 'GET', `${ready.url}/metrics`, '')).body)))
  await sleep(50)

const startedAt = performance.now()
const clients = Array.from({ length: Number(values.clients) }, (_, number) => provision(number))
const samples: number[] = []
const sampling = (async () => {
  while (!isOver) {
    await sleep(250)
    await readAlong()
    samples.push(memory())
  }
})()
await Promise.race([sleep(Number(values.seconds) * 1000), Promise.all(clients)])
isOver = true
const books = await Promise.all(clients)
const seconds = (performance.now() - startedAt) / 1000
await sampling
const woken = (await Promise.all(waiters)).reduce((sum, each) => sum + each, 0)

// The books agree with the server's.
await ask(quiet, 'PUT', `${control}/faults`, ready.adminKey, [])
const { users } = await readState({ agent: quiet, ready }, 'default')
const found = new Map(users.map(user => [user.EMAIL_ADDRESS, user]))
const known = new Map(books.flatMap(book => [...book]))
if (users.length !== known.size + 1)
  throw new Broken(`${users.length} users are there, the clients know ${known.size + 1}`)
for (const [userName, { givenName, active }] of known) {
  const user = found.get(userName)
  if (user?.FIRST_NAME !== givenName || user.ACTIVE !== active)
    throw new Broken(
      `${userName} is ${JSON.stringify(user)}, the client knows ${JSON.stringify({ givenName, active })}`,
    )
}

// Every request is in the journal, and once.
await readAlong()
const journalled = [...numbers.values()].reduce((sum, each) => sum + each, 0)
for (let number = 1; number <= sent; number += 1)
  if (numbers.get(String(number)) !== 1)
    throw new Broken(`request ${number} is in the journal ${numbers.get(String(number)) ?? 0} times`)

// Every stream told every exchange, in order and once, or was let go for lagging behind.
for (const { ids } of streams)
  for (const [index, id] of ids.entries())
    if (id !== index + 1) throw new Broken(`a stream told ${id} after ${ids[index - 1]}`)
const complete = streams.filter(({ ids }) => ids.length === cursor).length
for (const { end } of streams) end()
/** Once the journal is full, nothing may grow but the users. */
const mean = (from: number, to: number): number => {
  const part = samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to))
  return Math.round(part.reduce((sum, each) => sum + each, 0) / part.length)
}
const [earlier, later] = [mean(0.4, 0.7), mean(0.7, 1)]
if (later > earlier * 1.5) throw new Broken(`memory grows: ${samples.join(', ')} MB`)
const complaints = server.complaints()
child.kill('SIGTERM')
const code = await new Promise(resolve => child.once('exit', resolve))
for (const agent of [quiet, waiterAgent, streamAgent]) agent.destroy()
if (complaints !== '' || code !== 0)
  throw new Broken(`exit ${code}, the server complained: ${complaints.slice(0, 2000)}`)
report('soak', values.write, [
  ['Clients; waiters; event streams', `${values.clients}; ${waiterCount}; ${streamCount}`],
  ['Requests in seconds', `${sent} in ${Math.round(seconds)}`],
  ['Answered; cut off by faults', `${answered}; ${broken}`],
  ['Found in the journal, each exactly once', journalled],
  ['Users whose record agrees with their client’s book', known.size],
  ['Waiters woken by the user they waited for', woken],
  ['Streams that told every exchange, in order and once', `${complete} of ${streamCount}`],
  ['Memory in the middle third; in the last third', `${earlier} MB; ${later} MB`],
])
