import { describe, expect, test } from 'vitest'
import { defaultConfig, findUnknownVariables, readConfig, settings, UsageError } from '../src/config.ts'

/** The flags that are promised, with their environment names and defaults. */
const promised = [
  ['port', 'INSIGHTLY_SCIM_PORT', 8080],
  ['host', 'INSIGHTLY_SCIM_HOST', '127.0.0.1'],
  ['data', 'INSIGHTLY_SCIM_DATA', undefined],
  ['seed', 'INSIGHTLY_SCIM_SEED', undefined],
  ['scim-token', 'INSIGHTLY_SCIM_TOKEN', undefined],
  ['admin-key', 'INSIGHTLY_SCIM_ADMIN_KEY', undefined],
  ['public-url', 'INSIGHTLY_SCIM_PUBLIC_URL', undefined],
  ['trust-proxy', 'INSIGHTLY_SCIM_TRUST_PROXY', false],
  ['profile', 'INSIGHTLY_SCIM_PROFILE', 'insightly'],
  ['any-token', 'INSIGHTLY_SCIM_ANY_TOKEN', false],
  ['tls-cert', 'INSIGHTLY_SCIM_TLS_CERT', undefined],
  ['tls-key', 'INSIGHTLY_SCIM_TLS_KEY', undefined],
  ['log-level', 'INSIGHTLY_SCIM_LOG_LEVEL', 'info'],
] as const

test.for(promised)('--%s can be set by %s and is %s when nothing is said', ([flag, environment, fallback]) => {
  expect(settings.find(setting => setting.flag === flag)).toMatchObject({ environment, default: fallback })
})

test('every setting has a flag, a name in the environment and a key of its own', () => {
  for (const part of ['flag', 'environment', 'key'] as const)
    expect(new Set(settings.map(setting => setting[part])).size).toBe(settings.length)
})

test('a flag beats the environment, which beats the default', () => {
  const environment = { INSIGHTLY_SCIM_PORT: '1', INSIGHTLY_SCIM_HOST: 'h', INSIGHTLY_SCIM_TRUST_PROXY: 'yes' }
  expect(readConfig({ port: '2' }, environment)).toEqual({ ...defaultConfig(), port: 2, host: 'h', trustProxy: true })
  expect(readConfig({ 'trust-proxy': false }, environment).trustProxy).toBe(false)
})

test('an empty environment variable says nothing', () => {
  expect(readConfig({}, { INSIGHTLY_SCIM_PORT: '', INSIGHTLY_SCIM_TOKEN: '' })).toEqual(defaultConfig())
})

describe('a value that is not acceptable', () => {
  test.for([
    ['port', 'abc'],
    ['port', '65536'],
    ['port', '-1'],
    ['port', '1.5'],
    ['port', ''],
    ['host', ''],
    ['data', ''],
    ['public-url', 'example.com'],
    ['public-url', 'https://x?y'],
    ['public-url', 'https://ä.example'],
    ['public-url', 'https://x/\r\n'],
    ['log-level', 'loud'],
    ['format', 'xml'],
    ['journal', 'many'],
    ['journal', '-1'],
  ] as const)('is refused with its name, the value and what is accepted: --%s "%s"', ([flag, value]) => {
    const setting = settings.find(each => each.flag === flag)!
    for (const [flags, environment, source] of [
      [{ [flag]: value }, {}, `--${flag}`],
      ...(value === '' ? [] : [[{}, { [setting.environment]: value }, setting.environment] as const]),
    ] as const) {
      const refused = () => readConfig(flags, environment)
      expect(refused).toThrow(UsageError)
      expect(refused).toThrow(
        `${source} is ${JSON.stringify(value)}, which is not accepted; expected ${setting.accepts}.`,
      )
    }
  })

  test.for(['scim-token', 'admin-key'])('is not repeated when it is a secret: --%s', flag => {
    for (const secret of ['two words', 'ä', '', 'x'.repeat(501), 'a\nb'])
      expect(() => readConfig({ [flag]: secret }, {})).toThrow(
        `--${flag} is a value, which is not accepted; expected 1 to 500`,
      )
  })

  test('is half of a TLS pair', () => {
    expect(() => readConfig({ 'tls-cert': 'x' }, {})).toThrow('--tls-cert and --tls-key go together')
  })
})

test.for([
  ['https://x.example/', 'https://x.example'],
  ['http://x.example:81/a/b//', 'http://x.example:81/a/b'],
])('D-07 a public URL loses its last slash: %s', ([given, expected]) => {
  expect(readConfig({ 'public-url': given }, {}).publicUrl).toBe(expected)
})

test('a variable that nobody reads is named, and one that others read is not', () => {
  const variables = { INSIGHTLY_SCIM_COMMAND: 'insightly-scim', INSIGHTLY_SCIM_URL: 'told by exec' }
  expect(findUnknownVariables(variables)).toBeUndefined()
  expect(findUnknownVariables({ INSIGHTLY_SCIM_COMAND: 'x' })).toContain('INSIGHTLY_SCIM_COMAND is not known')
})

test('what Kubernetes tells of a Service of our name is not for us', () => {
  const links = {
    INSIGHTLY_SCIM_SERVICE_HOST: '10.0.0.7',
    INSIGHTLY_SCIM_SERVICE_PORT: '80',
    INSIGHTLY_SCIM_SERVICE_PORT_HTTP: '80',
    INSIGHTLY_SCIM_PORT: 'tcp://10.0.0.7:80',
    INSIGHTLY_SCIM_PORT_80_TCP: 'tcp://10.0.0.7:80',
    INSIGHTLY_SCIM_PORT_80_TCP_ADDR: '10.0.0.7',
  }
  expect(readConfig({}, links)).toEqual(defaultConfig())
  expect(findUnknownVariables(links)).toBeUndefined()
  expect(() => readConfig({}, { INSIGHTLY_SCIM_PORT: '10.0.0.7:80' })).toThrow('INSIGHTLY_SCIM_PORT')
})
