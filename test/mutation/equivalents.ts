// Changes that no test can notice, since nothing that the program does depends on them, and why. Each is named by its
// file, what stood there and what replaced it.

export interface Equivalent {
  file: string
  was: string
  became: string
  why: string
}

export const equivalents: readonly Equivalent[] = [
  {
    file: 'src/account/journal.ts',
    was: '[]',
    became: '["Stryker was here"]',
    why: 'No id is 0, so the first place of the ring is read only after an exchange was put there.',
  },
  {
    file: 'src/account/secrets/readings.ts',
    was: 'code >= 0x30',
    became: 'true',
    why: 'A character before the digits gives a negative number, which is taken for no digit as -1 is.',
  },
  {
    file: 'src/account/secrets/mask-json.ts',
    was: 'token.end - token.start > 80',
    became: 'false',
    why: 'It saves reading a long name, which is none of the four words, however they are escaped.',
  },
  {
    file: 'src/commands/compare/compare.ts',
    was: 'credentials !== undefined',
    became: 'true',
    why: 'This server answers 401 in the same form to a token that it does not know as to none.',
  },
  {
    file: 'src/account/faults.ts',
    was: 'active.random() < probability',
    became: 'active.random() <= probability',
    why: 'They differ only where a draw is the probability to the last of 32 bits, for which nobody has asked.',
  },
  {
    file: 'src/control/state-stream.ts',
    was: 'users.length > 0',
    became: 'true',
    why: 'A place for users that is made before the first of them comes costs a file, and is closed as any.',
  },
  {
    file: 'src/control/state-stream.ts',
    was: 'this.#name.length < 6',
    became: 'true',
    why: 'A name that is longer than any it is compared with is none of them, whole or cut; this bounds its memory.',
  },
  {
    file: 'src/control/search.ts',
    was: 'this.#texts.some(({ isNot }) => isNot) || holdIn(toText(exchange))',
    became: 'true',
    why: 'What is masked is looked through in any case; this only saves the work where nothing would be found.',
  },
  {
    file: 'src/control/search.ts',
    was: 'a.value < b.value',
    became: 'a.value <= b.value',
    why: 'A value is counted once.',
  },
  {
    file: 'src/http/request.ts',
    was: 'end < 0',
    became: 'end <= 0',
    why: 'No request target begins with a question mark: Node refuses it before.',
  },
  {
    file: 'src/control/instance-creation.ts',
    was: 'staged',
    became: 'true',
    why: 'To take nothing out of a set changes nothing.',
  },
  {
    file: 'src/http/console.ts',
    was: 'files',
    became: 'false',
    why: 'It saves reading the files again, which do not change.',
  },
  {
    file: 'src/commands/calibrate/report.ts',
    was: 'seen !== null',
    became: 'true',
    why: 'What was not seen has the shape of nothing that is here.',
  },
  {
    file: 'src/http/turns.ts',
    was: 'performance.now() > end',
    became: 'performance.now() >= end',
    why: 'They differ at one instant only.',
  },
  {
    file: 'src/account/secrets/readings.ts',
    was: '!isEscaped(text)',
    became: 'false',
    why: 'It saves looking for escapes where there are none.',
  },
  {
    file: 'src/account/secrets/known-secrets.ts',
    was: 'end < at',
    became: 'end <= at',
    why: 'Where they are the same, there is nothing to set.',
  },
  {
    file: 'src/account/secrets/readings.ts',
    was: 'at < text.length',
    became: 'at <= text.length',
    why: 'What is beyond the end of a typed array is not written.',
  },
  {
    file: 'src/http/exchange.ts',
    was: "app.decorateRequest('exchange', null as never)",
    became: ';',
    why: 'It gives all requests one shape from the start, which V8 reads faster; nobody reads what it holds.',
  },
  {
    file: 'src/http/exchange.ts',
    was: "app.decorateRequest('instance', null as never)",
    became: ';',
    why: 'It gives all requests one shape from the start, which V8 reads faster; nobody reads what it holds.',
  },
  {
    file: 'src/http/exchange.ts',
    was: "app.decorateRequest('admittedAt', 0)",
    became: ';',
    why: 'It gives all requests one shape from the start, which V8 reads faster; nobody reads what it holds.',
  },
  {
    file: 'src/http/exchange.ts',
    was: "app.decorateRequest('fault', null)",
    became: ';',
    why: 'It gives all requests one shape from the start, which V8 reads faster; nobody reads what it holds.',
  },
  {
    file: 'src/control/events.ts',
    was: 'raw.writableEnded',
    became: 'false',
    why: 'Node takes no write after the end either; this saves it an error.',
  },
  {
    file: 'src/control/events.ts',
    was: 'lastTold?.what !== what',
    became: 'true',
    why: 'It saves making the same text for each stream.',
  },
  {
    file: 'src/account/secrets/mask.ts',
    was: 'next < 0',
    became: 'next <= 0',
    why: 'What the name of a parameter announces stands behind that name, so its end is never at 0.',
  },
  {
    file: 'src/account/secrets/readings.ts',
    was: 'code < 0',
    became: 'code <= 0',
    why: 'They differ for an escaped NUL, which no secret holds.',
  },
  {
    file: 'src/http/errors.ts',
    was: String.raw`/^\/+([^/? ]+)/.exec(url)?.[1]?.toLowerCase`,
    became: String.raw`/^\/+([^/? ]+)/.exec(url)?.[1].toLowerCase`,
    why: 'Where the form is met, its group is, too.',
  },
  {
    file: 'src/http/scim.ts',
    was: 'filterOf(request) === undefined && !projection',
    became: 'false',
    why: 'The list is the same when it is made from documents; from bytes it is made faster.',
  },
  {
    file: 'src/http/server.ts',
    was: "text === ''",
    became: 'false',
    why: 'An empty query has no parameters, however it is read.',
  },
  {
    file: 'src/http/json-body.ts',
    was: 'at < body.length',
    became: 'at <= body.length',
    why: 'What is beyond the end is undefined, which is none of the bytes that are looked for.',
  },
  {
    file: 'src/http/scim-request.ts',
    was: "type === 'application/scim+json'",
    became: 'false',
    why: 'It saves the expression, which accepts this type too.',
  },
  {
    file: 'src/http/scim-request.ts',
    was: "type === 'application/json'",
    became: 'false',
    why: 'It saves the expression, which accepts this type too.',
  },
  {
    file: 'src/http/scim-request.ts',
    was: "type === 'application/scim+json' ||\n  type === 'application/json'",
    became: 'false',
    why: 'It saves the expression, which accepts both types too.',
  },
  {
    file: 'src/paths.ts',
    was: 'canonical.test(url)',
    became: 'false',
    why: 'What is spelled as it should be is spelled anew as it was.',
  },
  {
    file: 'src/paths.ts',
    was: 'afterQuery < 0',
    became: 'afterQuery <= 0',
    why: 'A request target begins with a slash or a scheme.',
  },
  {
    file: 'src/http/exchange.ts',
    was: 'this.admittedAt !== context.instances.changes',
    became: 'true',
    why: 'Where nothing has changed, credentials are accepted again.',
  },
  {
    file: 'src/http/exchange.ts',
    was: 'context.replays.size > 0',
    became: 'true',
    why: 'It saves looking for who waits where nobody does.',
  },
  {
    file: 'src/account/exchange.ts',
    was: "answer.length * (typeof answer === 'string' ? 3 : 1) <= most",
    became: 'false',
    why: 'It saves making bytes of a text that is short enough in any case.',
  },
  {
    file: 'src/shadow/shadow.ts',
    was: '/^(POST|PUT|PATCH|DELETE)$/',
    became: '/^(POST|PUT|PATCH|DELETE)/',
    why: 'Node knows no method that begins with one of these and goes on.',
  },
  {
    file: 'src/account/users/positions.ts',
    was: 'landmark < userId',
    became: 'landmark <= userId',
    why: 'Reading from an id that is gone begins at the next one, which has taken its place.',
  },
  {
    file: 'src/http/errors.ts',
    was: "error.code === 'ECONNRESET' || !socket.writable",
    became: 'false',
    why: 'A connection that was reset or ended is closed all the same; this saves a write that fails.',
  },
  {
    file: 'src/account/files/backup-files.ts',
    was: 'fsyncSync(file)',
    became: ';',
    why: 'What it does shows only after a power cut, which no test can make.',
  },
  {
    file: 'src/account/files/backup.ts',
    was: 'flush(join(draft, name))',
    became: ';',
    why: 'What it does shows only after a power cut, which no test can make.',
  },
  {
    file: 'src/account/files/backup.ts',
    was: 'flush(draft)',
    became: ';',
    why: 'What it does shows only after a power cut, which no test can make.',
  },
  {
    file: 'src/control/replay.ts',
    was: '/^P(?:OST|UT|ATCH)$/',
    became: '/^P(?:OST|UT|ATCH)/',
    why: 'Node knows no method that begins with one of these and goes on.',
  },
  {
    file: 'src/account/secrets/known-secrets.ts',
    was: 'at >= shortest - 1',
    became: 'true',
    why: 'Of fewer characters than the shortest secret has, the sum is that of a text which begins with NULs.',
  },
  {
    file: 'src/account/instances.ts',
    was: 'scimToken !== null',
    became: 'true',
    why: 'A token is replaced by another one, never taken away.',
  },
]
