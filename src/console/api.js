// The control API as the page uses it: requests with the admin key, errors in words, and the event stream. URLs are
// relative to this file, so that a tunnel, a mapped port or a path prefix makes no difference.

/**
 * @typedef {{ USER_ID: number, FIRST_NAME: string | null, LAST_NAME: string | null, EMAIL_ADDRESS: string,
 *   ACTIVE: boolean, ADMINISTRATOR: boolean, ACCOUNT_OWNER: boolean, LICENSES: string[],
 *   DATE_CREATED_UTC: string, DATE_UPDATED_UTC: string }} User
 * @typedef {{ samlEnabled: boolean, scimEnabled: boolean, behaviours: Record<string, string>,
 *   rateLimit: { requestsPerSecond: number } | null, publicUrl: string | null }} Settings
 * @typedef {{ name: string, instanceId: number, scimUrl: string, scimToken: string | null, apiUrl: string,
 *   apiKey: string | null }} Description
 * @typedef {{ field: string, attribute: string, before: unknown, after: unknown }} Change
 * @typedef {{ id: number, when: string, client: string | null, userAgent: string | null, method: string, path: string,
 *   url: string, query: Record<string, string>, headers: Record<string, string>, answerHeaders: Record<string, string>, body: unknown, rawBody: string | null, bodyLength: number, status: number | null, answer: unknown,
 *   durationMs: number, operation: string, userId: string | null, userName: string | null, changes: Change[],
 *   fault: string | null, behaviours: Record<string, string>, notes: Note[], shadow: ShadowAnswer | null, curl: string, restart?: number }} Entry
 * @typedef {{ uncompared: string | null, status: number | null, answer: unknown, notes: Note[],
 *   differences: { what: string, there: string, here: string }[] }} ShadowAnswer
 * @typedef {{ key: string, here: string, seen: string | null, reading: string, times: number }} SwitchSeen
 * @typedef {{ request: string, what: string, there: string, here: string, times: number }} Unexplained
 * @typedef {{ behaviours: Record<string, string>, shadow: { upstream: string | null, forwarded: number, differing: number,
 *   switches: SwitchSeen[], unexplained: Unexplained[] } }} Differences
 * @typedef {{ value: string, count: number, isOn: boolean, q: string }} Count
 * @typedef {{ ids: number[], total: number, kept: number, counts: Record<'op' | 'status' | 'client' | 'rule', Count[]>,
 *   cursor: number, dropped: number }} JournalIndex
 * @typedef {{ rule: string | null, text: string }} Note
 * @typedef {{ mode: 'real' | 'frozen' | 'offset', now: string }} ClockState
 * @typedef {{ key: string, values: { value: string, meaning: string }[], evidence: string, sentence: string }} Behaviour
 * @typedef {{ behaviours: Behaviour[], presets: Record<string, Record<string, string>> }} BehaviourTable
 * @typedef {{ id: string, sentence: string, evidence: string, source: string, switch: string | null, accepts: string[] }} Rule
 * @typedef {{ rules: Rule[], evidence: Record<string, string> }} RuleTable
 * @typedef {{ match?: Record<string, string>, when?: Record<string, number>, do: Record<string, any>, fired?: number }} Fault
 */

/** Where the server's paths begin, as this browser reaches it. */
export const serverUrl = new URL('../', import.meta.url)

/** Why a control request failed: the status, 0 when no answer came, the server's own sentence, and what is wrong where. */
export class ControlError extends Error {
  /** @param {number} status @param {string} message @param {{ path: string, message: string }[]} [errors] */
  constructor(status, message, errors = []) {
    super(message)
    this.status = status
    this.errors = errors
  }
}

/**
 * What went wrong, with the names of the page instead of those of the control API.
 * @param {unknown} error
 * @param {Record<string, string>} labels what the page calls a path, or a word of the server's sentence
 */
export function toWords(error, labels) {
  const { message, errors = [] } = /** @type {ControlError} */ (error)
  if (errors.length === 0) return message.replace(/[\w.]+/g, word => labels[word] ?? word)
  return errors.map(each => `${labels[each.path.replace(/^\[\d+\]\./, '')] ?? each.path} ${each.message}`).join(' ')
}

/** The control API of the server that served this page. */
export class ControlApi {
  #key

  /** @param {string} key */
  constructor(key) {
    this.#key = key
  }

  /**
   * Sends a request to a path below `_emulator/` and reads the JSON answered.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   * @throws ControlError
   */
  async send(method, path, body) {
    const answer = await this.#fetch(method, path, body)
    const text = await answer.text()
    return text === '' ? undefined : JSON.parse(text)
  }

  /**
   * Reads a part of an array, and how many there are in all.
   * @param {string} path
   * @returns {Promise<{ values: any[], total: number }>}
   * @throws ControlError
   */
  async getPage(path) {
    const answer = await this.#fetch('GET', path)
    return { values: await answer.json(), total: Number(answer.headers.get('x-total-count')) }
  }

  /** Reads a path as a file to download. @param {string} path */
  async download(path) {
    return (await this.#fetch('GET', path)).blob()
  }

  /**
   * Listens to the events of an instance until the stream ends, which it does by throwing or returning; `alive` is
   * called for whatever comes, heartbeats included.
   * @param {string} name
   * @param {{ signal: AbortSignal, opened(): void, alive(): void, heard(event: string, data: any): void }} listener
   * @throws ControlError
   */
  async listen(name, { signal, opened, alive, heard }) {
    const answer = await this.#fetch('GET', `instances/${name}/events`, undefined, signal)
    opened()
    let event = 'message'
    let data = ''
    let rest = ''
    if (!answer.body) return
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      alive()
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (data !== '') heard(event, JSON.parse(data))
          event = 'message'
          data = ''
        } else if (line.startsWith('event:')) event = line.slice(6).trim()
        else if (line.startsWith('data:')) data += line.slice(5).trim()
      }
    }
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal] */
  async #fetch(method, path, body, signal) {
    /** @type {any} */
    const options = { method, signal, cache: 'no-store', headers: { authorization: `Bearer ${this.#key}` } }
    if (body !== undefined) {
      options.headers['content-type'] = 'application/json'
      options.body = typeof body === 'string' ? body : JSON.stringify(body)
    }
    let answer
    try {
      answer = await fetch(new URL(`_emulator/${path}`, serverUrl), options)
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ControlError(0, 'The server does not answer.')
    }
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}))
      throw new ControlError(answer.status, problem.detail ?? `The server answered ${answer.status}.`, problem.errors)
    }
    return answer
  }
}
