// What the log tells of one request.

import { expect, test } from 'vitest'
import { Exchange } from '../../src/account/exchange.ts'
import { KnownSecrets } from '../../src/account/secrets/known-secrets.ts'
import { Mask } from '../../src/account/secrets/mask.ts'
import { logRequest } from '../../src/http/request-log.ts'
import { toLog } from '../../src/log.ts'

/** The line on a request of an instance. */
function tell(more: object, name = 'default', level: 'info' | 'debug' = 'info') {
  let text = ''
  const write = (told: string) => {
    text += told
  }
  const log = toLog(level, { write })
  const exchange = Object.assign(new Exchange('POST', '/scim/v2/Users?filter=x', [], false), { status: 400 }, more)
  const secrets = new KnownSecrets()
  logRequest({ log, instances: { secrets, mask: new Mask(secrets) } }, { exchange, instance: { name } })
  // A warning does not wait, and so nor does what was told before.
  log.warn('the end')
  return JSON.parse(text.split('\n')[0]!)
}

const notes = [
  { rule: 'U-12', text: 'nickName was ignored' },
  { rule: 'U-14', text: 'no add' },
  { rule: null, text: 'the body is longer than 65536 bytes' },
]

test('the path has no query, the instance is named where there are others', () => {
  expect(tell({})).toMatchObject({ method: 'POST', path: '/scim/v2/Users', status: 400, operation: 'refused' })
  expect(tell({})).not.toHaveProperty('instance')
  expect(tell({}, 'other').instance).toBe('other')
})

test('the rule is that of the refusal, whatever is noted before and behind it', () => {
  expect(tell({ notes }).rule).toBe('U-14')
  expect(tell({ notes: notes.slice(2) })).not.toHaveProperty('rule')
  expect(tell({ operation: 'create', notes })).not.toHaveProperty('rule')
})

test('the user is the one that there is now, was, was shown or was asked for', () => {
  const [after, before] = ['after', 'before'].map(name => ({ EMAIL_ADDRESS: `${name}@example.com` }))
  const shown = '{"id":"2","userName":"shown@example.com"}'
  const asked = { userName: 'asked@example.com' }
  const told = [{ after, before, shown, asked }, { before, shown, asked }, { shown, asked }, { asked }, {}]
  expect(told.map(each => tell(each).userName?.replace(/@.*/, ''))).toEqual([
    'after',
    'before',
    'shown',
    'asked',
    undefined,
  ])
})

test('how long it took is told to a thousandth of a millisecond', () => {
  expect(tell({ durationMs: 1.23456 }).durationMs).toBe(1.235)
})

test('bodies are told at debug alone, without the password', () => {
  const bodies = { body: Buffer.from('{"password":"a"}'), answer: '{"detail":"No."}' }
  expect(tell(bodies)).not.toHaveProperty('body')
  expect(tell(bodies, 'default', 'debug')).toMatchObject({ body: '{"password":"***"}', answer: '{"detail":"No."}' })
  expect(tell({}, 'default', 'debug')).not.toHaveProperty('answer')
})

test('what a client chose is cut after 200 characters', () => {
  expect(tell({ asked: { userName: 'a'.repeat(200) } }).userName).toBe('a'.repeat(200))
  expect(tell({ asked: { userName: 'a'.repeat(201) } }).userName).toBe(`${'a'.repeat(200)}…`)
})
