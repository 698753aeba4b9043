// Every setting, once: its flag, environment name, default, meaning and what it accepts. The command line, start(),
// --help, docs/settings.md and, by "npm run generate", the comments on the members of its types derive from it.

import { toSuggestion } from './errors.ts'

/** The levels of the log: each says what those before it say, and more. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** How much the log says. */
export type LogLevel = (typeof logLevels)[number] | 'silent'

/**
 * The settings that start() takes unchanged. Written out, member by member: editors do not show the comments of mapped
 * types.
 */
export interface ServerOptions {
  /** The address to listen on (the container image sets 0.0.0.0). Unless given: 127.0.0.1. */
  host?: string
  /** Where to keep the data: one SQLite file an instance, and the admin key. Unless given: in memory. */
  data?: string | undefined
  /** The default instance's SCIM token. Unless given: generated. */
  scimToken?: string | undefined
  /** The control API's key; a generated one stays with the data folder. Unless given: generated. */
  adminKey?: string | undefined
  /** The start of meta.location and of printed URLs (tunnels, mapped ports). Unless given: from the request. */
  publicUrl?: string | undefined
  /** Believe X-Forwarded-Proto, -Host and -Prefix. Unless given: false. */
  trustProxy?: boolean
  /** An unknown SCIM token creates its own instance on first use. Unless given: false. */
  anyToken?: boolean
  /** Serve the control API and the console; --no-control-api turns both off. Unless given: true. */
  controlApi?: boolean
  /**
   * Pass SCIM requests on to this endpoint, answer with its answers, and say where this server differs. Unless
   * given: none.
   */
  upstream?: string | undefined
  /** The token of that endpoint for the default instance's requests; better in the environment. Unless given: none. */
  upstreamToken?: string | undefined
  /**
   * A JSON object of such tokens by the names of instances; an instance without one answers by itself. Unless
   * given: none.
   */
  upstreamTokens?: string | undefined
  /** In that endpoint's answers, replace its SCIM URL by this server's. Unless given: false. */
  upstreamRewrite?: boolean
  /** How many exchanges each instance remembers. Unless given: 1000. */
  journal?: number
  /**
   * How many MiB of memory the exchanges of all instances may take together; the oldest make room. Unless given:
   * 32.
   */
  journalMemory?: number
  /** A PEM certificate, to serve HTTPS. Unless given: none. */
  tlsCert?: string | undefined
  /** The PEM key of the certificate. Unless given: none. */
  tlsKey?: string | undefined
}

/** What a server is started with. */
export interface Config extends Required<ServerOptions> {
  /** The port to listen on; 0 asks the system for a free one. Unless given: 8080. */
  port: number
  /** A JSON state document for the default instance, applied when that is first created. Unless given: none. */
  seed: string | undefined
  /**
   * The behaviour of new instances: insightly, rfc7644, or a JSON file of behaviour switches. Unless given:
   * insightly.
   */
  profile: string
  /**
   * How much to tell on stderr (JSON lines, pretty on a terminal): fatal, error, warn, info, debug, trace, silent;
   * info has a line for each request, warn for refused ones alone, debug adds bodies without secrets. Unless
   * given: info.
   */
  logLevel: LogLevel
}

/** What the command that serves is started with. */
export interface CommandConfig extends Config {
  /** The form of the ready message on stdout: text or json. Unless given: text on a terminal, else json. */
  format: 'text' | 'json' | undefined
  /**
   * Stop when standard input ends, so that no server outlives the program that started it with a pipe. Unless
   * given: false.
   */
  exitWithStdin: boolean
}

/** One setting. */
export interface SettingRow {
  key: keyof CommandConfig
  /** Without the dashes. */
  flag: string
  environment: string
  default: unknown
  /** What help shows instead of the default. */
  defaultText?: string
  /** How help names the value; flags without one are on or off. */
  argument?: string
  meaning: string
  /** Reads a text; undefined when it is not acceptable. */
  parse(text: string): unknown
  /** What `parse` accepts. */
  accepts: string
  /** Whether a bad value is not repeated. */
  isSecret?: true
}

/** A setting as a command reads it: perhaps not from the environment, or with another default. */
export type HeededRow = Omit<SettingRow, 'environment'> & { environment?: string | undefined }

/** What the table below says of a setting; its flag and its environment name follow from its key. */
type Said<Value> = Omit<SettingRow, 'key' | 'flag' | 'environment' | 'default' | 'parse'> & {
  parse(text: string): Value | undefined
  // What may be left out has no default.
} & (undefined extends Value ? object : { default: Value })

/** What a token or key may be. */
export const secretForm = /^[\x21-\x7e]{1,500}$/
/** The same in words. */
export const secretWords = '1 to 500 printable ASCII characters without blanks'
/** What the token of another endpoint may be: some are signed documents. */
export const foreignSecretForm = /^[\x21-\x7e]{1,8000}$/

const parseText = (text: string): string | undefined => (text === '' ? undefined : text)
const parseForm = (form: RegExp) => (text: string) => (form.test(text) ? text : undefined)

const onOrOff = {
  parse: (text: string) =>
    /^(1|true|yes|on)$/i.test(text) ? true : /^(0|false|no|off)$/i.test(text) ? false : undefined,
  accepts: 'true or false',
}
const file = { argument: 'file', parse: parseText, accepts: 'a file' }
const secret = { parse: parseForm(secretForm), accepts: secretWords, isSecret: true } as const
const numberFrom = (least: number, most: number) => ({
  argument: 'number',
  parse: (text: string) =>
    /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined,
  accepts: `a number from ${least} to ${most}`,
})
const wordOf = <Word extends string>(...words: Word[]) => ({
  parse: (text: string) => words.find(word => word === text),
  accepts: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
})

const logWords: LogLevel[] = [...logLevels, 'silent']

/** Whether a host, as a URL or a setting names it, is this machine: what is sent there needs no TLS. */
export const isThisMachine = (host: string): boolean => /^(localhost|127(\.\d+){1,3}|::1|\[::1\])$/.test(host)

/** Whether others can read what is sent to a URL: it travels without TLS, and not only within this machine. */
export const isReadable = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && !isThisMachine(hostname)

const isPlainUrl = (value: string): boolean => /^https?:\/\/[\x21-\x7e]+$/i.test(value) && URL.canParse(value)

/** Whether a text can be the start of the URLs that this server tells (D-07). */
export const isPublicUrl = (value: string): boolean => isPlainUrl(value) && !/[?#@]/.test(value)

/** The settings of a server, which start() takes too, in the order of help. */
const server: { [Key in keyof Config]: Said<Config[Key]> } = {
  port: { ...numberFrom(0, 65_535), default: 8080, meaning: 'the port to listen on; 0 asks the system for a free one' },
  host: {
    argument: 'address',
    default: '127.0.0.1',
    meaning: 'the address to listen on (the container image sets 0.0.0.0)',
    parse: parseText,
    accepts: 'an address or host name',
  },
  data: {
    argument: 'folder',
    defaultText: 'in memory',
    meaning: 'where to keep the data: one SQLite file an instance, and the admin key',
    parse: parseText,
    accepts: 'a folder',
  },
  seed: {
    ...file,
    meaning: 'a JSON state document for the default instance, applied when that is first created',
  },
  scimToken: {
    ...secret,
    argument: 'token',
    defaultText: 'generated',
    meaning: "the default instance's SCIM token",
  },
  adminKey: {
    ...secret,
    argument: 'key',
    defaultText: 'generated',
    meaning: "the control API's key; a generated one stays with the data folder",
  },
  publicUrl: {
    argument: 'url',
    defaultText: 'from the request',
    meaning: 'the start of meta.location and of printed URLs (tunnels, mapped ports)',
    parse: text => (isPublicUrl(text) ? text.replace(/\/+$/, '') : undefined),
    accepts: 'a URL of printable ASCII that starts with http:// or https://, without query',
  },
  trustProxy: { ...onOrOff, default: false, meaning: 'believe X-Forwarded-Proto, -Host and -Prefix' },
  profile: {
    argument: 'name',
    default: 'insightly',
    meaning: 'the behaviour of new instances: insightly, rfc7644, or a JSON file of behaviour switches',
    parse: parseText,
    accepts: 'insightly, rfc7644 or a file',
  },
  anyToken: {
    ...onOrOff,
    default: false,
    meaning: 'an unknown SCIM token creates its own instance on first use',
  },
  controlApi: {
    ...onOrOff,
    default: true,
    meaning: 'serve the control API and the console; --no-control-api turns both off',
  },
  upstream: {
    argument: 'scim url',
    meaning: 'pass SCIM requests on to this endpoint, answer with its answers, and say where this server differs',
    parse: text => (isPlainUrl(text) && !/[#@]/.test(text) ? text : undefined),
    accepts: 'a URL of printable ASCII that starts with http:// or https://, without user, password and fragment',
  },
  upstreamToken: {
    argument: 'token',
    meaning: "the token of that endpoint for the default instance's requests; better in the environment",
    parse: parseForm(foreignSecretForm),
    accepts: '1 to 8000 printable ASCII characters without blanks',
    isSecret: true,
  },
  upstreamTokens: {
    ...file,
    meaning: 'a JSON object of such tokens by the names of instances; an instance without one answers by itself',
  },
  upstreamRewrite: {
    ...onOrOff,
    default: false,
    meaning: "in that endpoint's answers, replace its SCIM URL by this server's",
  },
  journal: { ...numberFrom(0, 1_000_000), default: 1000, meaning: 'how many exchanges each instance remembers' },
  journalMemory: {
    ...numberFrom(1, 100_000),
    argument: 'MiB',
    default: 32,
    meaning: 'how many MiB of memory the exchanges of all instances may take together; the oldest make room',
    accepts: 'a number of MiB from 1 to 100000',
  },
  tlsCert: { ...file, meaning: 'a PEM certificate, to serve HTTPS' },
  tlsKey: { ...file, meaning: 'the PEM key of the certificate' },
  logLevel: {
    ...wordOf(...logWords),
    argument: 'level',
    default: 'info',
    meaning: `how much to tell on stderr (JSON lines, pretty on a terminal): ${logWords.join(', ')}; info has a line for each request, warn for refused ones alone, debug adds bodies without secrets`,
  },
}

/** What only the command that serves reads. */
const command: { [Key in Exclude<keyof CommandConfig, keyof Config>]: Said<CommandConfig[Key]> } = {
  format: {
    ...wordOf('text', 'json'),
    argument: 'form',
    defaultText: 'text on a terminal, else json',
    meaning: 'the form of the ready message on stdout: text or json',
  },
  exitWithStdin: {
    ...onOrOff,
    default: false,
    meaning: 'stop when standard input ends, so that no server outlives the program that started it with a pipe',
  },
}

const prefix = 'INSIGHTLY_SCIM_'

const toRows = <Key extends keyof CommandConfig>(table: Record<Key, Said<unknown>>) =>
  Object.entries<Said<unknown>>(table).map(([key, said]): SettingRow & { key: Key } => {
    const flag = key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
    // The prefix says already that it is about SCIM.
    const words = flag.replace(/^scim-/, '').split('-')
    const environment = prefix + words.join('_').toUpperCase()
    const none = 'default' in said ? { default: said.default } : { default: undefined, defaultText: 'none' }
    return { key: key as Key, flag, environment, ...none, ...said }
  })

/** The settings of a server, which start() takes too, in the order of help. */
export const serverSettings = toRows(server)

/** All settings of the command that serves, in the order of help. */
export const settings: readonly SettingRow[] = [...serverSettings, ...toRows(command)]

/** The variables that `exec` sets for its command, each with the member of the handle that it takes its value from. */
export const toldVariables = {
  INSIGHTLY_SCIM_URL: 'scimUrl',
  INSIGHTLY_SCIM_TOKEN: 'scimToken',
  INSIGHTLY_SCIM_API_URL: 'apiUrl',
  INSIGHTLY_SCIM_API_KEY: 'apiKey',
  INSIGHTLY_SCIM_CONTROL_URL: 'controlUrl',
  INSIGHTLY_SCIM_ADMIN_KEY: 'adminKey',
} as const

/** The variable that only the packages for other languages read: which program they start. */
const others = [...Object.keys(toldVariables), 'INSIGHTLY_SCIM_COMMAND']

/** Whether Kubernetes set a variable: it tells every pod where each Service is, and one may be called `insightly-scim`. */
const isServiceLink = (name: string, value = ''): boolean =>
  /^INSIGHTLY_SCIM_(SERVICE_HOST|SERVICE_PORT.*|PORT_\d+_(TCP|UDP|SCTP).*)$/.test(name) ||
  (name === 'INSIGHTLY_SCIM_PORT' && /^(tcp|udp|sctp):\/\//.test(value))

/** A line on the variables that look like ours and that nobody reads; undefined when there are none. */
export function findUnknownVariables(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const known = settings.map(setting => setting.environment.slice(prefix.length))
  const unknown = Object.keys(environment)
    .filter(name => name.startsWith(prefix) && !others.includes(name) && !isServiceLink(name))
    .map(name => name.slice(prefix.length))
    .filter(name => !known.includes(name))
  if (unknown.length === 0) return undefined
  return unknown.map(name => `${prefix}${name} is not known${toSuggestion(name, known, prefix)}.`).join(' ')
}

/** A setting that cannot be used; the command line exits 2 with it. */
export class UsageError extends Error {}

/**
 * The configuration from texts: flag beats environment beats default.
 * @param rows all settings, or those that a command reads
 * @throws UsageError that names the setting, the value and what would be accepted
 */
export function readConfig(
  flags: Readonly<Record<string, string | boolean | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
  rows: readonly HeededRow[] = settings,
): CommandConfig {
  const config: Partial<Record<keyof CommandConfig, unknown>> = {}
  for (const setting of rows) {
    const flag = flags[setting.flag]
    const variable = environment[setting.environment ?? ''] || undefined
    const given = flag ?? (isServiceLink(setting.environment ?? '', variable) ? undefined : variable)
    if (given === undefined) config[setting.key] = setting.default
    else if (typeof given === 'boolean') config[setting.key] = given
    else {
      const source = flag === undefined ? setting.environment! : `--${setting.flag}`
      const value = setting.parse(given)
      // A secret is not repeated, nor is a URL that may hold a password.
      const shown = setting.isSecret || given.includes('@') ? 'a value' : JSON.stringify(given)
      if (value === undefined)
        throw new UsageError(`${source} is ${shown}, which is not accepted; expected ${setting.accepts}.`)
      config[setting.key] = value
    }
  }
  const conflict = findConflict(
    config as Partial<Config>,
    key => `--${rows.find(each => each.key === key)?.flag ?? key}`,
  )
  if (conflict !== undefined) throw new UsageError(conflict)
  return config as unknown as CommandConfig
}

/** In one line, which settings do not go together; undefined when all do. `name` says what the reader calls a setting. */
export function findConflict(
  { tlsCert, tlsKey, upstream, upstreamToken, upstreamTokens, anyToken }: Partial<Config>,
  name: (key: keyof Config) => string,
): string | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    return `${name('tlsCert')} and ${name('tlsKey')} go together; give both or neither.`
  if (upstream === undefined) return undefined
  if (upstreamToken === undefined && upstreamTokens === undefined)
    return `${name('upstream')} and ${name('upstreamToken')} go together, since that endpoint asks for its token; set INSIGHTLY_SCIM_UPSTREAM_TOKEN, or give ${name('upstreamTokens')}.`
  if (anyToken)
    return `${name('upstream')} and ${name('anyToken')} exclude each other: an unknown token would be answered by an instance of its own.`
  return undefined
}

/** The configuration when nothing is set. */
export const defaultConfig = (): CommandConfig => readConfig({}, {})
