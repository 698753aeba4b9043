// What is masked in the members of a request, and that everything else stays as it came.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KnownSecrets } from '../../src/account/secrets/known-secrets.ts'
import { Mask } from '../../src/account/secrets/mask.ts'
import { expectLinear } from '../cost.ts'
import { repeat } from '../property.ts'

const token = 'secret-token-12345678'
const number = '1234567890123'
const secrets = new KnownSecrets()
/** A chosen one that ends as an escape begins. */
const odd = 'odd-token-12345678\\u00'
for (const secret of [token, number, odd]) secrets.add(secret)
const mask = new Mask(secrets)

describe('A-02 D-08 a body', () => {
  test.for([
    ['a password', '{ "password" :\t"hunter2" , "a":1}', '{ "password" :\t"***" , "a":1}'],
    ['one that is no string', '{"Password":[1,{"a":"b"}],"a":1}', '{"Password":"***","a":1}'],
    ['one whose name is escaped', '{"p\\u0061ssword":"hunter2"}', '{"p\\u0061ssword":"***"}'],
    [
      'each of several',
      '{"password":"a","userPassword":"b","password":"c"}',
      '{"password":"***","userPassword":"***","password":"***"}',
    ],
    [
      'each of several, of which only some are escaped',
      '{"p\\u0061ssword":"a","password":"b","x":{"p\\\\u0061ssword":"c","password":"d"}}',
      '{"p\\u0061ssword":"***","password":"***","x":{"p\\\\u0061ssword":"***","password":"***"}}',
    ],
    ['one after a comma too few', '{"a":"b" "password":"hunter2"}', '{"a":"b" "password":"***"}'],
    ['one after a colon too few', '{"password" "hunter2","a":1}', '{"password" "***","a":1}'],
    ['one without an end', '{"a":1,"password":"hunter2', '{"a":1,"password":"***'],
    ['one in an object without an end', '{"password":{"a":"hunter2"', '{"password":"***"'],
    ['one after what is no JSON', '{password: "hunter2"}', '{password***'],
    ['one in a form', 'userName=a&password=hunter2', 'userName=a&password***'],
    ['one in JSON in a string', '{"a":"{\\"password\\":\\"hunter2\\"}"}', '{"a":"{\\"password\\":***"}'],
    ['one in a filter in a string', '{"a":"password eq \\"hunter2\\"","b":1}', '{"a":"password eq***","b":1}'],
    [
      'what a path says is one',
      '{"value":"hunter2","op":"replace","path":"password"}',
      '{"value":"***","op":"replace","path":"password"}',
    ],
    [
      'what a path with a schema says is one',
      '{"op":"add","Path":"urn:x:User:passWord","Value":{"a":1}}',
      '{"op":"add","Path":"urn:x:User:passWord","Value":"***"}',
    ],
    [
      'a text without a path',
      '{"Operations":[{"op":"replace","value":"hunter2"}]}',
      '{"Operations":[{"op":"replace","value":"***"}]}',
    ],
    [
      'a text with a blank path',
      '{"op":"replace","path":" ","value":"hunter2"}',
      '{"op":"replace","path":" ","value":"***"}',
    ],
    [
      'a number with an empty path',
      '{"op":"replace","path":"","value":12}',
      '{"op":"replace","path":"","value":"***"}',
    ],
    [
      'a text with the path of a whole user',
      '{"op":"replace","path":"urn:x:User","value":"hunter2"}',
      '{"op":"replace","path":"urn:x:User","value":"***"}',
    ],
    ['a text whose path was cut off', '{"operations":[{"value":"hunter2","pa', '{"operations":[{"value":"***","pa'],
    ['a token in a name', `{"x${token}y":1}`, '{"x***y":1}'],
    ['a token after an escape', `{"a":"\\n${token}\\n"}`, '{"a":"\\n***\\n"}'],
    [
      'an escape that a token begins in',
      `{"a":"\\u00e1${number.slice(1)}"}`.replace('e1', `1${number[0]}`),
      '{"a":"***"}',
    ],
    ['an escape that a token ends in', `{"a":"x${odd}41y","b":"${odd}41"}`, '{"a":"x***y","b":"***"}'],
    ['a number', `{"a":${number},"b":9${number}}`, '{"a":"***","b":"***"}'],
    ['a token outside of JSON', `<a>${token}</a>`, '<a>***</a>'],
    ['a token at an end', `["${token.slice(0, 12)}`, '["***'],
  ])('masks %s', ([, body, masked]) => {
    expect(mask.body(body!)).toBe(masked)
  })

  test.each([
    ['big integers and members sent twice', '{"a":98765432109876543210,\n\t"a" : 1e400}'],
    ['what is no JSON', '{"a":1,,"b":[2}} "x'],
    ['a word that tells of a password as a value', '["password","a"]'],
    ['an operation with a path', '{"op":"replace","path":"userName","value":"ann"}'],
    ['an operation whose value is an object', '{"op":"replace","value":{"userName":"ann"}}'],
    ['a value that is of no operation', '{"emails":[{"value":"ann@example.com","type":"work"}]}'],
    ['a byte order mark', '\uFEFF{"a":1}'],
  ])('keeps %s', (_, body) => {
    expect(mask.body(body)).toBe(body)
  })

  test('that is JSON stays JSON, and what is shown of it stays as it was', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom(
        'password',
        'path',
        'value',
        'op',
        'Operations',
        token,
        `\n${token}`,
        `\u00e9${token}`,
        'password=x',
        '\\',
      ),
    )
    const { value } = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 5 },
        text,
        fc.constantFrom(null, true, 1.5, Number(number)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 5 }),
      ),
    }))
    const isShown = (shown: unknown, sent: unknown): boolean => {
      if (typeof shown === 'string' && shown.includes('***')) return true
      if (typeof shown !== 'object' || shown === null) return Object.is(shown, sent)
      if (typeof sent !== 'object' || sent === null) return false
      const names = Object.keys(sent)
      return Object.entries(shown).every(
        ([name, each]) => name.includes('***') || (names.includes(name) && isShown(each, (sent as never)[name])),
      )
    }
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (sent, space) => {
        const masked = mask.body(JSON.stringify(sent, undefined, space))
        expect(isShown(JSON.parse(masked), sent)).toBe(true)
        expect(masked).not.toContain(token)
      }),
      repeat(1000),
    )
  })

  test.each([
    '{"password":',
    '[',
    '"\\u0061',
    'pwd',
    'password=',
    '"',
    '{"Operations":[',
    '{"path":"',
    ' ',
    '"pwd":[',
    `"${token}",`,
    '1',
  ])('costs as much for each character of a long text as of a short one: %s', unit => {
    expectLinear(text => mask.body(text), unit)
  })
})

test('A-02 an answer says what passwords may be, not what they are', () => {
  const answer = `{"changePassword":{"supported":false},"detail":"The filter \\"password eq \\\\\\"hunter2\\\\\\"\\" is not supported","a":"${token}"}`
  expect(JSON.parse(mask.answer(answer))).toEqual({
    changePassword: { supported: false },
    detail: 'The filter "password eq***',
    a: '***',
  })
  expect(mask.answer(`<html>${token}</html>`)).toBe('<html>***</html>')
  expect(mask.answer(`{"Resources":[{"displayName":"${token.slice(0, 15)}`)).toBe('{"Resources":[{"displayName":"***')
})

test.for([
  ['authorization', `Bearer ${token}`, 'Bearer ***'],
  ['Proxy-Authorization', 'basic YTpi', 'basic ***'],
  ['authorization', 'secret-word more', '***'],
  ['cookie', 'a=b', '***'],
  ['set-cookie', 'a=b', '***'],
  ['x-api-key', '1', '***'],
  ['X-Auth-Token', '1', '***'],
  ['x-password', '1', '***'],
  ['user-agent', `My${token}/1.0`, 'My***/1.0'],
  ['x-note', 'password: hunter2', 'x'],
  ['accept', 'application/json', 'application/json'],
] as const)('A-02 the header %s: %s is masked', ([name, value, masked]) => {
  expect(mask.header(name, value)).toBe(name === 'x-note' ? 'password:***' : masked)
})

test.for([
  [`/scim/v2/Users/%22${token}%22?a=1`, '/scim/v2/Users/%22***%22?a=1'],
  ['/scim/v2/Users?access_token=abc&count=1', '/scim/v2/Users?access_token=***&count=1'],
  ['/scim/v2/Users?p%61ssword=hunter2&count=1', '/scim/v2/Users?p%61ssword=***&count=1'],
  ['/scim/v2/Users?filter=password+eq+%22hunter2%22', '/scim/v2/Users?filter=password+eq***'],
  ['/scim/v2/Users?filter=password%20eq%20%22a&b%22', '/scim/v2/Users?filter=password%20eq***'],
  ['/scim/v2/Users?attributes=password&count=1', '/scim/v2/Users?attributes=password&count=1'],
])('A-02 the URL %s is masked', ([url, masked]) => {
  expect(mask.url(url!)).toBe(masked)
})
