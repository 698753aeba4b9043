// Journal entries as an HTTP Archive, which browsers and proxies open.

import type { Entry } from './types.ts'

const toPairs = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }))

/** The text of an HTTP Archive 1.2 until its entries begin. */
export const toHarStart = (version: string): string =>
  `{"log":{"version":"1.2","creator":${JSON.stringify({ name: 'insightly-scim', version })},"entries":`

/** The text of an HTTP Archive after its entries. */
export const harEnd = '}}'

/** An entry as an HTTP Archive has it. */
export function toHarEntry(entry: Entry): object {
  const text =
    entry.answer === null ? '' : typeof entry.answer === 'string' ? entry.answer : JSON.stringify(entry.answer)
  return {
    startedDateTime: entry.when,
    time: entry.durationMs,
    request: {
      method: entry.method,
      url: entry.url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: toPairs(entry.headers),
      queryString: toPairs(entry.query),
      ...(entry.rawBody !== null && {
        postData: { mimeType: entry.headers['content-type'] ?? 'application/json', text: entry.rawBody },
      }),
      headersSize: -1,
      bodySize: entry.bodyLength,
    },
    response: {
      status: entry.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: toPairs(entry.answerHeaders),
      content: { size: Buffer.byteLength(text), mimeType: entry.answerHeaders['content-type'] ?? '', text },
      redirectURL: '',
      headersSize: -1,
      bodySize: Buffer.byteLength(text),
    },
    cache: {},
    timings: { send: 0, wait: entry.durationMs, receive: 0 },
    comment: [entry.operation, ...entry.notes.map(({ rule, text }) => (rule ? `${text} (${rule})` : text))].join('; '),
    _curl: entry.curl,
    ...(entry.shadow !== null && { _shadow: entry.shadow }),
  }
}
