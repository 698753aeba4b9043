// Every setting of the server, once: its flag, environment name, default, meaning and what it accepts. The command
// line, start(), --help and the README's table derive from it.

/** What a server is started with. */
export interface Config {
  port: number
  host: string
  data: string | undefined
  seed: string | undefined
  scimToken: string | undefined
  adminKey: string | undefined
  publicUrl: string | undefined
  trustProxy: boolean
  profile: string
  anyToken: boolean
  controlApi: boolean
  journal: number
  journalMemory: number
  tlsCert: string | undefined
  tlsKey: string | undefined
  logLevel: string
  format: string | undefined
}

export interface SettingRow<K extends keyof Config = keyof Config> {
  key: K
  /** Without the dashes. */
  flag: string
  environment: string
  default: Config[K]
  /** What help shows instead of the default. */
  defaultText?: string
  /** How help names the value; flags without one are on or off. */
  argument?: string
  meaning: string
  /** Reads a text; undefined when it is not acceptable. */
  parse(text: string): Config[K] | undefined
  /** What `parse` accepts. */
  accepts: string
}

const parseText = (text: string): string | undefined => (text === '' ? undefined : text)
const parseSecret = (text: string): string | undefined => (/^[\x21-\x7e]{1,500}$/.test(text) ? text : undefined)
const parseSwitch = (text: string): boolean | undefined =>
  /^(1|true|yes|on)$/i.test(text) ? true : /^(0|false|no|off)$/i.test(text) ? false : undefined
const parseNumber = (least: number, most: number) => (text: string) =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined
const parseWord =
  (...words: string[]) =>
  (text: string) =>
    words.includes(text) ? text : undefined

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** Whether a text can be the start of the URLs that this server tells (D-07). */
export const isPublicUrl = (value: string): boolean =>
  /^https?:\/\/[\x21-\x7e]+$/i.test(value) && URL.canParse(value) && !/[?#@]/.test(value)

const row = <K extends keyof Config>(setting: SettingRow<K>): SettingRow<K> => setting

/** The settings in the order of help. */
export const settings: readonly SettingRow[] = [
  row({
    key: 'port',
    flag: 'port',
    environment: 'INSIGHTLY_SCIM_PORT',
    default: 8080,
    argument: 'number',
    meaning: 'the port to listen on; 0 asks the system for a free one',
    parse: parseNumber(0, 65_535),
    accepts: 'a number from 0 to 65535',
  }),
  row({
    key: 'host',
    flag: 'host',
    environment: 'INSIGHTLY_SCIM_HOST',
    default: '127.0.0.1',
    argument: 'address',
    meaning: 'the address to listen on (the container image sets 0.0.0.0)',
    parse: parseText,
    accepts: 'an address or host name',
  }),
  row({
    key: 'data',
    flag: 'data',
    environment: 'INSIGHTLY_SCIM_DATA',
    default: undefined,
    defaultText: 'in memory',
    argument: 'folder',
    meaning: 'where to keep the data, one SQLite file an instance',
    parse: parseText,
    accepts: 'a folder',
  }),
  row({
    key: 'seed',
    flag: 'seed',
    environment: 'INSIGHTLY_SCIM_SEED',
    default: undefined,
    defaultText: 'none',
    argument: 'file',
    meaning: 'a JSON state document for the default instance, applied when that is first created',
    parse: parseText,
    accepts: 'a file',
  }),
  row({
    key: 'scimToken',
    flag: 'scim-token',
    environment: 'INSIGHTLY_SCIM_TOKEN',
    default: undefined,
    defaultText: 'generated',
    argument: 'token',
    meaning: "the default instance's SCIM token",
    parse: parseSecret,
    accepts: '1 to 500 printable ASCII characters without blanks',
  }),
  row({
    key: 'adminKey',
    flag: 'admin-key',
    environment: 'INSIGHTLY_SCIM_ADMIN_KEY',
    default: undefined,
    defaultText: 'generated',
    argument: 'key',
    meaning: "the control API's key",
    parse: parseSecret,
    accepts: '1 to 500 printable ASCII characters without blanks',
  }),
  row({
    key: 'publicUrl',
    flag: 'public-url',
    environment: 'INSIGHTLY_SCIM_PUBLIC_URL',
    default: undefined,
    defaultText: 'from the request',
    argument: 'url',
    meaning: 'the start of meta.location and of printed URLs (tunnels, mapped ports)',
    parse: text => (isPublicUrl(text) ? text.replace(/\/+$/, '') : undefined),
    accepts: 'a URL of printable ASCII that starts with http:// or https://, without query',
  }),
  row({
    key: 'trustProxy',
    flag: 'trust-proxy',
    environment: 'INSIGHTLY_SCIM_TRUST_PROXY',
    default: false,
    meaning: 'believe X-Forwarded-Proto, -Host and -Prefix',
    parse: parseSwitch,
    accepts: 'true or false',
  }),
  row({
    key: 'profile',
    flag: 'profile',
    environment: 'INSIGHTLY_SCIM_PROFILE',
    default: 'insightly',
    argument: 'name',
    meaning: 'the behaviour of new instances: insightly, rfc7644, or a JSON file of behaviour switches',
    parse: parseText,
    accepts: 'insightly, rfc7644 or a file',
  }),
  row({
    key: 'anyToken',
    flag: 'any-token',
    environment: 'INSIGHTLY_SCIM_ANY_TOKEN',
    default: false,
    meaning: 'an unknown SCIM token creates its own instance on first use',
    parse: parseSwitch,
    accepts: 'true or false',
  }),
  row({
    key: 'controlApi',
    flag: 'control-api',
    environment: 'INSIGHTLY_SCIM_CONTROL_API',
    default: true,
    meaning: 'serve the control API and the console; --no-control-api turns both off',
    parse: parseSwitch,
    accepts: 'true or false',
  }),
  row({
    key: 'journal',
    flag: 'journal',
    environment: 'INSIGHTLY_SCIM_JOURNAL',
    default: 1000,
    argument: 'number',
    meaning: 'how many exchanges each instance remembers',
    parse: parseNumber(0, 1_000_000),
    accepts: 'a number from 0 to 1000000',
  }),
  row({
    key: 'journalMemory',
    flag: 'journal-memory',
    environment: 'INSIGHTLY_SCIM_JOURNAL_MEMORY',
    default: 32,
    argument: 'MiB',
    meaning: 'how much memory the exchanges of all instances may take together; the oldest make room',
    parse: parseNumber(1, 100_000),
    accepts: 'a number of MiB from 1 to 100000',
  }),
  row({
    key: 'tlsCert',
    flag: 'tls-cert',
    environment: 'INSIGHTLY_SCIM_TLS_CERT',
    default: undefined,
    defaultText: 'none',
    argument: 'file',
    meaning: 'a PEM certificate, to serve HTTPS',
    parse: parseText,
    accepts: 'a file',
  }),
  row({
    key: 'tlsKey',
    flag: 'tls-key',
    environment: 'INSIGHTLY_SCIM_TLS_KEY',
    default: undefined,
    defaultText: 'none',
    argument: 'file',
    meaning: 'the PEM key of the certificate',
    parse: parseText,
    accepts: 'a file',
  }),
  row({
    key: 'logLevel',
    flag: 'log-level',
    environment: 'INSIGHTLY_SCIM_LOG_LEVEL',
    default: 'info',
    argument: 'level',
    meaning: `${logLevels.join(', ')}; logs are JSON lines on stderr, pretty on a terminal`,
    parse: parseWord(...logLevels),
    accepts: logLevels.join(', '),
  }),
  row({
    key: 'format',
    flag: 'format',
    environment: 'INSIGHTLY_SCIM_FORMAT',
    default: undefined,
    defaultText: 'text on a terminal, else json',
    argument: 'form',
    meaning: 'the form of the ready message on stdout: text or json',
    parse: parseWord('text', 'json'),
    accepts: 'text or json',
  }),
] as unknown as readonly SettingRow[]

/** A setting that cannot be used; the command line exits 2 with it. */
export class UsageError extends Error {}

/**
 * The configuration from texts: flag beats environment beats default.
 * @throws UsageError that names the setting, the value and what would be accepted
 */
export function readConfig(
  flags: Readonly<Record<string, string | boolean | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const config: Partial<Record<keyof Config, unknown>> = {}
  for (const setting of settings) {
    const flag = flags[setting.flag]
    const given = flag ?? (environment[setting.environment] || undefined)
    if (given === undefined) config[setting.key] = setting.default
    else if (typeof given === 'boolean') config[setting.key] = given
    else {
      const source = flag === undefined ? setting.environment : `--${setting.flag}`
      const value = setting.parse(given)
      // A secret is not repeated.
      const shown = setting.parse === parseSecret ? 'a value' : JSON.stringify(given)
      if (value === undefined)
        throw new UsageError(`${source} is ${shown}, which is not accepted; expected ${setting.accepts}.`)
      config[setting.key] = value
    }
  }
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined))
    throw new UsageError('--tls-cert and --tls-key go together; give both or neither.')
  return config as unknown as Config
}

/** The configuration when nothing is said. */
export const defaultConfig = (): Config => readConfig({}, {})
