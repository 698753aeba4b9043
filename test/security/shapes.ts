// Requests made to hurt: one entry a shape, each at most a mebibyte. Who sends them is not decided here.

import { patchUrn } from '../../src/scim/patch.ts'
import { userUrn } from '../../src/scim/user.ts'

/** A request made to hurt. */
export interface Shape {
  name: string
  surface: 'scim' | 'rest' | 'control'
  method: string
  path: string
  body?: string | Buffer
}

const mebibyte = 1024 * 1024
/** Nearly all of the 64 KiB for the path and all headers. */
const longestPath = 64_000

/** Repeats a text as often as fits, between a start and an end, joined by commas. */
function fill(start: string, part: (index: number) => string, end: string, size = mebibyte): string {
  const parts: string[] = []
  let length = start.length + end.length
  for (let index = 0; ; index += 1) {
    const next = part(index)
    length += Buffer.byteLength(next) + 1
    if (length > size) break
    parts.push(next)
  }
  return start + parts.join(',') + end
}

const nested = (open: string, close: string): string => {
  const depth = Math.floor(mebibyte / (open.length + close.length)) - 1
  return `${open.repeat(depth)}0${close.repeat(depth)}`
}

const patch = (operation: (index: number) => string, size?: number): string =>
  fill(`{"schemas":["${patchUrn}"],"Operations":[`, operation, ']}', size)

/** A spelling of a word in other letter case for every index. */
const respell = (word: string, index: number): string =>
  Array.from(word, (letter, at) => ((index >> (at % 30)) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join('')

const bodies: Record<string, string | Buffer> = {
  'nothing but [': '['.repeat(mebibyte),
  'nothing but {"a":': '{"a":'.repeat(mebibyte / 5),
  'arrays in arrays': nested('[', ']'),
  'objects in objects': nested('{"a":', '}'),
  'a million digits': '9'.repeat(mebibyte),
  'a number with a huge exponent': `{"userName":1e${'9'.repeat(mebibyte - 20)}}`,
  'a hundred thousand numbers': fill('[', () => '1e308', ']'),
  blanks: ' '.repeat(mebibyte),
  'quotes and backslashes': `"${'\\"'.repeat(mebibyte / 2 - 2)}"`,
  'escaped lone surrogates': `{"userName":"${'\\ud800'.repeat(mebibyte / 6 - 5)}"}`,
  'an unterminated string': `{"userName":"${'a'.repeat(mebibyte - 20)}`,
  'bytes that are not UTF-8': Buffer.alloc(mebibyte, 0xff),
  'zero bytes': Buffer.alloc(mebibyte),
  'a long userName': `{"userName":"${'ä'.repeat(mebibyte / 2 - 20)}"}`,
  'a long name of a member': `{"${'a'.repeat(mebibyte - 10)}":1}`,
  'many members': fill('{', index => `"m${index}":1`, '}'),
  'many dotted members': fill('{', index => `"name.x${index}":{"a":1}`, '}'),
  'many spellings of userName': fill('{', index => `"${respell('userName', index)}":1`, '}'),
  'many spellings with the URN': fill('{', index => `"${respell(`${userUrn}:userName`, index)}":1`, '}'),
  'many URN objects': fill('{', index => `"${respell(userUrn, index)}":{"userName":1}`, '}'),
  'many names': fill('{"name":{', index => `"${respell('givenName', index)}":1`, '}}'),
  '__proto__ many times': fill('{', () => '"__proto__":{"userName":"x"}', '}'),
  'constructor, prototype, toString':
    '{"constructor":{"prototype":{"x":1}},"toString":1,"valueOf":1,"userName":{"toString":1}}',
  'many e-mail addresses': fill('{"emails":[', index => `{"value":"a${index}@b.c"}`, ']}'),
  'ten thousand operations': patch(() => '{"op":"replace","path":"active","value":true}', 500_000),
  'operations that are empty objects': patch(() => '{}'),
  'operations that are nulls': patch(() => 'null'),
  'an operation with many members': patch(() => fill('{', index => `"o${index}":1`, '}', mebibyte - 200)),
  'an operation with a long op': patch(() => `{"op":"${'a'.repeat(mebibyte - 200)}"}`),
  'an operation with a long path': patch(
    () => `{"op":"replace","path":"${'a.'.repeat(mebibyte / 2 - 100)}","value":1}`,
  ),
  'an operation with many bracketed members': patch(
    () =>
      `{"op":"replace","value":${fill('{', index => `"emails[${`type eq 1 and `.repeat(60)}type eq ${index}].value":1`, '}', mebibyte - 200)}}`,
  ),
  'an operation with many bracketed members of other attributes': patch(
    () =>
      `{"op":"replace","value":${fill('{', index => `"x[${'('.repeat(25)}a eq ${index}${')'.repeat(25)}].v":1`, '}', mebibyte - 200)}}`,
  ),
  'a hundred operations with hostile filters': patch(
    () =>
      `{"op":"replace","path":"emails[${'not('.repeat(29)}a pr${')'.repeat(29)}${' and a pr'.repeat(80)}].value","value":1}`,
    100_000,
  ),
  'a hundred operations with big objects': fill(
    `{"schemas":["${patchUrn}"],"Operations":[`,
    () => `{"op":"replace","value":${fill('{', each => `"m${each}":1`, '}', 10_000)}}`,
    ']}',
  ),
}

const hostileFilters: Record<string, string> = {
  'newlines in an unterminated string': `userName eq "${'\n'.repeat(4000)}`,
  'escaped quotes': `userName eq "${'\\"'.repeat(4000)}`,
  'open parentheses': '('.repeat(10_000),
  'nested parentheses': `${'('.repeat(4000)}a pr${')'.repeat(4000)}`,
  'not not not': `${'not ('.repeat(1900)}a pr`,
  'and and and': 'a pr and '.repeat(1600),
  'open brackets': 'a['.repeat(4900),
  dots: `${'a.'.repeat(7000)}a eq 1`,
  blanks: `userName${' '.repeat(14_000)}eq "a"`,
  'blanks at the end': `userName eq "a"${' '.repeat(14_000)}x`,
  'a long number': `userName eq ${'9'.repeat(14_000)}`,
  'colons of a URN': `urn:${'a:'.repeat(6000)}userName eq "x"`,
  unicode: `userName eq "${'\\ud83d'.repeat(2300)}"`,
}

const hostileQueries: Record<string, string> = {
  'attributes of commas': `attributes=${','.repeat(longestPath)}`,
  'attributes of names': `attributes=${'userName,'.repeat(longestPath / 9)}`,
  'excludedAttributes of URNs': `excludedAttributes=${`${userUrn}:id,`.repeat(longestPath / 50)}`,
  'a startIndex of digits': `startIndex=${'9'.repeat(longestPath)}`,
  'a count of digits and a letter': `count=${'9'.repeat(longestPath)}x`,
  'many parameters': 'a=1&'.repeat(longestPath / 4),
  'many filters': 'filter=a&'.repeat(longestPath / 9),
  'broken escapes': 'filter=%E0%A4%A&%=%&'.repeat(700),
  __proto__: '__proto__=1&__proto__[x]=1&constructor=1',
}

const hostilePaths: Record<string, string> = {
  'a long id': '9'.repeat(longestPath),
  'many slashes': '/'.repeat(longestPath),
  'many dots': '../'.repeat(longestPath / 3),
  'encoded dots': '%2e%2e%2f'.repeat(longestPath / 9),
  'encoded NUL': '%00'.repeat(longestPath / 3),
  'broken escapes': '%'.repeat(longestPath),
  'overlong UTF-8': '%c0%ae'.repeat(longestPath / 6),
}

const encoded = (queries: Record<string, string>): [string, string][] =>
  Object.entries(queries).map(([name, filter]) => [
    `filter: ${name}`,
    `filter=${encodeURIComponent(filter).slice(0, longestPath)}`,
  ])

const manyUsers = (user: (index: number) => string): string => fill('{"users":[', user, ']}')

const controlBodies: Record<string, string> = {
  'users that are empty': manyUsers(() => '{}'),
  'users that are nulls': manyUsers(() => 'null'),
  'users with unknown members': manyUsers(index => `{"EMAIL_ADRESS_OF_THE_USER_IN_QUESTION_${index}":1}`),
  'a user with many unknown members': manyUsers(() =>
    fill('{', index => `"EMAIL_ADDRESS_OF_THE_USER_IN_${index}":1`, '}', mebibyte - 100),
  ),
  'users of one address': manyUsers(() => '{"EMAIL_ADDRESS":"a@b.c","FIRST_NAME":"a","LAST_NAME":null}'),
  'a user with many licences': manyUsers(
    () => `{"EMAIL_ADDRESS":"a","LICENSES":${fill('[', () => '"CRM"', ']', mebibyte - 100)}}`,
  ),
  'a date of digits': manyUsers(() => `{"DATE_CREATED_UTC":"${'1'.repeat(mebibyte - 100)}"}`),
  'many unknown members': fill('{', index => `"setings${index}":1`, '}'),
  'fault rules that are empty': fill('[', () => '{}', ']'),
  'fault rules with unknown members': fill('[', index => `{"mtach${index}":1}`, ']'),
  'fault rules with many headers': fill('[{"do":{"status":500,"headers":{', index => `"x-${index}":"\\u0000"`, '}}}]'),
  'a long duration': `{"by":"P${'1'.repeat(mebibyte - 20)}D"}`,
  'a long date': `{"mode":"frozen","now":"${'2026-01-01T00:00:00.'.padEnd(mebibyte - 50, '0')}"}`,
  'a long publicUrl': `{"publicUrl":"https://${'a.'.repeat(mebibyte / 2 - 30)}"}`,
  'a long name': `{"name":"${'a'.repeat(mebibyte - 20)}"}`,
}

/** All shapes; `{id}` in a path stands for a user that is there. */
export const shapes: readonly Shape[] = [
  ...Object.entries(bodies).flatMap(([name, body]): Shape[] => [
    { name, surface: 'scim', method: 'POST', path: '/Users', body },
    { name, surface: 'scim', method: 'PUT', path: '/Users/{id}', body },
    { name, surface: 'scim', method: 'PATCH', path: '/Users/{id}', body },
    { name, surface: 'control', method: 'PUT', path: '/state', body },
  ]),
  ...[...Object.entries(hostileQueries), ...encoded(hostileFilters)].flatMap(([name, query]): Shape[] => [
    { name, surface: 'scim', method: 'GET', path: `/Users?${query}` },
    { name, surface: 'scim', method: 'GET', path: `/Users/{id}?${query}` },
    { name, surface: 'rest', method: 'GET', path: `/Users/Search?${query}` },
    { name, surface: 'control', method: 'GET', path: `/users?${query}` },
    { name, surface: 'control', method: 'GET', path: `/requests?limit=1&${query}` },
  ]),
  ...Object.entries(hostilePaths).flatMap(([name, path]): Shape[] => [
    { name, surface: 'scim', method: 'GET', path: `/Users/${path}` },
    { name, surface: 'scim', method: 'PATCH', path: `/${path}`, body: '{}' },
    { name, surface: 'rest', method: 'GET', path: `/Users/${path}` },
    { name, surface: 'control', method: 'GET', path: `/users/${path}` },
  ]),
  ...Object.entries({ ...controlBodies, ...bodies }).flatMap(([name, body]): Shape[] =>
    [
      ['PUT', '/state'],
      ['PUT', '/faults'],
      ['PATCH', '/settings'],
      ['POST', '/users'],
      ['PATCH', '/users/{id}'],
      ['POST', '/requests/verify'],
      ['PUT', '/clock'],
      ['POST', '/clock/advance'],
    ].map(([method, path]) => ({ name, surface: 'control', method: method!, path: path!, body })),
  ),
]
