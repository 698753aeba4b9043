// The package's door: start() runs a server in this process. The command line goes through it too.

import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { type Config, defaultConfig } from './config.ts'
import { StartError } from './errors.ts'
import { toDescription } from './http/control.ts'
import { type InitialState, type Instance, toInitialState, toToken } from './instance.ts'
import { Instances } from './instances.ts'
import { Metrics } from './metrics.ts'
import { type Behaviours, type PresetName, presets } from './scim/behaviour.ts'
import { buildServer, type Context, maxAnyTokenInstances } from './server.ts'
import type { StateDocument } from './state.ts'

/** What start() takes: the settings of the command line; `seed` and `profile` may be the documents themselves. */
export interface StartOptions extends Partial<Omit<Config, 'seed' | 'profile' | 'format'>> {
  seed?: string | StateDocument | undefined
  profile?: PresetName | (string & {}) | Partial<Behaviours> | undefined
}

/** A running server and its default instance. */
export interface Server {
  version: string
  url: string
  scimUrl: string
  scimToken: string | null
  apiUrl: string
  apiKey: string | null
  controlUrl: string
  adminKey: string
  /** Stops accepting, finishes what is running (5 s at most), closes the databases. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export const version: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

/** How long close() waits for running requests, in milliseconds. */
const patience = 5000

/**
 * Starts a server: in memory, on a free port and silent unless told otherwise.
 * @throws StartError in one line that says what to do: port in use, unusable data folder, bad seed or profile
 */
export async function start({ seed, profile, ...options }: StartOptions = {}): Promise<Server> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const config: Config = { ...defaultConfig(), port: 0, logLevel: 'silent', ...given }
  const log = pino({ level: config.logLevel }, toLogStream(config.logLevel))
  const behaviours = await readProfile(profile ?? 'insightly')
  const adminKey = config.adminKey ?? toToken()
  const instances = new Instances(config.data, config.journal, adminKey)
  const closing = new AbortController()
  try {
    await openDefault(instances, config, behaviours, seed)
    const context: Context = {
      config,
      version,
      startedAt: Date.now(),
      instances,
      adminKey,
      behaviours,
      log,
      metrics: new Metrics(),
      closing: closing.signal,
      makeInstanceFor: token => makeInstanceFor(token, context),
    }
    const app = buildServer(context, readTls(config))
    await app.listen({ port: config.port, host: config.host })
    if (!config.tlsCert && !/^(127\.|::1$|localhost$)/.test(config.host))
      log.warn(`listening on ${config.host} without TLS: tokens and names travel readable`)
    return toServer(context, app, closing)
  } catch (error) {
    instances.close()
    throw toStartError(error, config)
  }
}

function toServer(context: Context, app: ReturnType<typeof buildServer>, closing: AbortController): Server {
  const { config, instances } = context
  const { port } = app.server.address() as AddressInfo
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host
  const url =
    config.publicUrl ?? `${config.tlsCert ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const close = async (): Promise<void> => {
    closing.abort()
    const force = setTimeout(() => app.server.closeAllConnections(), patience)
    await app.close()
    clearTimeout(force)
    instances.close()
  }
  const { scimUrl, scimToken, apiUrl, apiKey } = toDescription(instances.get('default'), url)
  return {
    version,
    url,
    scimUrl,
    scimToken,
    apiUrl,
    apiKey,
    controlUrl: `${url}/_emulator`,
    adminKey: context.adminKey,
    close,
    [Symbol.asyncDispose]: close,
  }
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
  } else if (scimToken !== undefined && scimToken !== found.scimToken) {
    instances.setToken(found, scimToken)
  }
}

async function readSeed(seed: StartOptions['seed'], behaviours: Readonly<Behaviours>): Promise<InitialState> {
  const base = toInitialState(behaviours)
  if (seed === undefined) return base
  const { parseState, toInitial } = await import('./state.ts')
  const source = typeof seed === 'string' ? seed : 'the seed'
  try {
    return toInitial(parseState(typeof seed === 'string' ? readJson(seed) : seed), base)
  } catch (error) {
    throw new StartError(`${source} is no usable state document: ${(error as Error).message}`)
  }
}

/** The behaviours of new instances: a preset, a file of switches, or the switches themselves. */
async function readProfile(profile: NonNullable<StartOptions['profile']>): Promise<Readonly<Behaviours>> {
  if (typeof profile === 'string' && Object.hasOwn(presets, profile)) return presets[profile as PresetName]
  const source = typeof profile === 'string' ? profile : 'the profile'
  try {
    const { parseProfile } = await import('./state.ts')
    return parseProfile(typeof profile === 'string' ? readJson(profile) : profile)
  } catch (error) {
    throw new StartError(`${source} is no usable profile: ${(error as Error).message}`)
  }
}

function readJson(path: string): unknown {
  const text = readFileSync(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('it is not valid JSON.')
  }
}

function readTls({ tlsCert, tlsKey }: Config): { cert: Buffer; key: Buffer } | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
}

function makeInstanceFor(scimToken: string, { config, instances, behaviours }: Context): Instance | undefined {
  if (!config.anyToken || instances.size > maxAnyTokenInstances || instances.isTaken(scimToken)) return undefined
  return instances.create({ scimToken, state: toInitialState(behaviours) })
}

/** Logs go to stderr: readable on a terminal, JSON lines elsewhere. */
function toLogStream(level: string) {
  if (level === 'silent' || !process.stderr.isTTY) return pino.destination({ dest: 2, sync: true })
  return pino.transport({ target: 'pino-pretty', options: { destination: 2 } })
}

function toStartError(error: unknown, { host, port, tlsCert }: Config): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new StartError(`Port ${port} is in use; choose another with --port, or 0 for a free one.`)
  if (syscall === 'listen' || syscall === 'getaddrinfo' || code === 'EADDRNOTAVAIL')
    return new StartError(`Cannot listen on ${host}:${port} (${message}); check --host and --port.`)
  if (tlsCert !== undefined && (syscall === 'open' || code?.startsWith('ERR_OSSL') || code?.startsWith('ERR_TLS')))
    return new StartError(`The TLS certificate or key cannot be used (${message}); check --tls-cert and --tls-key.`)
  return error
}
