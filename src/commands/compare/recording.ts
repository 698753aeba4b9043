// Reads a recorded SCIM conversation: a HAR, or the journal of GET …/requests. Keeps what is needed to send it again;
// credentials, cookies and all other headers are dropped here and seen nowhere else.

import { type Answer, type Json, toAnswer, toObject } from '../../shadow/documents.ts'

/** A request and its answer as they were recorded. */
export interface Recorded {
  /** Its place in the recording, from 1. */
  number: number
  method: string
  /** Below the SCIM URL, with the query. */
  path: string
  contentType: string | undefined
  accept: string | undefined
  hadCredentials: boolean
  body: string | undefined
  status: number
  answer: Answer
}

/** The SCIM part of a recording. */
export interface Recording {
  /** The SCIM URL it was recorded at. */
  base: string
  exchanges: Recorded[]
  /** How many entries are no SCIM, or cannot be sent again, by the reason. */
  skipped: Map<string, number>
}

const toArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const toText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/**
 * Reads a recording.
 * @param base the SCIM URL in it; without one, the URL above /Users and the like that occurs most
 * @throws Error that says what is wrong with it
 */
export function readRecording(document: unknown, base?: string): Recording {
  const { log, requests } = toObject(document)
  const entries = Array.isArray(requests) ? requests : toObject(log).entries
  if (!Array.isArray(entries))
    throw new Error('is no recording; expected a HAR (log.entries) or a journal (requests), as JSON.')
  const all = entries.map((entry, index) => ({
    ...(Array.isArray(requests) ? fromJournal(toObject(entry)) : fromHar(toObject(entry))),
    number: index + 1,
  }))
  const wanted = base?.replace(/\/+$/, '') ?? mostFrequentBase(all.map(({ url }) => url))
  if (wanted === undefined) throw new Error('holds no SCIM request: none goes to /Users, /Schemas or the like.')
  const skipped = new Map<string, number>()
  const exchanges = all.flatMap(({ url, problem, ...recorded }): Recorded[] => {
    const isBelow = url.startsWith(wanted) && /^[/?]/.test(url.slice(wanted.length))
    const reason = isBelow ? problem : 'no SCIM'
    if (reason === undefined) return [{ ...recorded, path: url.slice(wanted.length) }]
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
    return []
  })
  return { base: wanted.replace(/\/\/[^/]*@/, '//'), exchanges, skipped }
}

type Entry = Omit<Recorded, 'number' | 'path'> & { url: string; problem: string | undefined }

function fromHar(entry: Json): Entry {
  const request = toObject(entry.request)
  const response = toObject(entry.response)
  const headers = new Map(
    toArray(request.headers).map(header => {
      const { name, value } = toObject(header)
      return [String(name).toLowerCase(), String(value)]
    }),
  )
  const postData = toObject(request.postData)
  const body = toText(postData.text)
  const { text, encoding } = toObject(response.content)
  const content = encoding === 'base64' ? Buffer.from(String(text), 'base64').toString() : (toText(text) ?? '')
  return {
    method: String(request.method),
    url: String(request.url),
    contentType: headers.get('content-type') ?? toText(postData.mimeType),
    accept: headers.get('accept'),
    hadCredentials: headers.has('authorization'),
    body: body === '' ? undefined : body,
    status: Number(response.status),
    answer: toAnswer(content),
    problem: Number(response.status) > 0 ? undefined : 'without an answer',
  }
}

function fromJournal(entry: Json): Entry {
  const headers = toObject(entry.headers)
  const { body, answer } = entry
  const isLost = (body ?? null) === null && Number(entry.bodyLength) > 0
  return {
    method: String(entry.method),
    url: String(entry.url),
    contentType: toText(headers['content-type']),
    accept: toText(headers.accept),
    hadCredentials: headers.authorization !== undefined,
    body: (body ?? null) === null ? undefined : JSON.stringify(body),
    status: Number(entry.status),
    answer:
      (answer ?? null) === null
        ? { kind: 'empty' }
        : typeof answer === 'string'
          ? { kind: 'text' }
          : { kind: 'json', value: answer },
    problem: entry.status === null ? 'without an answer' : isLost ? 'a body that was not kept' : undefined,
  }
}

const scimPath =
  /^(https?:\/\/[^?#]*?)\/(?:Users|Groups|Schemas|ServiceProviderConfig|ResourceTypes|Bulk|Me)(?=[/?#]|$)/i

function mostFrequentBase(urls: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const url of urls) {
    const [, base] = scimPath.exec(url) ?? []
    // Insightly's REST API has /Users too.
    if (base === undefined || /\/v\d\.\d$/i.test(base)) continue
    counts.set(base, (counts.get(base) ?? 0) + 1)
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0]
}
