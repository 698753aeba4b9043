// The shadows of one server: which of its instances stand before the real endpoint, each with its own token there.

import type { Instance } from '../account/instance.ts'
import { type Config, foreignSecretForm } from '../config.ts'
import { quote, StartError } from '../errors.ts'
import { readJsonFile } from '../validation.ts'
import { membersOf, toAnswer } from './documents.ts'
import { type Inner, Model } from './model.ts'
import type { NoAnswer } from './receiver.ts'
import { toFindings, toLine } from './report.ts'
import { Shadow } from './shadow.ts'
import { Upstream } from './upstream.ts'

/** What the shadows of a server are made with. */
export interface ShadowOptions {
  /** The SCIM URL of the real endpoint. */
  upstream: string
  /** The tokens of that endpoint by the names of instances. */
  tokens: ReadonlyMap<string, string>
  /** Whether its URL in its answers is replaced by this server's. */
  rewrites: boolean
}

/** The shadows of one server. */
export class Shadows {
  readonly upstream: Upstream
  readonly rewrites: boolean
  readonly #tokens: ReadonlyMap<string, string>
  readonly #model: Model
  readonly #shadows = new Map<Instance, Shadow>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ upstream, tokens, rewrites }: ShadowOptions, inner: Inner) {
    this.upstream = new Upstream(upstream)
    this.rewrites = rewrites
    this.#tokens = tokens
    this.#model = new Model(inner)
  }

  /** The shadow of an instance; undefined for one that answers by itself. */
  find(instance: Instance): Shadow | undefined {
    const known = this.#shadows.get(instance)
    const token = this.#tokens.get(instance.name)
    if (known || token === undefined) return known
    const shadow = new Shadow(instance, token, this.#model, work => this.#inTurn(work))
    this.#shadows.set(instance, shadow)
    instance.events.once('close', () => this.#shadows.delete(instance))
    return shadow
  }

  /** Looks whether the real endpoint is there and lets this server in, and says in one line what is wrong; never throws. */
  async look(warn: (line: string) => void): Promise<void> {
    const { upstream } = this
    if (upstream.isReadable) warn(`${upstream.host} is spoken to without TLS: its token travels readable`)
    for (const [name, token] of this.#tokens) {
      const problem = await findProblem(upstream, token)
      if (problem !== undefined)
        warn(
          `${upstream.url}, the real endpoint of the instance ${quote(name)}, ${problem}; requests are passed on all the same`,
        )
    }
  }

  /** What was learned at each instance that passed anything on, in a line each. */
  *lines(): Iterable<string> {
    for (const [instance, shadow] of this.#shadows)
      if (shadow.counts.forwarded > 0)
        yield toLine(instance.name, toFindings(instance.settings.behaviours, shadow, this.upstream.url))
  }

  async close(): Promise<void> {
    await this.upstream.close()
    await this.#turn
    await this.#model.close()
  }

  /** Runs one work after another. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}

/** How long the first look waits for an answer, in milliseconds. */
const lookMs = 10_000

/** Why the endpoint cannot be used, in words that can end a sentence; undefined when it can. */
async function findProblem(upstream: Upstream, token: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(lookMs)
  const path = '/Users?startIndex=1&count=1'
  const rawHeaders = ['accept', 'application/scim+json', 'user-agent', 'insightly-scim']
  try {
    const { status, body, rest } = await upstream.send({
      method: 'GET',
      path,
      rawHeaders,
      body: undefined,
      token,
      signal,
    })
    rest?.destroy()
    if (status === 401 || status === 403) return `answers ${status}: it refuses the token, or SCIM is switched off`
    const answer = toAnswer(body.toString())
    if (status === 200 && typeof membersOf(answer).totalResults === 'number') return undefined
    const form = { empty: 'nothing', text: 'what is no JSON', json: 'JSON' }[answer.kind]
    return `answers ${status} with ${form} to GET /Users, which is no list of users (is the SCIM URL right?)`
  } catch (error) {
    return signal.aborted
      ? `does not answer within ${lookMs / 1000} s`
      : `cannot be reached (${(error as NoAnswer).message})`
  }
}

/**
 * The tokens by the names of instances: those of the file, and the one for the default instance.
 * @throws StartError, which quotes none of them
 */
export function readUpstreamTokens({
  upstreamToken,
  upstreamTokens,
}: Pick<Config, 'upstreamToken' | 'upstreamTokens'>): ReadonlyMap<string, string> {
  const tokens = new Map(upstreamTokens === undefined ? [] : readFile(upstreamTokens))
  if (upstreamToken !== undefined) tokens.set('default', upstreamToken)
  return tokens
}

function readFile(file: string): [instance: string, token: string][] {
  let given: unknown
  try {
    given = readJsonFile(file)
  } catch (error) {
    const why = (error as Error).message
    throw new StartError(`${file} is not usable: ${why} Expected a JSON object such as {"default": "the token"}.`)
  }
  const all = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : []
  const bad = all.find(([, token]) => typeof token !== 'string' || !foreignSecretForm.test(token))
  if (all.length > 0 && !bad) return all
  const which = bad ? ` (the token of ${quote(bad[0])})` : ''
  throw new StartError(`${file} is not usable${which}; expected a JSON object such as {"default": "the token"}.`)
}
