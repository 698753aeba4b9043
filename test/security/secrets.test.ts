// Secrets are thrown at every member of a request in every spelling; eight consecutive characters of one that can be read
// anywhere in what the server tells of the request are a leak.

import { randomBytes } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Insightly } from '../../src/client/insightly.ts'
import { start } from '../../src/index.ts'
import { repeat } from '../property.ts'
import { type Answer, control, makeInstance, type Sending, send, type TestInstance } from '../support.ts'
import { findPiece, type Spelling, spelling } from './spellings.ts'

let server: Insightly
let own: TestInstance
let other: TestInstance
let gone: TestInstance
let replacedToken: string
let userId: string
/** The instances whose journals may hold the request. */
let watched: string[]
const streams: IncomingMessage[] = []
let events = ''

const chosenToken = `chosen+${randomBytes(6).toString('hex')}/=%41:"x"\\u0041~end`

beforeAll(async () => {
  server = await start({ logLevel: 'silent' })
  own = await makeInstance(server)
  other = await makeInstance(server, { scimToken: chosenToken })
  gone = await makeInstance(server)
  await control(server, 'DELETE', `/instances/${gone.name}`)
  const renewed = await makeInstance(server)
  replacedToken = renewed.scimToken
  await renewed.control('POST', '/scim-token/regenerate')
  userId = (await own.create()).id
  watched = [own.name, other.name, renewed.name, 'default']
  for (const name of watched) await listen(name)
})
afterAll(async () => {
  for (const stream of streams) stream.destroy()
  await server.close()
})

function listen(name: string): Promise<void> {
  return new Promise(resolve => {
    const headers = { authorization: `Bearer ${server.adminKey}` }
    get(`${server.controlUrl}/instances/${name}/events`, { headers }, stream => {
      streams.push(stream)
      stream.setEncoding('utf8').on('data', text => {
        events += text
        resolve()
      })
    })
  })
}

/** Sends a request, and tells everything that the server says of it afterwards. */
async function tell(
  path: string,
  sending: Sending,
): Promise<{ answer: Answer | undefined; told: Record<string, string> }> {
  await Promise.all(watched.map(name => own.controlOf(name, 'DELETE', '/requests')))
  events = ''
  let answer: Answer | undefined
  try {
    answer = await send(`${server.url}${path}`, { undescribed: true, ...sending })
  } catch (error) {
    // What Node's client does not send cannot be journalled.
    if (!/^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN|UNESCAPED_CHARACTERS)/.test((error as { code?: string }).code ?? ''))
      throw error
  }
  const told: Record<string, string> = {}
  for (const name of watched) {
    told[`journal of ${name}`] = (await own.controlOf(name, 'GET', '/requests')).text
    told[`HAR of ${name}`] = (await own.controlOf(name, 'GET', '/requests?format=har')).text
    told[`counts of ${name}`] = (await own.controlOf(name, 'GET', '/requests/index')).text
    const verification = { match: { path: '/nowhere', userName: 'nobody' }, times: { exactly: 9 } }
    told[`misses of ${name}`] = (await own.controlOf(name, 'POST', '/requests/verify', verification)).text
  }
  if (answer) await expect.poll(() => events, { interval: 1 }).toContain('event: exchange')
  told.events = events
  if (answer && answer.status >= 400) told.answer = answer.text
  return { answer, told }
}

/** Places for a secret; `spelled` may be any text, `name` one that a header's name may be. */
const places: Record<string, (spelled: string) => { path?: string } & Sending> = {
  path: spelled => ({ path: `/scim/v2/Users/${spelled}` }),
  'path of REST': spelled => ({ path: `/v3.1/Users/%22${spelled}%22` }),
  'path after a word': spelled => ({ path: `/scim/v2/a${spelled}?x` }),
  'query name': spelled => ({ path: `/scim/v2/Users?${spelled}=1` }),
  'query value': spelled => ({ path: `/scim/v2/Users?x=1&t=a${spelled}&y=2` }),
  filter: spelled => ({ path: `/scim/v2/Users?filter=userName%20eq%20%22${spelled}%22` }),
  'refused filter': spelled => ({ path: `/scim/v2/Users?filter=title+eq+%22${spelled}%22` }),
  count: spelled => ({ path: `/scim/v2/Users?count=${spelled}` }),
  'header name': spelled => ({ headers: { [`x-${spelled}`]: '1' } }),
  'header value': spelled => ({ headers: { 'x-note': `see ${spelled}` } }),
  'user agent': spelled => ({ headers: { 'user-agent': spelled } }),
  'user agent with a version': spelled => ({ headers: { 'user-agent': `My${spelled}/1.0 (x)` } }),
  accept: spelled => ({ headers: { accept: spelled } }),
  cookie: spelled => ({ headers: { cookie: `a=${spelled}` } }),
  bearer: spelled => ({ headers: { authorization: `Bearer ${spelled}` } }),
  basic: spelled => ({ path: '/v3.1/Users', headers: { authorization: `Basic ${spelled}` } }),
  'no scheme': spelled => ({ headers: { authorization: spelled, 'proxy-authorization': spelled } }),
  'user name': spelled => ({
    method: 'POST',
    body: `{"userName":"${spelled}","name":{"givenName":"A","familyName":"L"}}`,
  }),
  'new user name': spelled => patch(`{"op":"replace","path":"userName","value":"a${spelled}"}`),
  'display name': spelled => patch(`{"op":"replace","path":"displayName","value":"a ${spelled}"}`),
  'read-only value': spelled =>
    patch(`{"op":"replace","path":"emails[type eq \\"work\\"].value","value":"${spelled}"}`),
  'member name': spelled => patch(`{"op":"replace","value":{"x":{"${spelled}":[1,{"y":2}]},"${spelled}":1}}`),
  'nested value': spelled => patch(`{"op":"replace","value":{"x":[[{"y":["${spelled}"]}]]}}`),
  'name of an operation': spelled => patch(`{"op":"${spelled}","path":"active","value":true}`),
  'path of an operation': spelled => patch(`{"op":"replace","path":"${spelled}","value":true}`),
  'bad value': spelled => patch(`{"op":"replace","path":"active","value":"${spelled}"}`),
  'value without a path': spelled => patch(`{"op":"replace","value":"${spelled}"}`),
  'body that is no JSON': spelled => ({ method: 'POST', body: `token=${spelled}` }),
  'body cut off': spelled => ({ method: 'POST', body: `{"userName":"a","x":["${spelled}` }),
  'after a control character': spelled => ({ method: 'POST', body: `{"userName":"\n","x":"\\n${spelled}" oops` }),
}

const patch = (operation: string): { path: string } & Sending => ({
  path: `/scim/v2/Users/${userId}`,
  method: 'PATCH',
  body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[${operation}]}`,
})

const secrets: Record<string, () => string> = {
  token: () => own.scimToken,
  'API key': () => own.apiKey,
  'admin key': () => server.adminKey,
  'token of another instance': () => other.scimToken,
  'API key of another instance': () => other.apiKey,
  'token of a deleted instance': () => gone.scimToken,
  'replaced token': () => replacedToken,
}

/** What of a secret nobody may see: a token that was made here begins with its instance's name, which is none. */
const secretOf = (secret: string): string => (secret === chosenToken ? secret : secret.slice(secret.indexOf('.') + 1))

const toRequest = (place: string, spelled: string, isKnown: boolean): { path: string } & Sending => {
  const { path = '/scim/v2/Users', headers = {}, ...sending } = places[place]!(spelled)
  const credentials = isKnown ? { authorization: `Bearer ${own.scimToken}` } : {}
  return { path, ...sending, headers: { 'content-type': 'application/json', ...credentials, ...headers } }
}

/** Characters before a secret, so that what is cut at 40 or 100 characters is cut within it. */
const before = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 110 })).map(length => 'y'.repeat(length))

const isSafe = ({ name }: Spelling): boolean => name !== 'plain' && name !== 'after a word'

test('A-02 a secret of this server can be read nowhere, however it is spelled and wherever it stands', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(secrets)),
      fc.constantFrom(...Object.keys(places)),
      spelling,
      fc.integer(),
      before,
      fc.boolean(),
      async (which, place, how, choice, padding, isKnown) => {
        const secret = secrets[which]!()
        // A text with quotes is spelled in some way or ends the string that it stands in.
        fc.pre(secret !== chosenToken || isSafe(how))
        const { path, ...sending } = toRequest(place, padding + how.spell(secret, choice), isKnown)
        const { told } = await tell(path, sending)
        for (const [where, text] of Object.entries(told))
          expect([where, findPiece(secretOf(secret), text)]).toEqual([where, undefined])
      },
    ),
    repeat(400),
  )
})

const password = 'Hunter2-correct-Horse'

/** Places where a password is known to be one. */
const passwordPlaces: Record<string, (spelled: string) => { path?: string } & Sending> = {
  member: spelled => user(`"password":"${spelled}"`),
  'member in another letter case': spelled => user(`"PassWord":"${spelled}"`),
  'member with an escape': spelled => user(`"p\\u0061ssword" : "${spelled}"`),
  'member with a schema': spelled => user(`"urn:ietf:params:scim:schemas:core:2.0:User:password":"${spelled}"`),
  'member of a member': spelled => user(`"x":{"y":[{"newPassword":{"value":["${spelled}",1]}}]}`),
  'member twice': spelled => user(`"password":"${spelled}","password":"${spelled}"`),
  'JSON in a string': spelled => user(`"x":"{\\"password\\":\\"${spelled}\\"}"`),
  'form in a string': spelled => user(`"x":"name=a&password=${spelled}"`),
  path: spelled => patch(`{"op":"replace","path":"password","value":"${spelled}"}`),
  'path after the value': spelled => patch(`{"value":"${spelled}","op":"replace","Path":"passWord"}`),
  'path with a schema': spelled =>
    patch(`{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:User:password","value":{"x":"${spelled}"}}`),
  'no path': spelled => patch(`{"op":"replace","value":"${spelled}"}`),
  'an empty path': spelled => patch(`{"value":"${spelled}","path":null,"op":"replace"}`),
  'pathless member': spelled => patch(`{"op":"replace","value":{"password":"${spelled}"}}`),
  'body cut off': spelled => ({ method: 'POST', body: `{"userName":"a","password":"${spelled}` }),
  'operation cut off': spelled => ({ method: 'POST', body: `{"Operations":[{"value":"${spelled}","pa` }),
  'no colon': spelled => ({ method: 'POST', body: `{"password" "${spelled}"}` }),
  'no quotes': spelled => ({ method: 'POST', body: `{password: '${spelled}'}` }),
  'a form': spelled => ({ method: 'POST', body: `userName=a&password=${spelled}` }),
  'query value': spelled => ({ path: `/scim/v2/Users?password=${spelled}&count=1` }),
  filter: spelled => ({ path: `/scim/v2/Users?filter=password+eq+%22${spelled}%22` }),
  'header value': spelled => ({ headers: { 'x-password': spelled } }),
}

const user = (members: string): Sending => ({
  method: 'POST',
  body: `{"userName":"ann@example.com","name":{"givenName":"A","familyName":"L"},${members}}`,
})

test('A-02 D-08 a password can be read nowhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(passwordPlaces)),
      fc.constantFrom('plain', 'percent'),
      before,
      async (place, how, padding) => {
        const spelled = padding + (how === 'plain' ? password : encodeURIComponent(`${password}/`))
        const { path = '/scim/v2/Users', headers, ...sending } = passwordPlaces[place]!(spelled)
        const { answer, told } = await tell(path, {
          ...sending,
          headers: { authorization: `Bearer ${own.scimToken}`, 'content-type': 'application/json', ...headers },
        })
        // An answer may quote to a client what it sent itself.
        delete told.answer
        if (answer?.status === 201) await own.scim('DELETE', `/Users/${answer.body.id}`)
        for (const [where, text] of Object.entries(told))
          expect([where, findPiece(password, text)]).toEqual([where, undefined])
      },
    ),
    repeat(150),
  )
})

test('A-02 a token is not seen where the journal cuts a long answer within it', async () => {
  const instance = await makeInstance(server)
  const users = Array.from({ length: 200 }, (_, index) => ({
    EMAIL_ADDRESS: `user${index}@example.com`,
    FIRST_NAME: own.scimToken,
    LAST_NAME: own.scimToken,
  }))
  await instance.control('PUT', '/state', { users })
  for (let shift = 0; shift < 60; shift += 7) {
    await instance.control('PATCH', '/users/1', { FIRST_NAME: 'x'.repeat(1 + shift) })
    await instance.control('DELETE', '/requests')
    await instance.scim('GET', '/Users?count=200')
    const { text } = await instance.control('GET', '/requests')
    expect(text).toContain('only its start was kept')
    expect(findPiece(secretOf(own.scimToken), text)).toBeUndefined()
  }
})

test('A-02 a token that the parts of a URL cut in two is hidden in each of them', async () => {
  const { scimToken } = await makeInstance(server, { scimToken: 'question-mark?in-a-token&and=more-of-it' })
  const { told } = await tell(`/scim/v2/Users/x${scimToken}`, {})
  for (const [where, text] of Object.entries(told))
    expect([where, findPiece(secretOf(scimToken), text)]).toEqual([where, undefined])
})
