// The search of the journal, as the console's one box takes it: `status:409 op:create client:okta rule:U-14 "supports
// only"`. Which exchanges it means, and how many there would be with each other status, operation, client and rule.

import type { Exchange } from '../account/exchange.ts'
import type { Mask } from '../account/secrets/mask.ts'
import { pathOf, toHeaders } from '../http/request.ts'
import { toClientOf, toUserNames } from './entries.ts'

/** What an exchange shows of itself under each key of a search. */
const keys = {
  status: ({ status }: Exchange) => [status === null ? 'none' : String(status)],
  op: ({ operation }: Exchange) => [operation],
  client: (exchange: Exchange, search: Search) => [toClientOnce(exchange, search)],
  rule: ({ notes }: Exchange) => [...new Set(notes.flatMap(({ rule }) => rule ?? []))],
  user: (exchange: Exchange) => [...toUserNames(exchange), ...toUserIds(exchange)],
  method: ({ method }: Exchange) => [method],
  path: (exchange: Exchange) => [pathOf(exchange)],
  fault: ({ fault }: Exchange) => (fault === undefined ? [] : [fault]),
} satisfies Record<string, (exchange: Exchange, search: Search) => string[]>
type Key = keyof typeof keys

/** The keys by whose values exchanges are counted. */
export const countedKeys = ['op', 'status', 'client', 'rule'] as const satisfies Key[]
type CountedKey = (typeof countedKeys)[number]

/** How many exchanges have a value, and the search that has it as a further term, or no longer. */
export interface Count {
  value: string
  count: number
  /** Whether the search has this term already. */
  isOn: boolean
  /** The search after a click on it. */
  q: string
}

interface Term {
  /** Undefined for a text that may stand anywhere. */
  key: Key | undefined
  /** In lower case. */
  value: string
  isNot: boolean
  /** As it was written. */
  written: string
}

/** The longest search, in characters. */
export const longestSearch = 1000

/** A search as it was typed, which has no wrong form: a word with an unknown key is looked for as a text. */
export class Search {
  readonly mask: Mask
  /** What clients are called, by their user agents: few, for many exchanges. */
  readonly clients = new Map<string, string>()
  readonly #terms: readonly Term[]
  readonly #keys: readonly Key[]
  readonly #texts: readonly Term[]

  constructor(text: string, mask: Mask) {
    this.mask = mask
    this.#terms = parseTerms(text)
    this.#keys = [...new Set(this.#terms.flatMap(({ key }) => (key ? [key] : [])))]
    this.#texts = this.#terms.filter(({ key }) => key === undefined)
  }

  /** Whether an exchange is meant. Terms with one key are alternatives; all else must hold. */
  finds(exchange: Exchange): boolean {
    return this.#findMissed(exchange, 0).length === 0 && this.#holdTexts(exchange)
  }

  /** Counts the exchanges of a journal; between two slices of the work, other requests have their turn. */
  async count(exchanges: AsyncIterable<Exchange>): Promise<{ ids: number[]; counts: Record<CountedKey, Count[]> }> {
    const ids: number[] = []
    const counts = { op: new Map(), status: new Map(), client: new Map(), rule: new Map() } as const
    for await (const exchange of exchanges) {
      const missed = this.#findMissed(exchange, 1)
      if (missed.length > 1 || !this.#holdTexts(exchange)) continue
      if (missed.length === 0) ids.push(exchange.id)
      // An exchange that misses this key alone counts for it, too: a click on its value would show it.
      for (const key of countedKeys)
        if (missed.length === 0 || missed[0] === key)
          for (const value of keys[key](exchange, this)) counts[key].set(value, (counts[key].get(value) ?? 0) + 1)
    }
    const toCounts = (key: CountedKey): Count[] =>
      [...counts[key]]
        .map(([value, count]) => ({ value, count, ...this.#toggle(key, value) }))
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
        .slice(0, mostCounts)
    return {
      ids: ids.reverse(),
      counts: { op: toCounts('op'), status: toCounts('status'), client: toCounts('client'), rule: toCounts('rule') },
    }
  }

  /** The keys whose terms do not hold; looked for until there are more than `allowed`. */
  #findMissed(exchange: Exchange, allowed: number): Key[] {
    const missed: Key[] = []
    for (const key of this.#keys) {
      const values = keys[key](exchange, this).map(value => value.toLowerCase())
      const terms = this.#terms.filter(term => term.key === key)
      const wanted = terms.filter(({ isNot }) => !isNot)
      const holds = (term: Term) => values.some(value => isMeant(key, value, term.value))
      if ((wanted.length > 0 && !wanted.some(holds)) || terms.some(term => term.isNot && holds(term))) missed.push(key)
      if (missed.length > allowed) break
    }
    return missed
  }

  #holdTexts(exchange: Exchange): boolean {
    if (this.#texts.length === 0) return true
    const holdIn = (text: string) => this.#texts.every(({ value, isNot }) => text.includes(value) !== isNot)
    // Hiding secrets takes longer than looking. What is masked must not be found, so that nobody can guess at it.
    return (this.#texts.some(({ isNot }) => isNot) || holdIn(toText(exchange))) && holdIn(toText(exchange, this.mask))
  }

  #toggle(key: CountedKey, value: string): { isOn: boolean; q: string } {
    const isThis = (term: Term) => term.key === key && !term.isNot && term.value === value.toLowerCase()
    const isOn = this.#terms.some(isThis)
    const kept = this.#terms.filter(term => !isThis(term)).map(({ written }) => written)
    return { isOn, q: [...kept, ...(isOn ? [] : [`${key}:${toWord(value)}`])].join(' ') }
  }
}

/** How many values are counted for each key: a client can have any name. */
const mostCounts = 30

function parseTerms(text: string): Term[] {
  const terms: Term[] = []
  for (const [written, not, name, word] of text.matchAll(/(-)?(?:(\w+):)?("(?:[^"\\]|\\.)*"?|[^\s"]+|(?<=:))/g)) {
    if (written === '') continue
    const key = findKey(name)
    const value = word!.startsWith('"') ? word!.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : word!
    const sought = key || name === undefined ? value : `${name}:${value}`
    // A key without a value is still being typed.
    if (sought !== '') terms.push({ key, value: sought.toLowerCase(), isNot: not !== undefined, written })
  }
  return terms
}

function findKey(name: string | undefined): Key | undefined {
  const wanted = name?.toLowerCase() === 'operation' ? 'op' : name?.toLowerCase()
  return (Object.keys(keys) as Key[]).find(key => key === wanted)
}

const toWord = (value: string): string => (/^[\w.*-]+$/.test(value) ? value : JSON.stringify(value))

/** Whether a value is one that a term means; `*` is any. */
function isMeant(key: Key, value: string, wanted: string): boolean {
  if (wanted === '*') return true
  if (key === 'status') return /^\dxx$/.test(wanted) ? value[0] === wanted[0] : value === wanted
  if (key === 'op' || key === 'path' || key === 'fault') return value.startsWith(wanted)
  // An id is a whole word: user:2 is not user 12.
  if (key === 'user') return /^\d+$/.test(wanted) ? value === wanted : value.includes(wanted)
  return key === 'client' ? value.includes(wanted) : value === wanted
}

const toUserIds = ({ after, before }: Exchange): string[] => {
  const id = (after ?? before)?.USER_ID
  return id === undefined ? [] : [String(id)]
}

function toClientOnce({ rawHeaders }: Exchange, { mask, clients }: Search): string {
  const userAgent = toHeaders(rawHeaders)['user-agent'] ?? ''
  const known = clients.get(userAgent)
  if (known !== undefined) return known
  const client = userAgent === '' ? 'none' : toClientOf(mask.header('user-agent', userAgent))!
  clients.set(userAgent, client)
  return client
}

/** All that the page shows of an exchange, in lower case; masked where a mask is given. */
function toText(exchange: Exchange, mask?: Mask): string {
  const hide = (text: string) => (mask ? mask.text(text) : text)
  const { body, answer } = exchange
  const toLine = ([name, value]: [string, unknown]) =>
    `${hide(name)}: ${mask ? mask.header(name, String(value)) : String(value)}`
  return [
    `${exchange.method} ${mask ? mask.url(exchange.url) : exchange.url}`,
    ...Object.entries(toHeaders(exchange.rawHeaders)).map(toLine),
    ...Object.entries(exchange.answerHeaders ?? {}).map(toLine),
    body ? (mask ? mask.body(body.toString()) : body.toString()) : '',
    answer === undefined ? '' : mask ? mask.answer(answer) : answer,
    ...exchange.notes.map(({ rule, text }) => hide(`${rule ?? ''} ${text}`)),
    ...[exchange.before, exchange.after].map(record => hide(JSON.stringify(record ?? ''))),
    ...toUserNames(exchange).map(hide),
    exchange.operation,
    exchange.fault ?? '',
  ]
    .join('\n')
    .toLowerCase()
}
