// The tokens of the real endpoint, each for the instance that stands before it. They are given at start and never shown.

import { readFileSync } from 'node:fs'
import { type Config, foreignSecretForm } from '../config.ts'
import { quote, StartError } from '../errors.ts'

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
    given = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    // What JSON.parse says may quote a token.
    const why = (error as NodeJS.ErrnoException).code ?? 'it is not valid JSON'
    throw new StartError(`${file} cannot be read (${why}); expected a JSON object of tokens by the names of instances.`)
  }
  const all = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : []
  const bad = all.find(([, token]) => typeof token !== 'string' || !foreignSecretForm.test(token))
  if (all.length > 0 && !bad) return all
  const which = bad ? ` (the token of ${quote(bad[0])})` : ''
  throw new StartError(`${file} is not usable${which}; expected a JSON object such as {"default": "the token"}.`)
}
