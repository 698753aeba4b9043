// Several servers behind a real NGINX, as docs/scaling.md has them (npm run test:scaling): clients work on 300 instances
// at once, every answer comes from the instance's own server, and a server that is killed touches its own instances alone.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Answer, ask, type ServerProcess, startProcess } from '../reliability/server-process.ts'

const config = fileURLToPath(new URL('../../deploy/nginx/nginx.conf', import.meta.url))
const page = new URL('../../docs/scaling.md', import.meta.url)
const router = 'http://127.0.0.1:8480'
const adminKey = 'the-admin-key-of-all'
const names = Array.from({ length: 300 }, (_, index) => `ci-${index + 1}`)
const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-scaling-'))
const agent = new Agent({ keepAlive: true, maxSockets: 30 })
const counts = { passed: 0, failed: 0 }
const toUser = (name: string) => ({ EMAIL_ADDRESS: `ann@${name}.example`, FIRST_NAME: 'Ann', LAST_NAME: name })

function check(what: string, isTrue: boolean, seen?: unknown): void {
  counts[isTrue ? 'passed' : 'failed'] += 1
  process.stdout.write(`${isTrue ? 'ok    ' : 'FAILED'} ${what}${isTrue ? '' : `: ${JSON.stringify(seen)}`}\n`)
}

/** Runs work for many names, a few at a time. @returns what failed, the first five */
async function forEach(work: (name: string) => Promise<unknown>, all: readonly string[] = names): Promise<string[]> {
  const failed: string[] = []
  const waiting = [...all]
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const problem = await work(name).catch((error: Error) => error.message)
      if (problem !== undefined) failed.push(`${name}: ${JSON.stringify(problem)}`)
    }
  }
  await Promise.all(Array.from({ length: 20 }, lane))
  return failed.slice(0, 5)
}

const control = (origin: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(agent, method, `${origin}/_emulator${path}`, adminKey, body)

/** Runs the lines with which docs/scaling.md moves an instance. @returns what went wrong */
async function carryOver(environment: Record<string, string>): Promise<string | undefined> {
  const [, lines] = /```sh\n(at\(\)[\s\S]*?)```/.exec(readFileSync(page, 'utf8'))!
  const cwd = mkdtempSync(join(folder, 'move-'))
  const shell = spawn('sh', ['-euc', lines!], { cwd, env: { PATH: process.env.PATH, ...environment } })
  let stderr = ''
  shell.stderr.on('data', text => {
    stderr += text
  })
  const [status] = await once(shell, 'close')
  return status === 0 ? undefined : stderr
}

/** The processor time of some processes in microseconds. */
function processorTime(pids: readonly number[]): number {
  const times = pids.map(pid => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]))
  return times.reduce((sum, time) => sum + time, 0) / 1000
}

/** The processes that a process has started. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

const startServer = (port: number): Promise<ServerProcess> =>
  startProcess([
    ...['--port', String(port), '--data', join(folder, String(port)), '--admin-key', adminKey],
    ...['--trust-proxy', '--log-level', 'error'],
  ])

async function startRouter(file: string): Promise<ChildProcess> {
  const directives = `pid ${join(folder, 'nginx.pid')}; error_log ${join(folder, 'nginx.log')}; daemon off;`
  const child = spawn('nginx', ['-p', folder, '-c', file, '-g', directives], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isUp = await fetch(`${router}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return child
    await sleep(50)
  }
  throw new Error('The router does not answer.')
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** Which instances a server holds, asked without the router. */
async function namesAt(port: number): Promise<string[]> {
  const { body } = await control(`http://127.0.0.1:${port}`, 'GET', '')
  return (body.instances as string[]).filter(name => name !== 'default')
}

/** Speaks to an instance in each way that names it. @returns what was not as it should be */
async function visit(name: string): Promise<unknown> {
  const made = descriptions[name]!
  const user = toUser(name)
  const list = await ask(agent, 'GET', `${router}/scim/v2/Users`, made.scimToken)
  if (list.status !== 200 || list.body.totalResults !== 1 || list.body.Resources[0].userName !== user.EMAIL_ADDRESS)
    return list
  const byPath = await ask(agent, 'GET', `${made.scimUrl}/Users/1`, made.scimToken)
  if (byPath.body.meta?.location !== `${router}/i/${name}/scim/v2/Users/1`) return byPath
  const basic = { authorization: `Basic ${Buffer.from(`${made.apiKey}:`).toString('base64')}` }
  const rest = await ask(agent, 'GET', `${made.apiUrl}/Users`, '', undefined, basic)
  if (rest.status !== 200 || rest.body[0].LAST_NAME !== name) return rest
  const records = await control(router, 'GET', `/instances/${name}/users?active=true`)
  return records.body.length === 1 && records.body[0].LAST_NAME === name ? undefined : records
}

/** Requests a second by one kind of request, over a while. */
async function measure(origin: string, tokens: readonly string[]) {
  const [seconds, lanes] = [3, 16]
  const pids = { router: childrenOf(nginx.pid!), servers: ports.map(port => servers.get(port)!.ready!.pid) }
  const before = { router: processorTime(pids.router), servers: processorTime(pids.servers) }
  const end = Date.now() + 1000 * seconds
  let done = 0
  const lane = async (start: number) => {
    for (let at = start; Date.now() < end; at += 1) {
      await ask(agent, 'GET', `${origin}/scim/v2/Users/1`, tokens[at % tokens.length]!)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)))
  const cost = (of: 'router' | 'servers') => ((processorTime(pids[of]) - before[of]) / done).toFixed(0)
  return `${Math.round(done / seconds)} requests a second; processor time of a request: server ${cost('servers')} µs, router ${cost('router')} µs`
}

if (spawnSync('nginx', ['-v']).error) throw new Error('nginx is missing; install it (Debian: nginx-light).')
const ports = [8481, 8482, 8483]
const servers = new Map<number, ServerProcess>()
for (const port of ports) servers.set(port, await startServer(port))
for (const [port, { ready, stderr }] of servers) if (!ready) throw new Error(`${port}: ${stderr()}`)
let nginx = await startRouter(config)
/** The port of the server that an instance lives on. */
const owned = new Map<string, number>()
const descriptions: Record<string, { scimUrl: string; scimToken: string; apiUrl: string; apiKey: string }> = {}

try {
  const made = await forEach(async name => {
    const answer = await control(router, 'PUT', `/instances/${name}`, { state: { users: [toUser(name)] } })
    descriptions[name] = answer.body
    return answer.status === 201 && answer.body.scimToken.startsWith(`${name}.`) ? undefined : answer
  })
  check('300 instances are made by their names through the router', made.length === 0, made)
  const again = await forEach(async name => {
    const answer = await control(router, 'PUT', `/instances/${name}`)
    return answer.status === 200 && answer.body.scimToken === descriptions[name]!.scimToken ? undefined : answer
  })
  check('each is found again by its name', again.length === 0, again)

  for (const port of ports) for (const name of await namesAt(port)) owned.set(name, (owned.get(name) ?? 0) + port)
  const isShared = names.every(name => ports.includes(owned.get(name)!))
  check('each lives on one server, and on one alone', isShared && owned.size === names.length, [...owned].slice(0, 5))
  const shares = ports.map(port => [...owned.values()].filter(owner => owner === port).length)
  check(
    'every server has a part of them',
    shares.every(share => share > 0),
    shares,
  )

  const visits = await forEach(visit)
  check('SCIM by token and by path, REST and the control API reach the same instance', visits.length === 0, visits)
  const strangers = await forEach(async name => {
    const other = names[(names.indexOf(name) + 1) % names.length]!
    const answer = await ask(agent, 'GET', `${router}/i/${name}/scim/v2/Users`, descriptions[other]!.scimToken)
    // On the same server the token decides, as without a router; elsewhere nobody knows it.
    const isOther = answer.status === 200 && answer.body.Resources[0].userName === toUser(other).EMAIL_ADDRESS
    return answer.status === 401 || isOther ? undefined : answer
  })
  check('a token opens no instance but its own', strangers.length === 0, strangers)
  const unnamed = await control(router, 'POST', '/instances', {})
  check('an instance without a name is refused, with what to do', unnamed.status === 405, unnamed)

  const [victim] = ports
  await servers.get(victim!)!.kill()
  const lost = await forEach(async name => {
    const { status } = await ask(agent, 'GET', `${router}/scim/v2/Users`, descriptions[name]!.scimToken)
    return status === (owned.get(name) === victim ? 502 : 200) ? undefined : status
  })
  check('a killed server takes its own instances away, and no others', lost.length === 0, lost)
  servers.set(victim!, await startServer(victim!))
  const back = await forEach(visit)
  check('they are back with their users when it is', back.length === 0, back)

  const tokens = names.map(name => descriptions[name]!.scimToken)
  const atOne = names.filter(name => owned.get(name) === victim).map(name => descriptions[name]!.scimToken)
  const figures = {
    'one server, asked directly': await measure(`http://127.0.0.1:${victim}`, atOne),
    'one server behind the router': await measure(router, atOne),
    'three servers behind the router': await measure(router, tokens),
  }
  for (const [name, rate] of Object.entries(figures)) process.stdout.write(`${name}: ${rate}\n`)

  await grow()
} finally {
  await stop(nginx)
  for (const { child } of servers.values()) await stop(child)
  agent.destroy()
  rmSync(folder, { recursive: true })
}
process.stdout.write(`scaling: ${counts.passed} passed, ${counts.failed} failed\n`)
process.exitCode = counts.failed > 0 ? 1 : 0

/** A fourth server joins: the instances that it gets are carried over by their state, with their tokens. */
async function grow(): Promise<void> {
  const grown = join(folder, 'grown.conf')
  const last = 'server 127.0.0.1:8483 max_fails=0;'
  writeFileSync(grown, readFileSync(config, 'utf8').replace(last, `${last}\nserver 127.0.0.1:8484 max_fails=0;`))
  servers.set(8484, await startServer(8484))
  await stop(nginx)
  nginx = await startRouter(grown)
  const moved = await forEach(async name => {
    const { status } = await control(router, 'GET', `/instances/${name}`)
    return status === 404 ? status : undefined
  })
  check('a fourth server gets some of the instances', moved.length > 0, moved)
  let carried = 0
  const problems = await forEach(async name => {
    if ((await control(router, 'GET', `/instances/${name}`)).status === 200) return undefined
    const old = `http://127.0.0.1:${owned.get(name)}`
    const problem = await carryOver({ NAME: name, OLD: old, ROUTER: router, ADMIN_KEY: adminKey })
    if (problem) return problem
    descriptions[name] = (await control(router, 'GET', `/instances/${name}`)).body
    carried += 1
    return (await control(old, 'GET', `/instances/${name}`)).status === 404 ? undefined : 'still at its old server'
  })
  check('each of those is carried over by its state', problems.length === 0, problems)
  check('and only those', carried > 0 && carried < names.length / 2, carried)
  process.stdout.write(`${carried} of ${names.length} instances moved\n`)
  const visits = await forEach(visit)
  check('with its token, it answers as before', visits.length === 0, visits)
}
