// Hides secrets in what is shown of an exchange: tokens and keys everywhere and in every spelling, passwords where a name
// announces them. It looks at a text as it was received, before anything is cut out of it.

import { passwordWords } from '../../scim/filter-text.ts'
import { type KnownSecrets, mask, replaceSpans, type Span } from './known-secrets.ts'
import { type Findings, maskJson, type PasswordWord } from './mask-json.ts'
import { type Reading, readingsOf, toText } from './readings.ts'

/** Headers whose values are not shown at all. */
const secretHeader = /authorization|cookie|token|secret|passw(?:or)?d|api-?key/
const schemes = /^(?:bearer|basic|digest|dpop|negotiate|ntlm)(?=\s)/i

const passwordWord = new RegExp(passwordWords, 'gi')
/** Words that announce a secret in a URL. */
const urlWord = new RegExp(`${passwordWords}|token|secret|api-?key|authorization`, 'gi')
/** What may stand between such a word and its value: quotes, an equals sign or colon, an operator of a filter, also in a condition. */
const naming = /(?:\[[\s+]{0,8}[\w.]{1,40})?["'\\\s+\]]{0,8}(?:[=:>]|(?:eq|ne|co|sw|ew|g[te]|l[te])(?=["'\s+]))/iy
const wordEnd = /[\w.-]*/y

/** Hides the secrets of one server. */
export class Mask {
  readonly #secrets: KnownSecrets

  constructor(secrets: KnownSecrets) {
    this.#secrets = secrets
  }

  /** A copy of a value whose texts hold no secrets. */
  hide<T>(value: T): T {
    return this.#hide(value) as T
  }

  #hide(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map(each => this.#hide(each))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [this.text(name), this.#hide(each)]))
  }

  /** A text without secrets. What follows `password=` or `password eq` counts as one. */
  text(text: string): string {
    const { secrets, passwords } = this.#find(text, false, passwordWord)
    const named = passwords.filter(({ secretAt }) => secretAt >= 0)
    return replaceSpans(text, [...secrets, ...named.map(({ secretAt }) => ({ start: secretAt, end: text.length }))])
  }

  /** The target of a request without secrets, and without the values of parameters whose names announce one. */
  url(url: string): string {
    const { secrets, passwords } = this.#find(url, false, urlWord)
    const named = passwords.filter(({ secretAt }) => secretAt >= 0)
    const values = named.map(({ secretAt }) => {
      const next = url[secretAt - 1] === '=' ? url.indexOf('&', secretAt) : -1
      return { start: secretAt, end: next < 0 ? url.length : next }
    })
    return replaceSpans(url, [...secrets, ...values])
  }

  /** A request body, JSON or not, without secrets and passwords. Every other character is unchanged. */
  body(text: string): string {
    return maskJson(text, this.#find(text, true, passwordWord), true)
  }

  /** The text of an answer without secrets; it may have been cut. */
  answer(text: string): string {
    if (!/^\s*[{["]/.test(text)) return this.text(text)
    return maskJson(text, this.#find(text, true, passwordWord), false)
  }

  /** The value of a header without secrets. Of Authorization, only the scheme is shown. */
  header(name: string, value: string): string {
    const lower = name.toLowerCase()
    if (lower === 'authorization' || lower === 'proxy-authorization')
      return `${schemes.exec(value)?.[0] ?? ''} ${mask}`.trim()
    return secretHeader.test(lower) ? mask : this.text(value)
  }

  #find(text: string, isCut: boolean, word: RegExp): Findings {
    const secrets: Span[] = []
    const passwords: PasswordWord[] = []
    let isFirst = true
    for (const reading of readingsOf(text)) {
      this.#secrets.findIn(reading, isCut, span => secrets.push(span))
      findWords(reading, isFirst ? text : toText(reading.codes, reading.length), word, passwords)
      isFirst = false
    }
    return {
      secrets: toDisjoint(secrets),
      passwords: passwords.sort((one, other) => one.start - other.start || one.end - other.end),
    }
  }
}

/** Finds words that announce a secret in a reading with the given text, each up to the end of the name it is in. */
function findWords({ toPlace }: Reading, text: string, word: RegExp, found: PasswordWord[]): void {
  word.lastIndex = 0
  for (let match = word.exec(text); match; match = word.exec(text)) {
    wordEnd.lastIndex = word.lastIndex
    wordEnd.test(text)
    const end = wordEnd.lastIndex
    naming.lastIndex = end
    const secretAt = naming.test(text) ? toPlace(naming.lastIndex) : -1
    found.push({ start: toPlace(match.index), end: toPlace(end), secretAt })
    word.lastIndex = end
  }
}

function toDisjoint(spans: Span[]): Span[] {
  const disjoint: Span[] = []
  for (const { start, end } of spans.sort((one, other) => one.start - other.start)) {
    const last = disjoint.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else disjoint.push({ start, end })
  }
  return disjoint
}
