// Hides secrets in what is told of an exchange: tokens and keys wherever they stand and however they are spelled, passwords
// where something says that they are one. Decided on a text as it came, before anything is cut out of it.

import { type KnownSecrets, mask, replaceSpans, type Span } from '../account/known-secrets.ts'
import { type Reading, readingsOf, toText } from '../account/readings.ts'
import { type Findings, maskJson, type PasswordWord } from './mask-json.ts'

/** Headers whose values are not shown at all. */
const secretHeader = /authorization|cookie|token|secret|passw(?:or)?d|api-?key/
const schemes = /^(?:bearer|basic|digest|dpop|negotiate|ntlm)(?=\s)/i

const passwordWord = /pass(?:w(?:or)?d|phrase)|pwd/gi
/** In a URL, names say what their values are. */
const urlWord = /pass(?:w(?:or)?d|phrase)|pwd|token|secret|api-?key|authorization/gi
/** What may stand between such a word and what it names: quotes, an equals sign or colon, an operator of a filter. */
const naming = /["'\\\s+\]]{0,8}(?:[=:>]|(?:eq|ne|co|sw|ew|g[te]|l[te])(?=["'\s+]))/iy
const wordEnd = /[\w.-]*/y

/** Hides the secrets of one server. */
export class Mask {
  readonly #secrets: KnownSecrets

  constructor(secrets: KnownSecrets) {
    this.#secrets = secrets
  }

  /** A copy of a value, its texts without secrets. */
  hide<T>(value: T): T {
    return this.#hide(value) as T
  }

  #hide(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map(each => this.#hide(each))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [this.text(name), this.#hide(each)]))
  }

  /** A text without secrets; what follows `password=` or `password eq` is one. */
  text(text: string): string {
    const { secrets, passwords } = this.#find(text, false, passwordWord)
    const named = passwords.filter(({ secretAt }) => secretAt >= 0)
    return replaceSpans(text, [...secrets, ...named.map(({ secretAt }) => ({ start: secretAt, end: text.length }))])
  }

  /** The target of a request without secrets, nor the values of parameters whose names tell of one. */
  url(url: string): string {
    const { secrets, passwords } = this.#find(url, false, urlWord)
    const named = passwords.filter(({ secretAt }) => secretAt >= 0)
    const values = named.map(({ secretAt }) => {
      const next = url[secretAt - 1] === '=' ? url.indexOf('&', secretAt) : -1
      return { start: secretAt, end: next < 0 ? url.length : next }
    })
    return replaceSpans(url, [...secrets, ...values])
  }

  /** A body as a client sent it, JSON or not, without secrets and passwords, every other character as it was. */
  body(text: string): string {
    return maskJson(text, this.#find(text, true, passwordWord), true)
  }

  /** The text of an answer without secrets; it may have been cut. */
  answer(text: string): string {
    if (!/^\s*[{["]/.test(text)) return this.text(text)
    return maskJson(text, this.#find(text, true, passwordWord), false)
  }

  /** The value of a header without secrets; of Authorization only the scheme is shown. */
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

/** Finds words that tell of a secret in a reading whose text is given, each with the characters that go on from it. */
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
