// What start() does: from options to a server that runs, and what a program then holds of it. The command line goes
// through it too.

import { readFileSync } from 'node:fs'
import { type Instance, toDescription } from './account/instance.ts'
import { Instances } from './account/instances.ts'
import { withProgress } from './account/progress.ts'
import { type InitialState, toInitialState } from './account/settings.ts'
import type { StateDocument } from './account/state.ts'
import { Client } from './client/client.ts'
import type { Insightly } from './client/insightly.ts'
import { jsonType, type Transport } from './client/transport.ts'
import {
  type Config,
  defaultConfig,
  findConflict,
  isThisMachine,
  type LogLevel,
  type ServerOptions,
  secretForm,
  serverSettings,
} from './config.ts'
import { controlSurface } from './control/control.ts'
import { quote, StartError } from './errors.ts'
import { consoleSurface } from './http/console.ts'
import type { Context } from './http/context.ts'
import { limits } from './http/limits.ts'
import { Metrics } from './http/metrics.ts'
import { toAuthority } from './http/request.ts'
import { restSurface } from './http/rest.ts'
import { refuseToken, scimSurface } from './http/scim.ts'
import { addressesOf, buildServer, type Server } from './http/server.ts'
import { type Log, toLog } from './log.ts'
import { type Behaviours, type PresetName, type Profile, presets } from './scim/behaviour.ts'
import type { Shadows } from './shadow/shadows.ts'
import { readJsonFile } from './validation.ts'

/** What start() takes: the settings of the command line; `seed` and `profile` may be the documents themselves. */
export interface StartOptions extends ServerOptions {
  /** The state that the default instance is made with, or the name of a file that holds it. */
  seed?: string | StateDocument | undefined
  /** The behaviour of new instances: a preset, behaviour switches, or the name of a file that holds them. */
  profile?: PresetName | (string & {}) | Profile | undefined
  /** The port to listen on; a free one unless given. */
  port?: number | undefined
  /** How much is told on stderr; nothing (`silent`) unless given. At `info` it is a line for each request. */
  logLevel?: LogLevel | undefined
}

/** How long close() waits for running requests, in milliseconds. */
const patience = 5000

/**
 * Starts a server, as `start()` of the package says.
 * @throws StartError in one line that says what to do
 */
export async function startServer({ seed, profile, ...options }: StartOptions): Promise<Insightly> {
  const { format, exitWithStdin, ...unsaid } = defaultConfig()
  const config: Config = { ...unsaid, port: 0, logLevel: 'silent', ...readOptions(options) }
  const conflict = findConflict(config, key => key)
  if (conflict !== undefined) throw new StartError(`The options ${conflict}`)
  const behaviours = await readProfile(profile ?? 'insightly')
  const instances = new Instances(config.data, config, config.adminKey)
  const log = toLog(config.logLevel, process.stderr, line => instances.mask.answer(line))
  const closing = new AbortController()
  try {
    const isNew = instances.find('default') === undefined
    await openDefault(instances, config, behaviours, seed)
    if (!isNew) warnOfIgnored(instances.get('default'), { seed, profile }, behaviours, log)
    const context: Context = {
      config,
      startedAt: Date.now(),
      instances,
      behaviours,
      log,
      metrics: new Metrics(),
      closing: closing.signal,
      replays: new Map(),
      makeInstanceFor: token => makeInstanceFor(token, context),
    }
    const shadows = await startShadows(context)
    const surfaces = [scimSurface, restSurface, ...(config.controlApi ? [controlSurface, consoleSurface] : [])]
    const server = buildServer(context, surfaces, readTls(config))
    const port = await server.listen(await addressesOf(config.host), config.port)
    if (!config.tlsCert && !isThisMachine(config.host))
      log.warn(`listening on ${config.host} without TLS: tokens and names travel readable`)
    void shadows?.look(line => log.warn(line))
    return toClient(context, server, port, closing, async () => {
      for (const line of shadows?.lines() ?? []) log.info(line)
      await shadows?.close()
    })
  } catch (error) {
    instances.close()
    throw toStartError(error, config)
  }
}

/** The options that were given, each checked as its flag is. */
function readOptions(options: object): Partial<Config> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    given.map(([key, value]) => {
      const setting = serverSettings.find(each => each.key === key)
      if (!setting) {
        const known = serverSettings.map(each => each.key)
        throw new StartError(`start() knows no option ${quote(key)}; known are ${known.join(', ')}.`)
      }
      const read = setting.parse(String(value))
      if (read === undefined || typeof read !== typeof value)
        throw new StartError(`The option ${key} is not accepted as given; expected ${setting.accepts}.`)
      return [key, read]
    }),
  )
}

/** The default instance's handle; its control requests go through the app without a socket. */
function toClient(
  context: Context,
  server: Server,
  port: number,
  closing: AbortController,
  leave: () => Promise<void>,
): Insightly {
  const { config, instances } = context
  const { adminKey } = instances
  // Bound to every address, as in a container, it is reached from the outside under the machine's own name.
  const host = /^(0\.0\.0\.0|::)$/.test(config.host) ? 'localhost' : config.host
  const url = config.publicUrl ?? `${config.tlsCert ? 'https' : 'http'}://${toAuthority(host, port)}`
  const headers = { authorization: `Bearer ${adminKey}`, host: new URL(url).host }
  const transport: Transport = {
    url,
    adminKey,
    async send(method, path, body) {
      if (closing.signal.aborted) throw new Error('The server is closed.')
      if (!config.controlApi) throw new Error('The server was started without its control API.')
      const { statusCode, payload } = await server.app.inject({
        method: method as 'GET',
        url: `/_emulator${path}`,
        headers: { ...headers, ...(body !== undefined && jsonType) },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      })
      return { status: statusCode, text: payload }
    },
  }
  return new Client(transport, toDescription(instances.get('default'), url), async () => {
    closing.abort()
    await server.close(patience)
    await leave()
    instances.close()
  })
}

/** With --upstream, the shadows of the instances that have a token there. @throws StartError for unusable tokens */
async function startShadows(context: Context): Promise<Shadows | undefined> {
  const { config, instances } = context
  if (config.upstream === undefined) return undefined
  const [{ readUpstreamTokens, Shadows }, { toInner }, { forward }] = await Promise.all([
    import('./shadow/shadows.ts'),
    import('./http/inner.ts'),
    import('./http/forward.ts'),
  ])
  const tokens = readUpstreamTokens(config)
  for (const token of tokens.values()) instances.secrets.add(token)
  const options = { upstream: config.upstream, tokens, rewrites: config.upstreamRewrite }
  context.shadows = new Shadows(options, toInner(context))
  context.forward = forward
  return context.shadows
}

/** Opens or makes the default instance; a seed is applied only when it is made. */
async function openDefault(
  instances: Instances,
  { scimToken }: Config,
  behaviours: Readonly<Behaviours>,
  seed: StartOptions['seed'],
): Promise<void> {
  const found = instances.find('default')
  if (!found) {
    instances.create({ name: 'default', scimToken, state: await readSeed(seed, behaviours) })
  } else if (scimToken !== undefined && scimToken !== found.scimToken && !instances.findByReplacedToken(scimToken)) {
    // A token that was regenerated away stays dead, also when the flag that first set it is still there.
    instances.setToken(found, scimToken)
  }
}

/** Warns of what was asked for the default instance and has no effect, since that exists already. */
function warnOfIgnored(
  { settings }: Instance,
  { seed, profile }: Pick<StartOptions, 'seed' | 'profile'>,
  behaviours: Readonly<Behaviours>,
  log: Log,
): void {
  const isOther = (Object.keys(behaviours) as (keyof Behaviours)[]).some(
    key => settings.behaviours[key] !== behaviours[key],
  )
  const ignored = [...(seed === undefined ? [] : ['seed']), ...(profile !== undefined && isOther ? ['profile'] : [])]
  if (ignored.length > 0)
    log.warn(
      `the instance "default" exists already: it keeps its ${seed === undefined ? 'behaviour' : 'users'}, and the ${ignored.join(' and the ')} given for it had no effect; use an empty data folder, or change it by the console or the control API`,
    )
}

async function readSeed(seed: StartOptions['seed'], behaviours: Readonly<Behaviours>): Promise<InitialState> {
  const base = toInitialState(behaviours)
  if (seed === undefined) return base
  const { parseState, toInitial } = await import('./account/state.ts')
  const source = typeof seed === 'string' ? `The seed ${seed}` : 'The seed'
  try {
    const initial = toInitial(parseState(typeof seed === 'string' ? readJsonFile(seed) : seed), base)
    return Array.isArray(initial.users) ? { ...initial, users: withProgress('loading users', initial.users) } : initial
  } catch (error) {
    throw new StartError(`${source} is no usable state document: ${(error as Error).message}`)
  }
}

/** The behaviours of new instances: a preset, a file of switches, or the switches themselves. */
async function readProfile(profile: NonNullable<StartOptions['profile']>): Promise<Readonly<Behaviours>> {
  if (typeof profile === 'string' && Object.hasOwn(presets, profile)) return presets[profile as PresetName]
  const source = typeof profile === 'string' ? `The profile ${profile}` : 'The profile'
  try {
    const { parseProfile } = await import('./account/profile.ts')
    return parseProfile(typeof profile === 'string' ? readJsonFile(profile) : profile)
  } catch (error) {
    throw new StartError(`${source} is no usable profile: ${(error as Error).message}`)
  }
}

function readTls({ tlsCert, tlsKey }: Config): { cert: Buffer; key: Buffer } | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
}

function makeInstanceFor(scimToken: string, { config, instances, behaviours }: Context): Instance | undefined {
  if (!config.anyToken || !secretForm.test(scimToken)) return undefined
  if (instances.isTaken(scimToken)) return undefined
  const most = limits.anyTokenInstances
  if (instances.size > most)
    refuseToken(
      `The SCIM token is not known, and --any-token makes no more instances: there are ${most} besides the first; delete some.`,
      true,
    )
  return instances.create({ scimToken, state: toInitialState(behaviours) })
}

function toStartError(error: unknown, { data, host, port, tlsCert }: Config): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new StartError(`Port ${port} is in use; choose another with --port, or 0 for a free one.`)
  if (syscall === 'listen' || syscall === 'getaddrinfo' || code === 'EADDRNOTAVAIL')
    return new StartError(`Cannot listen on ${host}:${port} (${message}); check --host and --port.`)
  if (tlsCert !== undefined && (syscall === 'open' || code?.startsWith('ERR_OSSL') || code?.startsWith('ERR_TLS')))
    return new StartError(`The TLS certificate or key cannot be used (${message}); check --tls-cert and --tls-key.`)
  if (data !== undefined && (code?.startsWith('SQLITE_') || syscall !== undefined))
    return new StartError(`The data folder ${data} cannot be used (${message}); check the disk and --data.`)
  return error
}
