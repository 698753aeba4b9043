// Sends everything in test/security/shapes.ts and random requests to a server, and measures what refusing takes
// (npm run test:hostile [-- --tries N --fuzz N --top N --seed S]).

import { Agent, request } from 'node:http'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { start } from '../../src/index.ts'
import { fuzz, surfaces } from '../security/fuzz.ts'
import { type Shape, shapes } from '../security/shapes.ts'
import { report } from './figures.ts'
import { ask } from './server-process.ts'

const { values } = parseArgs({
  options: {
    fuzz: { type: 'string', default: '2000' },
    tries: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
    top: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const tries = Number(values.tries)
process.stdout.write(`seed ${values.seed}\n`)
fc.configureGlobal({ seed: Number(values.seed) })
const ready = await start({ logLevel: 'error' })
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const made = await ask(agent, 'POST', `${ready.scimUrl}/Users`, ready.scimToken, {
  userName: 'target@example.com',
  name: { givenName: 'Tara', familyName: 'Get' },
})

const starts: Record<Shape['surface'], { url: string; authorization: string }> = {
  scim: { url: ready.scimUrl, authorization: `Bearer ${ready.scimToken}` },
  rest: { url: ready.apiUrl, authorization: `Basic ${Buffer.from(`${ready.apiKey}:`).toString('base64')}` },
  control: { url: `${ready.controlUrl}/instances/default`, authorization: `Bearer ${ready.adminKey}` },
}

const toMilliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000

/**
 * Sends a shape. The time is the processor's: other programs on the machine do not count, sending and receiving, which
 * happen in this process too, do.
 */
function send({
  name,
  surface,
  method,
  path,
  body,
}: Shape): Promise<{ status: number; milliseconds: number; text: string }> {
  const { url, authorization } = starts[surface]
  const { hostname, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    const startedAt = process.threadCpuUsage()
    const outgoing = request(
      {
        agent,
        hostname,
        port,
        method,
        path: pathname + path.replace('{id}', made.body.id),
        timeout: 20_000,
        headers: {
          authorization,
          ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      incoming => {
        const chunks: Buffer[] = []
        incoming.on('data', chunk => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode!,
            milliseconds: toMilliseconds(process.threadCpuUsage(startedAt)),
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`no answer in 20 s: ${surface} ${method} ${path.slice(0, 60)} ${name}`)),
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const measured: { shape: Shape; milliseconds: number; status: number }[] = []
for (const shape of shapes) {
  let best = Number.POSITIVE_INFINITY
  let status = 0
  for (let each = 0; each < tries; each += 1) {
    const answer = await send(shape)
    status = answer.status
    best = Math.min(best, answer.milliseconds)
    if (status >= 500 && status !== 501)
      throw new Error(`${shape.surface} ${shape.method} ${shape.name}: ${status} ${answer.text}`)
    if (/\bat .*\.(ts|js):\d+/.test(answer.text)) throw new Error(`${shape.name} shows a stack: ${answer.text}`)
  }
  measured.push({ shape, milliseconds: best, status })
}
await ready.close()
agent.destroy()

const refused = measured.filter(({ status }) => status >= 400).sort((a, b) => b.milliseconds - a.milliseconds)
for (const { shape, milliseconds, status } of refused.slice(0, Number(values.top)))
  process.stdout.write(
    `${milliseconds.toFixed(1).padStart(8)} ms  ${status}  ${shape.surface} ${shape.method} ${shape.path.slice(0, 40)}  ${shape.name}\n`,
  )
const [slowest] = refused

const person = { EMAIL_ADDRESS: 'owner@example.com', FIRST_NAME: 'Olivia', LAST_NAME: 'Owner', ACCOUNT_OWNER: true }
let tried = 0
for (const surface of surfaces) {
  const users = [person, { ...person, EMAIL_ADDRESS: 'two@example.com', ACCOUNT_OWNER: false }]
  await using insightly = await start({ logLevel: 'error', seed: { users } })
  const counted = await fuzz(insightly, surface, Number(values.fuzz))
  tried += [...counted.values()].reduce((sum, each) => sum + each, 0)
}
report('hostile', values.write, [
  ['Hostile requests of up to 1 MiB, each sent', `${shapes.length} shapes, ${tries} times`],
  ['Refused; understood after all', `${refused.length}; ${measured.length - refused.length}`],
  ['Random requests to SCIM, REST and control API', tried],
  ['Answers of 500, crashes, hangs, stacks shown', 0],
  [
    'Slowest refusal (best of its tries)',
    `${slowest!.milliseconds.toFixed(1)} ms (${slowest!.shape.surface} ${slowest!.shape.method}: ${slowest!.shape.name})`,
  ],
])
