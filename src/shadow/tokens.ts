// The tokens of the real endpoint, each for the instance that stands before it. They are given at start and never shown.

import { type Config, foreignSecretForm } from '../config.ts'
import { quote, StartError } from '../errors.ts'
import { readJsonFile } from '../validation.ts'

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
