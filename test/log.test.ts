// The log by itself: what it writes on a terminal and elsewhere, at which level, and what a reader who does not read costs.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { type LogStream, type RequestLine, toLog } from '../src/log.ts'

/** A stream that keeps what is written to it. */
class Written implements LogStream {
  text = ''
  writableLength = 0
  readonly isTTY: boolean

  constructor({ isTTY = false } = {}) {
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.text += text
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }

  /** Resolves when something was written. */
  async come(): Promise<this> {
    while (this.text === '') await new Promise(resolve => setTimeout(resolve, 5))
    return this
  }
}

const request = (more: Partial<RequestLine> = {}): RequestLine => ({
  time: Date.now(),
  method: 'POST',
  path: '/scim/v2/Users',
  status: 201,
  durationMs: 1.234,
  operation: 'create',
  userName: 'ann@example.com',
  rule: undefined,
  fault: undefined,
  instance: undefined,
  ...more,
})

test('elsewhere than on a terminal a request is a line of JSON without what is not known of it', async () => {
  const stream = new Written()
  toLog('info', stream).request(request())
  const { lines } = await stream.come()
  expect(lines.map(line => JSON.parse(line))).toEqual([
    {
      level: 30,
      time: expect.any(Number),
      method: 'POST',
      path: '/scim/v2/Users',
      status: 201,
      durationMs: 1.234,
      operation: 'create',
      userName: 'ann@example.com',
      msg: 'request',
    },
  ])
})

test('on a terminal it is a sentence, in which a client can neither move the cursor nor turn the text', async () => {
  const stream = new Written({ isTTY: true })
  const refused = { status: 400, operation: 'refused', rule: 'U-14', fault: 'status 400', instance: 'other' }
  toLog('info', stream).request(request({ ...refused, userName: 'a\u001b[2J\u202eb' }))
  const { text } = await stream.come()
  expect(text.replace(/\u001b\[\d+m/g, '')).toMatch(
    /^\[\d\d:\d\d:\d\d\] WARN: POST {2}\/scim\/v2\/Users {2}400 {2}1\.2 ms {2}refused {2}a\?\[2J\?b {2}by U-14 {2}fault: status 400 {2}in other\n$/,
  )
})

test.for([
  ['debug', ['info', 'warn', 'warn']],
  ['info', ['info', 'warn', 'warn']],
  ['warn', ['warn', 'warn']],
  ['error', []],
  ['silent', []],
] as const)('at %s requests are told as %j', async ([level, told]) => {
  const stream = new Written()
  const log = toLog(level, stream)
  for (const status of [200, 404, null]) log.request(request({ status }))
  log.error({}, 'the end')
  const levels = { 30: 'info', 40: 'warn' } as Record<number, string>
  const lines = stream.lines.map(line => JSON.parse(line))
  expect(lines.filter(({ msg }) => msg === 'request').map(line => levels[line.level])).toEqual(told)
  expect(lines.filter(({ msg }) => msg === 'the end')).toHaveLength(level === 'silent' ? 0 : 1)
  expect([200, 404, null].map(status => log.heeds(status)).filter(Boolean)).toHaveLength(told.length)
})

test('a warning is written at once, behind what was told before', () => {
  const stream = new Written()
  const log = toLog('info', stream)
  log.request(request())
  expect(stream.text).toBe('')
  log.warn('mind')
  expect(stream.lines.map(line => JSON.parse(line).msg)).toEqual(['request', 'mind'])
})

test('what nobody reads is counted and not kept, until somebody reads again', () => {
  const stream = new Written()
  const log = toLog('warn', stream)
  stream.writableLength = 2 * 1024 * 1024
  for (let count = 0; count < 3; count += 1) log.warn('unread')
  expect(stream.text).toBe('')
  stream.writableLength = 0
  log.warn('read')
  expect(stream.lines.map(line => JSON.parse(line).msg)).toEqual([
    '3 lines of the log are missing: nobody read it',
    'read',
  ])
})

const program = `
  import { KnownSecrets } from './src/account/secrets/known-secrets.ts'
  import { Mask } from './src/account/secrets/mask.ts'
  import { toLog } from './src/log.ts'
  const secrets = new KnownSecrets()
  secrets.add('secret-token-1')
  const mask = new Mask(secrets)
  const log = toLog('info', process.stderr, line => mask.answer(line))
  log.warn('a token: secret-token-1')
  log.error({ err: new TypeError("Cannot read properties of undefined (reading '\\nsecret%2Dtoken-1')") }, 'it failed')`

test('A-02 no line of the log holds a secret, not even in the stack of an error', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines).toMatchObject([
    { msg: 'a token: ***' },
    { msg: 'it failed', err: { message: "Cannot read properties of undefined (reading '\n***')" } },
  ])
  expect(stderr).not.toMatch(/secret(-|%2D)token-1/)
})
